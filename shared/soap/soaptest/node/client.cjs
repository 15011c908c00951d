// A vendor's system in Node, on npm's soap. It lives through the story that soaptest's package comment tells, and prints what it saw.
// Usage: node client.cjs BASE USER:SECRET VERSION
const { createHash } = require('node:crypto');
const soap = require('soap');

const [base, login, version] = process.argv.slice(2);
const v2 = version === 'v2';
const [user, secret] = login.split(':');

const seen = [];
const see = (step, what) => seen.push([step, what]);

// connect makes a client of a service from its WSDL.
async function connect(service, password) {
  const client = await soap.createClientAsync(`${base}/soap/${version}/${service}?wsdl`);
  client.setSecurity(new soap.BasicAuthSecurity(user, password));
  return async (method, input = {}) => (await client[`${method}Async`](input))[0];
}

// plain gives an answer as JSON has it: without what is empty and the id of the request, and with lists where there may be several.
const several = ['daginstitution', 'anvisningsenhed', 'alternativAdresse', 'raekke', 'fejl', 'advarsel', 'rettelse', 'trin'];
function plain(value, name) {
  if (several.includes(name)) return [].concat(value).map((one) => plain(one));
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (typeof value !== 'object') return value;
  const fields = Object.entries(value).filter(([field, v]) => v != null && field !== 'requestId');
  return Object.fromEntries(fields.map(([field, v]) => [field, plain(v, field)]));
}

const adresse = (husNummer, postNummer = '4000') => ({ vejNavn: 'Æblestien', husNummer, postNummer, byNavn: 'Roskilde', kommuneKode: 265 });
const daginstitution = (daginstitutionsNavn, more) =>
  ({ daginstitutionsNavn, ejerformKode: 1, lovgrundlagKode: 1, admKommuneKode: 265, ...more });
const enhed = (daginstitutionsNummer, enhedsNavn, more) =>
  ({ daginstitutionsNummer, enhedsNavn, instType3: 6012, adresse: adresse('12b'), ...more });

async function live() {
  const write = await connect('ImportService', secret);
  const read = await connect('ExportService', secret);

  // send makes a write, and gives the number that it is about.
  async function send(step, method, input) {
    const { ImportSvarXML: svar } = await write(method, input);
    see(step, plain(svar));
    return svar.nummer;
  }
  async function get(step, method, input) {
    const answer = plain(await read(method, input));
    see(step, answer);
    return Object.values(answer)[0];
  }
  // current gives the version of a unit.
  const readings = {
    daginstitution: ['GetDaginstitutionByNummer', 'DagInstitutionsNummer'],
    anvisningsenhed: ['GetAnvisningsEnhederByNummer', 'enhedsNummer'],
    alternativAdresse: ['GetAlternativAdresserByNummer', 'alternativAdresseNummer'],
  };
  async function current(level, nummer) {
    const [method, parameter] = readings[level];
    const list = await get(`read ${level}`, method, { [parameter]: nummer });
    return list[level][0].version;
  }

  see('hello', [(await write('HelloWorld')).HelloWorldResult, (await read('HelloWorld')).HelloWorldResult]);
  const { GetXMLSchemaResult: schema } = await write('GetXMLSchema', { skema: 'dagtilbud.xsd' });
  see('schema', createHash('sha256').update(schema.trim()).digest('hex'));
  await send('validate', 'ValidateXmlAgainstSchema', {
    xml: `<daginstitution xmlns="https://dagtilbudsregisteret.dk/soap/${version}">\n<daginstitutionsNavn>Æ &amp; Ø</daginstitutionsNavn>\n` +
      '<ejerformKode>én</ejerformKode></daginstitution>',
  });

  const d1 = await send('insert daginstitution', 'InsertDaginstitution', { daginstitution: daginstitution('Børnehuset "Æblehaven" & <Søen>') });
  const d2 = await send('insert daginstitution', 'InsertDaginstitution', { daginstitution: daginstitution('Område Øst') });
  const e1 = await send('insert anvisningsenhed', 'InsertAnvisningsEnhed', {
    anvisningsenhed: enhed(d1, "Åkanden & Søn's <\"Hus\">", {
      adresse: {
        vejNavn: 'Æblestien', husNummer: '12b', etage: '1', doer: 'tv', postNummer: '4000', byNavn: 'Roskilde', supplerendeBynavn: 'Ågerup',
        kommuneKode: 265, dawaId: '0a3f50b4-2df6-32b8-e044-0003ba298018', geoBredde: 55.6415, geoLaengde: 12.0803,
      },
      email: 'aakanden@eksempel.dk', telefonNummer: '+45 46 31 30 00', pNummer: '1003259422',
    }),
  });
  const e2 = await send('insert anvisningsenhed', 'InsertAnvisningsEnhed', { anvisningsenhed: enhed(d2, 'Musvitten') });
  const a1 = await send('insert alternativ adresse', 'InsertAlternativAdresse', {
    alternativAdresse: { enhedsNummer: e1, alternativAdresseNavn: 'Skovhuset – “ude” 🌲', adresse: adresse('3') },
  });
  await get('find by name', 'GetAnvisningsEnhederByNavn', { partOfName: 'ÅKANDEN & søn\'s <"' });
  await get('read tree', 'GetDagtilbudByDagInstitutionsNummer', { DagInstitutionsNummer: d1 });

  await send('update daginstitution', 'UpdateDaginstitution', {
    daginstitution: { daginstitutionsNummer: d1, ...daginstitution('Børnehuset Æblehaven', { version: await current('daginstitution', d1) }) },
  });
  await send('update anvisningsenhed', 'UpdateAnvisningsEnhed', {
    anvisningsenhed: {
      enhedsNummer: e1,
      ...enhed(d1, 'Åkanden', { email: 'ny@eksempel.dk', pNummer: '1003259422', version: await current('anvisningsenhed', e1) }),
    },
  });
  await send('update alternativ adresse', 'UpdateAlternativAdresse', {
    alternativAdresse: {
      alternativAdresseNummer: a1, enhedsNummer: e1, alternativAdresseNavn: 'Skovhuset', adresse: adresse('4'),
      version: await current('alternativAdresse', a1),
    },
  });
  await send('move anvisningsenhed', 'MoveAnvisningsEnhed', { enhedsNummer: e1, daginstitutionsNummer: d2 });
  await send('move alternativ adresse', 'MoveAlternativAdresse', {
    alternativAdresseNummer: a1, enhedsNummer: e2, version: await current('alternativAdresse', a1),
  });

  await send('two faults', 'InsertAnvisningsEnhed', {
    anvisningsenhed: enhed(d1, 'Fejlen', { instType3: 6099, adresse: adresse('1', '40000') }),
  });
  await send('close too early', 'DeleteDaginstitution', { daginstitutionsNummer: d2 });
  const e3 = await send('unlawful triple', 'InsertAnvisningsEnhed', { anvisningsenhed: enhed(d1, 'Dagplejen', { instType3: 6013 }) });
  if (v2) {
    await send('replace', 'ReplaceDagtilbud', {
      dagtilbud: {
        daginstitutionsNummer: d2,
        ...daginstitution('Dagplejen Øst', { lovgrundlagKode: 5, version: await current('daginstitution', d2) }),
        anvisningsenhed: [
          { enhedsNummer: e1, ...enhed(d2, 'Åkanden', { instType3: 6013, version: await current('anvisningsenhed', e1) }) },
          {
            enhedsNummer: e2,
            ...enhed(d2, 'Musvitten', { instType3: 6013, version: await current('anvisningsenhed', e2) }),
            alternativAdresse: [{ enhedsNummer: e2, alternativAdresseNavn: 'Legestuen', adresse: adresse('5') }],
          },
        ],
        nedlaegges: { nummer: [a1] },
      },
    });
  }

  see('not ours', await fault(() => write('InsertDaginstitution', { daginstitution: daginstitution('København', { admKommuneKode: 101 }) })));
  const stranger = await connect('ImportService', 'forkert');
  const refusal = await fault(() => stranger('InsertDaginstitution', { daginstitution: daginstitution('Nej') }));
  see('wrong secret', refusal.fejl[0].regel);

  const tree = await get('read tree', 'GetDagtilbudByDagInstitutionsNummer', { DagInstitutionsNummer: d2 });
  const below = tree.daginstitution[0].anvisningsenhed;
  for (const { alternativAdresseNummer } of below.flatMap((e) => e.alternativAdresse ?? []).filter((a) => a.aktivitetsstatus === 'Aktiv')) {
    await send('close', 'DeleteAlternativAdresse', { alternativAdresseNummer, version: await current('alternativAdresse', alternativAdresseNummer) });
  }
  for (const enhedsNummer of v2 ? [e1, e2] : [e1, e2, e3]) {
    await send('close', 'DeleteAnvisningsEnhed', { enhedsNummer, version: await current('anvisningsenhed', enhedsNummer) });
  }
  for (const daginstitutionsNummer of [d1, d2]) {
    await send('close', 'DeleteDaginstitution', { daginstitutionsNummer, version: await current('daginstitution', daginstitutionsNummer) });
  }
  await get('read tree', 'GetDagtilbudByDagInstitutionsNummer', { DagInstitutionsNummer: d2 });
}

// fault makes a call that is to be answered by a Client fault, and gives what that holds.
async function fault(call) {
  try {
    return plain(await call());
  } catch (error) {
    const { faultcode, detail } = error.root.Envelope.Body.Fault;
    return faultcode.endsWith(':Client') ? plain(detail.ImportSvarXML) : faultcode;
  }
}

live().then(
  () => console.log(JSON.stringify(seen, null, 1)),
  (error) => {
    console.error(error.message);
    process.exitCode = 1;
  },
);
