import com.sun.xml.ws.client.ClientTransportException;
import exports.DagtilbudAlternativAdresse;
import exports.DagtilbudAnvisningsenhed;
import exports.DagtilbudsRegister;
import exports.ExportService;
import exports.ExportServiceSoap;
import imports.Adresse;
import imports.Afvist;
import imports.AlternativAdresse;
import imports.Anvisningsenhed;
import imports.Daginstitution;
import imports.ImportService;
import imports.ImportServiceSoap;
import imports.ImportSvar;
import jakarta.xml.ws.BindingProvider;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.datatype.XMLGregorianCalendar;

/**
 * A vendor's system in Java, on JAX-WS. It lives through the story that soaptest's package comment tells, and prints what it saw.
 * Usage: Client BASE USER:SECRET VERSION
 */
public class Client {
    static final List<Object> seen = new ArrayList<>();
    static String base, user, secret, version;
    static ImportServiceSoap write;
    static ExportServiceSoap read;

    public static void main(String[] args) throws Exception {
        base = args[0];
        user = args[1].split(":")[0];
        secret = args[1].split(":")[1];
        version = args[2];
        live();
        new PrintStream(System.out, true, StandardCharsets.UTF_8).println(json(seen));
    }

    static void see(String step, Object what) {
        seen.add(List.of(step, what));
    }

    static ImportServiceSoap imports(String password) throws Exception {
        return loggedIn(new ImportService(new URL(base + "/soap/" + version + "/ImportService?wsdl")).getImportServiceSoap(), password);
    }

    static ExportServiceSoap exports(String password) throws Exception {
        return loggedIn(new ExportService(new URL(base + "/soap/" + version + "/ExportService?wsdl")).getExportServiceSoap(), password);
    }

    static <T> T loggedIn(T port, String password) {
        Map<String, Object> context = ((BindingProvider) port).getRequestContext();
        context.put(BindingProvider.USERNAME_PROPERTY, user);
        context.put(BindingProvider.PASSWORD_PROPERTY, password);
        return port;
    }

    static Adresse adresse(String husNummer, String postNummer) {
        Adresse a = new Adresse();
        a.setVejNavn("Æblestien");
        a.setHusNummer(husNummer);
        a.setPostNummer(postNummer);
        a.setByNavn("Roskilde");
        a.setKommuneKode(265);
        return a;
    }

    static Daginstitution daginstitution(String navn, int admKommuneKode) {
        Daginstitution d = new Daginstitution();
        d.setDaginstitutionsNavn(navn);
        d.setEjerformKode(1);
        d.setLovgrundlagKode(1);
        d.setAdmKommuneKode(admKommuneKode);
        return d;
    }

    static Anvisningsenhed enhed(String daginstitutionsNummer, String navn, int instType3, Adresse adresse) {
        Anvisningsenhed e = new Anvisningsenhed();
        e.setDaginstitutionsNummer(daginstitutionsNummer);
        e.setEnhedsNavn(navn);
        e.setInstType3(instType3);
        e.setAdresse(adresse);
        return e;
    }

    static AlternativAdresse alternativ(String enhedsNummer, String navn, Adresse adresse) {
        AlternativAdresse a = new AlternativAdresse();
        a.setEnhedsNummer(enhedsNummer);
        a.setAlternativAdresseNavn(navn);
        a.setAdresse(adresse);
        return a;
    }

    /** Notes the answer to a write, and gives the number that it is about. */
    static String sent(String step, ImportSvar svar) {
        see(step, plain(svar));
        return svar.getNummer();
    }

    /** Notes the answer to a reading, which JAX-WS has unwrapped. */
    static <T> T got(String step, T answer) {
        String type = answer.getClass().getSimpleName();
        see(step, Map.of(type.substring(0, 1).toLowerCase() + type.substring(1), plain(answer)));
        return answer;
    }

    static int daginstitutionVersion(String nummer) throws Exception {
        return got("read daginstitution", read.getDaginstitutionByNummer(nummer)).getDaginstitution().get(0).getVersion();
    }

    static int enhedVersion(String nummer) throws Exception {
        return got("read anvisningsenhed", read.getAnvisningsEnhederByNummer(nummer)).getAnvisningsenhed().get(0).getVersion();
    }

    static int alternativVersion(String nummer) throws Exception {
        return got("read alternativAdresse", read.getAlternativAdresserByNummer(nummer)).getAlternativAdresse().get(0).getVersion();
    }

    static void live() throws Exception {
        boolean v2 = version.equals("v2");
        write = imports(secret);
        read = exports(secret);
        see("hello", List.of(write.helloWorld(), read.helloWorld()));
        byte[] schema = write.getXMLSchema("dagtilbud.xsd").strip().getBytes(StandardCharsets.UTF_8);
        see("schema", HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(schema)));
        sent("validate", write.validateXmlAgainstSchema("<daginstitution xmlns=\"https://dagtilbudsregisteret.dk/soap/" + version + "\">\n"
            + "<daginstitutionsNavn>Æ &amp; Ø</daginstitutionsNavn>\n<ejerformKode>én</ejerformKode></daginstitution>"));

        String d1 = sent("insert daginstitution", write.insertDaginstitution(daginstitution("Børnehuset \"Æblehaven\" & <Søen>", 265)));
        String d2 = sent("insert daginstitution", write.insertDaginstitution(daginstitution("Område Øst", 265)));
        Anvisningsenhed whole = enhed(d1, "Åkanden & Søn's <\"Hus\">", 6012, adresse("12b", "4000"));
        whole.getAdresse().setEtage("1");
        whole.getAdresse().setDoer("tv");
        whole.getAdresse().setSupplerendeBynavn("Ågerup");
        whole.getAdresse().setDawaId("0a3f50b4-2df6-32b8-e044-0003ba298018");
        whole.getAdresse().setGeoBredde(55.6415);
        whole.getAdresse().setGeoLaengde(12.0803);
        whole.setEmail("aakanden@eksempel.dk");
        whole.setTelefonNummer("+45 46 31 30 00");
        whole.setPNummer("1003259422");
        String e1 = sent("insert anvisningsenhed", write.insertAnvisningsEnhed(whole));
        String e2 = sent("insert anvisningsenhed", write.insertAnvisningsEnhed(enhed(d2, "Musvitten", 6012, adresse("12b", "4000"))));
        String a1 = sent("insert alternativ adresse",
            write.insertAlternativAdresse(alternativ(e1, "Skovhuset – “ude” 🌲", adresse("3", "4000"))));
        got("find by name", read.getAnvisningsEnhederByNavn("ÅKANDEN & søn's <\""));
        got("read tree", read.getDagtilbudByDagInstitutionsNummer(d1));

        update(d1, e1, a1);
        sent("move anvisningsenhed", write.moveAnvisningsEnhed(e1, d2, null));
        sent("move alternativ adresse", write.moveAlternativAdresse(a1, e2, alternativVersion(a1)));

        sent("two faults", write.insertAnvisningsEnhed(enhed(d1, "Fejlen", 6099, adresse("1", "40000"))));
        sent("close too early", write.deleteDaginstitution(d2, null));
        String e3 = sent("unlawful triple", write.insertAnvisningsEnhed(enhed(d1, "Dagplejen", 6013, adresse("12b", "4000"))));
        if (v2) {
            sent("replace", Tree.replace(write, d2, daginstitutionVersion(d2), e1, enhedVersion(e1), e2, enhedVersion(e2), a1));
        }
        refused();
        close(d2, v2 ? List.of(e1, e2) : List.of(e1, e2, e3), List.of(d1, d2));
        got("read tree", read.getDagtilbudByDagInstitutionsNummer(d2));
    }

    static void update(String d1, String e1, String a1) throws Exception {
        Daginstitution d = daginstitution("Børnehuset Æblehaven", 265);
        d.setDaginstitutionsNummer(d1);
        d.setVersion(daginstitutionVersion(d1));
        sent("update daginstitution", write.updateDaginstitution(d));
        Anvisningsenhed e = enhed(d1, "Åkanden", 6012, adresse("12b", "4000"));
        e.setEnhedsNummer(e1);
        e.setEmail("ny@eksempel.dk");
        e.setPNummer("1003259422");
        e.setVersion(enhedVersion(e1));
        sent("update anvisningsenhed", write.updateAnvisningsEnhed(e));
        AlternativAdresse a = alternativ(e1, "Skovhuset", adresse("4", "4000"));
        a.setAlternativAdresseNummer(a1);
        a.setVersion(alternativVersion(a1));
        sent("update alternativ adresse", write.updateAlternativAdresse(a));
    }

    static void refused() throws Exception {
        try {
            sent("not ours", write.insertDaginstitution(daginstitution("København", 101)));
        } catch (Afvist afvist) {
            see("not ours", plain(afvist.getFaultInfo()));
        }
        try {
            sent("wrong secret", imports("forkert").insertDaginstitution(daginstitution("Nej", 265)));
        } catch (ClientTransportException e) { // which is all that JAX-WS says of an answer other than 200 and 500
            see("wrong secret", e.getMessage().contains(" 401") ? "login" : e.getMessage());
        }
    }

    static void close(String d2, List<String> enheder, List<String> daginstitutioner) throws Exception {
        DagtilbudsRegister tree = got("read tree", read.getDagtilbudByDagInstitutionsNummer(d2));
        for (DagtilbudAnvisningsenhed e : tree.getDaginstitution().get(0).getAnvisningsenhed()) {
            for (DagtilbudAlternativAdresse a : e.getAlternativAdresse()) {
                if (a.getAktivitetsstatus().value().equals("Aktiv")) {
                    String nummer = a.getAlternativAdresseNummer();
                    sent("close", write.deleteAlternativAdresse(nummer, alternativVersion(nummer)));
                }
            }
        }
        for (String nummer : enheder) {
            sent("close", write.deleteAnvisningsEnhed(nummer, enhedVersion(nummer)));
        }
        for (String nummer : daginstitutioner) {
            sent("close", write.deleteDaginstitution(nummer, daginstitutionVersion(nummer)));
        }
    }

    /** Gives an answer as JSON has it: without what is empty and the id of the request. */
    static Object plain(Object value) {
        try {
            if (value instanceof String || value instanceof Number || value instanceof Boolean) {
                return value;
            }
            if (value instanceof XMLGregorianCalendar time) {
                return time.toGregorianCalendar().toInstant().toString();
            }
            if (value instanceof Enum) {
                return value.getClass().getMethod("value").invoke(value);
            }
            if (value instanceof List<?> list) {
                return list.stream().map(Client::plain).toList();
            }
            Map<String, Object> fields = new LinkedHashMap<>();
            for (Field field : value.getClass().getDeclaredFields()) {
                field.setAccessible(true);
                Object v = field.get(value);
                if (v != null && !v.equals(List.of()) && !field.getName().equals("requestId")) {
                    fields.put(field.getName(), plain(v));
                }
            }
            return fields;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    static String json(Object value) {
        if (value instanceof List<?> list) {
            return "[" + String.join(",\n", list.stream().map(Client::json).toList()) + "]";
        }
        if (value instanceof Map<?, ?> map) {
            return "{" + String.join(",", map.entrySet().stream().map(e -> json(e.getKey()) + ":" + json(e.getValue())).toList()) + "}";
        }
        if (value instanceof String text) {
            return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
        }
        return value.toString();
    }
}
