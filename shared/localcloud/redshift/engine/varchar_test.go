package engine

import (
	"strings"
	"testing"
)

// An explicit cast cuts, and never a character in two. Of a long text only the beginning
// is looked at.
func TestACastToVARCHARKeepsWholeCharacters(t *testing.T) {
	_, s := open(t)
	wantRows(t, s, map[string]string{
		"SELECT 'é'::varchar(1), 'éé'::varchar(3), ''::varchar(1), NULL::varchar(1)": "|é||∅",
		"SELECT repeat('é', 2000000)::varchar(10)":                                   strings.Repeat("é", 5),
	})
}

// "If the extra characters are all spaces (blanks), the string is truncated to the
// maximum length"; "Trailing blanks in CHAR values are always semantically insignificant".
func TestBlanksThatAreTooManyAreCutOffWhateverWritesThem(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (id int, v varchar(5), c char(3) DEFAULT 'd    '); INSERT INTO t VALUES (1, '12345   ', 'ab    '), (2, 'é      ', 'x'), (3, 'a ', '')")
	must(t, s, "INSERT INTO t SELECT 4, v || '    ', c || '    ' FROM t WHERE id = 1; INSERT INTO t (id, v) VALUES (5, 12345)")
	must(t, s, "UPDATE t SET v = '1234      ', c = 'ab    ' WHERE id = 2; CREATE TABLE u AS SELECT id, v, c FROM t")
	want := "1|12345.|ab.|2\n2|1234 .|ab.|2\n3|a .|.|0\n4|12345.|ab.|2\n5|12345.|d.|1"
	wantRows(t, s, map[string]string{
		"SELECT id, v || '.', c || '.', len(c) FROM t ORDER BY id": want,
		"SELECT id, v || '.', c || '.', len(c) FROM u ORDER BY id": want,
	})
	for value, want := range map[string][2]string{
		"v = '12345 6'":  {"22001", "value too long for type character varying(5)"},
		"c = 'abcd'":     {"22001", "value too long for type character(3)"},
		"c = ' abc '":    {"22001", "value too long for type character(3)"},
		"c = 'é'":        {"22021", "Multibyte character not supported for CHAR"},
		"c = 'a' || 'ü'": {"22021", "Multibyte character not supported for CHAR"},
	} {
		wantCode(t, s, "UPDATE t SET "+value, want[0], want[1])
		name, expression, _ := strings.Cut(value, " = ")
		wantCode(t, s, "INSERT INTO t ("+name+") SELECT "+expression, want[0], want[1])
	}
}

// "Trailing spaces in VARCHAR and CHAR values are treated as semantically insignificant
// when values are compared".
func TestTrailingBlanksDoNotCountInComparisons(t *testing.T) {
	_, s := open(t)
	must(t, s, `CREATE TABLE t (id int, v varchar(10), c char(5)); INSERT INTO t VALUES (1, 'x', 'x'), (2, 'x  ', 'y')`)
	wantRows(t, s, map[string]string{
		"SELECT 'abc' = 'abc  ', 'abc ' <> 'abc', 'abc' < 'abc ', ' a' = 'a', 'a' || chr(9) = 'a'":                                "true|false|false|false|false",
		"SELECT count(*) FROM t WHERE v = 'x'":                                                                                    "2",
		"SELECT count(*) FROM t WHERE v = 'x '":                                                                                   "2",
		"SELECT count(*) FROM t WHERE v IN ('x ', 'z')":                                                                           "2",
		"SELECT count(*) FROM t WHERE v NOT IN ('x ', 'z')":                                                                       "0",
		"SELECT count(*) FROM t WHERE v BETWEEN 'x' AND 'x'":                                                                      "2",
		"SELECT count(*) FROM t WHERE v IN (SELECT 'x ')":                                                                         "2",
		"SELECT count(*) FROM t WHERE v NOT IN (SELECT c FROM t)":                                                                 "0",
		"SELECT count(*) FROM t WHERE c IN (SELECT v FROM t GROUP BY v ORDER BY len(v) DESC LIMIT 1)":                             "1",
		"SELECT count(*) FROM t WHERE v IN (SELECT DISTINCT c || ' ' AS x FROM t ORDER BY x) AND v = (SELECT max(v) AS m FROM t)": "2",
		"SELECT count(*) FROM t a JOIN t b ON a.v = b.v":                                                                          "4",
		"SELECT count(*) FROM t WHERE c = v":                                                                                      "1",
		"SELECT CASE v WHEN 'x' THEN 1 END FROM t":                                                                                "1\n1",
		"SELECT v = 'x', count(*) FROM t GROUP BY v = 'x'":                                                                        "true|2",
		"SELECT len(v) FROM t WHERE v LIKE 'x' OR id = 2 ORDER BY id":                                                             "1\n3",
		"SELECT id FROM t a WHERE EXISTS (SELECT 1 FROM t b WHERE b.v = a.v AND b.id > a.id)":                                     "1",
	})
	if got, err := run(t.Context(), s, "SELECT count(*) FROM t WHERE v = $1", "x "); err != nil || got != "2" {
		t.Errorf("a parameter with a blank finds %s rows (%v)", got, err)
	}
	must(t, s, "UPDATE t SET id = 7 WHERE v = 'x'; DELETE FROM t WHERE v = 'x '")
	wantRows(t, s, map[string]string{"SELECT count(*) FROM t": "0"})
}
