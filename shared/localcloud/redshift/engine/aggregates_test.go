package engine

import (
	"strings"
	"testing"
)

// "BIGINT for any integer type argument".
func TestTheAverageOfIntegersIsCut(t *testing.T) {
	_, s := open(t)
	must(t, s, eventsTable)
	wantRows(t, s, map[string]string{
		"SELECT avg(CASE WHEN game_name = 'go' THEN 1 ELSE 0 END), avg(n * 2 + 1), avg(abs(-n - 1)), avg(coalesce(n, 0)) FROM events":             "0|13|7|4",
		"SELECT avg(datediff(minute, '2026-11-22', at)) FROM events":                                                                              "1365",
		"SELECT avg(c), avg(DISTINCT c + 1), avg(-c) FROM (SELECT game_name, count(*) c FROM events GROUP BY 1) t":                                "1|2|-1",
		"SELECT avg(n + 2) OVER (), avg(sum(n)) OVER () FROM events WHERE event_id <> '3' GROUP BY n ORDER BY 1":                                  "8|6\n8|6",
		"SELECT game_name, avg(n + 1) AS a FROM events GROUP BY 1 HAVING avg(n + 1) > 6 ORDER BY avg(n + 1)":                                      "go|8",
		"SELECT avg(9007199254740993 + n - n) FROM events":                                                                                        "9007199254740993",
		"SELECT avg(n * 0.5), avg(n / 2.0::real), avg(n::numeric(5,2) + 1), avg(event_data.dmg), avg(n + 1) FROM events WHERE n > 5 OR n IS NULL": "3.5|3.5|8|∅|8",
	})
	for _, c := range columnsOf(t, s, "SELECT avg(n + 1), avg(n + 1) OVER (), avg(least(n, 3)) FROM events GROUP BY n") {
		if c.Type.Name != "bigint" {
			t.Errorf("an average of integers is %s", c.Type)
		}
	}
	wantCode(t, s, "SELECT avg(game_name || 'x') FROM events", "42883", "function avg(VARCHAR) does not exist")
}

// MEDIAN, "Data types".
func TestTheMedianHasTheTypeThatItIsOf(t *testing.T) {
	_, s := open(t)
	must(t, s, eventsTable)
	for query, want := range map[string]string{
		"SELECT median(at::date) FROM events":                                                "date 2026-11-22",
		"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY at::date DESC) AS p FROM events": "date 2026-11-22",
		"SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY n) AS p FROM events":             "double precision 6",
		"SELECT median(at::date) OVER () FROM events WHERE n = 5":                            "date 2026-11-22",
		"SELECT median(at) FROM events":                                                      "timestamp without time zone 2026-11-22 22:45:00",
		"SELECT median(n) AS m FROM events":                                                  "numeric(12,1) 6.0",
		"SELECT median(n + 1) OVER () FROM events WHERE n = 5":                               "numeric(12,1) 6.0",
		"SELECT median(n::numeric(5,2) + 0.25) FROM events":                                  "numeric(7,2) 6.25",
		"SELECT median(n::float) FROM events":                                                "double precision 6",
	} {
		if got := columnsOf(t, s, query)[0].Type.String() + " " + must(t, s, query); got != want {
			t.Errorf("%s gives %s, want %s", query, got, want)
		}
	}
	wantCode(t, s, "SELECT median(game_name) FROM events", "42883", "function median(character varying) does not exist")
}

// "NULL values and empty strings are ignored."
func TestLISTAGGIgnoresEmptyStringsAndHasALimit(t *testing.T) {
	_, s := open(t)
	must(t, s, eventsTable+"; CREATE TABLE l (a varchar(65535)); INSERT INTO l VALUES ('b'), (''), ('a'), (NULL)")
	wantRows(t, s, map[string]string{
		"SELECT listagg(a, ',') WITHIN GROUP (ORDER BY a), listagg(DISTINCT a) WITHIN GROUP (ORDER BY a ASC), count(*) FROM l": "a,b|ab|4",
		"SELECT listagg(a, ',') WITHIN GROUP (ORDER BY a) OVER () AS joined FROM l":                                            "a,b\na,b\na,b\na,b",
		"SELECT length(listagg(left(a || repeat('x', 65535), 65535))) FROM l WHERE a = 'a'":                                    "65535",
	})
	wantCode(t, s, "SELECT listagg(a || repeat('x', 32768)) FROM l", "XX000", "Result size exceeds LISTAGG limit")
	wantCode(t, s, "SELECT listagg(a || repeat('x', 32768)) OVER () FROM l", "XX000", "Result size exceeds LISTAGG limit")
	same := "within group ORDER BY clauses for aggregate functions must be the same"
	wantCode(t, s, "SELECT listagg(a) WITHIN GROUP (ORDER BY a), listagg(a) WITHIN GROUP (ORDER BY a DESC) FROM l", "0A000", same)
	wantCode(t, s, "SELECT percentile_cont(0.6) WITHIN GROUP (ORDER BY n), median(n + 1) FROM events", "0A000", same)
	if got := must(t, s, "SELECT median(n), (SELECT listagg(a) WITHIN GROUP (ORDER BY a) FROM l) FROM events"); !strings.HasSuffix(got, "|ab") {
		t.Errorf("the order within a subquery is its own: got %s", got)
	}
}
