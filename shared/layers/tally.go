package layers

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// tally makes a layer's result and its live lines out of the engine's events.
type tally struct {
	doing func(text string) // what is being done at the moment
	say   func(text string) // what is worth keeping on the screen
	drift bool              // what the engine finds changed is said

	mu       sync.Mutex
	summary  *apitype.SummaryEvent
	errors   []string
	warnings []string
}

// take takes one event; events come in order.
func (t *tally) take(e apitype.EngineEvent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case e.ResourcePreEvent != nil:
		t.began(e.ResourcePreEvent.Metadata, e.ResourcePreEvent.Planning)
	case e.ResOutputsEvent != nil && t.drift:
		t.found(e.ResOutputsEvent.Metadata)
	case e.ResOpFailedEvent != nil:
		t.say(resource(e.ResOpFailedEvent.Metadata) + " failed")
	case e.DiagnosticEvent != nil:
		t.diagnostic(*e.DiagnosticEvent)
	case e.ErrorEvent != nil:
		t.errors = append(t.errors, e.ErrorEvent.Error)
	case e.SummaryEvent != nil:
		t.summary = e.SummaryEvent
	}
}

// verbs are the operations worth a live line; the others change nothing.
var verbs = map[apitype.OpType]string{
	apitype.OpCreate:            "create",
	apitype.OpUpdate:            "update",
	apitype.OpDelete:            "delete",
	apitype.OpReplace:           "replace",
	apitype.OpCreateReplacement: "create anew",
	apitype.OpDeleteReplaced:    "delete the old",
	apitype.OpImport:            "import",
}

func (t *tally) began(step apitype.StepEventMetadata, planning bool) {
	verb, known := verbs[step.Op]
	if !known || (step.Op == apitype.OpReplace && !planning) || step.Type == "pulumi:pulumi:Stack" {
		return
	}
	suffix := ""
	if len(step.Diffs) > 0 && step.Op != apitype.OpCreate {
		suffix = " (" + strings.Join(step.Diffs, ", ") + ")"
	}
	t.doing(verb + " " + resource(step) + suffix)
}

// found says what a refresh found: its step has become the operation that somebody did.
func (t *tally) found(step apitype.StepEventMetadata) {
	switch step.Op {
	case apitype.OpUpdate:
		t.say(resource(step) + " was changed (" + strings.Join(step.Diffs, ", ") + ")")
	case apitype.OpDelete:
		t.say(resource(step) + " is gone")
	}
}

// resource is a step's resource in words: its type without the package's repetition,
// and its name: "s3/bucketV2 staging".
func resource(step apitype.StepEventMetadata) string {
	kind := strings.TrimPrefix(step.Type, "aws:")
	if module, name, found := strings.Cut(kind, ":"); found {
		folder, _, _ := strings.Cut(module, "/")
		kind = folder + "/" + name
	}
	name := step.URN[strings.LastIndex(step.URN, "::")+len("::"):]
	return kind + " " + name
}

func (t *tally) diagnostic(d apitype.DiagnosticEvent) {
	if d.Ephemeral {
		return
	}
	text := strings.TrimSpace(plain(d.Message))
	switch d.Severity {
	case "error":
		text = cause(text)
		// The last words of a failed update; the cause came before.
		if text == "update failed" || text == "preview failed" || strings.HasPrefix(text, "resource monitor shut down") {
			return
		}
		t.errors = append(t.errors, located(d.URN, text))
		t.say("error: " + located(d.URN, text))
	case "warning":
		t.warnings = append(t.warnings, located(d.URN, text))
		t.say("warning: " + located(d.URN, text))
	case "info", "info#err":
		if text != "" {
			t.say(text)
		}
	}
}

// unhandled is what Pulumi puts before the errors of a program: its own words, and those
// of the list that it makes of them, even of one.
var unhandled = regexp.MustCompile(`^an unhandled error occurred: (?:program failed: )?\s*(?:(?:\d+ errors? occurred:)\s*)?`)

// cause is an error of a program without what Pulumi wraps it in; several are in one line.
func cause(text string) string {
	rest := unhandled.ReplaceAllString(text, "")
	if rest == text {
		return text
	}
	var all []string
	for line := range strings.Lines(rest) {
		if line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "* ")); line != "" {
			all = append(all, line)
		}
	}
	return strings.Join(all, "; ")
}

// located puts the name of the resource before what is said of it, unless that is
// the stack itself.
func located(urn, text string) string {
	if urn == "" || strings.Contains(urn, "pulumi:pulumi:Stack::") {
		return text
	}
	parts := strings.Split(urn, "::")
	kind := parts[max(0, len(parts)-2)]
	kind = kind[strings.LastIndexByte(kind, '$')+1:]
	return resource(apitype.StepEventMetadata{Type: kind, URN: urn}) + ": " + text
}

// plain takes Pulumi's colour tags, such as <{%reset%}>, out of a text.
func plain(text string) string {
	for {
		before, rest, found := strings.Cut(text, "<{%")
		if !found {
			return text
		}
		_, after, closed := strings.Cut(rest, "%}>")
		if !closed {
			return text
		}
		text = before + after
	}
}

// changed are the summary's counts, and whether any of them is a change.
func (t *tally) changed() (counts map[string]int, any bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	counts = map[string]int{}
	if t.summary == nil {
		return counts, false
	}
	for op, n := range t.summary.ResourceChanges {
		word := changeWord(op)
		counts[word] += n
		any = any || (word != "same" && n > 0)
	}
	return counts, any
}

// changeWord is an operation in the report's vocabulary. A replacement is counted by
// the engine as its parts too; these are left to it.
func changeWord(op apitype.OpType) string {
	switch op {
	case apitype.OpCreate, apitype.OpUpdate, apitype.OpDelete:
		return string(op)
	case apitype.OpReplace, apitype.OpCreateReplacement, apitype.OpDeleteReplaced, apitype.OpDiscardReplaced:
		return "replace"
	case apitype.OpSame, apitype.OpRead, apitype.OpReadReplacement, apitype.OpRefresh:
		return "same"
	default:
		return string(op)
	}
}

// failure is why the layer failed, as one text; the first error is the cause.
func (t *tally) failure() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.errors) == 0 {
		return ""
	}
	text := t.errors[0]
	if more := len(t.errors) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	return text
}
