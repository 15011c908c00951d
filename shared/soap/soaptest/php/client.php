<?php
// A vendor's system in PHP, on its SoapClient. It lives through the story that soaptest's package comment tells, and prints what it saw.
// Usage: client.php BASE USER:SECRET VERSION
declare(strict_types=1);

[, $base, $login, $version] = $argv;
$v2 = $version === 'v2';
[$user, $secret] = explode(':', $login);
$seen = [];

function see(string $step, mixed $what): void
{
    global $seen;
    $seen[] = [$step, $what];
}

// connect makes a client of a service from its WSDL.
function connect(string $service, string $password): SoapClient
{
    global $base, $user, $version;
    return new SoapClient("$base/soap/$version/$service?wsdl", [
        'login' => $user, 'password' => $password, 'cache_wsdl' => WSDL_CACHE_NONE, 'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    ]);
}

// plain gives an answer as JSON has it: without the id of the request, and with lists where there may be several.
function plain(mixed $value, string $name = ''): mixed
{
    $several = ['daginstitution', 'anvisningsenhed', 'alternativAdresse', 'raekke', 'fejl', 'advarsel', 'rettelse', 'trin'];
    if (in_array($name, $several, true)) {
        return array_map(plain(...), is_array($value) ? $value : [$value]);
    }
    if (!is_object($value)) {
        return $value;
    }
    $fields = get_object_vars($value);
    unset($fields['requestId']);
    foreach ($fields as $field => $v) {
        $fields[$field] = plain($v, $field);
    }
    return $fields;
}

function adresse(string $husNummer, string $postNummer = '4000'): array
{
    return ['vejNavn' => 'Æblestien', 'husNummer' => $husNummer, 'postNummer' => $postNummer, 'byNavn' => 'Roskilde', 'kommuneKode' => 265];
}

function daginstitution(string $navn, array $more = []): array
{
    return $more + ['daginstitutionsNavn' => $navn, 'ejerformKode' => 1, 'lovgrundlagKode' => 1, 'admKommuneKode' => 265];
}

function enhed(string $daginstitutionsNummer, string $navn, array $more = []): array
{
    return $more + ['daginstitutionsNummer' => $daginstitutionsNummer, 'enhedsNavn' => $navn, 'instType3' => 6012, 'adresse' => adresse('12b')];
}

$write = connect('ImportService', $secret);
$read = connect('ExportService', $secret);

// send makes a write, and gives the number that it is about.
function send(string $step, string $method, array $input): ?string
{
    global $write;
    $svar = $write->$method($input)->ImportSvarXML;
    see($step, plain($svar));
    return $svar->nummer ?? null;
}

function get(string $step, string $method, array $input): array
{
    global $read;
    $answer = plain($read->$method($input));
    see($step, $answer);
    return current($answer);
}

// version gives the version of a unit.
function version(string $level, string $nummer): int
{
    [$method, $parameter] = [
        'daginstitution' => ['GetDaginstitutionByNummer', 'DagInstitutionsNummer'],
        'anvisningsenhed' => ['GetAnvisningsEnhederByNummer', 'enhedsNummer'],
        'alternativAdresse' => ['GetAlternativAdresserByNummer', 'alternativAdresseNummer'],
    ][$level];
    return get("read $level", $method, [$parameter => $nummer])[$level][0]['version'];
}

// fault makes a call that is to be answered by a Client fault, and gives what that holds.
function fault(SoapClient $client, string $method, array $input): mixed
{
    try {
        return plain($client->$method($input));
    } catch (SoapFault $fault) {
        return str_ends_with($fault->faultcode, ':Client') ? plain($fault->detail->ImportSvarXML) : $fault->faultcode;
    }
}

see('hello', [$write->HelloWorld()->HelloWorldResult, $read->HelloWorld()->HelloWorldResult]);
see('schema', hash('sha256', trim($write->GetXMLSchema(['skema' => 'dagtilbud.xsd'])->GetXMLSchemaResult)));
send('validate', 'ValidateXmlAgainstSchema', [
    'xml' => "<daginstitution xmlns=\"https://dagtilbudsregisteret.dk/soap/$version\">\n<daginstitutionsNavn>Æ &amp; Ø</daginstitutionsNavn>\n"
        . '<ejerformKode>én</ejerformKode></daginstitution>',
]);

$d1 = send('insert daginstitution', 'InsertDaginstitution', ['daginstitution' => daginstitution('Børnehuset "Æblehaven" & <Søen>')]);
$d2 = send('insert daginstitution', 'InsertDaginstitution', ['daginstitution' => daginstitution('Område Øst')]);
$e1 = send('insert anvisningsenhed', 'InsertAnvisningsEnhed', ['anvisningsenhed' => enhed($d1, "Åkanden & Søn's <\"Hus\">", [
    'adresse' => adresse('12b') + [
        'etage' => '1', 'doer' => 'tv', 'supplerendeBynavn' => 'Ågerup',
        'dawaId' => '0a3f50b4-2df6-32b8-e044-0003ba298018', 'geoBredde' => 55.6415, 'geoLaengde' => 12.0803,
    ],
    'email' => 'aakanden@eksempel.dk', 'telefonNummer' => '+45 46 31 30 00', 'pNummer' => '1003259422',
])]);
$e2 = send('insert anvisningsenhed', 'InsertAnvisningsEnhed', ['anvisningsenhed' => enhed($d2, 'Musvitten')]);
$a1 = send('insert alternativ adresse', 'InsertAlternativAdresse', [
    'alternativAdresse' => ['enhedsNummer' => $e1, 'alternativAdresseNavn' => 'Skovhuset – “ude” 🌲', 'adresse' => adresse('3')],
]);
get('find by name', 'GetAnvisningsEnhederByNavn', ['partOfName' => 'ÅKANDEN & søn\'s <"']);
get('read tree', 'GetDagtilbudByDagInstitutionsNummer', ['DagInstitutionsNummer' => $d1]);

send('update daginstitution', 'UpdateDaginstitution', ['daginstitution' => daginstitution('Børnehuset Æblehaven', [
    'daginstitutionsNummer' => $d1, 'version' => version('daginstitution', $d1),
])]);
send('update anvisningsenhed', 'UpdateAnvisningsEnhed', ['anvisningsenhed' => enhed($d1, 'Åkanden', [
    'enhedsNummer' => $e1, 'email' => 'ny@eksempel.dk', 'pNummer' => '1003259422', 'version' => version('anvisningsenhed', $e1),
])]);
send('update alternativ adresse', 'UpdateAlternativAdresse', ['alternativAdresse' => [
    'alternativAdresseNummer' => $a1, 'enhedsNummer' => $e1, 'alternativAdresseNavn' => 'Skovhuset', 'adresse' => adresse('4'),
    'version' => version('alternativAdresse', $a1),
]]);
send('move anvisningsenhed', 'MoveAnvisningsEnhed', ['enhedsNummer' => $e1, 'daginstitutionsNummer' => $d2]);
send('move alternativ adresse', 'MoveAlternativAdresse', [
    'alternativAdresseNummer' => $a1, 'enhedsNummer' => $e2, 'version' => version('alternativAdresse', $a1),
]);

send('two faults', 'InsertAnvisningsEnhed', [
    'anvisningsenhed' => enhed($d1, 'Fejlen', ['instType3' => 6099, 'adresse' => adresse('1', '40000')]),
]);
send('close too early', 'DeleteDaginstitution', ['daginstitutionsNummer' => $d2]);
$e3 = send('unlawful triple', 'InsertAnvisningsEnhed', ['anvisningsenhed' => enhed($d1, 'Dagplejen', ['instType3' => 6013])]);
if ($v2) {
    send('replace', 'ReplaceDagtilbud', ['dagtilbud' => daginstitution('Dagplejen Øst', [
        'daginstitutionsNummer' => $d2, 'lovgrundlagKode' => 5, 'version' => version('daginstitution', $d2),
        'anvisningsenhed' => [
            enhed($d2, 'Åkanden', ['enhedsNummer' => $e1, 'instType3' => 6013, 'version' => version('anvisningsenhed', $e1)]),
            enhed($d2, 'Musvitten', [
                'enhedsNummer' => $e2, 'instType3' => 6013, 'version' => version('anvisningsenhed', $e2),
                'alternativAdresse' => [['enhedsNummer' => $e2, 'alternativAdresseNavn' => 'Legestuen', 'adresse' => adresse('5')]],
            ]),
        ],
        'nedlaegges' => ['nummer' => [$a1]],
    ])]);
}

see('not ours', fault($write, 'InsertDaginstitution', ['daginstitution' => daginstitution('København', ['admKommuneKode' => 101])]));
$refusal = fault(connect('ImportService', 'forkert'), 'InsertDaginstitution', ['daginstitution' => daginstitution('Nej')]);
see('wrong secret', $refusal['fejl'][0]['regel']);

$tree = get('read tree', 'GetDagtilbudByDagInstitutionsNummer', ['DagInstitutionsNummer' => $d2]);
foreach ($tree['daginstitution'][0]['anvisningsenhed'] as $enhed) {
    foreach ($enhed['alternativAdresse'] ?? [] as $a) {
        if ($a['aktivitetsstatus'] === 'Aktiv') {
            $nummer = $a['alternativAdresseNummer'];
            send('close', 'DeleteAlternativAdresse', ['alternativAdresseNummer' => $nummer, 'version' => version('alternativAdresse', $nummer)]);
        }
    }
}
foreach ($v2 ? [$e1, $e2] : [$e1, $e2, $e3] as $nummer) {
    send('close', 'DeleteAnvisningsEnhed', ['enhedsNummer' => $nummer, 'version' => version('anvisningsenhed', $nummer)]);
}
foreach ([$d1, $d2] as $nummer) {
    send('close', 'DeleteDaginstitution', ['daginstitutionsNummer' => $nummer, 'version' => version('daginstitution', $nummer)]);
}
get('read tree', 'GetDagtilbudByDagInstitutionsNummer', ['DagInstitutionsNummer' => $d2]);

echo json_encode($seen, JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_SLASHES | JSON_PRETTY_PRINT | JSON_THROW_ON_ERROR), "\n";
