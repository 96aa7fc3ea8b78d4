package main

import (
	"regexp"
	"strings"
	"testing"
)

// safeTwice are the only forms that schema/ may have: what each does a second time
// changes no data. AWS forgets a statement after a day, and a refresh then makes Pulumi
// run it again.
var safeTwice = []*regexp.Regexp{
	regexp.MustCompile(`(?is)^CREATE TABLE IF NOT EXISTS [\w.]+ \((.*)\)[^)]*(SORTKEY \(\w+\))?$`),
	regexp.MustCompile(`(?is)^CREATE SCHEMA IF NOT EXISTS \w+$`),
	regexp.MustCompile(`(?is)^CREATE OR REPLACE VIEW [\w.]+ AS\s+SELECT\b`),
	regexp.MustCompile(`(?is)^CREATE OR REPLACE PROCEDURE public\.sp_\w+\(`),
	regexp.MustCompile(`(?is)^CALL public\.sp_ensure_\w+\(`),
	regexp.MustCompile(`(?is)^(GRANT|REVOKE) `),
}

// harmful are words that no statement may have, wherever they stand.
var harmful = regexp.MustCompile(`(?i)\b(DROP|TRUNCATE|DELETE|UPDATE|INSERT\s+INTO|RENAME|UNLOAD|COPY|APPEND|CASCADE)\b`)

var (
	comment = regexp.MustCompile(`(?m)--.*$`)
	quoted  = regexp.MustCompile(`'(?:[^']|'')*'`)
	body    = regexp.MustCompile(`(?s)\$\$.*\$\$`)
)

// check says why a statement must not be in schema/, or nothing.
func check(sql string) string {
	bare := strings.TrimSpace(comment.ReplaceAllString(sql, ""))
	outside := quoted.ReplaceAllString(body.ReplaceAllString(bare, "$$$$"), "''")
	if strings.Contains(strings.TrimSuffix(outside, ";"), ";") {
		return "is more than one statement"
	}
	if word := harmful.FindString(comment.ReplaceAllString(sql, "")); word != "" {
		return "has " + word
	}
	for _, form := range safeTwice {
		if form.MatchString(bare) {
			return ""
		}
	}
	return "has no form that is known to be harmless a second time"
}

func TestNoStatementCouldLoseDataWhenItRunsAgain(t *testing.T) {
	all, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) == 0 {
		t.Fatal("schema/ is empty")
	}
	for _, m := range all {
		if why := check(m.sql); why != "" {
			t.Errorf("schema/%s.sql %s: it runs again when AWS has forgotten it", m.name, why)
		}
	}
}

func TestTheCheckOfStatementsRefusesWhatLosesData(t *testing.T) {
	for _, sql := range []string{
		"DROP TABLE IF EXISTS public.events",
		"CREATE TABLE public.events (a INT)",
		"CREATE TABLE IF NOT EXISTS public.events (a INT); TRUNCATE public.events",
		"TRUNCATE public.events",
		"DELETE FROM public.events WHERE received_at < '2026-01-01'",
		"INSERT INTO public.settings VALUES (1)",
		"ALTER TABLE public.events RENAME TO old",
		"CREATE OR REPLACE PROCEDURE public.sp_x() AS $$ BEGIN EXECUTE 'DROP TABLE t'; END; $$ LANGUAGE plpgsql",
		"CREATE USER loader PASSWORD 'Abcd1234'",
		"GRANT INSERT ON t TO u; REVOKE ALL ON t FROM u",
	} {
		if check(sql) == "" {
			t.Errorf("the check passes %q", sql)
		}
	}
}

func TestStatementsAreNumberedSoThatTheirOrderIsTheFilesOrder(t *testing.T) {
	all, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	numbered := regexp.MustCompile(`^\d{3}_[a-z_]+$`)
	for _, m := range all {
		if !numbered.MatchString(m.name) {
			t.Errorf("schema/%s.sql has no number of three digits in front", m.name)
		}
	}
}

// A new column in it would be there neither when it runs, for a later file adds that column,
// nor could Redshift replace the view that is deployed (CREATE VIEW, OR REPLACE).
func TestTheViewOfEventsOnceKeepsTheColumnsItWasFirstMadeOf(t *testing.T) {
	const columns = "event_id, game_name, event_name, event_data, subject, received_at, ingested_at"
	view, err := schemaFiles.ReadFile("schema/020_events_once.sql")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(view), "AS\nSELECT "+columns+"\nFROM (") {
		t.Errorf("schema/020_events_once.sql makes a view of other columns than %s: make one of another name, in a file behind the column's", columns)
	}
}

func TestEveryLoadedColumnIsOneOfTheTable(t *testing.T) {
	all, err := migrations()
	if err != nil {
		t.Fatal(err)
	}
	var schema strings.Builder
	for _, m := range all {
		schema.WriteString(m.sql)
	}
	for _, column := range strings.Split(loadedColumns, ",") {
		made := regexp.MustCompile(`(?m)^    ` + column + `\s+[A-Z]|^CALL public\.sp_ensure_column\('` + column + `', `)
		if !made.MatchString(schema.String()) {
			t.Errorf("column %s is loaded, and no file of schema/ makes it", column)
		}
	}
}
