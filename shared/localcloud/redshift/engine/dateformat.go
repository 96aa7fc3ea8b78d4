package engine

import (
	"slices"
	"strings"
)

// formatPart is one piece of a datetime format: what strftime and strptime call it, and
// for TO_CHAR what is done with strftime's text, which is ? in sql; $1 is the time.
type formatPart struct {
	strftime string
	sql      string
}

// dateFields are Redshift's datetime format strings ("Datetime format strings") that are
// honoured, in capitals, longest first.
var dateFields = []struct {
	name string
	formatPart
}{
	{"MONTH", formatPart{"%B", `rpad(?, 9, ' ')`}}, {"YYYY", formatPart{"%Y", ""}}, {"IYYY", formatPart{"%G", ""}},
	{"HH24", formatPart{"%H", ""}}, {"HH12", formatPart{"%I", ""}},
	{"MON", formatPart{"%b", `?`}}, {"DAY", formatPart{"%A", `rpad(?, 9, ' ')`}}, {"DDD", formatPart{"%j", ""}},
	{"YY", formatPart{"%y", ""}}, {"MM", formatPart{"%m", ""}}, {"DD", formatPart{"%d", ""}}, {"DY", formatPart{"%a", `?`}},
	{"HH", formatPart{"%I", ""}}, {"MI", formatPart{"%M", ""}}, {"SS", formatPart{"%S", ""}}, {"MS", formatPart{"%g", ""}},
	{"US", formatPart{"%f", ""}}, {"IW", formatPart{"%V", ""}}, {"AM", formatPart{"%p", `?`}}, {"PM", formatPart{"%p", `?`}},
	{"WW", formatPart{"", `lpad(CAST((date_part('doy', $1) - 1) // 7 + 1 AS VARCHAR), 2, '0')`}},
	{"Q", formatPart{"", `CAST(date_part('quarter', $1) AS VARCHAR)`}},
	{"D", formatPart{"", `CAST(date_part('dow', $1) + 1 AS VARCHAR)`}},
}

// formatParts divides a format. Letters that are no field that is honoured are refused,
// unless they stand in double quotes: printed as they are they would be a wrong answer.
func formatParts(format string) ([]formatPart, error) {
	var parts []formatPart
	for rest := format; rest != ""; {
		if quoted, ok := strings.CutPrefix(rest, `"`); ok {
			literal, after, closed := strings.Cut(quoted, `"`)
			if !closed {
				return nil, refuse("the datetime format " + format + " whose quote does not end")
			}
			parts, rest = append(parts, literalPart(literal)), after
			continue
		}
		part, n := formatField(rest)
		if n == 0 && isLetter(rest[0]) {
			return nil, refuse("the datetime format " + format + " from " + rest + " on (letters that are to be printed go in double quotes)")
		}
		if n == 0 {
			part, n = literalPart(rest[:1]), 1
		}
		parts, rest = append(parts, part), rest[n:]
	}
	return parts, nil
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func literalPart(s string) formatPart {
	return formatPart{strftime: strings.ReplaceAll(s, "%", "%%")}
}

// formatField is the field that format starts with, and its length.
func formatField(format string) (formatPart, int) {
	fill := strings.HasPrefix(strings.ToUpper(format), "FM")
	skip := 0
	if fill {
		skip = 2
	}
	upper := strings.ToUpper(format[skip:])
	i := slices.IndexFunc(dateFields, func(f struct {
		name string
		formatPart
	}) bool {
		return strings.HasPrefix(upper, f.name)
	})
	if i < 0 {
		return formatPart{}, 0
	}
	field := dateFields[i]
	n := skip + len(field.name)
	return field.written(format[skip:n], fill), n
}

// written is a field as its case and FM before it ask for: MON is NOV, Mon is Nov; FM
// takes blanks and leading zeros away.
func (p formatPart) written(name string, fill bool) formatPart {
	switch {
	case p.strftime == "":
	case p.sql == "" && fill:
		p.strftime = "%-" + p.strftime[1:]
	case p.sql != "" && fill:
		p.sql = `?`
	}
	switch {
	case p.sql == "" || p.strftime == "":
	case name == strings.ToLower(name):
		p.sql = strings.Replace(p.sql, "?", "lower(?)", 1)
	case name[:2] == strings.ToUpper(name[:2]):
		p.sql = strings.Replace(p.sql, "?", "upper(?)", 1)
	}
	return p
}

// format reads the format of a call with two arguments.
func (r *rewriter) format(n node) ([]node, []formatPart, bool) {
	args := nodes(n.list("children"))
	if len(args) == 2 {
		if format, ok := constantText(args[1]); ok {
			parts, err := formatParts(format)
			if err != nil {
				r.fail(err)
			}
			return args, parts, err == nil
		}
	}
	r.refuse(strings.ToUpper(n.str("function_name")) + " with a format that is not a constant")
	return args, nil, false
}

// toChar is strftime of the plain fields, with the others between.
func (r *rewriter) toChar(n node, kinds []kind) (node, kind) {
	if len(kinds) > 0 && kinds[0] == kindNumber {
		r.refuse("TO_CHAR of a number")
	}
	args, parts, ok := r.format(n)
	if !ok {
		return n, kindText
	}
	values := []node{r.asTime(args[0])}
	pieces := []string{`left(CAST($1 AS VARCHAR), 0)`} // null of null
	for i := 0; i < len(parts); i++ {
		piece, format := parts[i].sql, parts[i].strftime
		for piece == "" && i+1 < len(parts) && parts[i+1].sql == "" {
			i++
			format += parts[i].strftime
		}
		if piece == "" {
			piece = "?"
		}
		if format != "" {
			values = append(values, text(format))
			piece = strings.Replace(piece, "?", `strftime($1, $`+itoa(len(values))+`)`, 1)
		}
		pieces = append(pieces, piece)
	}
	return r.expand(strings.Join(pieces, " || "), values...), kindText
}

// parsing is the format for strptime, which has no fields but its own.
func (r *rewriter) parsing(n node) ([]node, string, bool) {
	args, parts, ok := r.format(n)
	format := ""
	for _, p := range parts {
		if p.strftime == "" && p.sql != "" {
			r.refuse(strings.ToUpper(n.str("function_name")) + " with Q, D or WW in its format")
		}
		format += p.strftime
	}
	return args, format, ok
}

func (r *rewriter) toDate(n node, _ []kind) (node, kind) {
	args, format, ok := r.parsing(n)
	if !ok {
		return n, kindTime
	}
	return r.expand(`CAST(strptime($1, $2) AS DATE)`, args[0], text(format)), kindTime
}

func (r *rewriter) toTimestamp(n node, _ []kind) (node, kind) {
	args, format, ok := r.parsing(n)
	if !ok {
		return n, kindTime
	}
	return r.expand(`CAST(strptime($1, $2) AS TIMESTAMPTZ)`, args[0], text(format)), kindTime
}
