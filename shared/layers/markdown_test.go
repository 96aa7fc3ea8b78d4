package layers

import (
	"bytes"
	"slices"
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

func TestAnErrorOfSeveralLayersIsThereOnce(t *testing.T) {
	r := mixed()
	r.Layers[0].Result, r.Layers[0].Error = Canceled, r.Layers[2].Error
	if got := markdown(t, r); !strings.Contains(got, "\n**iam, auth canceled**\n") || strings.Count(got, r.Layers[2].Error) != 1 {
		t.Errorf("iam and auth were interrupted, and the comment is:\n%s", got)
	}
}

func TestACommentFitsIntoGitHub(t *testing.T) {
	r := mixed()
	for i := range r.Layers {
		r.Layers[i].Warnings = slices.Repeat([]string{strings.Repeat("w", 1000)}, 100)
		r.Layers[i].Error = r.Layers[i].Layer + strings.Repeat("ä", 100_000)
	}
	if n := len(markdown(t, r)); n > 65_536 {
		t.Errorf("the comment has %d bytes, and GitHub takes 65536 characters", n)
	}
}
