import imports.AlternativAdresseTrae;
import imports.AnvisningsenhedTrae;
import imports.DagtilbudTrae;
import imports.ImportServiceSoap;
import imports.ImportSvar;
import imports.Nedlaegges;

/** The change of a whole dagtilbud, which v2 has. */
class Tree {
    /** Makes d, and the two anvisningsenheder below it, dagpleje, with a new alternativ adresse in place of a. */
    static ImportSvar replace(ImportServiceSoap write, String d, int dVersion, String e1, int e1Version, String e2, int e2Version, String a)
            throws Exception {
        DagtilbudTrae tree = new DagtilbudTrae();
        tree.setDaginstitutionsNummer(d);
        tree.setDaginstitutionsNavn("Dagplejen Øst");
        tree.setEjerformKode(1);
        tree.setLovgrundlagKode(5);
        tree.setAdmKommuneKode(265);
        tree.setVersion(dVersion);
        tree.getAnvisningsenhed().add(dagpleje(d, e1, "Åkanden", e1Version));
        AnvisningsenhedTrae second = dagpleje(d, e2, "Musvitten", e2Version);
        AlternativAdresseTrae below = new AlternativAdresseTrae();
        below.setEnhedsNummer(e2);
        below.setAlternativAdresseNavn("Legestuen");
        below.setAdresse(Client.adresse("5", "4000"));
        second.getAlternativAdresse().add(below);
        tree.getAnvisningsenhed().add(second);
        tree.setNedlaegges(new Nedlaegges());
        tree.getNedlaegges().getNummer().add(a);
        return write.replaceDagtilbud(tree);
    }

    static AnvisningsenhedTrae dagpleje(String under, String nummer, String navn, int version) {
        AnvisningsenhedTrae e = new AnvisningsenhedTrae();
        e.setEnhedsNummer(nummer);
        e.setDaginstitutionsNummer(under);
        e.setEnhedsNavn(navn);
        e.setInstType3(6013);
        e.setAdresse(Client.adresse("12b", "4000"));
        e.setVersion(version);
        return e;
    }
}
