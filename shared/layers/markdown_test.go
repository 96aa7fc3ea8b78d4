package layers

import (
	"bytes"
	"strings"
	"testing"
)

func markdown(t *testing.T, r *Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := r.WriteMarkdown(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestTheCommentOfAMixedRun(t *testing.T) {
	golden(t, "mixed.markdown.golden", markdown(t, mixed()))
}

func TestACommentIsFoundByItsFirstLine(t *testing.T) {
	for name, r := range map[string]*Report{
		"layers": mixed(), "no layer": {Operation: Deploy, Environment: "dev"},
	} {
		if got := markdown(t, r); !strings.HasPrefix(got, "<!-- deploy of dev -->\n") {
			t.Errorf("the comment of a run with %s begins with %.40q", name, got)
		}
	}
}

func TestAnErrorCannotLeaveItsBlock(t *testing.T) {
	r := mixed()
	r.Layers[3].Error = "bad\n```\n# a title"
	if got := markdown(t, r); !strings.Contains(got, "````text\nbad\n```\n# a title\n````\n") {
		t.Errorf("the error ends its block:\n%s", got)
	}
}

func TestACommentFitsIntoGitHub(t *testing.T) {
	r := mixed()
	for i := range r.Layers {
		r.Layers[i].Error = strings.Repeat("ä", 100_000)
	}
	if n := len(markdown(t, r)); n > 65_536 {
		t.Errorf("the comment has %d bytes, and GitHub takes 65536 characters", n)
	}
}
