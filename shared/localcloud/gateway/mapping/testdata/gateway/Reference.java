import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.Option;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import net.minidev.json.JSONStyle;
import net.minidev.json.JSONValue;
import org.apache.commons.lang.StringEscapeUtils;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.app.event.InvalidReferenceEventHandler;
import org.apache.velocity.context.Context;
import org.apache.velocity.util.introspection.Info;

/**
 * Renders mapping templates with the libraries that API Gateway's answers point to: Apache Velocity, Jayway
 * JsonPath and json-smart. A line in: the template, the body, and the rest of the request as JSON, each in base64.
 * A line out: "ok" or "error", and "-" with the output or the exception in base64.
 */
public class Reference {
    static final Configuration JSON = Configuration.defaultConfiguration().addOptions(Option.SUPPRESS_EXCEPTIONS);

    public static class Empty implements InvalidReferenceEventHandler {
        public Object invalidGetMethod(Context c, String ref, Object on, String property, Info info) { return ""; }
        public Object invalidMethod(Context c, String ref, Object on, String method, Info info) { return ""; }
        public boolean invalidSetMethod(Context c, String left, String right, Info info) { return false; }
    }

    /** A map that prints nothing. */
    public static class Silent extends LinkedHashMap<String, Object> {
        public String toString() { return ""; }
    }

    public static class Input {
        private final String body;
        private final Map<String, Map<String, String>> params;

        Input(String body, Map<String, Map<String, String>> params) {
            this.body = body.isEmpty() ? "{}" : body;
            this.params = params;
        }

        public String getBody() { return body; }

        public Object path(String path) { return JsonPath.using(JSON).parse(body).read(path); }

        public String json(String path) {
            Object v = path(path);
            if (v == null) return "\"\"";
            if (v instanceof Map || v instanceof Iterable) return JSON.jsonProvider().toJson(v);
            return JSONValue.toJSONString(v, JSONStyle.LT_COMPRESS);
        }

        public Map<String, Map<String, String>> params() { return params; }

        public String params(String name) {
            for (Map<String, String> values : params.values()) {
                if (values.containsKey(name)) return values.get(name);
            }
            return null;
        }
    }

    public static class Util {
        public String base64Encode(Object s) { return encode(s.toString()); }
        public String base64Decode(Object s) { return decode(s.toString()); }
        public String urlEncode(Object s) throws Exception { return URLEncoder.encode(s.toString(), "UTF-8"); }
        public String urlDecode(Object s) throws Exception { return URLDecoder.decode(s.toString(), "UTF-8"); }
        public String escapeJavaScript(Object s) { return StringEscapeUtils.escapeJavaScript(s.toString()); }
        public Object parseJson(Object s) { return JSON.jsonProvider().parse(s.toString()); }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, false, "US-ASCII");
        for (String line; (line = in.readLine()) != null;) {
            String[] fields = line.split(" ", -1);
            String result;
            try {
                result = "ok -" + encode(render(decode(fields[0]), decode(fields[1]), decode(fields[2])));
            } catch (Throwable t) {
                result = "error -" + encode(t.toString());
            }
            out.println(result);
        }
        out.flush();
    }

    @SuppressWarnings("unchecked")
    static String render(String template, String body, String request) throws Exception {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        engine.setProperty("velocimacro.library", "");
        engine.setProperty("eventhandler.invalidreferences.class", Empty.class.getName());
        engine.setProperty("directive.foreach.maxloops", "1000");
        engine.init();
        Map<String, Object> given = (Map<String, Object>) JSON.jsonProvider().parse(request);
        VelocityContext context = new VelocityContext();
        context.put("input", new Input(body, (Map<String, Map<String, String>>) given.get("params")));
        context.put("util", new Util());
        context.put("context", context((Map<String, Object>) given.get("context")));
        context.put("stageVariables", given.get("stageVariables"));
        StringWriter out = new StringWriter();
        engine.evaluate(context, out, "template", template);
        return out.toString();
    }

    static Silent context(Map<String, Object> values) {
        Silent context = silent(values);
        context.put("requestOverride", silent(Map.of("path", Map.of(), "header", Map.of(), "querystring", Map.of())));
        context.put("responseOverride", silent(Map.of("header", Map.of())));
        return context;
    }

    @SuppressWarnings("unchecked")
    static Silent silent(Map<String, ?> values) {
        Silent s = new Silent();
        values.forEach((k, v) -> s.put(k, v instanceof Map ? silent((Map<String, Object>) v) : v));
        return s;
    }

    static String decode(String s) { return new String(Base64.getDecoder().decode(s), StandardCharsets.UTF_8); }

    static String encode(String s) {
        return Base64.getEncoder().encodeToString(s.getBytes(StandardCharsets.UTF_8));
    }
}
