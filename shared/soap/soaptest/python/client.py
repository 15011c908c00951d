"""A vendor's system in Python, on zeep. It lives through the story that soaptest's package comment tells, and prints what it saw.

Usage: client.py BASE USER:SECRET VERSION
"""

import hashlib
import json
import sys
from datetime import datetime, timezone

import requests
import zeep
from zeep.helpers import serialize_object

base, login, version = sys.argv[1:]
v2 = version == "v2"
user, secret = login.split(":")
namespace = f"https://dagtilbudsregisteret.dk/soap/{version}"
seen = []


def see(step, what):
    seen.append([step, what])


def connect(service, password):
    """Makes a client of a service from its WSDL."""
    session = requests.Session()
    session.auth = (user, password)
    return zeep.Client(f"{base}/soap/{version}/{service}?wsdl", transport=zeep.Transport(session=session))


def plain(value):
    """Gives an answer as JSON has it: without what is empty and the id of the request."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="auto").replace("+00:00", "Z")
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return {field: plain(v) for field, v in value.items() if v not in (None, []) and field != "requestId"}
    return value


def adresse(hus_nummer, post_nummer="4000"):
    return dict(vejNavn="Æblestien", husNummer=hus_nummer, postNummer=post_nummer, byNavn="Roskilde", kommuneKode=265)


def daginstitution(navn, **more):
    return dict(daginstitutionsNavn=navn, ejerformKode=1, lovgrundlagKode=1, admKommuneKode=265) | more


def enhed(daginstitutions_nummer, navn, **more):
    return dict(daginstitutionsNummer=daginstitutions_nummer, enhedsNavn=navn, instType3=6012, adresse=adresse("12b")) | more


imports, exports = connect("ImportService", secret), connect("ExportService", secret)
write, read = imports.service, exports.service


def send(step, method, *arguments):
    """Makes a write, and gives the number that it is about."""
    svar = write[method](*arguments)
    see(step, plain(serialize_object(svar, dict)))
    return svar.nummer


def get(step, method, argument):
    answer = read[method](argument)
    # zeep unwraps what is alone in an answer, so its name is the type's own
    see(step, {type(answer).__name__[0].lower() + type(answer).__name__[1:]: plain(serialize_object(answer, dict))})
    return answer


def current(level, nummer):
    """Gives the version of a unit."""
    method = {
        "daginstitution": "GetDaginstitutionByNummer",
        "anvisningsenhed": "GetAnvisningsEnhederByNummer",
        "alternativAdresse": "GetAlternativAdresserByNummer",
    }[level]
    return get(f"read {level}", method, nummer)[level][0].version


def fault(service, method, argument):
    """Makes a call that is to be answered by a Client fault, and gives what that holds."""
    try:
        return plain(serialize_object(service[method](argument), dict))
    except zeep.exceptions.Fault as f:
        svar = imports.get_element(f"{{{namespace}}}ImportSvarXML").parse(f.detail[0], imports.wsdl.types)
        return plain(serialize_object(svar, dict)) if f.code.endswith(":Client") else f.code


see("hello", [write.HelloWorld(), read.HelloWorld()])
see("schema", hashlib.sha256(write.GetXMLSchema("dagtilbud.xsd").strip().encode()).hexdigest())
send(
    "validate",
    "ValidateXmlAgainstSchema",
    f'<daginstitution xmlns="{namespace}">\n<daginstitutionsNavn>Æ &amp; Ø</daginstitutionsNavn>\n<ejerformKode>én</ejerformKode></daginstitution>',
)

d1 = send("insert daginstitution", "InsertDaginstitution", daginstitution('Børnehuset "Æblehaven" & <Søen>'))
d2 = send("insert daginstitution", "InsertDaginstitution", daginstitution("Område Øst"))
e1 = send(
    "insert anvisningsenhed",
    "InsertAnvisningsEnhed",
    enhed(
        d1,
        "Åkanden & Søn's <\"Hus\">",
        adresse=adresse("12b")
        | dict(etage="1", doer="tv", supplerendeBynavn="Ågerup")
        | dict(dawaId="0a3f50b4-2df6-32b8-e044-0003ba298018", geoBredde=55.6415, geoLaengde=12.0803),
        email="aakanden@eksempel.dk",
        telefonNummer="+45 46 31 30 00",
        pNummer="1003259422",
    ),
)
e2 = send("insert anvisningsenhed", "InsertAnvisningsEnhed", enhed(d2, "Musvitten"))
a1 = send(
    "insert alternativ adresse",
    "InsertAlternativAdresse",
    dict(enhedsNummer=e1, alternativAdresseNavn="Skovhuset – “ude” 🌲", adresse=adresse("3")),
)
get("find by name", "GetAnvisningsEnhederByNavn", "ÅKANDEN & søn's <\"")
get("read tree", "GetDagtilbudByDagInstitutionsNummer", d1)

send(
    "update daginstitution",
    "UpdateDaginstitution",
    daginstitution("Børnehuset Æblehaven", daginstitutionsNummer=d1, version=current("daginstitution", d1)),
)
send(
    "update anvisningsenhed",
    "UpdateAnvisningsEnhed",
    enhed(d1, "Åkanden", enhedsNummer=e1, email="ny@eksempel.dk", pNummer="1003259422", version=current("anvisningsenhed", e1)),
)
send(
    "update alternativ adresse",
    "UpdateAlternativAdresse",
    dict(
        alternativAdresseNummer=a1,
        enhedsNummer=e1,
        alternativAdresseNavn="Skovhuset",
        adresse=adresse("4"),
        version=current("alternativAdresse", a1),
    ),
)
send("move anvisningsenhed", "MoveAnvisningsEnhed", e1, d2)
send("move alternativ adresse", "MoveAlternativAdresse", a1, e2, current("alternativAdresse", a1))

send("two faults", "InsertAnvisningsEnhed", enhed(d1, "Fejlen", instType3=6099, adresse=adresse("1", "40000")))
send("close too early", "DeleteDaginstitution", d2)
e3 = send("unlawful triple", "InsertAnvisningsEnhed", enhed(d1, "Dagplejen", instType3=6013))
if v2:
    send(
        "replace",
        "ReplaceDagtilbud",
        daginstitution("Dagplejen Øst", daginstitutionsNummer=d2, lovgrundlagKode=5, version=current("daginstitution", d2))
        | dict(
            anvisningsenhed=[
                enhed(d2, "Åkanden", enhedsNummer=e1, instType3=6013, version=current("anvisningsenhed", e1)),
                enhed(d2, "Musvitten", enhedsNummer=e2, instType3=6013, version=current("anvisningsenhed", e2))
                | dict(alternativAdresse=[dict(enhedsNummer=e2, alternativAdresseNavn="Legestuen", adresse=adresse("5"))]),
            ],
            nedlaegges=dict(nummer=[a1]),
        ),
    )

see("not ours", fault(write, "InsertDaginstitution", daginstitution("København", admKommuneKode=101)))
stranger = connect("ImportService", "forkert").service
refusal = fault(stranger, "InsertDaginstitution", daginstitution("Nej"))
see("wrong secret", refusal["fejl"][0]["regel"])

tree = get("read tree", "GetDagtilbudByDagInstitutionsNummer", d2)
for a in [a for e in tree.daginstitution[0].anvisningsenhed for a in e.alternativAdresse if a.aktivitetsstatus == "Aktiv"]:
    send("close", "DeleteAlternativAdresse", a.alternativAdresseNummer, current("alternativAdresse", a.alternativAdresseNummer))
for nummer in [e1, e2] if v2 else [e1, e2, e3]:
    send("close", "DeleteAnvisningsEnhed", nummer, current("anvisningsenhed", nummer))
for nummer in [d1, d2]:
    send("close", "DeleteDaginstitution", nummer, current("daginstitution", nummer))
get("read tree", "GetDagtilbudByDagInstitutionsNummer", d2)

print(json.dumps(seen, ensure_ascii=False, indent=1))
