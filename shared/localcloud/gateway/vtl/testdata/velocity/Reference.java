import com.sun.source.util.JavacTask;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.TypeElement;
import javax.lang.model.element.VariableElement;
import javax.lang.model.util.ElementFilter;
import javax.tools.ToolProvider;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;
import org.apache.velocity.app.event.InvalidReferenceEventHandler;
import org.apache.velocity.context.Context;
import org.apache.velocity.util.ArrayListWrapper;
import org.apache.velocity.util.introspection.Info;

/**
 * Renders templates with Apache Velocity. A line in: the mode (velocity or gateway), the template and the
 * variables as JSON, each in base64. A line out: "ok" or "error", and "-" with the output or the exception in base64.
 */
public class Reference {
    /** Gives what has no value the empty string, as API Gateway does. */
    public static class Empty implements InvalidReferenceEventHandler {
        public Object invalidGetMethod(Context c, String ref, Object on, String property, Info info) { return ""; }
        public Object invalidMethod(Context c, String ref, Object on, String method, Info info) { return ""; }
        public boolean invalidSetMethod(Context c, String left, String right, Info info) { return false; }
    }

    /** Lists the methods of Java 8 that Velocity finds on a value: each the name and its parameters' types. */
    public static class Methods {
        static final JavacTask JAVA_8 = (JavacTask) ToolProvider.getSystemJavaCompiler()
            .getTask(null, null, d -> {}, List.of("--release", "8"), null, null);

        public String of(Object value) {
            Set<String> all = new TreeSet<>();
            if (value instanceof Class) declared((Class<?>) value, all); // the static ones
            declared(value instanceof Object[] ? ArrayListWrapper.class : value.getClass(), all);
            return String.join("\n", all);
        }

        static void declared(Class<?> c, Set<String> all) {
            if (c == null) return;
            if (Modifier.isPublic(c.getModifiers())) {
                Set<String> known = java8(c.getName());
                for (Method m : c.getDeclaredMethods()) {
                    StringBuilder line = new StringBuilder(m.getName());
                    for (Class<?> type : m.getParameterTypes()) line.append(' ').append(type.getTypeName());
                    boolean later = known != null && !m.isBridge() && !known.contains(line.toString());
                    if (Modifier.isPublic(m.getModifiers()) && !later) all.add(line.toString());
                }
            }
            declared(c.getSuperclass(), all);
            for (Class<?> i : c.getInterfaces()) declared(i, all);
        }

        /** What a class declares in Java 8; null of a class that is not Java's own. */
        static Set<String> java8(String name) {
            TypeElement type = JAVA_8.getElements().getTypeElement(name);
            if (type == null) return name.startsWith("java.") ? Set.of() : null;
            Set<String> lines = new TreeSet<>();
            for (ExecutableElement e : ElementFilter.methodsIn(type.getEnclosedElements())) {
                StringBuilder line = new StringBuilder(e.getSimpleName());
                for (VariableElement p : e.getParameters()) line.append(' ').append(JAVA_8.getTypes().erasure(p.asType()));
                lines.add(line.toString());
            }
            return lines;
        }
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(System.out, false, "US-ASCII");
        for (String line; (line = in.readLine()) != null;) {
            String[] fields = line.split(" ", -1);
            String result;
            try {
                boolean gateway = decode(fields[0]).equals("gateway");
                result = "ok -" + encode(render(gateway, decode(fields[1]), decode(fields[2])));
            } catch (Throwable t) {
                result = "error -" + encode(t.toString());
            }
            out.println(result);
        }
        out.flush();
    }

    static String render(boolean gateway, String template, String variables) throws Exception {
        VelocityEngine engine = new VelocityEngine();
        engine.setProperty("runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
        engine.setProperty("velocimacro.library", "");
        engine.setProperty("parser.pool.size", "2");
        if (gateway) {
            engine.setProperty("eventhandler.invalidreferences.class", Empty.class.getName());
            engine.setProperty("directive.foreach.maxloops", "1000");
        }
        engine.init();
        @SuppressWarnings("unchecked")
        VelocityContext context = new VelocityContext((Map<String, Object>) new Json(variables).value());
        context.put("java", new Methods());
        StringWriter out = new StringWriter();
        engine.evaluate(context, out, "case", template);
        return out.toString();
    }

    static String decode(String s) { return new String(Base64.getDecoder().decode(s), StandardCharsets.UTF_8); }

    static String encode(String s) {
        return Base64.getEncoder().encodeToString(s.getBytes(StandardCharsets.UTF_8));
    }

    /** Reads JSON that is known to be valid. */
    static class Json {
        final String s;
        int at;

        Json(String s) { this.s = s; }

        Object value() {
            blank();
            char c = s.charAt(at);
            if (c == '{') return object();
            if (c == '[') return list();
            if (c == '"') return string();
            int from = at;
            while (at < s.length() && ",]} \n\t\r".indexOf(s.charAt(at)) < 0) at++;
            return scalar(s.substring(from, at));
        }

        Object scalar(String word) {
            switch (word) {
                case "null": return null;
                case "true": return true;
                case "false": return false;
            }
            if (word.matches(".*[.eE].*")) return Double.valueOf(word);
            BigInteger n = new BigInteger(word);
            if (n.bitLength() < 32) return n.intValue();
            if (n.bitLength() < 64) return n.longValue();
            return n;
        }

        Map<String, Object> object() {
            Map<String, Object> m = new LinkedHashMap<>();
            for (at++; !closed('}');) {
                blank();
                String key = string();
                blank();
                at++;
                m.put(key, value());
            }
            return m;
        }

        List<Object> list() {
            List<Object> l = new ArrayList<>();
            for (at++; !closed(']');) l.add(value());
            return l;
        }

        boolean closed(char end) {
            blank();
            if (s.charAt(at) == ',') at++;
            if (s.charAt(at) != end) return false;
            at++;
            return true;
        }

        void blank() { while (Character.isWhitespace(s.charAt(at))) at++; }

        String string() {
            StringBuilder out = new StringBuilder();
            for (at++; s.charAt(at) != '"'; at++) {
                char c = s.charAt(at);
                if (c == '\\') c = escape(s.charAt(++at));
                out.append(c);
            }
            at++;
            return out.toString();
        }

        char escape(char c) {
            switch (c) {
                case 'n': return '\n';
                case 't': return '\t';
                case 'r': return '\r';
                case 'b': return '\b';
                case 'f': return '\f';
                case 'u':
                    at += 4;
                    return (char) Integer.parseInt(s.substring(at - 3, at + 1), 16);
            }
            return c;
        }
    }
}
