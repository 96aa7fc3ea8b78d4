package engine

import "testing"

func TestAJoinedColumnIsThereOnce(t *testing.T) {
	_, s := open(t)
	must(t, s, `CREATE TABLE a (id int, x super); INSERT INTO a VALUES (1, json_parse('[1]'));
		CREATE TABLE b (id int, y super); INSERT INTO b VALUES (1, json_parse('[2]')); CREATE TABLE c (id int, x super, y super)`)
	must(t, s, "INSERT INTO c SELECT * FROM a JOIN b USING (id); CREATE TABLE d AS SELECT * FROM a NATURAL JOIN b")
	wantRows(t, s, map[string]string{
		"SELECT * FROM c":                                                    "1|[1]|[2]",
		"SELECT id, y FROM d":                                                "1|[2]",
		"SELECT a.*, b.* FROM a JOIN b USING (id)":                           "1|[1]|1|[2]",
		"SELECT q.y[0] FROM (SELECT * FROM a JOIN b USING (id)) q":           "2",
		"SELECT b.id FROM a LEFT JOIN b USING (id)":                          "1",
		"SELECT * FROM (SELECT b.* FROM a JOIN b USING (id)) q":              "1|[2]",
		"SELECT * FROM a JOIN b USING (id) JOIN d USING (id) WHERE d.id = 1": "1|[1]|[2]|[1]|[2]",
	})
	for i, name := range []string{"integer", "super", "super"} {
		if c := columnsOf(t, s, "SELECT * FROM a JOIN b USING (id)")[i]; c.Type.Name != name {
			t.Errorf("column %s is %s, want %s", c.Name, c.Type.Name, name)
		}
	}
}
