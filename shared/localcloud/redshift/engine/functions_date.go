package engine

import (
	"slices"
	"strings"
)

// dateParts are the units of time, by every name that Redshift takes ("Date parts").
var dateParts = map[string][]string{
	"millennium": {"millennia", "mil", "mils"}, "century": {"centuries", "c", "cent", "cents"},
	"decade": {"decades", "dec", "decs"}, "year": {"years", "y", "yr", "yrs"},
	"quarter": {"quarters", "qtr", "qtrs"}, "month": {"months", "mon", "mons"},
	"week": {"weeks", "w"}, "day": {"days", "d"}, "hour": {"hours", "h", "hr", "hrs"},
	"minute": {"minutes", "m", "min", "mins"}, "second": {"seconds", "s", "sec", "secs"},
	"millisecond": {"milliseconds", "ms", "msec", "msecs", "msecond", "mseconds", "millisec", "millisecs", "millisecon"},
	"microsecond": {"microseconds", "microsec", "microsecs", "us", "usec", "usecs", "usecond", "useconds"},
	"dow":         {"dayofweek", "dw", "weekday"}, "doy": {"dayofyear", "dy", "yearday"}, "epoch": nil,
}

func datePart(name string) (string, bool) {
	name = strings.ToLower(name)
	for part, names := range dateParts {
		if part == name || slices.Contains(names, name) {
			return part, true
		}
	}
	return "", false
}

// datePartFirst makes the unit that is the first argument of these functions, which is
// a bare word, a constant: DATEADD(day, 1, x).
func datePartFirst(n node) {
	switch n.str("function_name") {
	case "dateadd", "datediff", "datepart", "date_part", "date_diff", "date_add", "pgdate_part", "date_trunc":
	default:
		return
	}
	args := n.list("children")
	if len(args) == 0 {
		return
	}
	first := asNode(args[0])
	if names := first.strings("column_names"); first.str("class") == "COLUMN_REF" && len(names) == 1 {
		if _, ok := datePart(names[0]); ok {
			args[0] = text(names[0])
		}
	}
}

// part reads the unit of a date function.
func (r *rewriter) part(n node, want int) (part string, args []node, ok bool) {
	args = nodes(n.list("children"))
	if len(args) != want {
		r.fail(errorf(codeUndefinedFunc, "function %s with %d arguments does not exist", n.str("function_name"), len(args)))
		return "", nil, false
	}
	name, isText := constantText(args[0])
	if names := args[0].strings("column_names"); !isText && len(names) == 1 {
		name = names[0]
	}
	part, ok = datePart(name)
	if !ok {
		r.fail(errorf(codeInvalidParameter, "%s date part %q not recognized", n.str("function_name"), name))
	}
	return part, args, ok
}

// asTime makes a constant a timestamp.
func (r *rewriter) asTime(n node) node {
	null, _ := n.child("value")["is_null"].(bool)
	if _, isText := constantText(n); isText || null {
		return r.expand(`CAST($1 AS TIMESTAMP)`, n)
	}
	return n
}

// intervals are DuckDB's functions that make n units.
var intervals = map[string]string{
	"millennium": "to_millennia", "century": "to_centuries", "decade": "to_decades", "year": "to_years",
	"quarter": "to_months", "month": "to_months", "week": "to_weeks", "day": "to_days", "hour": "to_hours",
	"minute": "to_minutes", "second": "to_seconds", "millisecond": "to_milliseconds", "microsecond": "to_microseconds",
}

func (r *rewriter) dateAdd(n node, _ []kind) (node, kind) {
	part, args, ok := r.part(n, 3)
	unit, addable := intervals[part]
	if !ok || !addable {
		r.fail(errorf(codeInvalidParameter, "dateadd date part %q not supported", part))
		return n, kindTime
	}
	count := `CAST($1 AS BIGINT)`
	switch unit {
	case "to_months", "to_years", "to_days", "to_weeks", "to_decades", "to_centuries", "to_millennia":
		count = `CAST($1 AS INTEGER)`
	}
	if part == "quarter" {
		count = `CAST(3 * $1 AS INTEGER)`
	}
	return r.expand(`$2 + `+unit+`(`+count+`)`, args[1], r.asTime(args[2])), kindTime
}

func (r *rewriter) dateDiff(n node, _ []kind) (node, kind) {
	part, args, ok := r.part(n, 3)
	if !ok {
		return n, kindNumber
	}
	if part == "week" { // Mondays between; DuckDB would count whole weeks
		return r.expand(`date_diff('day', date_trunc('week', CAST($1 AS TIMESTAMP)), date_trunc('week', CAST($2 AS TIMESTAMP))) // 7`, args[1], args[2]), kindNumber
	}
	return r.expand(`date_diff($1, CAST($2 AS TIMESTAMP), CAST($3 AS TIMESTAMP))`, text(part), args[1], args[2]), kindNumber
}

func (r *rewriter) datePart(n node, _ []kind) (node, kind) {
	part, args, ok := r.part(n, 2)
	if !ok {
		return n, kindNumber
	}
	return r.expand(`date_part($1, $2)`, text(part), r.asTime(args[1])), kindNumber
}

func (r *rewriter) dateTrunc(n node, _ []kind) (node, kind) {
	part, args, ok := r.part(n, 2)
	if !ok {
		return n, kindTime
	}
	return r.expand(`date_trunc($1, $2)`, text(part), r.asTime(args[1])), kindTime
}

// trunc cuts a number, or a timestamp to its date.
func (r *rewriter) trunc(n node, kinds []kind) (node, kind) {
	args := nodes(n.list("children"))
	switch {
	case len(args) == 1 && kinds[0] == kindTime:
		return r.expand(`CAST($1 AS DATE)`, args[0]), kindTime
	case len(args) == 1:
		return r.expand(`trunc($1)`, args[0]), kindNumber
	case len(args) == 2:
		return r.expand(`trunc($1 * pow(10, $2)) / pow(10, $2)`, args...), kindNumber
	}
	r.fail(errorf(codeUndefinedFunc, "function trunc with %d arguments does not exist", len(args)))
	return n, kindUnknown
}
