package engine

import "testing"

func TestSETToDEFAULTIsRESET(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (a int)")
	must(t, s, "SET search_path TO nowhere; SET statement_timeout TO 5000; SET enable_case_sensitive_identifier TO on")
	must(t, s, "SET search_path TO DEFAULT; SET statement_timeout TO DEFAULT; SET enable_case_sensitive_identifier TO DEFAULT")
	wantRows(t, s, map[string]string{
		`SELECT count("A") FROM t`:              "0",
		"SHOW search_path":                      "$user, public",
		"SHOW statement_timeout":                "0",
		"SHOW enable_case_sensitive_identifier": "off",
	})
	if s.timeout != 0 {
		t.Errorf("statements still end after %v", s.timeout)
	}
	wantCode(t, s, "SET nonsense TO DEFAULT", "42704", "unrecognized configuration parameter")
}
