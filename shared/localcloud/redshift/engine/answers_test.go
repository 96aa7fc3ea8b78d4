package engine

import "testing"

// Answers where DuckDB's own would be another value, not an error.
func TestAnswersAreRedshiftsWhereDuckDBHasOthers(t *testing.T) {
	_, s := open(t)
	must(t, s, eventsTable)
	for query, want := range map[string]string{
		// datetime formats
		`SELECT to_char('2026-02-03 23:30:00'::timestamp, 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`:                   "2026-02-03T23:30:00Z",
		`SELECT to_char('2026-02-03'::date, 'YYYY "Q"Q'), to_char('2026-02-03'::date, 'D WW')`:             "2026 Q1|3 05",
		`SELECT to_char('2026-02-03'::date, 'MON Mon mon'), to_char('2026-02-03'::date, 'Month|FMMonth|')`: "FEB Feb feb|February |February|",
		`SELECT to_char('2026-02-03'::date, 'DAY'), to_char('2026-02-03'::date, 'FMDD.FMMM.YY')`:           "TUESDAY  |3.2.26",
		`SELECT to_char('2027-01-02 23:30'::timestamp, 'IYYY-IW HH12:MI am PM 100%')`:                      "2026-53 11:30 pm PM 100%",
		`SELECT to_char(NULL::timestamp, 'YYYY Q'), to_date('03 FEB 2026', 'DD MON YYYY')`:                 "∅|2026-02-03",
		// dates
		"SELECT datediff(week, '2026-11-21', '2026-11-23'), datediff(week, '2026-11-16', '2026-11-22'), datediff(week, '2026-11-23', '2026-11-20')":        "1|0|-1",
		"SELECT months_between('2024-03-31', '2024-02-29'), months_between('2024-01-16', '2024-01-01') > 0.48, months_between('1969-01-18', '1969-03-18')": "1|true|-2",
		// text
		"SELECT substring('caterpillar', -2, 5), substring('caterpillar', 0, 4), substring('caterpillar', 6, 4), substring('caterpillar', -1), substring('caterpillar', -5, 2)": "ca|cat|pill|caterpillar|",
		"SELECT initcap('m4a1-RIFLE_x y'), initcap(''), initcap(NULL)":                                                                         "M4a1-Rifle_X Y||∅",
		`SELECT json_extract_array_element_text('[1,"b"]', -1), json_extract_array_element_text('[1,"b"]', 1)`:                                 "∅|b",
		`SELECT 'a1b' ~ '\\d', regexp_substr('a1b', '\\d'), 'it\'s', len('\n'), quote_literal('a\\b\'c')`:                                      "true|1|it's|1|'a\\\\b''c'",
		`SELECT 'abc' LIKE 'a\\_c', 'a_c' LIKE 'a\\_c', 'a_c' NOT LIKE 'a\\_c', 'A_c' ILIKE 'a\\_c', 'a_c' SIMILAR TO 'a\\_c'`:                 "false|true|false|true|true",
		`SELECT 'abc' LIKE 'a^_c' ESCAPE '^', 'a_c' LIKE 'a^_c' ESCAPE '^', 'a_c' NOT LIKE 'a^_c' ESCAPE '^'`:                                  "false|true|false",
		`SELECT json_array_length('{', true), json_extract_array_element_text('[1', 0, true), json_extract_array_element_text('[1]', 0, true)`: "∅|∅|1",
		// casts
		"SELECT 'abc'::varchar(max), 'abc'::char, cast('abc' as char), convert(nchar, 'abc')":                                  "abc|a|a|a",
		"SELECT 1::float / 3, cast(1 as float) / 3, convert(float, 1) / 3":                                                     "0.3333333333333333|0.3333333333333333|0.3333333333333333",
		"SELECT 2.567::numeric, cast(2.567 as decimal), 2.567::numeric(4,1)":                                                   "3|3|2.6",
		"SELECT 1 AS float, 2 AS numeric":                                                                                      "1|2",
		"SELECT * FROM events a JOIN events b USING (event_id) WHERE event_id = '2'":                                           `2|go|{"weapon_name":"ak","dmg":"none","hit":false}|2026-11-23 11:30:00|7|go|{"weapon_name":"ak","dmg":"none","hit":false}|2026-11-23 11:30:00|7`,
		"SELECT n FROM events WHERE n = 5 UNION SELECT 1.5 UNION SELECT '7' UNION SELECT n FROM events WHERE n = 7 ORDER BY 1": "1.5\n5\n7",
		// a SUPER of another type is null, not an error
		"SELECT event_data.dmg::int, event_data.dmg::numeric(5,2), event_data.weapon_name::date, event_data.hit::timestamptz FROM events WHERE event_id IN ('1', '2') ORDER BY event_id": "12|12.00|∅|∅\n∅|∅|∅|∅",
	} {
		got, err := run(t.Context(), s, query)
		if err != nil || got != want {
			t.Errorf("%s\n gives %q (%v)\n  want %q", query, got, err, want)
		}
	}
}

func TestWhatRedshiftHasAndIsNotServedIsRefusedByName(t *testing.T) {
	_, s := open(t)
	must(t, s, eventsTable)
	for sql, want := range map[string][2]string{
		"SELECT to_char(at, 'J') FROM events":                                           {"0A000", "from J on"},
		"SELECT to_char(at, 'DDth') FROM events":                                        {"0A000", "from th on"},
		`SELECT to_char(at, 'YYYY "T') FROM events`:                                     {"0A000", "quote does not end"},
		"SELECT to_date('1 2026', 'Q YYYY')":                                            {"0A000", "TO_DATE with Q"},
		"SELECT ratio_to_report(n) OVER () FROM events":                                 {"0A000", "function RATIO_TO_REPORT"},
		"SELECT next_day(at, 'Tue') FROM events":                                        {"0A000", "function NEXT_DAY"},
		"SELECT array(1, 2)":                                                            {"0A000", "function ARRAY"},
		"SELECT approximate percentile_disc(0.5) WITHIN GROUP (ORDER BY n) FROM events": {"0A000", "APPROXIMATE PERCENTILE_DISC"},
		"SELECT k FROM events e, UNPIVOT e.event_data AS v AT k":                        {"0A000", "UNPIVOT"},
		"SELECT i FROM events e, e.event_data.items AS x AT i":                          {"0A000", "AT in FROM"},
		"SELECT * FROM stl_query":                                                       {"0A000", "system table stl_query"},
		"SELECT * FROM pg_catalog.svv_nowhere":                                          {"0A000", "system table svv_nowhere"},
		"SHOW standard_conforming_strings":                                              {"42704", "unrecognized configuration parameter"},
		"SELECT regexp_substr('a', 'b', 1, 2)":                                          {"0A000", "function REGEXP_SUBSTR with so many arguments"},
		"SELECT n FROM events UNION SELECT game_name FROM events":                       {"42804", "UNION types integer and character varying cannot be matched"},
		"SELECT \"nope\"":                                                               {"42703", `column "nope" does not exist`},
		"SELECT 1 UNION SELECT 1, 2":                                                    {"42601", "each UNION query must have the same number of columns"},
		"SELECT n FROM events a, events b":                                              {"42702", `column reference "n" is ambiguous`},
		"SELECT max(count(*)) FROM events":                                              {"42803", "aggregate function calls may not be nested"},
		"SELECT 1 FROM events WHERE sum(n) > 1":                                         {"42803", "aggregates not allowed in WHERE clause"},
		"SELECT (SELECT n FROM events)":                                                 {"21000", "single-row subquery returns more than one row"},
		"SELECT sum(game_name) FROM events":                                             {"42883", "does not exist"},
		"INSERT INTO events (event_id, n) VALUES ('1', 99999999999)":                    {"22003", "Value out of range for 4 bytes."},
		"SELECT 123456::numeric(5,2)":                                                   {"22003", "Numeric data overflow (result precision)"},
		"SELECT 'x'::bool":                                                              {"22P02", `invalid input syntax for type boolean: "x"`},
		"SELECT 'x'::float":                                                             {"22P02", `invalid input syntax for type double precision: "x"`},
		"SELECT 'x'::numeric(5,2)":                                                      {"22P02", `invalid input syntax for type numeric: "x"`},
		"SELECT date '2026-02-30'":                                                      {"22008", `date/time field value out of range: "2026-02-30"`},
		"SELECT convert_timezone('nowhere', '2026-01-01')":                              {"22023", `time zone "nowhere" not recognized`},
		"SELECT datediff(day, 'nonsense', at) FROM events":                              {"22007", `invalid input syntax for type timestamp: "nonsense"`},
		"SELECT 'nonsense'::date":                                                       {"22007", `invalid input syntax for type date: "nonsense"`},
		"SELECT 1e39::real":                                                             {"22003", `type "real" value out of range: overflow`},
		"SELECT n INTO m FROM events":                                                   {"0A000", "SELECT INTO"},
		"SELECT dateadd(foo, 1, at) FROM events":                                        {"22023", `dateadd date part "foo" not recognized`},
		"SELECT (SELECT count(*) FROM e.event_data.items i) FROM events e":              {"0A000", "unnesting of a SUPER of the query around"},
		"CALL p($1)":                          {"0A000", "a parameter in CALL"},
		"SAVEPOINT a":                         {"0A000", "SAVEPOINT"},
		"SET cast_super_null_on_error TO off": {"0A000", "CAST_SUPER_NULL_ON_ERROR off"},
		"SELECT split_part('a-b', '-', 0)":    {"22023", "field position must be greater than zero"},
		"SELECT json_extract_path_text(event_data, 'weapon_name') FROM events": {"42883", `function json_extract_path_text(super, "unknown") does not exist`},
		"SELECT json_parse(event_data) FROM events":                            {"42883", "function json_parse(super) does not exist"},
		"SELECT nope FROM events e, (SELECT 1 AS one) o":                       {"42703", `column "nope" does not exist in e, o`},
		"INSERT INTO events (n) SELECT nope FROM events":                       {"42703", `column "nope" does not exist in events`},
	} {
		wantCode(t, s, sql, want[0], want[1])
	}
	must(t, s, "SET cast_super_null_on_error TO on; SELECT n AS float, at FROM events AS x ORDER BY x.n")
}

// "The TRUNCATE command commits the transaction in which it is run".
func TestTruncateCannotBeRolledBack(t *testing.T) {
	_, s := open(t)
	must(t, s, eventsTable+"; CREATE TABLE other (a int)")
	must(t, s, "BEGIN; INSERT INTO other VALUES (1); TRUNCATE events; ROLLBACK")
	if got := must(t, s, "SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM other)"); got != "0|1" {
		t.Errorf("after ROLLBACK there are %s rows", got)
	}
	if s.State() != Idle {
		t.Errorf("the session is in state %c", s.State())
	}
	must(t, s, "CREATE PROCEDURE p() AS $$ BEGIN EXECUTE 'TRUNCATE events'; END; $$ LANGUAGE plpgsql")
	wantCode(t, s, "CALL p()", "0A000", "TRUNCATE in a procedure")
}

func TestAVariableOfAProcedureKeepsItsBackslashes(t *testing.T) {
	_, s := open(t)
	must(t, s, `CREATE TABLE t (a varchar(10)); CREATE PROCEDURE p(v varchar(10)) AS $$
		BEGIN EXECUTE 'INSERT INTO t VALUES (' || quote_literal(v) || ')'; END; $$ LANGUAGE plpgsql`)
	must(t, s, `CALL p('a\\\'b')`)
	if got := must(t, s, "SELECT a FROM t"); got != `a\'b` {
		t.Errorf("the variable was %s", got)
	}
}
