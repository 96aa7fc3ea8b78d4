// Package velocitytest renders templates with the Java libraries that the packages vtl and
// mapping follow, where Debian's packages of them are installed.
package velocitytest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Outcome is what a template rendered to, or why it did not.
type Outcome struct {
	Text string
	Err  error
}

func (o Outcome) String() string {
	if o.Err != nil {
		return "error: " + o.Err.Error()
	}
	return fmt.Sprintf("%q", o.Text)
}

// Render compiles the class Reference in the Java file source, with the jars of
// /usr/share/java, and has it do all jobs in one process. A job is the fields of a line,
// which go to it in base64; it answers "ok" or "error" and a text in base64. The test is
// skipped where Java or a jar is missing: packages says what to install.
func Render(t *testing.T, source string, jars []string, packages string, jobs [][]string) []Outcome {
	t.Helper()
	classes := t.TempDir()
	classpath := []string{classes}
	for _, tool := range []string{"java", "javac"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("the comparison needs %s and Debian's %s: %v", tool, packages, err)
		}
	}
	for _, jar := range jars {
		path := filepath.Join("/usr/share/java", jar)
		if _, err := os.Stat(path); err != nil {
			t.Skipf("the comparison needs Debian's %s: %v", packages, err)
		}
		classpath = append(classpath, path)
	}
	path := strings.Join(classpath, string(filepath.ListSeparator))
	if out, err := exec.Command("javac", "-nowarn", "-cp", path, "-d", classes, source).CombinedOutput(); err != nil {
		t.Fatalf("javac: %v\n%s", err, out)
	}
	java := exec.Command("java", "-cp", path, "Reference")
	java.Stdin = lines(jobs)
	java.Stderr = os.Stderr
	out, err := java.Output()
	if err != nil {
		t.Fatalf("java: %v", err)
	}
	return answers(t, strings.Fields(string(out)), len(jobs))
}

func lines(jobs [][]string) *bytes.Buffer {
	var in bytes.Buffer
	for _, fields := range jobs {
		for i, field := range fields {
			if i > 0 {
				in.WriteByte(' ')
			}
			in.WriteString(base64.StdEncoding.EncodeToString([]byte(field)))
		}
		in.WriteByte('\n')
	}
	return &in
}

func answers(t *testing.T, fields []string, jobs int) []Outcome {
	t.Helper()
	if len(fields) != 2*jobs {
		t.Fatalf("the reference answered %d of %d templates", len(fields)/2, jobs)
	}
	outcomes := make([]Outcome, jobs)
	for i := range outcomes {
		text, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(fields[2*i+1], "-"))
		if err != nil {
			t.Fatalf("answer %d: %v", i, err)
		}
		outcomes[i] = Outcome{Text: string(text)}
		if fields[2*i] == "error" {
			outcomes[i] = Outcome{Err: errors.New(string(text))}
		}
	}
	return outcomes
}
