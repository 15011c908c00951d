package holding_test

import (
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"dagtilbudsregisteret.dk/functions/internal/holding"
	"dagtilbudsregisteret.dk/infra/template"
)

// changed gives templates of which one is another.
func changed(stacks map[string]*template.Template, path string, to *template.Template) map[string]*template.Template {
	stacks = maps.Clone(stacks)
	stacks[path] = to
	return stacks
}

func TestAlarms(t *testing.T) {
	stacks, runbooks := readStacks(t), runbooks(t)
	want(t, "nothing", holding.Alarms(stacks, runbooks))
	for path, stack := range stacks {
		for _, id := range stack.Of("AWS::CloudWatch::Alarm") {
			name, _, _ := strings.Cut(id, "&")
			removed := changed(stacks, path, without(stack, id))
			want(t, "without "+id, holding.Alarms(removed, runbooks), "alarms: "+name+" is in the runbooks only")
			rest := slices.DeleteFunc(slices.Clone(runbooks), func(runbook string) bool { return runbook == name })
			want(t, "without the runbook", holding.Alarms(stacks, rest), "alarms: "+name+" is in the template only")
			for property, report := range map[string]string{
				"AlarmDescription": `its description "" does not lead to its runbook`, "AlarmName": `it is named ""`,
				"AlarmActions": "it does not tell the topic when it begins and when it is over",
				"OKActions":    "it does not tell the topic when it begins and when it is over",
			} {
				bare := with(t, stack, id, func(p map[string]any) { delete(p, property) })
				want(t, "without "+property, holding.Alarms(changed(stacks, path, bare), runbooks), id+": "+report)
			}
		}
	}
	want(t, "one runbook more", holding.Alarms(stacks, append(runbooks, "More")), "alarms: More is in the runbooks only")
}

func TestMetrics(t *testing.T) {
	stacks := readStacks(t)
	known := slices.Concat(holding.OfAWS, metricsOfTheCode(t))
	want(t, "nothing", holding.Metrics(stacks, known))
	alarming := holding.Alarming(stacks)
	if len(alarming) < 20 {
		t.Errorf("alarms look at %d metrics", len(alarming))
	}
	for _, m := range alarming {
		rest := slices.DeleteFunc(slices.Clone(known), func(k holding.Metric) bool { return k == m })
		got := holding.Metrics(stacks, rest)
		report := " looks at " + m.Namespace + " " + m.Name + " by " + m.Dimensions + ", which there is not"
		if len(got) == 0 || slices.ContainsFunc(got, func(s string) bool { return !strings.HasSuffix(s, report) }) {
			t.Errorf("without %v: reported is %v", m, got)
		}
		if !slices.Contains(got, "Dashboard"+report) {
			t.Errorf("an alarm looks at %v, and the dashboard does not", m)
		}
	}
	const path = "infra/stacks/dashboard.yaml"
	for broken, report := range map[string]string{
		`{"widgets": [`: "Dashboard: its body is no JSON: unexpected end of JSON input",
		`{"widgets": [{"properties": {"metrics": [["AWS/SQS"]]}}]}`:              "Dashboard: [AWS/SQS] is no metric",
		`{"widgets": [{"properties": {"metrics": [[{"expression": "1"}]]}}]}`:    "Dashboard: [map[expression:1]] is no metric",
		`{"widgets": [{"properties": {"metrics": [["A", "B", "C", "1", {}]]}}]}`: "Dashboard looks at A B by C, which there is not",
	} {
		other := with(t, stacks[path], "Dashboard", func(p map[string]any) { p["DashboardBody"] = map[string]any{"Fn::Sub": broken} })
		want(t, broken, holding.Metrics(changed(stacks, path, other), known), report)
	}
}

func TestStacks(t *testing.T) {
	tpl, stacks := readTemplate(t), readStacks(t)
	want(t, "nothing", holding.Stacks(tpl, stacks))
	for _, id := range tpl.Of("AWS::CloudFormation::Stack") {
		var stack struct {
			TemplateURL string
			Parameters  map[string]any
		}
		if err := json.Unmarshal(tpl.Resources[id].Properties, &stack); err != nil {
			t.Fatal(err)
		}
		for name := range stack.Parameters {
			removed := with(t, tpl, id, func(p map[string]any) { delete(p["Parameters"].(map[string]any), name) })
			want(t, id+" without "+name, holding.Stacks(removed, stacks), "parameters of "+id+": "+name+" is in the code only")
		}
		added := with(t, tpl, id, func(p map[string]any) { p["Parameters"].(map[string]any)["More"] = "x" })
		want(t, id+" with one more", holding.Stacks(added, stacks), "parameters of "+id+": More is in the template only")
		for name := range stacks[stack.TemplateURL].Outputs {
			silent := *stacks[stack.TemplateURL]
			silent.Outputs = maps.Clone(silent.Outputs)
			delete(silent.Outputs, name)
			want(t, id+" not telling "+name, holding.Stacks(tpl, changed(stacks, stack.TemplateURL, &silent)),
				"outputs: "+id+"."+name+" is in the template only")
		}
	}
	want(t, "one template more", holding.Stacks(tpl, changed(stacks, "more.yaml", new(template.Template))),
		"nested templates: more.yaml is in the code only")
}

var sections = []string{"## What it means", "## How to see it", "## What to do", "## How to know that it is over"}

// TestRunbooks holds the pages to one form.
func TestRunbooks(t *testing.T) {
	headings := regexp.MustCompile(`(?m)^#+ .*$`)
	for _, name := range runbooks(t) {
		text := readText(t, "infra/runbooks/"+name+".md")
		if got, want := headings.FindAllString(text, -1), append([]string{"# " + name}, sections...); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", name, got, want)
		}
		if !strings.Contains(text, "```sh\n") {
			t.Errorf("%s has no command", name)
		}
	}
}
