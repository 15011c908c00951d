import imports.ImportServiceSoap;
import imports.ImportSvar;

/** The change of a whole dagtilbud, which v1 does not have. */
class Tree {
    static ImportSvar replace(ImportServiceSoap write, String d, int dVersion, String e1, int e1Version, String e2, int e2Version, String a) {
        throw new UnsupportedOperationException("v1 has no ReplaceDagtilbud");
    }
}
