package mapping_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway/mapping"
	"pipeline/shared/localcloud/gateway/vtl"
)

func mapped(t testing.TB, template string, r mapping.Request) mapping.Result {
	t.Helper()
	result, err := mapping.Render(t.Context(), template, r)
	if err != nil {
		t.Fatalf("%s: %v", template, err)
	}
	return result
}

const overriding = `#set($context.requestOverride.header.X-One = "1")
#set($context.requestOverride.header.X-Many = ["a", "b"])
#set($context.requestOverride.path.id = 7)
#set($context.requestOverride.querystring.q = $input.params('page'))
#set($context.responseOverride.status = 207)
#set($context.responseOverride.header.X-Answer = "yes")
#set($context.responseOverride.note = "for the response's template")
`

func TestATemplateOverridesParametersHeadersAndStatus(t *testing.T) {
	got := mapped(t, overriding, mapping.Request{Query: mapping.Values{"page": {"2"}}})
	want := mapping.Result{Status: 207, RequestHeader: mapping.Values{"X-One": {"1"}, "X-Many": {"a", "b"}},
		RequestPath: mapping.Values{"id": {"7"}}, RequestQuery: mapping.Values{"q": {"2"}}, ResponseHeader: mapping.Values{"X-Answer": {"yes"}}}
	for name, pair := range map[string][2]any{
		"status": {got.Status, want.Status}, "request headers": {got.RequestHeader, want.RequestHeader}, "path": {got.RequestPath, want.RequestPath},
		"query": {got.RequestQuery, want.RequestQuery}, "response headers": {got.ResponseHeader, want.ResponseHeader}, "body": {string(got.Body), ""},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("the template overrides %s to %v, want %v", name, pair[0], pair[1])
		}
	}
}

// TestTheResponsesTemplateSeesWhatTheRequestsOverrode: and keeps it, and may set it anew.
func TestTheResponsesTemplateSeesWhatTheRequestsOverrode(t *testing.T) {
	earlier := mapped(t, overriding, mapping.Request{})
	got := mapped(t, `#set($context.responseOverride.status = 503)$context.responseOverride.note $context.requestOverride.path.id $context.responseOverride.header.X-Answer`,
		mapping.Request{Earlier: &earlier})
	if want := "for the response's template 7 yes"; string(got.Body) != want {
		t.Errorf("the response's template sees %q, want %q", got.Body, want)
	}
	if got.Status != 503 || !reflect.DeepEqual(got.ResponseHeader, mapping.Values{"X-Answer": {"yes"}}) {
		t.Errorf("after the response's template the status is %d and the headers %v, want 503 and the one of the request's template", got.Status, got.ResponseHeader)
	}
	if earlier.Status != 207 {
		t.Errorf("the response's template changed what the request's had made: status %d", earlier.Status)
	}
}

func TestWithoutOverridesThereAreNone(t *testing.T) {
	got := mapped(t, "x", mapping.Request{})
	if got.Status != 0 || len(got.RequestHeader)+len(got.RequestPath)+len(got.RequestQuery)+len(got.ResponseHeader) != 0 {
		t.Errorf("a template that sets nothing overrides %+v", got)
	}
}

func TestAStatusThatIsNoIntegerOverridesNothing(t *testing.T) {
	body := []byte(`{"code":404,"text":"404","float":404.0}`)
	for value, want := range map[string]int{"404": 404, "$input.path('$.code')": 404, "$context.nope.parseInt": 0, `"404"`: 0, "'teapot'": 0,
		"$input.path('$.text')": 0, "$input.path('$.float')": 0, "$input.path('$.missing')": 0, "$input.path('$')": 0} {
		if got := mapped(t, "#set($context.responseOverride.status = "+value+")", mapping.Request{Body: body}); got.Status != want {
			t.Errorf("%s makes the status %d, want %d", value, got.Status, want)
		}
	}
}

func TestASecondOverrideIsAnErrorOfItsOwn(t *testing.T) {
	_, err := mapping.Render(t.Context(), `#set($context.responseOverride.status = 1)#set($context.responseOverride.status = 2)`, mapping.Request{})
	if !errors.Is(err, mapping.ErrOverriddenTwice) {
		t.Errorf("an override set twice: %v, want ErrOverriddenTwice", err)
	}
}

func TestAnOddTemplateIsAnError(t *testing.T) {
	for template, want := range map[string]string{
		`#set($context.responseOverride.header = {1: "a"})`: "the name 1 is no string",
		`#set($l = [$util])$l.hashCode()`:                   "hashCode is not supported here",
	} {
		if _, err := mapping.Render(t.Context(), template, mapping.Request{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", template, err, want)
		}
	}
}

func TestALoopStopsAtAThousand(t *testing.T) {
	body := "[" + strings.Repeat("1,", 1499) + "1]"
	if got := mapped(t, `#foreach($x in $input.path('$'))$x#end`, mapping.Request{Body: []byte(body)}).Body; len(got) != 1000 {
		t.Errorf("#foreach over 1,500 elements runs %d times, want 1000", len(got))
	}
}

// TestAPayloadCannotMakeATemplateRunAway: deep JSON, a path that finds everything again and
// again, a list that is endless, and a template beyond its time.
func TestAPayloadCannotMakeATemplateRunAway(t *testing.T) {
	deep := strings.Repeat("[", 5000) + strings.Repeat("]", 5000)
	if _, err := mapping.Render(t.Context(), `$input.json('$')`, mapping.Request{Body: []byte(deep)}); err == nil {
		t.Error("JSON nested 5,000 deep renders")
	}
	nested := strings.Repeat(`{"a":`, 150) + "1" + strings.Repeat("}", 150)
	if _, err := mapping.Render(t.Context(), `$input.path('$..*..*..*..*')`, mapping.Request{Body: []byte(nested)}); err == nil {
		t.Error("a path that finds more than a million values renders")
	}
	inItself := `#set($l = $util.parseJson('[]'))#set($x = $l.add($l))#set($x = $l.add($l))$l`
	if _, err := mapping.Render(t.Context(), inItself, mapping.Request{}); !errors.Is(err, vtl.ErrLimit) {
		t.Errorf("a list that holds itself twice: %v, want ErrLimit", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	slow := strings.Repeat("#foreach($a in [1..1000])", 3) + strings.Repeat("#end", 3)
	if _, err := mapping.Render(ctx, slow, mapping.Request{}); !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, vtl.ErrLimit) {
		t.Errorf("a template beyond its time: %v", err)
	}
}

func TestANumberOfAnyLengthIsWrittenAtOnce(t *testing.T) {
	for _, number := range []string{strings.Repeat("9", 4<<20), "1." + strings.Repeat("0", 4<<20), "-" + strings.Repeat("1", 4<<20) + "e5"} {
		body := `{"n":` + number + `}`
		started := time.Now()
		got := mapped(t, `$input.json('$') $input.path('$.n') $input.path('$').n`, mapping.Request{Body: []byte(body)})
		if want := body + " " + number + " " + number; string(got.Body) != want {
			t.Errorf("a number of %d characters does not come back as it was", len(number))
		}
		if took := time.Since(started); took > 2*time.Second {
			t.Errorf("a number of %d characters takes %v", len(number), took)
		}
	}
}

func TestANumberThatIsTooLongIsNotCalculatedWith(t *testing.T) {
	request := mapping.Request{Body: []byte(`{"n":` + strings.Repeat("9", 30_000) + `}`)}
	for _, use := range []string{"#set($x = $n + 1)", "#set($x = 1 - $n)", "#if($n < 1)#end", "#set($x = [1..$n])", "$n.intValue()", "$n.pow(2)", "$n.hashCode()"} {
		if _, err := mapping.Render(t.Context(), "#set($n = $input.path('$.n'))"+use, request); err == nil {
			t.Errorf("%s renders with a number of 30,000 digits", use)
		}
	}
	if got := mapped(t, `#set($n = $input.path('$.n'))#if($n == $n && $n != 9 && $n != "")same#end`, request); string(got.Body) != "same" {
		t.Errorf("a long number compares as %q, want same", got.Body)
	}
}

func TestJSONKeepsOrderAndDigits(t *testing.T) {
	for _, text := range []string{`{"z":1,"a":{"y":2,"b":[1,2]}}`, `[0.1234567890123456789,12345678901234567890,1.5,-7]`, `"é \" \\ 😀"`, `null`, `true`} {
		want := text
		if text == "null" {
			want = `""`
		}
		if got := mapped(t, "$input.json('$')", mapping.Request{Body: []byte(text)}); string(got.Body) != want {
			t.Errorf("%s comes back as %s, want %s", text, got.Body, want)
		}
	}
}

func TestCheckSaysWhereATemplateIsWrong(t *testing.T) {
	if err := mapping.Check("single.vtl", "#if($x)\n#set($y = )"); err == nil || !strings.HasPrefix(err.Error(), "single.vtl:2:11: ") {
		t.Errorf("a broken template: %v, want an error at single.vtl:2:11", err)
	}
	if err := mapping.Check("single.vtl", "$x"); err != nil {
		t.Errorf("a template: %v", err)
	}
}

func TestJSONPathsThatAreNotServedAreNamedBeforeARequest(t *testing.T) {
	for template, want := range map[string]string{
		"$x": "", "$input.path('$.a[0].b')": "", "$input.params('$.a[?(@.b)]')": "", "a $5 ## $input.path('$.a[-1]')": "",
		"#set($y = )":               "", // API Gateway answers each request with 500
		`$input.path("$.a.$b[-1]")`: "", `\$input.path('$.a[-1]')`: "",
		"#foreach($e in $input.path('$.a'))\n$input.json('$.a[?(@.b > 1)]')#end": `template:2:1: cannot call json: JSONPath "$.a[?(@.b > 1)]": `,
		"#set($n = $input.path('$.a.length()'))":                                 `template:1:11: cannot call path: JSONPath "$.a.length()": `,
		`"$input.path('$.a[-1]')"`:                                               `template:1:2: cannot call path: JSONPath "$.a[-1]": `,
		`#set($s = "$input.path('$.a[-1]')")`:                                    `template:1:12: cannot call path: JSONPath "$.a[-1]": `,
		"#macro(m)$!{input.path('$..a[-1]').b}#end":                              `template:1:10: cannot call path: JSONPath "$..a[-1]": `,
	} {
		err := mapping.CheckServed(template)
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v, want %q", template, err, want)
		}
	}
}

func TestManyTemplatesAndPathsPassThroughTheCaches(t *testing.T) {
	for i := range 600 {
		if got, want := string(mapped(t, fmt.Sprintf(`%d $input.path('$.a')`, i), mapping.Request{Body: []byte(`{"a":"it"}`)}).Body), fmt.Sprintf("%d it", i); got != want {
			t.Fatalf("template %d renders %q", i, got)
		}
	}
	for i := range 9000 { // a name in brackets goes through the cache of paths
		request := mapping.Request{Body: fmt.Appendf(nil, `{"a":{"b%d":%d}}`, i, i), Query: mapping.Values{"path": {fmt.Sprintf("$.a['b%d']", i)}}}
		if got, want := string(mapped(t, `$input.path($input.params('path'))`, request).Body), fmt.Sprint(i); got != want {
			t.Fatalf("path %d finds %q", i, got)
		}
	}
}

func TestRenderFilePrintsWhatATemplateMakesOfAnEvent(t *testing.T) {
	folder := t.TempDir()
	for _, c := range []struct{ name, template, event, want string }{
		{"the body alone", `$input.path('$.game_name') $context.stage`, `{"game_name":"chess"}`, "chess local\n"},
		{"a whole request", "$input.body $input.params('a') $context.stage $context.httpMethod $stageVariables.v\n",
			`{"body":{"n":1},"params":{"querystring":{"a":"b"}},"context":{"stage":"dev"},"stageVariables":{"v":"w"}}`, "{\"n\":1} b dev POST w\n"},
		{"a time in the context", `$context.requestTimeEpoch.toString().substring(10, 13) $context.x.n`, `{"context":{"requestTimeEpoch":1795356600123,"x":{"n":1.5}}}`, "123 1.5\n"},
		{"a body that is text", `$input.body`, `{"body":"plain"}`, "plain\n"},
		{"a member too many makes it a body", `$input.path('$.body') $input.path('$.more')`, `{"body":1,"more":2}`, "1 2\n"},
		{"overrides", `x#set($context.responseOverride.status = 207)#set($context.requestOverride.header.X-A = ["1","2"])`, `{}`,
			"x\nresponseOverride.status: 207\nrequestOverride.header.X-A: 1, 2\n"},
	} {
		template, event := filepath.Join(folder, "t.vtl"), filepath.Join(folder, "e.json")
		write(t, template, c.template)
		write(t, event, c.event)
		var out bytes.Buffer
		if err := mapping.RenderFile(t.Context(), template, event, &out); err != nil || out.String() != c.want {
			t.Errorf("%s: %q, %v, want %q", c.name, out.String(), err, c.want)
		}
	}
}

func TestRenderFileSaysWhatIsWrong(t *testing.T) {
	folder := t.TempDir()
	good, broken, event := filepath.Join(folder, "good.vtl"), filepath.Join(folder, "broken.vtl"), filepath.Join(folder, "e.json")
	write(t, good, `$input.json('$')`)
	write(t, broken, `#if(`)
	write(t, event, `{"a":`)
	params := filepath.Join(folder, "params.json")
	write(t, params, `{"params":{"cookie":{"a":"b"}}}`)
	for _, c := range []struct{ template, event, want string }{
		{filepath.Join(folder, "none.vtl"), event, "read template"}, {good, filepath.Join(folder, "none.json"), "read event"},
		{broken, event, broken + ":1:5: "}, {good, event, "not valid JSON"}, {good, params, `params has "cookie": want path, querystring or header`},
	} {
		if err := mapping.RenderFile(t.Context(), c.template, c.event, &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s: %v, want an error with %q", c.template, c.event, err, c.want)
		}
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestJaywayFindsTheSame compares all paths of up to three of these steps.
func TestJaywayFindsTheSame(t *testing.T) {
	body := `{"a":[{"a":1,"b":[1,[2,3]]},{"b":{"a":"x/y","c":null}},4],"b":{"a":{"a":[5]},"b":"s"},"c":null,"d":[]}`
	steps := []string{"", ".a", "['b']", ".c", "[0]", "[1]", "[*]", ".*", "..a", "..[0]", "..*", "[0:1]", "[-1:]", "[0,1]", "[2,0]"}
	seen := map[string]bool{}
	for _, one := range steps {
		for _, two := range steps {
			for _, three := range append(steps, "['a','b']") {
				seen["$"+one+two+three] = true
			}
		}
	}
	paths := slices.Sorted(maps.Keys(seen))
	var jobs [][]string
	for chunk := range slices.Chunk(paths, 100) {
		var template strings.Builder
		for _, path := range chunk {
			quoted := strings.ReplaceAll(path, "'", "''")
			fmt.Fprintf(&template, "%s %s\n", "#[["+path+"]]#", "$input.json('"+quoted+"') $input.path('"+quoted+"')")
		}
		jobs = append(jobs, []string{template.String(), body, `{"params":{},"context":{},"stageVariables":{}}`})
	}
	for i, want := range references(t, jobs) {
		got := string(mapped(t, jobs[i][0], mapping.Request{Body: []byte(body)}).Body)
		if want.Err != nil {
			t.Fatalf("Jayway: %v", want.Err)
		}
		ours, theirs := strings.Split(got, "\n"), strings.Split(want.Text, "\n")
		for j := range theirs {
			if j >= len(ours) || ours[j] != theirs[j] {
				t.Errorf("path, $input.json, $input.path: %s, Jayway says %s", ours[min(j, len(ours)-1)], theirs[j])
			}
		}
	}
}

// FuzzAPathNeverPanics takes any path over any payload.
func FuzzAPathNeverPanics(f *testing.F) {
	for _, path := range []string{"$", "$.a[0]", "$['a','b']", "$..a[*]", "$.a[1:2]", "a.b", "$.a[?(@.b)]", "$['", "$[0", "$..", "$.a[-1:]"} {
		f.Add(path, `{"a":[1,{"b":2}]}`)
	}
	f.Fuzz(func(t *testing.T, path, body string) {
		request := mapping.Request{Body: []byte(body), Query: mapping.Values{"path": {path}}}
		_, err := mapping.Render(t.Context(), `$input.json($input.params('path')) $input.path($input.params('path'))`, request)
		var located *vtl.Error
		if err != nil && !errors.As(err, &located) {
			t.Errorf("an error without a place: %v", err)
		}
	})
}
