package events

import (
	"embed"

	"dagtilbudsregisteret.dk/shared/register"
)

// schemaURL is where the register serves the schemas: each has the URL that its name below it gives.
const schemaURL = Source + "/haendelser/"

//go:embed schema
var schemas embed.FS

// Schema gives a JSON Schema (2020-12) by its name below https://dagtilbudsregisteret.dk/haendelser/. Of an event of the type
// dk.dagtilbudsregisteret.<x> it is "<x>.json", such as "anvisningsenhed.flyttet.v1.json"; of the data of all types of a level it is
// "v1/<level>.json", the one that an event's dataschema names. These refer to others by their URLs, which stand below v1/ too.
func Schema(name string) (schema []byte, ok bool) {
	schema, err := schemas.ReadFile("schema/" + name)
	return schema, err == nil
}

func dataSchema(level register.Level) string { return schemaURL + "v1/" + level.String() + ".json" }
