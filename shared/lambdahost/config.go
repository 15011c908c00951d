package lambdahost

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
)

// Config is what a function is told by its environment.
type Config struct {
	Stage        string          // DTR_STAGE: what the deployment is for; without one nothing is measured
	Table        string          // DTR_TABLE: the register's table
	Region       string          // AWS_REGION
	Nummerserie  register.Series // DTR_NUMMERSERIE: the letters to issue numbers from; [register.DefaultSeries] unless set
	Kodetabeller string          // DTR_KODETABELLER: a folder that replaces the embedded code tables; empty for those
	Endpoint     string          // AWS_ENDPOINT_URL_DYNAMODB: where DynamoDB is; empty for the region's own
	SQSEndpoint  string          // AWS_ENDPOINT_URL_SQS: where SQS is; likewise

	accessKeyID     string // AWS_ACCESS_KEY_ID
	secretAccessKey string // AWS_SECRET_ACCESS_KEY
	sessionToken    string // AWS_SESSION_TOKEN
}

// ReadConfig reads the settings by getenv, which is [os.Getenv] outside tests. Its error names every variable that is missing or
// cannot be read.
func ReadConfig(getenv func(string) string) (Config, error) {
	var faults []string
	required := func(name string) string {
		value := getenv(name)
		if value == "" {
			faults = append(faults, name+" is missing")
		}
		return value
	}
	endpoint := func(name string) string {
		value := getenv(name)
		if value != "" && !isBaseURL(value) {
			faults = append(faults, fmt.Sprintf("%s must be an http or https URL, and is %q", name, value))
		}
		return value
	}
	c := Config{
		Stage:           getenv("DTR_STAGE"),
		Table:           required("DTR_TABLE"),
		Region:          required("AWS_REGION"),
		Kodetabeller:    getenv("DTR_KODETABELLER"),
		Endpoint:        endpoint("AWS_ENDPOINT_URL_DYNAMODB"),
		SQSEndpoint:     endpoint("AWS_ENDPOINT_URL_SQS"),
		accessKeyID:     required("AWS_ACCESS_KEY_ID"),
		secretAccessKey: required("AWS_SECRET_ACCESS_KEY"),
		sessionToken:    getenv("AWS_SESSION_TOKEN"),
	}
	serie := cmp.Or(getenv("DTR_NUMMERSERIE"), string(register.DefaultSeries))
	var ok bool
	if c.Nummerserie, ok = register.ParseSeries(serie); !ok {
		faults = append(faults, fmt.Sprintf("DTR_NUMMERSERIE must be different letters, and is %q", serie))
	}
	if len(faults) > 0 {
		return Config{}, errors.New("environment: " + strings.Join(faults, "; "))
	}
	return c, nil
}

func isBaseURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != ""
}
