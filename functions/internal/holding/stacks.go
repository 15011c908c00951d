package holding

import (
	"fmt"
	"maps"
	"regexp"
	"slices"

	"dagtilbudsregisteret.dk/infra/template"
)

// Stacks compares what a template tells the templates that it nests with what these ask for, and what it takes from them with what they
// tell. They are known by the paths that it has them by.
func Stacks(t *template.Template, nested map[string]*template.Template) (all []string) {
	var used []string
	inside := make(map[string]*template.Template)
	for _, id := range t.Of("AWS::CloudFormation::Stack") {
		var stack struct {
			TemplateURL string
			Parameters  map[string]any
		}
		all = append(all, decode(id, t.Resources[id], &stack)...)
		used = append(used, stack.TemplateURL)
		if n, found := nested[stack.TemplateURL]; found {
			inside[id] = n
			asked := slices.Collect(maps.Keys(n.Parameters))
			all = append(all, differences("parameters of "+id, slices.Collect(maps.Keys(stack.Parameters)), asked)...)
		}
	}
	all = append(all, differences("nested templates", used, slices.Collect(maps.Keys(nested)))...)
	return sorted(append(all, outputs(t, inside)...))
}

var output = regexp.MustCompile(`\b(\w+)\.Outputs\.(\w+)`)

// outputs compares what is taken from nested templates with what they tell.
func outputs(t *template.Template, nested map[string]*template.Template) (all []string) {
	told, taken := []string{}, []string{}
	for id, n := range nested {
		for name := range n.Outputs {
			told = append(told, id+"."+name)
		}
	}
	for _, reference := range output.FindAllStringSubmatch(fmt.Sprint(t.Outputs, t.Globals.Function.DeploymentPreference), -1) {
		taken = append(taken, reference[1]+"."+reference[2])
	}
	return differences("outputs", taken, told)
}
