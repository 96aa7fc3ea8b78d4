package redshift

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

func TestStartupParametersAreSettingsOfTheSession(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	w.asAdmin(t, "CREATE SCHEMA audit; CREATE TABLE audit.m (a int)")
	for _, test := range []struct{ parameters, query, want string }{
		{"options=-c%20search_path%3Daudit", "SELECT count(*) FROM m", "0"},
		{"options=-csearch_path%3Daudit%20--statement-timeout%3D5000%20-c%20query_group%3Da%5C%20b", "SHOW query_group", "a b"},
		{"search_path=audit,public", "SELECT count(*) FROM m", "0"},
		{"statement_timeout=77", "SHOW statement_timeout", "77"},
		{"application_name=mine", "SHOW application_name", "mine"},
		{"enable_case_sensitive_identifier=true", `SELECT "A" FROM (SELECT 1 AS "A")`, "1"},
		{"TimeZone=Europe/Berlin", "SELECT '2026-07-01 23:30:00+00'::timestamptz::date::varchar", "2026-07-02"},
		{"TimeZone=GMT-02:00", "SELECT '2026-07-01 23:30:00+00'::timestamptz::varchar", "2026-07-02 01:30:00+02"},
		// What PostgreSQL's and Redshift's drivers send of themselves.
		{"DateStyle=ISO&extra_float_digits=2&client_encoding=UTF8&TimeZone=UTC", "SHOW datestyle", "ISO"},
		{"client_encoding='utf-8'&driver_version=x&os_version=x&plugin_name=x&client_protocol_version=2&driver_discovery_version=1&replication=false", "SELECT 1", "1"},
	} {
		conn, err := w.dial(t.Context(), "admin", adminPassword, "events", "require&"+test.parameters)
		if err != nil {
			t.Errorf("%s: %v", test.parameters, err)
			continue
		}
		results, err := conn.PgConn().Exec(t.Context(), test.query).ReadAll()
		if err != nil || string(results[0].Rows[0][0]) != test.want {
			t.Errorf("%s: %s gives %v (%v), want %s", test.parameters, test.query, results, err, test.want)
		}
		if zone := conn.PgConn().ParameterStatus("TimeZone"); strings.Contains(test.parameters, "Berlin") && zone != "Europe/Berlin" {
			t.Errorf("the client is told time zone %q", zone)
		}
		_ = conn.Close(t.Context())
	}
	for parameters, code := range map[string]string{"nonsense=1": "42704", "options=-c%20nonsense%3D1": "42704", "options=-x": "42601",
		"TimeZone=Mars/Olympus": "22023", "DateStyle=German": "0A000", "replication=database": "0A000"} {
		conn, err := w.dial(t.Context(), "admin", adminPassword, "events", "require&"+parameters)
		var e *pgconn.PgError
		if !errors.As(err, &e) || e.Code != code || e.Severity != "FATAL" {
			t.Errorf("%s: %v, want FATAL %s", parameters, err, code)
		}
		if err == nil {
			_ = conn.Close(t.Context())
		}
	}
}
