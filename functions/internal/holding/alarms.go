package holding

import (
	"fmt"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/infra/template"
)

// alarm is what a template has an alarm be.
type alarm struct {
	AlarmName, AlarmDescription struct {
		Sub string `json:"Fn::Sub"`
	}
	AlarmActions, OKActions []template.Ref
}

// Alarms compares the alarms of templates with the runbooks, which are named like them, and looks at whether each leads to its own, is
// found by its name, and tells somebody.
func Alarms(stacks map[string]*template.Template, runbooks []string) (all []string) {
	var named []string
	for _, stack := range stacks {
		for _, id := range stack.Of("AWS::CloudWatch::Alarm") {
			name, _, _ := strings.Cut(id, "&") // of what is made for each of a list
			named = append(named, name)
			var a alarm
			all = append(all, decode(id, stack.Resources[id], &a)...)
			if !strings.HasSuffix(a.AlarmDescription.Sub, " ${Runbooks}/"+name+".md") {
				all = append(all, fmt.Sprintf("%s: its description %q does not lead to its runbook", id, a.AlarmDescription.Sub))
			}
			if !strings.HasPrefix(a.AlarmName.Sub+"-", "dagtilbud-${Stage}-"+name+"-") {
				all = append(all, fmt.Sprintf("%s: it is named %q", id, a.AlarmName.Sub))
			}
			topic := []template.Ref{{Ref: "AlarmTopic"}}
			if !slices.Equal(a.AlarmActions, topic) || !slices.Equal(a.OKActions, topic) {
				all = append(all, fmt.Sprintf("%s: it does not tell the topic when it begins and when it is over", id))
			}
		}
	}
	for _, difference := range differences("alarms", named, runbooks) {
		all = append(all, strings.Replace(difference, "the code", "the runbooks", 1))
	}
	return sorted(all)
}
