package demo

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

// Site is a register that runs.
type Site struct {
	URL     string
	Data    string            // where its data is
	File    string            // of the demo users' secrets
	Secrets map[string]string // by their names
	Told    string            // lines that show how to be told of changes; empty where there is nothing to show
}

// Welcome says where the register is, who can log in, and what to try next, as lines that can be pasted.
func (s Site) Welcome(w io.Writer) {
	var users strings.Builder
	for _, rolle := range access.Roles {
		if secret, there := s.Secrets[rolle.String()]; there {
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

# the same over SOAP, whose WSDL is at %[1]s/soap/v2/ExportService?wsdl and %[1]s/soap/v2/ImportService?wsdl
curl -s %[1]s/soap/v2/ExportService -d '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>
  <GetAnvisningsEnhederByNavn xmlns="https://dagtilbudsregisteret.dk/soap/v2"><partOfName>egern</partOfName></GetAnvisningsEnhederByNavn>
  </soap:Body></soap:Envelope>'

# who did it
curl -s -u "$user" %[1]s/v2/adgang/spor

`, s.URL, s.Data, s.File, users.String(), access.Leverandoer, s.Secrets[access.Leverandoer.String()])
	fmt.Fprintf(w, "%s# what it can do\ncurl -s %s/openapi.json\n\n", s.Told, s.URL)
}

// OwnQueues shows how to be told of changes where the queues are the register's own.
func (s Site) OwnQueues() string {
	return s.subscribe("hold-ind") + fmt.Sprintf(`# take a message from the queue, which waits until there is one, and be done with it
message=$(curl -s '%[1]s/lokal/koeer/hold-ind?antal=1&vent=20') && echo "$message"
curl -s -X DELETE "%[1]s/lokal/koeer/hold-ind/$(printf %%s "$message" | sed 's/.*"kvittering":"\([^"]*\)".*/\1/')"

`, s.URL)
}

// SQSQueue shows how to be told of changes by a queue of the SQS at an endpoint.
func (s Site) SQSQueue(endpoint, name, url string) string {
	return s.subscribe(name) + fmt.Sprintf(`# change something, and take a message from the queue, which waits until there is one
curl -s -u '%[1]s:%[2]s' %[3]s/v2/daginstitutioner -d '{"daginstitutionsNavn":"Engen","ejerformKode":1,"lovgrundlagKode":1,"admKommuneKode":265}'
curl -s %[4]s/ -H 'Content-Type: application/x-amz-json-1.0' -H 'X-Amz-Target: AmazonSQS.ReceiveMessage' -d '{"QueueUrl":"%[5]s","WaitTimeSeconds":20}'

`, access.Drift, s.Secrets[access.Drift.String()], s.URL, endpoint, url)
}

func (s Site) subscribe(queue string) string {
	return fmt.Sprintf(`# be told of every change in a municipality, from the first one on
curl -s -u '%[2]s:%[3]s' %[1]s/v2/abonnementer -d '{"navn":"hold-ind","koe":"%[4]s","filter":{"kommuner":[265]},"fraBegyndelsen":true}'

`, s.URL, access.Drift, s.Secrets[access.Drift.String()], queue)
}
