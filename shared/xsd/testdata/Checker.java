import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.xml.XMLConstants;
import javax.xml.transform.stream.StreamSource;
import javax.xml.validation.Schema;
import javax.xml.validation.SchemaFactory;
import org.xml.sax.ErrorHandler;
import org.xml.sax.SAXParseException;

/**
 * Checks documents against schemas. Each line of the file that it is given names a schema and a document, with a tab between; each line that it
 * prints is "ok", or "bad" and why, in their order. Where there is no document it is the schema that is checked.
 */
class Checker {
    public static void main(String[] args) throws Exception {
        SchemaFactory factory = SchemaFactory.newInstance(XMLConstants.W3C_XML_SCHEMA_NS_URI);
        factory.setErrorHandler(new Strict());
        String loaded = "";
        Schema schema = null;
        for (String line : Files.readAllLines(Path.of(args[0]))) {
            String[] names = line.split("\t");
            String verdict = "ok";
            try {
                if (!names[0].equals(loaded)) {
                    schema = factory.newSchema(new StreamSource(new File(names[0])));
                    loaded = names[0];
                }
                if (names.length > 1) {
                    var validator = schema.newValidator();
                    validator.setErrorHandler(new Strict());
                    validator.validate(new StreamSource(new File(names[1])));
                }
            } catch (Exception e) {
                verdict = "bad " + e.toString().replaceAll("\\s+", " ");
            }
            System.out.println(verdict);
        }
    }

    /** Strict takes every error as the end. */
    static class Strict implements ErrorHandler {
        public void warning(SAXParseException e) {}
        public void error(SAXParseException e) throws SAXParseException { throw e; }
        public void fatalError(SAXParseException e) throws SAXParseException { throw e; }
    }
}
