package vtl_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway/vtl"
)

func parse(t testing.TB, source string) *vtl.Template {
	t.Helper()
	parsed, err := vtl.Parse("limits.vtl", source)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// TestATemplateCannotGoBeyondItsLimits: each of these would otherwise take all memory or
// all time.
func TestATemplateCannotGoBeyondItsLimits(t *testing.T) {
	limits := vtl.Limits{Output: 10_000, Memory: 1_000_000, Steps: 100_000}
	for name, source := range map[string]string{
		"a string that doubles":            `#set($s = "x")#foreach($i in [1..100])#set($s = "$s$s")#end`,
		"a sum of strings that doubles":    `#set($s = "x")#foreach($i in [1..100])#set($s = $s + $s)#end`,
		"a replacement that grows":         `#set($s = "xxxxxxxx")#foreach($i in [1..100])#set($s = $s.replace("x", "xx"))#end`,
		"a regular expression that grows":  `#set($s = "xxxxxxxx")#foreach($i in [1..100])#set($s = $s.replaceAll("x", "xx"))#end`,
		"a list that doubles":              `#set($l = [1])#foreach($i in [1..100])#if($l.addAll($l))#end#end`,
		"a huge range":                     `#set($r = [1..2000000000])`,
		"output":                           `#foreach($i in [1..1000])aaaaaaaaaaaaaaaaaaaaaaaaa#end`,
		"loops in loops":                   `#foreach($a in [1..1000])#foreach($b in [1..1000])#set($x = $b)#end#end`,
		"an empty loop in loops":           `#foreach($a in [1..1000])#foreach($b in [1..1000])#end#end`,
		"a number that squares":            `#set($n = 9999999999)#foreach($i in [1..100])#set($n = $n * $n)#end`,
		"a macro that calls itself":        `#macro(m)#m()#end#m()`,
		"a string that calls its macro":    `#macro(m)#set($x = "#m()")#end#m()`,
		"a list in itself":                 `#set($l = [1])#set($k = [$l])#set($x = $l.add($k))$l`,
		"arguments that name one another":  `#macro(m $a)#set($x = "$a")#m("$a$a")#end#m("x")`,
		"a map that is filled for ever":    `#set($m = {})#foreach($a in [1..1000])#foreach($b in [1..1000])#set($m["$a$b"] = 1)#end#end`,
		"lists that share, compared":       shared + `#if($a == $b)#end`,
		"lists that share, at the end":     shared + `$a.equals($b)`,
		"lists that share, looked for":     shared + `#set($l = [$a])#set($x = $l.contains($b))`,
		"lists that share, hashed":         shared + `$a.hashCode()`,
		"a definition that doubles itself": `#set($s = "xxxxxxxxxxxxxxxx")#define($d)$s$s#end#foreach($i in [1..100])#set($s = $d.toString())#end`,
	} {
		_, err := parse(t, source).Execute(t.Context(), named(nil), vtl.Options{Limits: limits})
		if !errors.Is(err, vtl.ErrLimit) {
			t.Errorf("%s: %v, want an error that is ErrLimit", name, err)
		}
	}
}

// shared are two lists of lists that hold the same list twice, and so on.
const shared = `#set($a = [1])#set($b = [1])#foreach($i in [1..60])#set($a = [$a, $a])#set($b = [$b, $b])#end`

func TestListsInThemselvesThroughAViewAreCompared(t *testing.T) {
	one := `#set($l1 = [])#set($m1 = {})#set($m1.k = $l1)#set($e1 = $m1.entrySet())#set($x = $l1.add($e1))`
	got, err := parse(t, one+strings.NewReplacer("l1", "l2", "m1", "m2", "e1", "e2").Replace(one)+`$e1.equals($e2)`).Execute(t.Context(), named(nil), vtl.Options{})
	if string(got) != "false" || err != nil {
		t.Errorf("they are equal: %q, %v", got, err)
	}
}

func TestALoopEndsQuietlyAtItsIterations(t *testing.T) {
	got, err := parse(t, `#foreach($i in [1..9])$i#end;#foreach($i in [1..3])$i#end`).
		Execute(t.Context(), named(nil), vtl.Options{Limits: vtl.Limits{Iterations: 4}})
	if string(got) != "1234;123" || err != nil {
		t.Errorf("a loop of four iterations at the most gives %q, %v, want 1234;123", got, err)
	}
}

func TestATemplateStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	endless := `#foreach($a in [1..100000])#foreach($b in [1..100000])#end#end`
	_, err := parse(t, endless).Execute(ctx, named(nil), vtl.Options{Limits: vtl.Limits{Steps: 1 << 40}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a template beyond its time: %v, want the context's error", err)
	}
}

// TestAnErrorSaysWhereItIs: line and column of what is wrong, in strings and macros too.
func TestAnErrorSaysWhereItIs(t *testing.T) {
	for source, want := range map[string]string{
		"a\n  #set($x = )":                    "case:2:13: ",
		"é #if(":                              "case:1:7: ",
		"#set($x = \"a\n#if($y\")":            "case:2:8: ",
		"\n\n$s.substring(9)":                 "case:3:4: cannot call substring",
		"a\n#macro(m)\n $s.charAt(7)#end#m()": "case:3:5: cannot call charAt",
		"#set($y = \"$s.substring(9)\")":      "case:1:15: cannot call substring",
	} {
		parsed, err := vtl.Parse("case", source)
		if err == nil {
			_, err = parsed.Execute(t.Context(), named(map[string]any{"s": "text"}), vtl.Options{})
		}
		var located *vtl.Error
		if !errors.As(err, &located) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, want an error at %s", source, err, want)
		}
	}
}

func TestATemplateServesManyAtTheSameTime(t *testing.T) {
	parsed := parse(t, `#macro(m $a)[$a]#end#set($x = "$name")#foreach($i in [1..50])#m($x)#end`)
	var wait sync.WaitGroup
	for _, name := range []string{"a", "b", "c", "d"} {
		wait.Go(func() {
			for range 50 {
				got, err := parsed.Execute(context.Background(), named(map[string]any{"name": name}), vtl.Options{})
				if want := strings.Repeat("["+name+"]", 50); err != nil || string(got) != want {
					t.Errorf("beside others, %s renders %q, %v", name, got, err)
				}
			}
		})
	}
	wait.Wait()
}

// TestGoValuesBecomeJavas: what a host can put into a scope.
func TestGoValuesBecomeJavas(t *testing.T) {
	for _, c := range []struct {
		value any
		want  string
	}{
		{5, "5 java.lang.Integer"}, {1 << 40, "1099511627776 java.lang.Long"}, {uint8(7), "7 java.lang.Integer"},
		{uint64(1 << 63), "9223372036854775808 java.math.BigInteger"}, {2.5, "2.5 java.lang.Double"}, {float32(0.5), "0.5 java.lang.Double"},
		{"s", "s java.lang.String"}, {true, "true java.lang.Boolean"}, {[]string{"a", "b"}, "[a, b] java.util.ArrayList"},
		{[]any{1, nil}, "[1, null] java.util.ArrayList"}, {map[string]int{"b": 1, "a": 2}, "{a=2, b=1} 2"}, {nil, "$v $v.class.name"},
		{time.Second, "1000000000 java.lang.Integer"}, {struct{ A int }{1}, "{1} java.lang.String"},
	} {
		source := "$v $v.class.name"
		if strings.HasPrefix(c.want, "{a=") {
			source = "$v $v.a" // a map's own members come before its class
		}
		got, err := parse(t, source).Execute(t.Context(), named(map[string]any{"v": c.value}), vtl.Options{})
		if err != nil || string(got) != c.want {
			t.Errorf("%#v is %q, %v in a template, want %q", c.value, got, err, c.want)
		}
	}
}

func TestADeepOrLongTemplateIsNoDanger(t *testing.T) {
	for _, part := range []string{"#if($a)", "#foreach($a in $b)", "#set($a = [", "#set($a = (", "#set($a = {1:", "$a[$a[", "$a.b($a.b(", "#set($a = !!!!!!!!!!"} {
		if _, err := vtl.Parse("deep", strings.Repeat(part, 20_000)); err == nil {
			t.Errorf("20,000 times %q parses", part)
		}
	}
	for _, part := range []string{`#set($x="$a")`, `$a.b[0] `, `\\\\a`, ` #set($x = 1)`, "text $1 "} {
		started := time.Now()
		if _, err := vtl.Parse("wide", strings.Repeat(part, 1<<20/len(part))); err != nil {
			t.Errorf("a megabyte of %q: %v", part, err)
		}
		if took := time.Since(started); took > 30*time.Second {
			t.Errorf("a megabyte of %q takes %v to parse", part, took)
		}
	}
	long := strings.Repeat("x", 2<<20)
	if _, err := vtl.Parse("long", long); err == nil {
		t.Errorf("a template of %d bytes parses", len(long))
	}
}
