package versions

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/register"
)

// The variables that the days are read from.
const (
	v1Opens      = "DTR_V1_AABNET"
	v1Deprecated = "DTR_V1_FORAELDET"
	v1Closes     = "DTR_V1_LUKKER"
	v2Opens      = "DTR_V2_AABNET"
)

// settings are the variables, and what they are where they are not set: v2 opens, v1 is deprecated the same day, and both answer for six
// months.
var settings = []struct {
	name  string
	usual access.Day
}{
	{v1Opens, "2014-08-01"},
	{v1Deprecated, "2026-12-01"},
	{v1Closes, "2027-06-01"},
	{v2Opens, "2026-12-01"},
}

// orders are the pairs of days of which the first may not come after the second, and what it would mean if it did.
var orders = []struct{ first, second, otherwise string }{
	{v1Opens, v1Deprecated, "v1 would be deprecated before it opens"},
	{v1Deprecated, v1Closes, "v1 would close before it is deprecated"},
	{v1Opens, v2Opens, "v2 would open before v1"},
	{v2Opens, v1Closes, "v1 would close before v2 opens"},
}

// Read reads the days by getenv, which is [os.Getenv] outside tests. Each is as 2027-06-01:
//
//	DTR_V1_AABNET     the day v1 opened, 2014-08-01 by default
//	DTR_V1_FORAELDET  the day v1 is deprecated, 2026-12-01 by default
//	DTR_V1_LUKKER     the day v1 closes, 2027-06-01 by default: on this day it no longer answers
//	DTR_V2_AABNET     the day v2 opens, 2026-12-01 by default
//
// Its error names every variable that cannot be read, and every two that contradict each other.
func Read(getenv func(string) string) (Schedule, error) {
	days := make(map[string]access.Day)
	var faults []string
	for _, s := range settings {
		text := cmp.Or(getenv(s.name), string(s.usual))
		if day, ok := access.ParseDay(text); ok {
			days[s.name] = day
		} else {
			faults = append(faults, fmt.Sprintf("%s must be a day such as %s, and is %q", s.name, s.usual, text))
		}
	}
	for _, o := range orders {
		first, second := days[o.first], days[o.second]
		if first != "" && second != "" && first > second {
			faults = append(faults, fmt.Sprintf("%s is %s and %s is %s: %s", o.first, first, o.second, second, o.otherwise))
		}
	}
	if len(faults) > 0 {
		return nil, errors.New("environment: " + strings.Join(faults, "; "))
	}
	return Schedule{
		{
			Version: register.V1, Opens: days[v1Opens], Deprecated: days[v1Deprecated], Closes: days[v1Closes], Successor: register.V2,
			Changed: changedV1,
		},
		{Version: register.V2, Opens: days[v2Opens], Changed: changedV2},
	}, nil
}

// What each version brought.
var (
	changedV1 = register.Text{
		Da: "Den første version: tre niveauer, numre fra én serie, og kontrol af hvert felt for sig.",
		En: "The first version: three levels, numbers of one series, and checks of each field by itself.",
	}
	changedV2 = register.Text{
		Da: "Ejerform, lovgrundlag og institutionstype skal passe sammen (krydsvalidering), når en daginstitution oprettes eller rettes " +
			"og når en anvisningsenhed oprettes, rettes eller flyttes. Lovgrundlag 9 og 10 er nye. At rette og at nedlægge kræver, at " +
			"rækkens version er nævnt. Nye kald: historik, hændelser, synk, abonnementer, adgang, og at erstatte et helt dagtilbud på én " +
			"gang. Rækker, der blev skrevet gennem v1, bliver stående, som de er, og kan rettes gennem v2.",
		En: "Ejerform, lovgrundlag and institution type must fit each other (cross-validation), when a daginstitution is created or " +
			"changed and when an anvisningsenhed is created, changed or moved. Lovgrundlag 9 and 10 are new. To change or close a unit, " +
			"its version must be named. New calls: history, events, synk, subscriptions, access, and replacing a whole dagtilbud at " +
			"once. Rows that were written through v1 stay as they are, and can be changed through v2.",
	}
)
