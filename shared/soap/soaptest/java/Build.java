import com.sun.tools.ws.wscompile.WsimportTool;
import java.io.File;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.util.Arrays;
import javax.tools.ToolProvider;

/**
 * Does what a vendor's build does: has wsimport make classes from our WSDLs, and compiles the client against them. Then it runs it.
 * Usage: java -cp JARS Build.java SOURCES CLASSES BASE USER:SECRET VERSION
 */
public class Build {
    public static void main(String[] args) throws Exception {
        String sources = args[0], classes = args[1], base = args[2], version = args[4];
        for (String service : new String[] {"Import", "Export"}) {
            String wsdl = base + "/soap/" + version + "/" + service + "Service?wsdl";
            boolean made = new WsimportTool(System.err).run(
                new String[] {"-quiet", "-encoding", "UTF-8", "-p", service.toLowerCase() + "s", "-d", classes, wsdl});
            if (!made) {
                throw new Exception("wsimport refuses " + wsdl);
            }
        }
        int failed = ToolProvider.getSystemJavaCompiler().run(null, null, null, "-encoding", "UTF-8", "-d", classes,
            "-cp", System.getProperty("java.class.path") + File.pathSeparator + classes,
            Path.of(sources, "Client.java").toString(), Path.of(sources, version, "Tree.java").toString());
        if (failed != 0) {
            throw new Exception("the client does not compile");
        }
        ClassLoader loader = new URLClassLoader(new URL[] {Path.of(classes).toUri().toURL()});
        Thread.currentThread().setContextClassLoader(loader);
        loader.loadClass("Client").getMethod("main", String[].class).invoke(null, (Object) Arrays.copyOfRange(args, 2, args.length));
    }
}
