package main

import (
	"fmt"
	"io"
	"strings"

	"dagtilbudsregisteret.dk/shared/access"
)

// may says what each role may do.
var may = map[access.Role]string{
	access.Laeser:      "reads",
	access.Leverandoer: "writes for every municipality",
	access.Ejer:        "writes to its own institutions, once it is granted any",
	access.Drift:       "operates: anything",
	access.Support:     "writes anywhere, and manages the first three",
}

// welcome says where the register is, who can log in, and what to try next, as lines that can be pasted.
func welcome(w io.Writer, url, data, file string, secrets map[string]string, queues bool) {
	var users strings.Builder
	for _, rolle := range access.Roles {
		if secret, there := secrets[rolle.String()]; there {
			fmt.Fprintf(&users, "  %-12s %s  %s\n", rolle, secret, may[rolle])
		}
	}
	fmt.Fprintf(w, `Dagtilbudsregisteret runs at %[1]s
Its data is in %[2]s
Stop it with Ctrl-C.

Whoever writes logs in. These users are for trying it, and their secrets are in %[3]s as well:

%[4]s
Try, in another terminal:

# create a daginstitution and an anvisningsenhed below it, in one call
user='%[5]s:%[6]s'
curl -s -u "$user" %[1]s/v2/import --data-binary @- <<'EOF'
{"op":"opret","type":"daginstitution","ref":"skov","data":{"daginstitutionsNavn":"Skovkanten","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":265}}
{"op":"opret","type":"anvisningsenhed","data":{"daginstitutionsNummer":"#skov","enhedsNavn":"Egernet","instType3":6012,"adresse":{"vejNavn":"Skovvej","husNummer":"7b","postNummer":"4000","byNavn":"Roskilde","kommuneKode":265}}}
EOF

# find it, and take the whole file
curl -s '%[1]s/v2/dagtilbud?navn=egern'
curl -s %[1]s/v2/eksport/anvisningsenheder.csv

# who did it
curl -s -u "$user" %[1]s/v2/adgang/spor

`, url, data, file, users.String(), access.Leverandoer, secrets[access.Leverandoer.String()])
	if queues {
		subscribing(w, url, secrets)
	}
	fmt.Fprintf(w, "# what it can do\ncurl -s %s/openapi.json\n\n", url)
}

// subscribing shows how to be told of changes where the queues are the register's own.
func subscribing(w io.Writer, url string, secrets map[string]string) {
	fmt.Fprintf(w, `# be told of every change in a municipality, from the first one on
curl -s -u '%[2]s:%[3]s' %[1]s/v2/abonnementer -d '{"navn":"hold-ind","koe":"hold-ind","filter":{"kommuner":[265]},"fraBegyndelsen":true}'

# take a message from the queue, which waits until there is one, and be done with it
message=$(curl -s '%[1]s/lokal/koeer/hold-ind?antal=1&vent=20') && echo "$message"
curl -s -X DELETE "%[1]s/lokal/koeer/hold-ind/$(printf %%s "$message" | sed 's/.*"kvittering":"\([^"]*\)".*/\1/')"

`, url, access.Drift, secrets[access.Drift.String()])
}
