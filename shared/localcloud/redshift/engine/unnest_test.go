package engine

import "testing"

func TestFROMGoesIntoArraysOfSubqueriesAndOfArrays(t *testing.T) {
	_, s := open(t)
	must(t, s, eventsTable)
	wantRows(t, s, map[string]string{
		"SELECT i.a FROM events e, (SELECT event_data AS d FROM events WHERE n = 5) q, q.d.items i WHERE e.n = 5 ORDER BY i.a": "1\n2",
		"SELECT i.a FROM (SELECT event_data AS d FROM events WHERE n = 5) AS q, q.d.items i ORDER BY i.a":                      "1\n2",
		"SELECT a, b FROM (SELECT json_parse('[[1,2],[3]]') AS m) AS f, f.m AS a, a AS b ORDER BY b":                           "[1,2]|1\n[1,2]|2\n[3]|3",
		"SELECT count(*) FROM events x, events y":                                                                              "9",
	})
	wantCode(t, s, "SELECT 1 FROM events e, e y", "42P01", `relation "e" does not exist`)
}
