// Package template reads template.yaml, and the templates of infra/stacks, as far as programs and tests need them: which functions there
// are, by which routes they are reached, what they may call and what they are told by their environment. So a gateway on this machine
// leads where the deployed one does, and a test can hold the deployment against the code.
//
//	tpl, err := template.Read("template.yaml")
//	functions, err := tpl.Functions()
//	functions["export"].Routes() // "GET /health", "GET /v1/anvisningsenheder", …
//
// A template is read in CloudFormation's long form, where !Ref and its like are objects. What stands in it beyond the types here is kept
// as it is, in [Resource.Properties]. What a loop (Fn::ForEach) makes for each of a list is read once, with the loop's variable in it:
// "Queue&{Subscriber}".
package template

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// Template is a template of CloudFormation or SAM.
type Template struct {
	Transform  List
	Parameters map[string]Parameter
	Globals    struct {
		Function struct {
			CodeURI       string `json:"CodeUri"`
			Architectures []string
			MemorySize    int    // MB
			Timeout       int    // seconds
			Tracing       string // "Active" where calls are traced
			Environment   struct{ Variables map[string]any }

			DeploymentPreference struct{ Type, Alarms any } // a value, or one by a condition
		}
	}
	Conditions map[string]any
	Resources  map[string]Resource
	Outputs    map[string]Output
}

// Parameter is what whoever deploys may choose. Its default is a text or a number, and nil where there is none.
type Parameter struct {
	Type          string
	Default       any
	AllowedValues []any
	Description   string
}

// Resource is something that a template makes. Its properties are JSON in the long form.
type Resource struct {
	Type       string
	Condition  string
	DependsOn  List
	Metadata   struct{ BuildMethod string }
	Properties json.RawMessage
}

// Output is what a template tells whoever deployed it.
type Output struct {
	Description, Condition string
	Value                  any
}

// Read reads a template from a file.
func Read(path string) (*Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	t, err := Parse(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return t, nil
}

// Parse reads a template. Its error names the line of what cannot be read, or stands twice.
func Parse(text []byte) (*Template, error) {
	document, err := longForm(text)
	if err != nil {
		return nil, err
	}
	t := new(Template)
	if err := json.Unmarshal(document, t); err != nil {
		return nil, err
	}
	return t, nil
}

// Functions gives the functions by the names of their folders below functions/.
func (t *Template) Functions() (map[string]Function, error) {
	all := make(map[string]Function)
	for id, r := range t.Resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		f := Function{MemorySize: t.Globals.Function.MemorySize, Timeout: t.Globals.Function.Timeout}
		if err := json.Unmarshal(r.Properties, &f); err != nil {
			return nil, fmt.Errorf("%s: %w", id, err)
		}
		f.ID, f.BuildMethod = id, r.Metadata.BuildMethod
		all[strings.ToLower(strings.TrimSuffix(id, "Function"))] = f
	}
	return all, nil
}

// Environment gives the variables that every function is told. A reference to something is what parameters has under its name, and a
// parameter that is not there its default; a variable that refers to anything else is left out.
func (t *Template) Environment(parameters map[string]string) map[string]string {
	all := make(map[string]string)
	for name, value := range t.Globals.Function.Environment.Variables {
		if text, ok := t.resolve(value, parameters); ok {
			all[name] = text
		}
	}
	return all
}

func (t *Template) resolve(value any, parameters map[string]string) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case map[string]any:
		name, isRef := v["Ref"].(string)
		if text, ok := parameters[name]; ok && isRef {
			return text, true
		}
		return t.resolve(t.Parameters[name].Default, nil)
	}
	return "", false
}

// Of gives the names of the resources of a type, sorted.
func (t *Template) Of(kind string) (ids []string) {
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if t.Resources[id].Type == kind {
			ids = append(ids, id)
		}
	}
	return ids
}
