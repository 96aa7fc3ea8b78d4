package engine

import (
	"regexp"
	"strings"
	"time"
)

// specialTimes are the texts that mean a time near the transaction's start ("Special
// datetime values").
var specialTimes = map[string]string{
	"now": `CAST(now() AS TIMESTAMP)`, "today": `date_trunc('day', CAST(now() AS TIMESTAMP))`,
	"tomorrow":  `date_trunc('day', CAST(now() AS TIMESTAMP)) + to_days(1)`,
	"yesterday": `date_trunc('day', CAST(now() AS TIMESTAMP)) - to_days(1)`,
}

// behindClock is a zone behind a time of day.
var behindClock = regexp.MustCompile(`(?i)(:[0-9.]+|\s[0-9]{6})(\s*[ap]m)?\s*(z|utc|gmt|[+-][0-9:]+)$`)

// timeLiteral writes a text that is a date or a timestamp as DuckDB reads it, which knows
// ISO 8601 alone. Type is DuckDB's of what the text becomes or is compared with, if known.
func (r *rewriter) timeLiteral(e node, typeID string) node {
	if zonedTypes[typeID] {
		e = r.zoned(e)
	}
	literal, ok := constantText(e)
	if !ok || typeID == "TIME" {
		return e
	}
	if special, ok := specialTimes[strings.ToLower(strings.TrimSpace(literal))]; ok {
		return withAlias(r.expand(special), e)
	}
	t, ok := recognised(literal)
	if !ok {
		return e
	}
	layout := "2006-01-02 15:04:05.999999"
	_, offset := t.Zone()
	switch {
	case zonedTypes[typeID] && behindClock.MatchString(strings.TrimSpace(literal)):
		layout += "-07:00"
	case zonedTypes[typeID]: // it is in the session's zone
	case typeID == "" && offset != 0:
		return e
	case typeID == "DATE", typeID == "" && t.Equal(t.Truncate(24*time.Hour)):
		layout = "2006-01-02"
	}
	return withAlias(text(t.Format(layout)), e)
}

// typed casts the parameters and the literals of times in a row that is written to columns,
// which are of the columns' types.
func (r *rewriter) typed(row []any, into []column) {
	for i := range min(len(row), len(into)) {
		e, t := asNode(row[i]), into[i].Type
		_, literal := constantText(e)
		switch {
		case e.str("class") == "STAR":
			return
		case e.str("class") == "PARAMETER" && t.Name != "super", literal && kindOf(t) == kindTime:
			if zonedTypes[t.duck()] {
				e = r.zoned(e)
			}
			row[i] = withAlias(r.expand("CAST($1 AS "+t.duck()+")", e), e)
		}
	}
}
