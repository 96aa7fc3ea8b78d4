package engine

import "testing"

// "If the date you are adding to is the last day of the month, the result is always the
// last day of the result month".
func TestTheLastDayOfAMonthStaysTheLastDay(t *testing.T) {
	_, s := open(t)
	wantRows(t, s, map[string]string{
		"SELECT add_months('2008-04-30', 1), add_months('2008-03-31', 1)":                          "2008-05-31 00:00:00|2008-04-30 00:00:00",
		"SELECT add_months('2008-02-29 10:00:00', -1), add_months('2008-04-29 23:59:59.5', 1)":     "2008-01-31 10:00:00|2008-05-29 23:59:59.5",
		"SELECT add_months('2008-01-30', 1), add_months(NULL::date, 1), add_months('2008-1-1', 0)": "2008-02-29 00:00:00|∅|2008-01-01 00:00:00",
	})
}

// "The schema at the front of the search path" is the first that there is.
func TestTheCurrentSchemaIsTheFirstOfTheSearchPath(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE SCHEMA analytics")
	for path, want := range map[string]string{"DEFAULT": "public", "nowhere, analytics, public": "analytics", "nowhere": "∅"} {
		must(t, s, "SET search_path TO "+path)
		wantRows(t, s, map[string]string{"SELECT current_schema()": want})
	}
}

func TestADefinitionAsksWhoReadsItWhenItIsRead(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (owner varchar(20))")
	for _, name := range []string{"current_user", "current_user_id", "session_user", "current_schema()", "pg_backend_pid()"} {
		wantCode(t, s, "CREATE VIEW v AS SELECT owner FROM t WHERE owner = "+name, "0A000", "in a view")
		wantCode(t, s, "CREATE TABLE u (owner varchar(20) DEFAULT "+name+")", "0A000", "in a DEFAULT")
	}
	must(t, s, "CREATE VIEW v AS SELECT owner FROM t WHERE owner = current_database()")
}

func TestLengthsPositionsAndDaysAreIntegers(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (name varchar(20), d date); INSERT INTO t VALUES ('seven', '2026-03-01')")
	query := `SELECT len(name), length(name), char_length(name) AS n, octet_length(name), strpos(name, 'v'), position('v' IN name),
		charindex('v', name), regexp_count(name, 'e'), d - '2026-02-01'::date AS days FROM t`
	wantRows(t, s, map[string]string{query: "5|5|5|5|3|3|3|2|28", "SELECT len(json_parse('\"abc\"')), sum(len(name)) FROM t": "3|5"})
	columns := columnsOf(t, s, query)
	if columns[2].Name != "n" || columns[8].Name != "days" {
		t.Errorf("the columns are %v", columns)
	}
	for _, c := range columns {
		if c.Type.Name != "integer" {
			t.Errorf("%s is %s, want integer", c.Name, c.Type.Name)
		}
	}
	wantCode(t, s, "SELECT len(name, 1) FROM t", "0A000", "function LEN with so many arguments")
	wantRows(t, s, map[string]string{`SELECT json_extract_path_text('{"a":{"b":{"c":{"d":{"e":1}}}}}', 'a', 'b', 'c', 'd', 'e', true)`: "1"})
	wantCode(t, s, `SELECT json_extract_path_text('{"a":{"b":{"c":{"d":{"e":{"f":1}}}}}}', 'a', 'b', 'c', 'd', 'e', 'f')`, "22023", "five levels")
}

// LEN does not count the blanks behind a CHAR, and DATEDIFF takes a TIME.
func TestFunctionsOfColumnsWhoseTypeDuckDBTakesOtherwise(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE c (a char(5), b varchar(5), t time); INSERT INTO c VALUES ('ab  ', 'ab  ', '10:00')")
	wantRows(t, s, map[string]string{
		"SELECT len(a), length(c.a), char_length(a), len(b) FROM c": "2|2|2|4",
		"SELECT datediff(minute, t, '12:30'::time) FROM c":          "150",
	})
}
