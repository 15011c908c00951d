package httpcall

import (
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
)

// Language is the one that texts are answered in.
type Language string

// The languages, as HTTP names them.
const (
	Danish  Language = "da"
	English Language = "en"
)

// Preferred reads an Accept-Language header (RFC 9110, section 12.5.4). Danish is answered unless English is wanted more.
func Preferred(accept string) Language {
	weights := map[string]float64{}
	for part := range strings.SplitSeq(accept, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		weight := 1.0
		if q, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			if parsed, err := strconv.ParseFloat(q, 64); err == nil {
				weight = parsed
			}
		}
		weights[primary] = max(weights[primary], weight)
	}
	da, named := weights[string(Danish)]
	if !named {
		da = weights["*"]
	}
	if weights[string(English)] > da {
		return English
	}
	return Danish
}

// Of gives a text in the language.
func (l Language) Of(t register.Text) string {
	if l == English {
		return t.En
	}
	return t.Da
}
