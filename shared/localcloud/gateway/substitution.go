package gateway

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// text is a text with variables in it, as gateway responses and access logs have: plain
// substitution, not VTL.
type text []textPart

// textPart is a literal, or a variable: $context.a.b, $stageVariables.a or
// $method.request.header.a.
type textPart struct {
	literal string
	source  string   // "context", "stageVariables", "method"; empty for a literal
	path    []string // behind the source
}

var variable = regexp.MustCompile(`\$(context|stageVariables)((?:\.[A-Za-z0-9_]+)+)|\$method\.request\.((?:header|querystring|path)\.[A-Za-z0-9_-]+)`)

func parseText(s string) text {
	var out text
	for {
		at := variable.FindStringSubmatchIndex(s)
		if at == nil {
			return append(out, textPart{literal: s})
		}
		out = append(out, textPart{literal: s[:at[0]]})
		if at[2] >= 0 {
			out = append(out, textPart{source: s[at[2]:at[3]], path: strings.Split(s[at[4]+1:at[5]], ".")})
		} else {
			out = append(out, textPart{source: "method", path: strings.SplitN(s[at[6]:at[7]], ".", 2)})
		}
		s = s[at[1]:]
	}
}

// render fills in a request's values; missing stands for those that are not there.
// Values are escaped as in a JSON string, but for $context.error.messageString, which is
// one with its quotes.
func (t text) render(inv *invocation, missing string) string {
	var out strings.Builder
	out.Grow(24 * len(t))
	for _, part := range t {
		if part.source == "" {
			out.WriteString(part.literal)
			continue
		}
		value, ok := inv.lookup(part.source, part.path)
		switch {
		case !ok:
			out.WriteString(missing)
		case part.source == "context" && slices.Equal(part.path, []string{"error", "messageString"}):
			out.WriteString(asJSON(value))
		default:
			out.WriteString(escaped(value))
		}
	}
	return out.String()
}

func escaped(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == '"' || r == '\\' }) {
		return s
	}
	quoted := asJSON(s)
	return quoted[1 : len(quoted)-1]
}

// lookup returns a variable as text, and whether the request has it.
func (inv *invocation) lookup(source string, path []string) (string, bool) {
	switch source {
	case "stageVariables":
		value, ok := inv.stage.variables[strings.Join(path, ".")]
		return value, ok
	case "method":
		return inv.parameter(path[0], path[1])
	}
	var value any = inv.context
	for _, name := range path {
		parent, ok := value.(map[string]any)
		if !ok {
			return "", false
		}
		if value, ok = parent[name]; !ok {
			return "", false
		}
	}
	return scalar(value)
}

// scalar is a value of $context as text; maps and lists have none.
func scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case int:
		return strconv.Itoa(v), true
	case int64:
		return strconv.FormatInt(v, 10), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case bool, json.Number:
		return fmt.Sprint(v), true
	}
	return "", false
}
