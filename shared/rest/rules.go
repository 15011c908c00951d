package rest

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"dagtilbudsregisteret.dk/shared/access"
	"dagtilbudsregisteret.dk/shared/codes"
	"dagtilbudsregisteret.dk/shared/importing"
	"dagtilbudsregisteret.dk/shared/rechecking"
	"dagtilbudsregisteret.dk/shared/register"
	"dagtilbudsregisteret.dk/shared/validation"
)

// Validation gives the routes about what is lawful.
func (a *API) Validation() []Route {
	routes := versioned("POST", "/validering", access.Proevning, (*exchange).verdict)
	routes = append(routes, versioned("GET", "/valideringsregler", access.AabneData, (*exchange).rules)...)
	routes = append(routes, versioned("GET", "/kodetabeller", access.AabneData, (*exchange).tables)...)
	routes = append(routes, versioned("GET", "/kodetabeller/{navn}", access.AabneData, (*exchange).table)...)
	return append(routes, queried("GET", "/kvalitet", access.AabneData, (*exchange).quality)...)
}

// verdict answers what a line of an import would be answered, and writes nothing.
func (e *exchange) verdict() error {
	body, findings := e.body()
	if len(findings) > 0 {
		return e.refuse(findings)
	}
	options := importing.Options{Actor: e.Actor(), Rights: access.Everything, DryRun: true}
	if e.Caller.User != nil { // of who does not log in, only the rules are asked
		options.Rights = e.Caller.Rights()
	}
	unreadable := func(findings []validation.Finding) bool { return validation.Kind(findings) == register.Malformed }
	line := splitLine(body)
	if line.op == importing.Erstat && e.Version >= register.V2 && !unreadable(line.findings) {
		tree := line.tree()
		if unreadable(tree.Findings) {
			return e.refuse(tree.Findings)
		}
		return e.answerVerdict(e.api.Importing.Replace(e.R.Context(), tree, options).Result)
	}
	op := line.operation()
	if unreadable(op.Findings) {
		return e.refuse(op.Findings)
	}
	return e.answerVerdict(e.api.Importing.Do(e.R.Context(), op, options))
}

// answerVerdict answers what came of a dry run.
func (e *exchange) answerVerdict(result importing.Result) error {
	if result.Err != nil {
		return result.Err
	}
	answer := struct {
		Lovlig    bool      `json:"lovlig"`
		Status    int       `json:"status"`
		Errors    []finding `json:"errors"`
		Advarsler []finding `json:"advarsler"`
	}{
		Lovlig: result.Outcome != importing.Refused, Status: http.StatusOK,
		Errors:    e.findings(result.Findings, validation.Fejl),
		Advarsler: e.findings(result.Findings, validation.Advarsel),
	}
	switch result.Outcome {
	case importing.Refused:
		answer.Status = kindProblems[result.Kind()].status
	case importing.Created:
		answer.Status = http.StatusCreated
	}
	return e.marshal(answer)
}

// marshal answers a document whose texts are in the caller's language.
func (e *exchange) marshal(document any) error {
	body, err := json.Marshal(document)
	if err != nil {
		return err
	}
	e.W.Header().Set("Content-Language", string(e.Language))
	return e.json(http.StatusOK, body)
}

type ruleJSON struct {
	Regel       string   `json:"regel"`
	Alvor       string   `json:"alvor"`
	Status      int      `json:"status"`
	FraVersion  string   `json:"fraVersion"`
	Niveauer    []string `json:"niveauer"`
	Handlinger  []string `json:"handlinger"`
	Beskrivelse string   `json:"beskrivelse"`
	Lov         string   `json:"lov"`
}

// rules lists every rule there is.
func (e *exchange) rules() error {
	var shown []ruleJSON
	for _, r := range validation.Rules() {
		one := ruleJSON{r.ID, r.Severity.String(), kindProblems[r.Kind].status, r.FraVersion.String(), nil, nil, e.Language.Of(r.Beskrivelse), r.Lov}
		for _, l := range r.Niveauer {
			one.Niveauer = append(one.Niveauer, l.String())
		}
		for _, o := range r.Operationer {
			one.Handlinger = append(one.Handlinger, o.String())
		}
		shown = append(shown, one)
	}
	return e.marshal(map[string]any{"regler": shown})
}

type codeJSON struct {
	Kode        int    `json:"kode"`
	Tekst       string `json:"tekst"`
	Hjemmel     string `json:"hjemmel,omitempty"`
	FraVersion  string `json:"fraVersion"`
	Pladsholder bool   `json:"pladsholder,omitempty"`
}

type tripleJSON struct {
	LovgrundlagKode int    `json:"lovgrundlagKode"`
	EjerformKode    int    `json:"ejerformKode"`
	InstType3       int    `json:"instType3"`
	Hjemmel         string `json:"hjemmel"`
}

// tableNamed gives a code table, or the lawful triples, as JSON.
func (e *exchange) tableNamed(name string) (any, bool) {
	if name == codes.Krydsvalidering {
		triples := []tripleJSON{}
		for _, t := range e.api.Tables.TriplesOf(e.Version) {
			triples = append(triples, tripleJSON{t.Lovgrundlag, t.Ejerform, t.InstType3, t.Hjemmel})
		}
		return triples, true
	}
	for _, table := range e.api.Tables.All() {
		if table.Name != name {
			continue
		}
		shown := []codeJSON{}
		for _, c := range table.Codes {
			if c.FraVersion <= e.Version {
				shown = append(shown, codeJSON{c.Kode, e.Language.Of(c.Tekst), c.Hjemmel, c.FraVersion.String(), c.Pladsholder})
			}
		}
		return shown, true
	}
	return nil, false
}

var tableNames = []string{codes.Ejerform, codes.Lovgrundlag, codes.InstType3, codes.Kommuner, codes.Krydsvalidering}

func (e *exchange) tables() error {
	all := make(map[string]any)
	for _, name := range tableNames {
		all[name], _ = e.tableNamed(name)
	}
	return e.marshal(all)
}

func (e *exchange) table() error {
	name := e.R.PathValue("navn")
	table, ok := e.tableNamed(name)
	if !ok {
		return e.problem(http.StatusNotFound, []validation.Finding{validation.UkendtSti.Finding("", "kodetabel", register.Text{
			Da: "Kodetabellerne er ejerform, lovgrundlag, instType3, kommuner og krydsvalidering.",
			En: "The code tables are ejerform, lovgrundlag, instType3, kommuner and krydsvalidering.",
		})})
	}
	return e.marshal(map[string]any{name: table})
}

// qualityJSON is the outcome of going through what is stored.
type qualityJSON struct {
	Enheder         int              `json:"enheder"`
	Regler          map[string]int   `json:"regler"`
	Fund            []qualityFinding `json:"fund"`
	SenesteKoersler []qualityRun     `json:"senesteKoersler"`
}

type qualityFinding struct {
	Dagtilbud      register.Number `json:"dagtilbudsNummer"`
	DagtilbudsType string          `json:"dagtilbudsType"`
	AdmKommuneKode int             `json:"admKommuneKode"`
	Alvor          string          `json:"alvor"`
	finding
}

// qualityRun is the kept outcome of the latest scheduled run over one municipality.
type qualityRun struct {
	AdmKommuneKode   int            `json:"admKommuneKode"`
	Tidspunkt        time.Time      `json:"tidspunkt"`
	Registerposition string         `json:"registerposition"`
	Enheder          int            `json:"enheder"`
	Regler           map[string]int `json:"regler"`
}

// quality goes through what is stored, of one municipality or of all, and answers what it finds; and what the latest scheduled
// runs found.
func (e *exchange) quality() error {
	var kommune int
	if findings := e.readQuery(map[string]func(string) bool{"admKommuneKode": coded(&e.api.Tables.Kommuner, &kommune)}); len(findings) > 0 {
		return e.refuse(findings)
	}
	ctx := e.R.Context()
	positions, err := e.api.Exporting.Positions(ctx, kommune)
	if err != nil {
		return err
	}
	answer := qualityJSON{Regler: make(map[string]int), Fund: []qualityFinding{}, SenesteKoersler: []qualityRun{}}
	for _, at := range positions {
		units, findings, err := e.api.Rechecking.Kommune(ctx, at)
		if err != nil {
			return err
		}
		answer.Enheder += units
		for _, f := range findings {
			answer.Regler[f.Rule.ID]++
			answer.Fund = append(answer.Fund, e.qualityFinding(&f))
		}
	}
	reports, err := e.api.Rechecking.Reports(ctx)
	if err != nil {
		return err
	}
	for _, r := range reports {
		if kommune == 0 || r.Kommune == kommune {
			answer.SenesteKoersler = append(answer.SenesteKoersler, runJSON(&r))
		}
	}
	e.W.Header().Set("Registerposition", positions.String())
	return e.marshal(answer)
}

func (e *exchange) qualityFinding(f *rechecking.Finding) qualityFinding {
	shown := e.findings([]validation.Finding{f.Finding}, f.Severity)[0]
	return qualityFinding{f.Unit.Number(), f.Unit.Level.String(), f.Unit.AdmKommuneKode, f.Severity.String(), shown}
}

func runJSON(r *register.Report) qualityRun {
	shown := qualityRun{r.Kommune, r.Tid, r.Position.String(), r.Units, make(map[string]int)}
	for rule, numbers := range r.Findings {
		shown.Regler[rule] = len(numbers)
	}
	return shown
}
