package mapping

import (
	"strconv"
	"strings"

	"pipeline/shared/localcloud/gateway/vtl"
)

// walk follows a path of "$" and plain names and indexes as it stands: most are that, and
// a batch has one for each of its events. ok is false for any other path.
func walk(root any, path string) (v any, ok bool) {
	rest, ok := strings.CutPrefix(path, "$")
	v = root
	for ok && rest != "" {
		switch rest[0] {
		case '.':
			v, rest, ok = walkName(v, rest[1:])
		case '[':
			v, rest, ok = walkIndex(v, rest[1:])
		default:
			return nil, false
		}
	}
	return v, ok
}

func walkName(v any, s string) (member any, rest string, ok bool) {
	end := 0
	for end < len(s) && isWord(s[end]) {
		end++
	}
	if m, isMap := v.(*vtl.Map); isMap {
		member = m.Get(s[:end])
	}
	return member, s[end:], end > 0
}

func isWord(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_'
}

func walkIndex(v any, s string) (item any, rest string, ok bool) {
	digits, rest, ok := strings.Cut(s, "]")
	i, err := strconv.ParseUint(digits, 10, 31)
	if l, isList := v.(*vtl.List); isList && err == nil && i < uint64(l.Len()) {
		item = l.Items()[i]
	}
	return item, rest, ok && err == nil
}
