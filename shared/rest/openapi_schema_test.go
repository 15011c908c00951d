package rest_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// checkContent holds a body against the schema of its media type.
func checkContent(content openapi3.Content, contentType string, body []byte) error {
	mediaType, _, err := mime.ParseMediaType(contentType)
	described := content[mediaType]
	if err != nil || described == nil {
		return fmt.Errorf("the content type %q is not described", contentType)
	}
	if described.Schema.Value.Type.Is(openapi3.TypeString) {
		return checkText(described.Schema, body)
	}
	return checkJSON(described.Schema, body)
}

// checkText holds a text against its schema and, where the text is lines of JSON, each line against the lines'.
func checkText(schema *openapi3.SchemaRef, text []byte) error {
	problems := []error{conforms(schema, string(text))}
	if lines := schema.Value.ContentSchema; lines != nil {
		for line := range bytes.Lines(text) {
			problems = append(problems, checkJSON(lines, line))
		}
	}
	return errors.Join(problems...)
}

func checkJSON(schema *openapi3.SchemaRef, text []byte) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	problems := []error{conforms(schema, value)}
	for _, name := range undescribed("", value, schemaParts(schema)) {
		problems = append(problems, fmt.Errorf("the member %s is not described", name))
	}
	return errors.Join(problems...)
}

// conforms holds a value against a schema by JSON Schema 2020-12. That compiles the schema anew each time, so it is remembered of which
// values that was done: headers, parameters and problem documents come alike by the thousand.
func conforms(schema *openapi3.SchemaRef, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	known, _ := conformities.LoadOrStore(conformity{schema.Value, string(text)}, sync.OnceValue(func() error {
		return schema.Value.VisitJSON(value, openapi3.EnableJSONSchema2020())
	}))
	return known.(func() error)()
}

// conformity is whether a value conforms to a schema.
type conformity struct {
	*openapi3.Schema
	value string
}

var conformities sync.Map

// typed gives what stands in a path, a query or a header the type that its schema asks for. A list has commas between.
func typed(schema *openapi3.SchemaRef, value string) any {
	switch {
	case schema.Value.Type.Is(openapi3.TypeInteger):
		if n, err := strconv.Atoi(value); err == nil {
			return float64(n)
		}
	case schema.Value.Type.Is(openapi3.TypeBoolean):
		if b, err := strconv.ParseBool(value); err == nil {
			return b
		}
	case schema.Value.Type.Is(openapi3.TypeArray):
		list := []any{}
		for part := range strings.SplitSeq(value, ",") {
			list = append(list, typed(schema.Value.Items, part))
		}
		return list
	}
	return value
}

// undescribed names the members of a value that no part of its schema speaks of. The schemas of answers are open, for a client must
// bear with members that come later; but all that is answered today must be described.
func undescribed(at string, value any, schema []*openapi3.Schema) (names []string) {
	switch value := value.(type) {
	case []any:
		var items []*openapi3.Schema
		for _, part := range schema {
			items = append(items, schemaParts(part.Items)...)
		}
		for i, item := range value {
			names = append(names, undescribed(at+"/"+strconv.Itoa(i), item, items)...)
		}
	case map[string]any:
		if slices.ContainsFunc(schema, free) {
			return nil
		}
		for name, member := range value {
			described := membersNamed(name, schema)
			if described == nil {
				names = append(names, at+"/"+name)
			}
			names = append(names, undescribed(at+"/"+name, member, described)...)
		}
	}
	return names
}

// free tells whether a schema leaves all of its members open, as that of this document itself does.
func free(schema *openapi3.Schema) bool {
	return schema.Type.Is(openapi3.TypeObject) && schema.Properties == nil && schema.AllOf == nil && schema.OneOf == nil &&
		schema.AdditionalProperties.Schema == nil
}

func membersNamed(name string, schema []*openapi3.Schema) (members []*openapi3.Schema) {
	for _, part := range schema {
		members = append(members, schemaParts(part.Properties[name])...)
		members = append(members, schemaParts(part.AdditionalProperties.Schema)...)
	}
	return members
}

// schemaParts gives a schema and all that it is composed of.
func schemaParts(schema *openapi3.SchemaRef) (all []*openapi3.Schema) {
	if schema == nil {
		return nil
	}
	all = append(all, schema.Value)
	for _, composed := range []openapi3.SchemaRefs{schema.Value.AllOf, schema.Value.AnyOf, schema.Value.OneOf, {schema.Value.Then}} {
		for _, part := range composed {
			all = append(all, schemaParts(part)...)
		}
	}
	return all
}

func checkExamples(t *testing.T, name string, content openapi3.Content) {
	t.Helper()
	for mediaType, described := range content {
		if len(described.Examples) == 0 {
			t.Errorf("%s: %s has no example", name, mediaType)
		}
		for key, example := range described.Examples {
			if err := checkContent(content, mediaType, exampleText(t, example)); err != nil {
				t.Errorf("%s: the example %s: %v", name, key, err)
			}
		}
	}
}

// exampleText gives an example as it is sent.
func exampleText(t testing.TB, example *openapi3.ExampleRef) []byte {
	t.Helper()
	if text, ok := example.Value.Value.(string); ok {
		return []byte(text)
	}
	text, err := json.Marshal(example.Value.Value)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
