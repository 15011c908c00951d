package dynamotest

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

func TestSize(t *testing.T) {
	s := func(v string) types.AttributeValue { return &types.AttributeValueMemberS{Value: v} }
	n := func(v string) types.AttributeValue { return &types.AttributeValueMemberN{Value: v} }
	for _, c := range []struct {
		name string
		item Item
		want int
	}{
		{"nothing", Item{}, 0},
		{"text counts its bytes", Item{"navn": s("Ærø")}, 4 + 5},
		{"bytes", Item{"h": &types.AttributeValueMemberB{Value: make([]byte, 32)}}, 1 + 32},
		{"one digit", Item{"n": n("7")}, 1 + 2},
		{"three digits", Item{"n": n("101")}, 1 + 3},
		{"zero", Item{"n": n("0")}, 1 + 1},
		{"zeros at the end are free", Item{"n": n("-1200")}, 1 + 3},
		{"zeros at the front are free", Item{"n": n("0.0012")}, 1 + 2},
		{"with an exponent", Item{"n": n("1.25e-7")}, 1 + 3},
		{"truth and nothing", Item{"a": &types.AttributeValueMemberBOOL{Value: true}, "b": &types.AttributeValueMemberNULL{Value: true}}, 4},
		{"a list", Item{"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{s("ab"), s("c")}}}, 1 + 3 + 2 + 3},
		{"a map", Item{"m": &types.AttributeValueMemberM{Value: Item{"k": s("ab")}}}, 1 + 3 + 1 + 3},
		{"sets", Item{
			"s": &types.AttributeValueMemberSS{Value: []string{"ab", "c"}},
			"n": &types.AttributeValueMemberNS{Value: []string{"1", "22"}},
			"b": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {2, 3}}},
		}, 1 + 3 + 1 + 4 + 1 + 3},
	} {
		if got := Size(c.item); got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, got, c.want)
		}
	}
}

func TestUnits(t *testing.T) {
	for _, c := range []struct {
		size        int
		write, read float64
	}{{0, 1, 0.5}, {1024, 1, 0.5}, {1025, 2, 0.5}, {4096, 4, 0.5}, {4097, 5, 1}} {
		if WriteUnits(c.size) != c.write || ReadUnits(c.size) != c.read {
			t.Errorf("%d bytes: %v to write and %v to read, want %v and %v", c.size, WriteUnits(c.size), ReadUnits(c.size), c.write, c.read)
		}
	}
	if long := (Item{"a": &types.AttributeValueMemberS{Value: strings.Repeat("x", 1023)}}); WriteUnits(Size(long)) != 1 {
		t.Error("1024 bytes with the name take more than one unit")
	}
}
