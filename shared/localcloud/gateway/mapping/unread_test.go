package mapping

import (
	"strings"
	"testing"

	"pipeline/shared/localcloud/gateway/vtl"
	"pipeline/shared/localcloud/jsonread"
)

var unreadBodies = []string{`{"a":1,"b":{"c":"x","d":null,"e":true},"f":[1,{"a":2}]}`, `{"a":1,"a":2}`, `{"b":{"c":1},"b":{"d":2}}`,
	`{"b":{"c":1},"b":3}`, `{"b":{"c":1,"c":2}}`, `{"f":[{"b":{"c":1}},{"b":[{"c":1,"c":2}]}]}`, `{"b":3,"b":{"c":1}}`, `{"a":{}}`, `{"a":-0}`, `{"a":1.50}`, `{"a":1234567890123}`, `{"a": [1]}`, `{"a":"é"}`, `{"a":"\u0061"}`, `{"a":[1]}`, `[{"a":1}]`, `"a"`, `7`, `text`, `{}`, ` { "a\u0062" : "\u00e9\ud83d\ude00\u2028/\"\\" } `,
	`{"a":123456789012345678901234567890}`, `{"f":[-0,0,-1,1.50,1e400,1E-7,0.1,123456789,1234567890,12345678.9]}`,
	`{"f":[{"a":1,"a":2},{"b":{"c":[{"d":{}}]}},[[{"e":"é"}]],{"a":1,"b":2,"c":3,"d":4,"e":5}]}`,
	`{"a":"` + "\x7f\u0080\u2000" + `","b":"\u0000\u001f\b\f\n\r\t"}`, `{` + strings.Repeat(`"m":1,`, 40) + `"a":2}`, `{` + many(40) + `"a":2}`}

// many are members with names of their own.
func many(n int) string {
	var out strings.Builder
	for i := range n {
		out.WriteString(`"` + strings.Repeat("n", i+1) + `":1,`)
	}
	return out.String()
}

var unreadPaths = []string{"$", "$.", "$.a", "$.b.c", "$.b.d", "$.b.e", "$['a']", "$.ab", "$.f.a", "a", "$.f", "$.f[0]", "$.f[1].a", "$.f[0].a",
	"$.f[3].e", "$.f[9]", "$.f[1].b.c[0].d", "$.*", "$..a", "$.f[*]", "$.f[0:2]", "$.f[0,1]", "$['a','b']", "$[0].a", "$.f[2][0]"}

// made is the value of a body all of whose entries are made at once.
func made(t testing.TB, body string) any {
	b := builder{Reader: jsonread.New(body)}
	v, err := b.element()
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return v
}

func TestAnObjectThatIsUnreadIsTheSame(t *testing.T) {
	for _, body := range unreadBodies {
		for _, path := range unreadPaths {
			compareUnread(t, body, path)
		}
	}
}

func FuzzAnObjectThatIsUnreadIsTheSame(f *testing.F) {
	for i, body := range unreadBodies {
		f.Add(body, unreadPaths[i%len(unreadPaths)])
	}
	f.Fuzz(func(t *testing.T, body, path string) { compareUnread(t, body, path) })
}

// compareUnread compares what $input.json, $input.path and printing make of a path.
func compareUnread(t *testing.T, body, path string) {
	in := &input{body: body}
	root, err := in.document()
	if _, isText := root.(string); err != nil || isText {
		return
	}
	want, wantErr := evaluate(made(t, body), path)
	for range 2 { // the second time entries may have been made
		got, err := in.find(path)
		if (err == nil) != (wantErr == nil) || err == nil && jsonText(got) != jsonText(want) {
			t.Fatalf("%s in %s is %s, %v; want %s, %v", path, body, jsonText(got), err, jsonText(want), wantErr)
		}
	}
	if wantErr != nil {
		return
	}
	fresh := &input{body: body}
	got, _ := fresh.find(path)
	if a, b := textOf(got), textOf(want); a != b {
		t.Errorf("%s in %s prints as %s, want %s", path, body, a, b)
	}
}

// jsonText is what $input.json gives.
func jsonText(v any) string {
	given := jsonOf(v)
	if d, ok := given.(vtl.Deferred); ok {
		return string(d(nil))
	}
	return given.(string)
}

func textOf(v any) string {
	text, err := vtl.Text(v)
	if err != nil {
		return err.Error()
	}
	return text
}

func TestAnEventIsWrittenWithoutItsEntriesBeingMade(t *testing.T) {
	v, err := ParseJSON(`{"events":[{"id":1,"data":{"a":"b"}},{"id":2}]}`)
	if err != nil {
		t.Fatal(err)
	}
	event, ok := walk(v, "$.events[0]")
	m, isMap := event.(*vtl.Map)
	if !ok || !isMap {
		t.Fatalf("the event is %T", event)
	}
	if text := jsonText(m); text != `{"id":1,"data":{"a":"b"}}` || m.Get("id") != int32(1) || m.Source == nil {
		t.Errorf("%s has id %v, unread: %v", text, m.Get("id"), m.Source != nil)
	}
}
