package layers

import (
	"fmt"
	"io"
	"strings"
)

// errorLimit is how much of an error a comment shows, in bytes: GitHub takes 65,536
// characters, and the log has everything.
const errorLimit = 4000

// WriteMarkdown writes the report as a comment of a pull request. Its first line, which
// nobody sees, is the same for every run of an operation in an environment: it is how a
// later run finds the comment. Owners are in code, so that the comment notifies nobody.
func (r *Report) WriteMarkdown(w io.Writer) error {
	fmt.Fprintf(w, "<!-- %s of %s -->\n", r.Operation, r.Environment)
	if len(r.Layers) == 0 {
		_, err := fmt.Fprintf(w, "### %s of %s: no layer is affected\n", r.Operation, r.Environment)
		return err
	}
	fmt.Fprintf(w, "### %s\n\n| layer | owner | result | changes | seconds |\n| --- | --- | --- | --- | ---: |\n", r.sum())
	for _, l := range r.Layers {
		fmt.Fprintf(w, "| %s | %s | %s | %s | %.1f |\n", l.Layer, code(l.Owner), l.Result, changes(l), l.Seconds)
	}
	for _, l := range r.Layers {
		if l.Error != "" {
			fmt.Fprintf(w, "\n**%s %s**\n\n%s\n", l.Layer, l.Result, fenced(shortened(l.Error)))
		}
	}
	for _, l := range r.Layers {
		for _, warning := range l.Warnings {
			fmt.Fprintf(w, "\n%s warns:\n\n%s\n", l.Layer, fenced(shortened(warning)))
		}
	}
	_, err := fmt.Fprintf(w, "\nPulumi %s, Go %s\n", r.Versions["pulumi"], r.Versions["go"])
	return err
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

func shortened(text string) string {
	if len(text) <= errorLimit {
		return text
	}
	return strings.ToValidUTF8(text[:errorLimit], "") + "\n(shortened)"
}
