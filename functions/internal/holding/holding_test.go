package holding_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/functions/internal/holding"
	"dagtilbudsregisteret.dk/infra/template"
	"dagtilbudsregisteret.dk/shared/register"
)

// Each test here first holds the deployment to the code, and then breaks the deployment in every place that there is, one at a time: the
// check must report just that.

func functionsOf(t *testing.T, tpl *template.Template) map[string]template.Function {
	t.Helper()
	functions, err := tpl.Functions()
	if err != nil || len(functions) == 0 {
		t.Fatalf("%d functions: %v", len(functions), err)
	}
	return functions
}

func TestRoutes(t *testing.T) {
	tpl, code := readTemplate(t), routesOfTheCode()
	want(t, "nothing", holding.Routes(tpl, code))
	for folder, f := range functionsOf(t, tpl) {
		for id, e := range f.Events {
			if e.Type != "HttpApi" {
				continue
			}
			route := e.Properties.Method + " " + e.Properties.Path
			removed := with(t, tpl, f.ID, func(p map[string]any) { delete(p["Events"].(map[string]any), id) })
			want(t, "without "+id, holding.Routes(removed, code), "routes of "+folder+": "+route+" is in the code only")
			other := with(t, tpl, f.ID, func(p map[string]any) {
				p["Events"].(map[string]any)[id].(map[string]any)["Properties"].(map[string]any)["ApiId"] = map[string]any{"Ref": "Another"}
			})
			want(t, id+" of another API", holding.Routes(other, code), f.ID+": event "+id+" is not of the API")
		}
		added := with(t, tpl, f.ID, func(p map[string]any) {
			p["Events"].(map[string]any)["More"] = map[string]any{"Type": "HttpApi", "Properties": map[string]any{
				"ApiId": map[string]any{"Ref": "Api"}, "Method": "GET", "Path": "/mere",
			}}
		})
		want(t, "one more of "+folder, holding.Routes(added, code), "routes of "+folder+": GET /mere is in the template only")
		want(t, "without "+f.ID, holding.Routes(without(tpl, f.ID), code), "functions: "+folder+" is in the code only")
	}
}

func TestVariables(t *testing.T) {
	tpl := readTemplate(t)
	read, lives := variablesOfTheCode(t)
	want(t, "nothing", holding.Variables(tpl, read))
	all := tpl.Globals.Function.Environment.Variables
	for name := range all {
		changed := *tpl
		changed.Globals.Function.Environment.Variables = maps.Clone(all)
		delete(changed.Globals.Function.Environment.Variables, name)
		want(t, "without "+name, holding.Variables(&changed, read), "variables: "+name+" is in the code only")
		changed.Globals.Function.Environment.Variables["DTR_MERE"] = all[name]
		want(t, name+" under another name", holding.Variables(&changed, read),
			"variables: "+name+" is in the code only", "variables: DTR_MERE is in the template only")
	}
	one, two := lives.Of(register.V1), lives.Of(register.V2)
	for parameter, want := range map[string]string{
		"Stage": "test", "NumberSeries": string(register.DefaultSeries), "V1Opens": string(one.Opens), "V1Deprecated": string(one.Deprecated),
		"V1Closes": string(one.Closes), "V2Opens": string(two.Opens),
	} {
		if got := tpl.Parameters[parameter].Default; got != want {
			t.Errorf("%s is %v by default, want %s", parameter, got, want)
		}
	}
}

func TestBuilds(t *testing.T) {
	tpl, makefile, folders := readTemplate(t), readText(t, "Makefile"), folders(t)
	want(t, "nothing", holding.Builds(tpl, makefile, folders))
	for folder, f := range functionsOf(t, tpl) {
		removed := strings.Replace(makefile, "build-"+f.ID, "", 1)
		want(t, "without the target", holding.Builds(tpl, removed, folders),
			"build targets: build-"+f.ID+" is in the functions only")
		one := slices.DeleteFunc(slices.Clone(folders), func(name string) bool { return name == folder })
		want(t, "without the folder", holding.Builds(tpl, makefile, one), "functions: "+folder+" is in the template only",
			"make build: "+folder+" is in the Makefile only")
		unlisted := regexp.MustCompile(`(?m)^(FUNCTIONS :=.*) `+folder+`\b`).ReplaceAllString(makefile, "$1")
		want(t, "not listed", holding.Builds(tpl, unlisted, folders), "make build: "+folder+" is in the folders only")
		changed := without(tpl, "nothing")
		r := changed.Resources[f.ID]
		r.Metadata.BuildMethod = "go1.x"
		changed.Resources[f.ID] = r
		want(t, "built otherwise", holding.Builds(changed, makefile, folders), f.ID+` is built by "go1.x", not by the Makefile`)
	}
	want(t, "one target more", holding.Builds(tpl, makefile+"\nbuild-MereFunction: x\n", folders),
		"build targets: build-MereFunction is in the Makefile only")
	want(t, "one folder more", holding.Builds(tpl, makefile, append(folders, "mere")), "functions: mere is in the code only",
		"make build: mere is in the folders only")
}

// callsOf are the calls that the policies allow, one for each action and pattern, as if the code made just those.
func callsOf(functions map[string]template.Function) map[string][]holding.Call {
	calls := make(map[string][]holding.Call)
	for folder, f := range functions {
		for _, s := range f.Policies[0].Statement {
			for _, action := range s.Action {
				for _, pattern := range patternsOf(s) {
					calls[folder] = append(calls[folder], holding.Call{Action: action, Key: keyOf(pattern)})
				}
			}
		}
	}
	return calls
}

func keyOf(pattern string) string { return strings.Replace(pattern, "*", "7", 1) }

func patternsOf(s template.Statement) []string {
	if _, name, ok := strings.Cut(s.Resource.Sub, "${AWS::AccountId}:"); ok {
		return []string{strings.Replace(name, "${Stage}", "test", 1)}
	}
	if keys := s.Condition.ForAll.LeadingKeys; keys != nil {
		return keys
	}
	return []string{"*"}
}

// What the functions really call is recorded by the tests of package functions, which hold the policies to it by the same check.
func TestPolicies(t *testing.T) {
	tpl := readTemplate(t)
	functions := functionsOf(t, tpl)
	calls := callsOf(functions)
	want(t, "nothing", holding.Policies(tpl, "test", calls))
	for folder, f := range functions {
		for i, s := range f.Policies[0].Statement {
			edit := func(change func(statement map[string]any)) []string {
				return holding.Policies(with(t, tpl, f.ID, func(p map[string]any) {
					change(p["Policies"].([]any)[0].(map[string]any)["Statement"].([]any)[i].(map[string]any))
				}), "test", calls)
			}
			for _, action := range s.Action {
				var missing, useless []string
				for _, pattern := range patternsOf(s) {
					missing = append(missing, fmt.Sprintf("%s: the code calls %s on %s, which its policy does not allow", folder, action, keyOf(pattern)))
					useless = append(useless,
						fmt.Sprintf("%s: statement %s allows dynamodb:DeleteTable on %s, which the code never calls", folder, s.Sid, pattern))
				}
				rest := slices.DeleteFunc(slices.Clone(s.Action), func(a string) bool { return a == action })
				want(t, s.Sid+" without "+action, edit(func(s map[string]any) { s["Action"] = rest }), missing...)
				more := append(slices.Clone(s.Action), "dynamodb:DeleteTable")
				want(t, s.Sid+" with one more", edit(func(s map[string]any) { s["Action"] = more }), useless...)
			}
			denied := edit(func(s map[string]any) { s["Effect"] = "Deny" })
			want(t, s.Sid+" denies", denied, folder+": statement "+s.Sid+" is not about what the table or the queues allow")
		}
	}
	calls["numbers"] = append(calls["numbers"], holding.Call{Action: "dynamodb:Scan", Key: ""})
	want(t, "a call more", holding.Policies(tpl, "test", calls), "numbers: the code calls dynamodb:Scan on , which its policy does not allow")
}
