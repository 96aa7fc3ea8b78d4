package engine

import (
	"slices"
	"strings"
)

// The blanks at the end of a text are of no meaning where it is compared, and those that a
// column has no room for are cut off ("Character types").

const noMultibyte = "Multibyte character not supported for CHAR (Hint: try using VARCHAR)"

// assigned is a value as INSERT and UPDATE write it into a column. Text that goes into
// SUPER becomes a SUPER string: only JSON_PARSE makes more of it.
func assigned(t Type, value string, from field) string {
	plain := "CAST(" + value + " AS VARCHAR)"
	trimmed := "rtrim(" + plain + ", ' ')"
	switch {
	case t.Name == "super" && from.kind != kindSuper:
		return "to_json(" + value + ")"
	case t.Name == "character":
		return "CASE WHEN strlen(" + trimmed + ") <> length(" + trimmed + ") THEN error('" + noMultibyte + "') ELSE " + trimmed + " END"
	case t.Name != "character varying", from.typ.Name == t.Name && from.typ.Length <= t.Length:
		return value
	}
	room, size := itoa(t.Length), "strlen("+trimmed+")"
	return "CASE WHEN strlen(" + plain + ") > " + room + " AND " + size + " <= " + room +
		" THEN " + trimmed + " || repeat(' ', " + room + " - " + size + ") ELSE " + plain + " END"
}

// compared makes values ready that are compared with each other: literals that stand beside
// a time are read as times, and texts lose the blanks at their ends.
func (r *rewriter) compared(sc *scope, values []node, kinds ...kind) []node {
	if i := slices.Index(kinds, kindTime); i >= 0 {
		id := r.typeOf(values[i], sc)
		for j := range values {
			values[j] = r.timeLiteral(values[j], id)
		}
		return values
	}
	return r.unpadded(values, kinds)
}

// unpaddedIn does it for a text and the query that it is compared with all values of.
func (r *rewriter) unpaddedIn(n node, kinds ...kind) {
	query := n.child("subquery").child("node")
	list := query.list("select_list")
	if kinds[0] != kindText || kinds[1] != kindText || query.str("type") != "SELECT_NODE" || len(list) != 1 || asNode(list[0]).str("class") == "STAR" {
		return
	}
	values := r.unpadded([]node{n.child("child"), asNode(list[0])}, kinds)
	n["child"], list[0] = values[0], withAlias(values[1], asNode(list[0]))
}

func (r *rewriter) unpadded(values []node, kinds []kind) []node {
	some := false
	for i, e := range values {
		if e == nil || kinds[i] != kindText && e.str("class") != "PARAMETER" {
			return values
		}
		some = some || kinds[i] == kindText
	}
	for i, e := range values {
		if s, constant := constantText(e); constant {
			values[i] = text(strings.TrimRight(s, " "))
		} else if some {
			values[i] = r.expand(`rtrim($1, ' ')`, e)
		}
	}
	return values
}
