package rest

import (
	"strconv"
	"strings"

	"dagtilbudsregisteret.dk/shared/register"
)

// language is the one that texts are answered in.
type language string

const (
	danish  language = "da"
	english language = "en"
)

// preferred reads an Accept-Language header (RFC 9110, section 12.5.4). Danish is answered unless English is wanted more.
func preferred(accept string) language {
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
	da, named := weights[string(danish)]
	if !named {
		da = weights["*"]
	}
	if weights[string(english)] > da {
		return english
	}
	return danish
}

func (l language) of(t register.Text) string {
	if l == english {
		return t.En
	}
	return t.Da
}
