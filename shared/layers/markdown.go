package layers

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// How much a comment shows of an error, and in all, in bytes: GitHub takes 65,536
// characters, and the logs have everything.
const (
	errorLimit   = 4_000
	commentLimit = 60_000
)

// WriteMarkdown writes the report as a comment of a pull request. Its first line, which
// nobody sees, is the same for every run of an operation in an environment: it is how a
// later run finds the comment. Owners are in code, so that the comment notifies nobody.
func (r *Report) WriteMarkdown(w io.Writer) error {
	var comment strings.Builder
	r.comment(&comment)
	_, err := io.WriteString(w, shortened(comment.String(), commentLimit))
	return err
}

func (r *Report) comment(w *strings.Builder) {
	fmt.Fprintf(w, "<!-- %s of %s -->\n", r.Operation, r.Environment)
	if len(r.Layers) == 0 {
		fmt.Fprintf(w, "### %s of %s: no layer is affected\n", r.Operation, r.Environment)
		return
	}
	fmt.Fprintf(w, "### %s\n\n| layer | owner | result | changes | seconds |\n| --- | --- | --- | --- | ---: |\n", r.sum())
	for _, l := range r.Layers {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %.1f |\n", l.Layer, code(l.Owner), l.Result, changes(l), l.Seconds)
	}
	for _, e := range r.errors() {
		fmt.Fprintf(w, "\n**%s %s**\n\n%s\n", strings.Join(e.layers, ", "), e.result, fenced(shortened(e.text, errorLimit)))
	}
	for _, l := range r.Layers {
		for _, warning := range l.Warnings {
			fmt.Fprintf(w, "\n%s warns:\n\n%s\n", l.Layer, fenced(shortened(warning, errorLimit)))
		}
	}
	fmt.Fprintf(w, "\nPulumi %s, Go %s\n", r.Versions["pulumi"], r.Versions["go"])
}

// layersError is an error and the layers that ended with it.
type layersError struct {
	layers []string
	result Result
	text   string
}

// errors are the layers' errors, each once.
func (r *Report) errors() []layersError {
	var all []layersError
	for _, l := range r.Layers {
		if l.Error == "" {
			continue
		}
		i := slices.IndexFunc(all, func(e layersError) bool { return e.result == l.Result && e.text == l.Error })
		if i < 0 {
			all = append(all, layersError{[]string{l.Layer}, l.Result, l.Error})
			continue
		}
		all[i].layers = append(all[i].layers, l.Layer)
	}
	return all
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

// fenced is text as a block of code that nothing in it ends.
func fenced(text string) string {
	fence := "```"
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence + "text\n" + text + "\n" + fence
}

func shortened(text string, limit int) string {
	if len(text) <= limit {
		return text
	}
	return strings.ToValidUTF8(text[:limit], "") + "\n(shortened)"
}
