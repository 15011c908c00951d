// Package holding holds the deployment against the code: template.yaml, the templates of infra/stacks, the Makefile and the runbooks
// against routes, variables, folders, the calls that functions make, and metrics.
//
// A check is given what the templates have and what the code has, and gives the differences, a sentence for each, sorted; none where they
// agree. It fails no test itself, so that a test can also show that it finds what has been taken away from a template, or added to it.
package holding

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/infra/template"
)

// differences compares what the template has with what the code has, in any order.
func differences(what string, inTemplate, inCode []string) (all []string) {
	for _, s := range inTemplate {
		if !slices.Contains(inCode, s) {
			all = append(all, fmt.Sprintf("%s: %s is in the template only", what, s))
		}
	}
	for _, s := range inCode {
		if !slices.Contains(inTemplate, s) {
			all = append(all, fmt.Sprintf("%s: %s is in the code only", what, s))
		}
	}
	return all
}

// sorted has differences in order, each once.
func sorted(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

// Routes compares the routes of each function with those that its handlers serve, by the functions' folders, as patterns of net/http.
func Routes(t *template.Template, code map[string][]string) (all []string) {
	functions, err := t.Functions()
	if err != nil {
		return []string{err.Error()}
	}
	all = differences("functions", slices.Collect(maps.Keys(functions)), slices.Collect(maps.Keys(code)))
	for folder, f := range functions {
		for id, e := range f.Events {
			if e.Type == "HttpApi" && e.Properties.APIID.Ref != "Api" {
				all = append(all, fmt.Sprintf("%s: event %s is not of the API", f.ID, id))
			}
		}
		all = append(all, differences("routes of "+folder, f.Routes(), code[folder])...)
	}
	return sorted(all)
}

// Variables compares the variables that the functions are given with those that the code reads.
func Variables(t *template.Template, read []string) []string {
	return sorted(differences("variables", slices.Collect(maps.Keys(t.Globals.Function.Environment.Variables)), read))
}

// Builds compares the functions with their folders, and with the Makefile: with the targets that `sam build` calls, build-ImportFunction, and
// with those that `make build` builds.
func Builds(t *template.Template, makefile string, folders []string) (all []string) {
	functions, err := t.Functions()
	if err != nil {
		return []string{err.Error()}
	}
	all = differences("functions", slices.Collect(maps.Keys(functions)), folders)
	var wanted []string
	for _, f := range functions {
		if f.BuildMethod != "makefile" {
			all = append(all, fmt.Sprintf("%s is built by %q, not by the Makefile", f.ID, f.BuildMethod))
		}
		wanted = append(wanted, "build-"+f.ID)
	}
	for _, difference := range differences("build targets", wanted, targets(makefile)) {
		all = append(all, strings.NewReplacer("template", "functions", "code", "Makefile").Replace(difference))
	}
	for _, difference := range differences("make build", built(makefile), folders) {
		all = append(all, strings.NewReplacer("template", "Makefile", "code", "folders").Replace(difference))
	}
	return sorted(all)
}

// built gives the functions that a Makefile lists.
func built(makefile string) []string {
	for line := range strings.Lines(makefile) {
		if list, ok := strings.CutPrefix(line, "FUNCTIONS := "); ok {
			return strings.Fields(list)
		}
	}
	return nil
}

var target = regexp.MustCompile(`^build-[A-Za-z]+Function$`)

// targets gives the targets of a Makefile that build a function.
func targets(makefile string) (all []string) {
	for line := range strings.Lines(makefile) {
		names, _, isRule := strings.Cut(line, ":")
		for _, name := range strings.Fields(names) {
			if isRule && target.MatchString(name) {
				all = append(all, name)
			}
		}
	}
	return all
}

// decode reads a resource's properties into a struct. What cannot be read is a difference.
func decode(id string, r template.Resource, to any) (all []string) {
	if err := json.Unmarshal(r.Properties, to); err != nil {
		return []string{fmt.Sprintf("%s: %v", id, err)}
	}
	return nil
}
