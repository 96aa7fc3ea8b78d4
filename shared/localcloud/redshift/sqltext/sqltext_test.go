package sqltext

import (
	"errors"
	"strings"
	"testing"
)

func TestAStatementEndsAtASemicolonOutsideQuotesAndComments(t *testing.T) {
	got, err := Split(`select ';' ; -- a; b
		create procedure p() as $$ begin null; end; $$ language plpgsql; /* ; /* ; */ */ select "a;b"`, false)
	if err != nil {
		t.Fatalf("split: %v", err)
	}
	if len(got) != 3 {
		t.Fatalf("got %d statements, want 3: %v", len(got), got)
	}
	if text := got[2].Text(); text != `select "a;b"` {
		t.Errorf("the third statement is %q", text)
	}
}

func TestIdentifiersAreFoldedToLowerCaseAndQuotedOnesTooUnlessCaseSensitive(t *testing.T) {
	for _, test := range []struct {
		sensitive bool
		want      string
	}{{false, "abc abc"}, {true, "abc Abc"}} {
		tokens, err := Scan(`ABC "Abc"`, test.sensitive)
		if err != nil {
			t.Fatalf("scan: %v", err)
		}
		if got := tokens[0].Text + " " + tokens[1].Text; got != test.want {
			t.Errorf("case sensitive %v: got %q, want %q", test.sensitive, got, test.want)
		}
	}
}

func TestACastIsNotAParameter(t *testing.T) {
	tokens, err := Scan("a::int = :name and b = $2", false)
	if err != nil {
		t.Fatalf("scan: %v", err)
	}
	var params []string
	for _, token := range tokens {
		if token.Kind == Param {
			params = append(params, token.Text)
		}
	}
	if got := strings.Join(params, ","); got != "name,2" {
		t.Errorf("parameters are %q, want name,2", got)
	}
}

func TestABackslashEscapesInAStringAndNotInAName(t *testing.T) {
	for source, want := range map[string]string{
		`'\\d\n\'x'`: "\\d\n'x", `'\d'`: "d", `e'a\tb'`: "a\tb", `'\101\0602'`: "A02", `"a\b"`: `a\b`, `'a''b'`: "a'b",
		QuoteEscaped(`it's \d`): `it's \d`,
	} {
		tokens, err := Scan(source, false)
		if err != nil || len(tokens) != 1 || tokens[0].Text != want {
			t.Errorf("%s: got %+v (%v), want %q", source, tokens, err, want)
		}
	}
}

func TestUnterminatedTextIsASyntaxError(t *testing.T) {
	for _, source := range []string{"select 'a", `select 'a\'`, `select "a`, "select $$a", "/* a", "select \x01"} {
		var syntax *SyntaxError
		if _, err := Scan(source, false); !errors.As(err, &syntax) {
			t.Errorf("%q: got %v, want a syntax error", source, err)
		}
	}
}

func FuzzScan(f *testing.F) {
	f.Add("select a::int, 'x''y', $1, e'\\n' from \"t\" -- c")
	f.Fuzz(func(t *testing.T, source string) {
		tokens, err := Scan(source, false)
		if err != nil {
			return
		}
		last := 0
		for _, token := range tokens {
			if token.From < last || token.To <= token.From || token.To > len(source) {
				t.Fatalf("token %+v overlaps or leaves %q", token, source)
			}
			last = token.To
		}
	})
}
