package engine

import "testing"

// wantRows runs queries and compares their rows, columns with | and null as ∅.
func wantRows(t *testing.T, s *Session, rows map[string]string) {
	t.Helper()
	for query, want := range rows {
		got, err := run(t.Context(), s, query)
		if err != nil || got != want {
			t.Errorf("%s\n gives %q (%v)\n  want %q", query, got, err, want)
		}
	}
}

func columnsOf(t *testing.T, s *Session, query string) []Column {
	t.Helper()
	statements, err := s.Split(query)
	if err != nil {
		t.Fatalf("split %s: %v", query, err)
	}
	plan, err := s.Plan(t.Context(), statements[0])
	if err != nil {
		t.Fatalf("plan %s: %v", query, err)
	}
	return plan.Columns
}

func TestASUPERAmongPlainValuesIsOneOfThem(t *testing.T) {
	_, s := open(t)
	must(t, s, eventsTable)
	wantRows(t, s, map[string]string{
		"SELECT coalesce(event_data.weapon_name, 'none') FROM events ORDER BY event_id":                     "m4a1\nak\nnone",
		"SELECT nvl(event_data.weapon_name, 'none') FROM events ORDER BY event_id":                          "m4a1\nak\nnone",
		"SELECT CASE WHEN n > 5 THEN event_data.weapon_name ELSE 'none' END FROM events ORDER BY event_id":  "none\nak\nnone",
		"SELECT CASE WHEN n > 0 THEN event_data.dmg END FROM events ORDER BY event_id":                      "12\n\"none\"\n∅",
		"SELECT coalesce(event_data.nope, event_data.dmg) FROM events ORDER BY event_id":                    "12\n\"none\"\n∅",
		"SELECT CASE event_id WHEN '1' THEN 0 ELSE event_data.dmg END FROM events WHERE n > 0 ORDER BY 1":   "0\n∅",
		"SELECT CASE WHEN event_data.hit THEN event_data.hit ELSE true END FROM events WHERE n > 0 LIMIT 1": "true",
	})
}

// "The default column name for NVL expressions is COALESCE".
func TestTheColumnOfNVLIsCalledCoalesce(t *testing.T) {
	_, s := open(t)
	for i, c := range columnsOf(t, s, "SELECT nvl(1, 2), coalesce(1, 2)") {
		if c.Name != "coalesce" {
			t.Errorf("column %d is called %s, want coalesce", i+1, c.Name)
		}
	}
}

// "All these functions return false if the input value is null".
func TestFunctionsThatAskASUPERForItsTypeAnswerFalseForNull(t *testing.T) {
	_, s := open(t)
	for _, f := range []string{"is_array", "is_object", "is_varchar", "is_boolean", "is_scalar", "is_integer", "is_float"} {
		query := "SELECT " + f + "(a.b), " + f + "(json_parse('null')), " + f + "(NULL) FROM (SELECT json_parse('{}') AS a) q"
		wantRows(t, s, map[string]string{query: "false|false|false"})
	}
	wantRows(t, s, map[string]string{
		"SELECT is_array(a), is_object(a), is_scalar(a), is_scalar(a[0]), is_integer(a[0]), is_float(a[1]), is_varchar(a[2]) FROM (SELECT json_parse('[1,1.5,\"x\"]') AS a) q": "true|false|false|true|true|true|true",
	})
}

// "Integers, decimals, and floating-point values are comparable as SUPER values". A
// double has 53 bits: by it two identifiers of 64 bits would be equal.
func TestASUPERIsComparedWithWholeNumbersToTheLastDigit(t *testing.T) {
	_, s := open(t)
	must(t, s, `CREATE TABLE t (d super, id bigint); INSERT INTO t SELECT json_parse('{"n":9007199254740993}'), 9007199254740993;
		INSERT INTO t SELECT json_parse('{"n":9007199254740992}'), 1; INSERT INTO t SELECT json_parse('{"n":"x"}'), 2; INSERT INTO t SELECT json_parse('{"n":1.5}'), 3`)
	wantRows(t, s, map[string]string{
		"SELECT id FROM t WHERE d.n = 9007199254740993":                      "9007199254740993",
		"SELECT id FROM t WHERE 9007199254740993 = d.n":                      "9007199254740993",
		"SELECT id FROM t WHERE d.n = id":                                    "9007199254740993",
		"SELECT id FROM t WHERE d.n = 9007199254740993::bigint":              "9007199254740993",
		"SELECT id FROM t WHERE d.n > 9007199254740992":                      "9007199254740993",
		"SELECT id FROM t WHERE d.n IN (7, 9007199254740993)":                "9007199254740993",
		"SELECT id FROM t WHERE d.n NOT IN (2, 9007199254740993) ORDER BY 1": "1\n3",
		"SELECT id FROM t WHERE d.n BETWEEN 2 AND 9007199254740992":          "1",
		"SELECT id FROM t WHERE d.n BETWEEN 1 AND 2":                         "3",
		"SELECT id FROM t WHERE d.n > 1 AND d.n < 2":                         "3",
		"SELECT id FROM t WHERE d.n = 1.5":                                   "3",
	})
}

// "The order among dynamic types is boolean, number, string, array, object".
func TestSUPERsAreOrderedByTheirTypesAndValues(t *testing.T) {
	_, s := open(t)
	must(t, s, `CREATE TABLE t (d super); INSERT INTO t SELECT json_parse('{"k":"b","v":[[9,true,10,"x","Y",null,[1],{"a":1},-2.5],[2]]}')`)
	const values = "FROM t, t.d.v[0] x"
	wantRows(t, s, map[string]string{
		"SELECT x " + values + " ORDER BY x":                                       "true\n-2.5\n9\n10\n\"Y\"\n\"x\"\n[1]\n{\"a\":1}\nnull",
		"SELECT x AS value " + values + " ORDER BY value DESC LIMIT 3":             "null\n{\"a\":1}\n[1]",
		"SELECT x " + values + " ORDER BY 1 LIMIT 3":                               "true\n-2.5\n9",
		"SELECT x, count(*) " + values + " GROUP BY x ORDER BY x LIMIT 2":          "true|1\n-2.5|1",
		"SELECT DISTINCT x " + values + " ORDER BY x LIMIT 2":                      "true\n-2.5",
		"SELECT x " + values + " UNION SELECT x " + values + " ORDER BY x LIMIT 0": "",
		"SELECT * FROM t ORDER BY 1 LIMIT 0":                                       "",
		"SELECT max(x), min(x) " + values + " WHERE is_integer(x)":                 "10|9",
		"SELECT max(x) + 1 " + values + " WHERE is_integer(x)":                     "11",
		"SELECT max(x.nope) " + values:                                             "∅",
		"SELECT count(*) " + values + " HAVING max(x) > 5":                         "",
	})
}
