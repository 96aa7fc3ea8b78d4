package vtl_test

import (
	"strings"
	"testing"
)

// methodVariables are what valuesOfJava and argumentsOfJava are made of.
const methodVariables = `{"s":"text","n":5,"long":5000000000,"d":2.5,"big":123456789012345678901234567890,"yes":true,"l":["x","y"],"m":{"k":"v"}}`

// valuesOfJava has a value of each class that a template can hold.
var valuesOfJava = []string{"$s", "$n", "$n.shortValue()", "$n.byteValue()", "$long", "$d", "$d.floatValue()", "$big",
	"$dec", "$yes", "$s.charAt(0)", "$l", `$s.split("e")`, "$m", "$m.keySet()", "$m.values()",
	"$m.entrySet().iterator().next()", "$l.iterator()", "$foreach", "$s.class", "$n.class", "$d.class", "$l.class"}

// argumentsOfJava has a value of each type of parameter that a template can give.
var argumentsOfJava = map[string]string{
	"int": "1", "long": "$long", "short": "$n.shortValue()", "byte": "$n.byteValue()", "float": "$d.floatValue()",
	"double": "$d", "boolean": "$yes", "char": "$s.charAt(0)", "java.lang.Object": "$l", "java.lang.Number": "$n",
	"java.lang.Integer": "$n", "java.lang.Long": "$long", "java.lang.Short": "$n.shortValue()", "java.lang.Byte": "$n.byteValue()",
	"java.lang.Float": "$d.floatValue()", "java.lang.Double": "$d", "java.lang.Boolean": "$yes",
	"java.lang.Character": "$s.charAt(0)", "java.lang.String": `"1"`, "java.lang.CharSequence": `"1"`, "java.lang.Comparable": `"1"`,
	"java.math.BigInteger": "$big", "java.math.BigDecimal": "$dec", "java.lang.Iterable": "$l", "java.util.Collection": "$l",
	"java.util.List": "$l", "java.util.Map": "$m", "java.lang.Class": "$s.class",
	"java.lang.Object[]": `$s.split("e")`, "java.lang.String[]": `$s.split("e")`, "java.lang.CharSequence[]": `$s.split("e")`,
}

// callsOfJava are templates, one for each method, that call it on the value.
func callsOfJava(value, methods string) []string {
	var calls []string
next:
	for _, line := range strings.Split(methods, "\n") {
		words := strings.Fields(line)
		for i, of := range words[1:] {
			if words[i+1] = argumentsOfJava[of]; words[i+1] == "" {
				continue next
			}
		}
		calls = append(calls, inLoop("#set($v = "+value+")$v."+words[0]+"("+strings.Join(words[1:], ", ")+")"))
	}
	return calls
}

// inLoop is a template where there are a $foreach and a BigDecimal.
func inLoop(template string) string {
	return "#set($dec = $big * 1.5)#foreach($x in [1])" + template + "#end"
}

// TestEveryMethodOfJavaIsServedOrRefused: what Java 8 has gives what it gives there or is an
// error, so that no template goes on with nothing in its place.
func TestEveryMethodOfJavaIsServedOrRefused(t *testing.T) {
	var lists, jobs [][]string
	for _, value := range valuesOfJava {
		lists = append(lists, []string{velocity, inLoop("$java.of(" + value + ")"), methodVariables})
	}
	for i, methods := range apache(t, lists) {
		if methods.Err != nil || !strings.Contains(methods.Text, "hashCode") {
			t.Fatalf("the methods of %s are %v", valuesOfJava[i], methods)
		}
		for _, call := range callsOfJava(valuesOfJava[i], methods.Text) {
			jobs = append(jobs, []string{velocity, call, methodVariables})
		}
	}
	for i, want := range apache(t, jobs) {
		got := render(t, velocity, jobs[i][1], methodVariables)
		refused := got.Err != nil && strings.Contains(got.Err.Error(), "not supported here")
		if !refused && !alike(got, want) {
			t.Errorf("%q: %v, Apache Velocity says %v", jobs[i][1], got, want)
		}
	}
}
