package template

import (
	"encoding/json"
	"slices"
)

// Function is a Lambda function: how it is built, how large it is, what it may call, and what calls it.
type Function struct {
	ID          string `json:"-"` // in the template, as "ImportFunction"
	BuildMethod string `json:"-"` // how `sam build` builds it
	MemorySize  int    // MB, its own or that of all
	Timeout     int    // seconds, its own or that of all
	Policies    []struct{ Statement []Statement }
	Events      map[string]Event
}

// Event is what calls a function: a route ("HttpApi"), a schedule ("Schedule"), or a stream ("DynamoDB").
type Event struct {
	Type       string
	Properties struct {
		APIID           Ref    `json:"ApiId"` // of a route
		Method, Path    string // likewise, as GET and /v2/dagtilbud/{nummer}
		Schedule, Input string
		Source
	}
}

// Source is what an event source mapping hands to a function, and how.
type Source struct {
	Stream                         GetAtt
	FilterCriteria                 struct{ Filters []struct{ Pattern string } }
	FunctionResponseTypes          []string
	ParallelizationFactor          int
	BatchSize                      int
	MaximumBatchingWindowInSeconds int
	MaximumRetryAttempts           *int // nil is as often as the stream keeps a record
	BisectBatchOnFunctionError     bool
	DestinationConfig              struct {
		OnFailure struct {
			Type        string
			Destination GetAtt
		}
	}
}

// Ref is a reference to a resource or a parameter by its name.
type Ref struct{ Ref string }

// GetAtt is a reference to an attribute of a resource, as "Table.Arn".
type GetAtt struct {
	GetAtt string `json:"Fn::GetAtt"`
}

// Routes gives the routes that lead to the function, sorted, as patterns of net/http: "GET /v2/dagtilbud/{nummer}".
func (f Function) Routes() (routes []string) {
	for _, e := range f.Events {
		if e.Type == "HttpApi" {
			routes = append(routes, e.Properties.Method+" "+e.Properties.Path)
		}
	}
	slices.Sort(routes)
	return routes
}

// Statement is what a policy allows: actions on a table, on items whose partition keys have one of some patterns, or on queues.
type Statement struct {
	Sid, Effect string
	Action      List
	Resource    struct {
		GetAtt
		Sub string `json:"Fn::Sub"`
	}
	Condition struct {
		ForAll struct {
			LeadingKeys List `json:"dynamodb:LeadingKeys"`
		} `json:"ForAllValues:StringLike"`
	}
}

// List is one text or several.
type List []string

// UnmarshalJSON reads a text as a list of one.
func (l *List) UnmarshalJSON(text []byte) error {
	if text[0] == '"' {
		*l = List{""}
		return json.Unmarshal(text, &(*l)[0])
	}
	return json.Unmarshal(text, (*[]string)(l))
}
