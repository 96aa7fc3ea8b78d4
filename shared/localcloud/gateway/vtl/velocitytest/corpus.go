package velocitytest

import (
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// Case is a template of a corpus with the files that belong to it.
type Case struct {
	// Name is that of the archive and of the case in it.
	Name     string
	Template string

	own    string
	errors bool
	files  map[string]string
}

// Corpus reads testdata/*.txtar. An archive holds for each case a template in name.vm and
// its output in name.out, or a part of its error in name.err; and what is beside them as
// name.ext, or for all cases of the archive under another name. The last line break of a
// file does not count.
func Corpus(t testing.TB) []Case {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	var cases []Case
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		cases = append(cases, casesOf(t, strings.TrimSuffix(filepath.Base(path), ".txtar"), archive)...)
	}
	return cases
}

func casesOf(t testing.TB, topic string, archive *txtar.Archive) []Case {
	t.Helper()
	files := map[string]string{}
	for _, f := range archive.Files {
		files[f.Name] = strings.TrimSuffix(string(f.Data), "\n")
	}
	var cases []Case
	for _, f := range archive.Files {
		name, ok := strings.CutSuffix(f.Name, ".vm")
		if !ok {
			continue
		}
		c := Case{Name: topic + "/" + name, Template: files[f.Name], own: name, files: files}
		_, hasOutput := files[name+".out"]
		if _, c.errors = files[name+".err"]; c.errors == hasOutput || c.errors && c.Err() == "" {
			t.Fatalf("%s wants either .out or .err", c.Name)
		}
		cases = append(cases, c)
	}
	return cases
}

// Err is a part of the error that the case wants, or empty.
func (c Case) Err() string { return c.files[c.own+".err"] }

// File is the case's name.ext, else the first of the archive's files with these names.
func (c Case) File(ext string, shared ...string) string {
	for _, name := range append([]string{c.own + "." + ext}, shared...) {
		if text, ok := c.files[name]; ok {
			return text
		}
	}
	return ""
}

// Has reports whether the case has a name.ext of its own.
func (c Case) Has(ext string) bool {
	_, ok := c.files[c.own+"."+ext]
	return ok
}

// Differs reports whether an outcome is not the output, or not the error, that is wanted.
func (c Case) Differs(got Outcome, want string) bool {
	if c.errors {
		return got.Err == nil || !strings.Contains(got.Err.Error(), c.Err())
	}
	return got.Err != nil || got.Text != want
}
