package dynamotest

import (
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The rest of this file is DynamoDB's published rules of what an item weighs and a call takes, as arithmetic.

// Item is an item as the SDK knows it.
type Item = map[string]types.AttributeValue

// What one unit covers.
const (
	writeUnit = 1 << 10
	readUnit  = 4 << 10
)

// WriteUnits is what it takes to write, delete or condition-check an item of a size. A transaction takes twice as many.
func WriteUnits(size int) float64 { return units(size, writeUnit) }

// ReadUnits is what one eventually consistent read takes, given the size of all it touches together. A strongly consistent one
// takes twice as many.
func ReadUnits(size int) float64 { return units(size, readUnit) / 2 }

func units(size, unit int) float64 { return float64(max(1, (size+unit-1)/unit)) }

// Size is what an item counts: the bytes of its attributes' names and values.
func Size(item Item) (size int) {
	for name, v := range item {
		size += len(name) + value(v)
	}
	return size
}

// container is what a list or a map takes before it holds anything, each element adding one byte more.
const container = 3

func value(v types.AttributeValue) (size int) {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return len(v.Value)
	case *types.AttributeValueMemberN:
		return number(v.Value)
	case *types.AttributeValueMemberB:
		return len(v.Value)
	case *types.AttributeValueMemberBOOL, *types.AttributeValueMemberNULL:
		return 1
	case *types.AttributeValueMemberL:
		size = container + len(v.Value)
		for _, e := range v.Value {
			size += value(e)
		}
	case *types.AttributeValueMemberM:
		size = container + len(v.Value) + Size(v.Value)
	case *types.AttributeValueMemberSS:
		for _, e := range v.Value {
			size += len(e)
		}
	case *types.AttributeValueMemberNS:
		for _, e := range v.Value {
			size += number(e)
		}
	case *types.AttributeValueMemberBS:
		for _, e := range v.Value {
			size += len(e)
		}
	}
	return size
}

// number is a byte for each two significant digits, one more, and one for a minus sign.
func number(s string) int {
	mantissa, _, _ := strings.Cut(strings.ToLower(s), "e")
	if !strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(mantissa, "0")
	}
	digits := 0
	for _, c := range strings.Trim(mantissa, "-+0.") {
		if unicode.IsDigit(c) {
			digits++
		}
	}
	size := (digits+1)/2 + 1
	if strings.HasPrefix(s, "-") {
		size++
	}
	return size
}
