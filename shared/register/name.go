package register

import "strings"

// NameKey reduces a name to what a person compares: case and the number of spaces do not count.
func NameKey(navn string) string {
	return strings.Join(strings.Fields(strings.ToLower(navn)), " ")
}
