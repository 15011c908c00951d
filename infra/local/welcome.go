package main

import (
	"fmt"
	"io"
)

// welcome says where the register is and what to try next, as lines that can be pasted.
func welcome(w io.Writer, url, data string) {
	fmt.Fprintf(w, `Dagtilbudsregisteret runs at %[1]s
Its data is in %[2]s
Stop it with Ctrl-C.

Try, in another terminal:

# create a daginstitution and an anvisningsenhed below it, in one call
curl -s %[1]s/v2/import --data-binary @- <<'EOF'
{"op":"opret","type":"daginstitution","ref":"skov","data":{"daginstitutionsNavn":"Skovkanten","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":265}}
{"op":"opret","type":"anvisningsenhed","data":{"daginstitutionsNummer":"#skov","enhedsNavn":"Egernet","instType3":6012,"adresse":{"vejNavn":"Skovvej","husNummer":"7b","postNummer":"4000","byNavn":"Roskilde","kommuneKode":265}}}
EOF

# find it, and take the whole file
curl -s '%[1]s/v2/dagtilbud?navn=egern'
curl -s %[1]s/v2/eksport/anvisningsenheder.csv

# what it can do
curl -s %[1]s/openapi.json

`, url, data)
}
