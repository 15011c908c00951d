package template

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// longForm gives a template as CloudFormation's JSON has it, where !Ref and its like are objects.
func longForm(text []byte) ([]byte, error) {
	var document yaml.Node
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	if document.Kind != yaml.DocumentNode {
		return nil, errors.New("the template is empty")
	}
	value, err := valueOf(document.Content[0])
	if err != nil {
		return nil, err
	}
	template, _ := value.(map[string]any)
	if resources, ok := template["Resources"].(map[string]any); ok {
		unroll(resources)
	}
	return json.Marshal(value)
}

// unroll puts what a loop makes, [variable, list, {name: resource}], among the resources, once, with the variable as it stands.
func unroll(resources map[string]any) {
	for _, id := range slices.Sorted(maps.Keys(resources)) {
		loop, isLoop := resources[id].([]any)
		if !isLoop || !strings.HasPrefix(id, "Fn::ForEach::") || len(loop) != 3 {
			continue
		}
		delete(resources, id)
		body, _ := loop[2].(map[string]any)
		maps.Copy(resources, body)
	}
}

func valueOf(n *yaml.Node) (value any, err error) {
	switch n.Kind {
	case yaml.MappingNode:
		value, err = membersOf(n)
	case yaml.SequenceNode:
		elements := make([]any, len(n.Content))
		for i, element := range n.Content {
			if elements[i], err = valueOf(element); err != nil {
				return nil, err
			}
		}
		value = elements
	default:
		if err = n.Decode(&value); err != nil {
			err = fmt.Errorf("line %d: %w", n.Line, err)
		}
	}
	name, short := strings.CutPrefix(n.Tag, "!")
	switch {
	case err != nil:
		return nil, err
	case !short || strings.HasPrefix(name, "!"): // YAML's own
		return value, nil
	case name == "Ref" || name == "Condition":
		return map[string]any{name: value}, nil
	}
	return map[string]any{"Fn::" + name: value}, nil
}

func membersOf(n *yaml.Node) (map[string]any, error) {
	members := make(map[string]any)
	for pair := range slices.Chunk(n.Content, 2) {
		name := pair[0].Value
		if _, twice := members[name]; twice {
			return nil, fmt.Errorf("line %d: %s stands twice", pair[0].Line, name)
		}
		value, err := valueOf(pair[1])
		if err != nil {
			return nil, err
		}
		members[name] = value
	}
	return members, nil
}
