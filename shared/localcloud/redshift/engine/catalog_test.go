package engine

import "testing"

func TestACountOfAnEmptyCatalogueIsZero(t *testing.T) {
	_, s := open(t)
	wantRows(t, s, map[string]string{
		"SELECT count(*) FROM pg_policy":                  "0",
		"SELECT count(*), max(polname) FROM pg_policy p":  "0|∅",
		"SELECT count(*) FROM pg_policy GROUP BY polname": "",
		"SELECT polname FROM pg_policy":                   "",
	})
}
