package suite

import (
	"fmt"
	"strings"
)

// envelope calls a method of a service in SOAP 1.1, or 1.2.
func (v *visit) envelope(c Caller, status int, version, service, method, arguments string, twelve bool) string {
	v.Helper()
	space, header := "http://schemas.xmlsoap.org/soap/envelope/", []string{"Content-Type", "text/xml; charset=utf-8"}
	action := "https://dagtilbudsregisteret.dk/soap/" + version + "/" + service + "/" + method
	if twelve {
		space, header = "http://www.w3.org/2003/05/soap-envelope", []string{"Content-Type", `application/soap+xml; charset=utf-8; action="` + action + `"`}
	} else {
		header = append(header, "SOAPAction", `"`+action+`"`)
	}
	body := fmt.Sprintf(`<s:Envelope xmlns:s=%q><s:Body><%s xmlns="https://dagtilbudsregisteret.dk/soap/%s">%s</%[2]s></s:Body></s:Envelope>`,
		space, method, version, arguments)
	a := c.Do(status, "POST", "/soap/"+version+"/"+service, body, header...)
	if got := a.Header.Get("Content-Type"); !strings.HasPrefix(got, strings.SplitN(header[1], ";", 2)[0]) {
		v.Errorf("%s is answered as %s", method, got)
	}
	return string(a.Body)
}

// soap creates and reads a daginstitution through each version of the services, which describe themselves.
func (v *visit) soap() {
	for _, version := range v.openVersions() {
		base := "/soap/" + version + "/"
		for path, want := range map[string]string{
			base + "ImportService?wsdl": `location="` + v.url + base + `ImportService"`,
			base + "ExportService?wsdl": `location="` + v.url + base + `ExportService"`,
			base + "dagtilbud.xsd":      `<xs:simpleType name="Nummer">`,
		} {
			if a := v.anybody.Do(200, "GET", path, ""); !strings.Contains(string(a.Body), want) {
				v.Errorf("%s: no %s in %s", path, want, a.Body)
			}
		}
		v.anybody.Do(404, "GET", base+"farver.xsd", "")
		v.enveloped(version)
	}
}

func (v *visit) enveloped(version string) {
	navn := v.name("Ællehuset " + version)
	for _, c := range []struct {
		caller                             Caller
		status                             int
		service, method, arguments, answer string
		twelve                             bool
	}{
		{v.anybody, 200, "ImportService", "HelloWorld", "", "Hello ", false},
		{v.anybody, 200, "ImportService", "HelloWorld", "", "Hello ", true},
		{v.vendor, 500, "ImportService", "GetAllDagtilbud", "", "<faultcode>soap:Client</faultcode>", false},
		{v.vendor, 200, "ImportService", "InsertDaginstitution", "<daginstitution><admKommuneKode>825</admKommuneKode></daginstitution>", "<status>Fejl</status>", false},
		{v.anybody, 200, "ExportService", "GetDaginstitutionByNummer", "<DagInstitutionsNummer>" + v.made[0].number + "</DagInstitutionsNummer>",
			"<daginstitutionsNummer>" + v.made[0].number, true},
	} {
		if got := v.envelope(c.caller, c.status, version, c.service, c.method, c.arguments, c.twelve); !strings.Contains(got, c.answer) {
			v.Errorf("%s %s is answered %s", version, c.method, got)
		}
	}
	made := v.envelope(v.vendor, 200, version, "ImportService", "InsertDaginstitution", "<daginstitution><daginstitutionsNavn>"+navn+"</daginstitutionsNavn>"+
		"<ejerformKode>1</ejerformKode><lovgrundlagKode>1</lovgrundlagKode><admKommuneKode>825</admKommuneKode></daginstitution>", false)
	_, after, _ := strings.Cut(made, "<nummer>")
	number, _, found := strings.Cut(after, "<")
	if !found || !strings.Contains(made, "<status>OK</status>") {
		v.Fatalf("inserted: %s", made)
	}
	v.made = append(v.made, unit{dag, number})
	if got := v.envelope(v.anybody, 200, version, "ExportService", "GetDaginstitutionByNavn", "<partOfName>"+navn+"</partOfName>", false); !strings.Contains(got, number) {
		v.Errorf("%s is not in %s", number, got)
	}
}
