package holding

import (
	"fmt"
	"slices"
	"strings"

	"dagtilbudsregisteret.dk/infra/template"
)

// Call is an action on an item, by its partition key, or on a queue, by its name, as IAM sees it. The items of a transaction are each
// seen as an action of its own, those of a batch as that of the batch; a batch of messages is seen as one of them.
type Call struct{ Action, Key string }

// Policies compares what the functions may call in a stage with what they have called, by their folders: nothing may be missing, and
// nothing be more.
func Policies(t *template.Template, stage string, calls map[string][]Call) (all []string) {
	functions, err := t.Functions()
	if err != nil {
		return []string{err.Error()}
	}
	for folder, f := range functions {
		p := policy{folder: folder, calls: calls[folder], allowed: make(map[Call]bool)}
		for _, statements := range f.Policies {
			for _, s := range statements.Statement {
				p.statement(s, patterns(s, stage))
			}
		}
		all = append(all, p.differences...)
		for _, c := range p.calls {
			if !p.allowed[c] {
				all = append(all, fmt.Sprintf("%s: the code calls %s on %s, which its policy does not allow", folder, c.Action, c.Key))
			}
		}
	}
	return sorted(all)
}

// policy is what a function has called, and how that looks by its statements so far.
type policy struct {
	folder      string
	calls       []Call
	allowed     map[Call]bool
	differences []string
}

// statement notes the calls that a statement allows, and finds what it allows to no use.
func (p *policy) statement(s template.Statement, patterns []string) {
	if s.Effect != "Allow" || patterns == nil {
		p.differences = append(p.differences,
			fmt.Sprintf("%s: statement %s is not about what the table or the queues allow", p.folder, s.Sid))
	}
	for _, action := range s.Action {
		for _, pattern := range patterns {
			used := false
			for _, c := range p.calls {
				if c.Action == action && matches(pattern, c.Key) {
					p.allowed[c], used = true, true
				}
			}
			if !used {
				p.differences = append(p.differences,
					fmt.Sprintf("%s: statement %s allows %s on %s, which the code never calls", p.folder, s.Sid, action, pattern))
			}
		}
	}
}

// queueARN is what a queue's name stands behind.
const queueARN = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:"

// patterns are those of the partition keys, or of the queues' names, that a statement is about; none where it is about neither.
func patterns(s template.Statement, stage string) []string {
	queues, ofQueues := strings.CutPrefix(s.Resource.Sub, queueARN)
	switch keys := s.Condition.ForAll.LeadingKeys; {
	case ofQueues:
		return []string{strings.ReplaceAll(queues, "${Stage}", stage)}
	case s.Resource.GetAtt.GetAtt != "Table.Arn":
		return nil
	case keys != nil:
		return slices.Clone(keys)
	}
	return []string{"*"}
}

// matches tells whether a key or a name has a pattern, which has one wildcard at most.
func matches(pattern, key string) bool {
	prefix, suffix, open := strings.Cut(pattern, "*")
	return key == pattern ||
		open && len(key) >= len(prefix)+len(suffix) && strings.HasPrefix(key, prefix) && strings.HasSuffix(key, suffix)
}
