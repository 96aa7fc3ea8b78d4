package engine

import (
	"strings"
	"testing"
	"time"
)

// A file has no session: the same object is loaded alike from everywhere.
func TestCOPYTakesATimeWithoutAnOffsetAsUTCs(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/a"] = `{"event_id":"1","received_at":"2026-07-01 23:30:00"}{"event_id":"2","received_at":"2026-07-01 23:30:00+01"}`
	must(t, s, "SET timezone TO 'Europe/Berlin'; COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto' TIMEFORMAT 'auto'")
	wantRows(t, s, map[string]string{
		"SELECT event_id, received_at FROM events ORDER BY 1": "1|2026-07-02 01:30:00+02\n2|2026-07-02 00:30:00+02",
	})
}

// Of these two zones one has another date than UTC at any hour.
func TestTodayIsTheDateOfTheSessionsTimeZone(t *testing.T) {
	_, s := open(t)
	for _, zone := range []string{"Pacific/Kiritimati", "Etc/GMT+12"} {
		must(t, s, "SET timezone TO '"+zone+"'")
		wantRows(t, s, map[string]string{
			"SELECT current_date = sysdate::date, current_date = 'today'::date, localtimestamp = sysdate, current_timestamp::date = current_date": "true|true|true|true",
		})
	}
}

func TestASessionIsInItsTimeZone(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (at timestamptz, plain timestamp DEFAULT getdate()); SET timezone TO 'europe/berlin'")
	must(t, s, "INSERT INTO t VALUES ('2026-07-01 23:30:00+00', '2026-07-01 23:30:00+00'), ('2026-12-01 12:00:00', '2026-12-01 12:00:00')")
	wantRows(t, s, map[string]string{
		"SHOW timezone":                                            "Europe/Berlin",
		"SELECT current_setting('TimeZone')":                       "Europe/Berlin",
		"SELECT at, plain FROM t ORDER BY 1":                       "2026-07-02 01:30:00+02|2026-07-01 23:30:00\n2026-12-01 12:00:00+01|2026-12-01 12:00:00",
		"SELECT at::date, at::timestamp FROM t ORDER BY 1 LIMIT 1": "2026-07-02|2026-07-02 01:30:00",
		"SELECT at::varchar FROM t ORDER BY 1 LIMIT 1":             "2026-07-02 01:30:00+02",
		"SELECT date_part(hour, at) FROM t ORDER BY at LIMIT 1":    "1",
		"SELECT '2026-07-01 23:30:00+00'::timestamptz::date":       "2026-07-02",
		"SELECT datediff(hour, convert_timezone('UTC', 'Europe/Berlin', getdate()), getdate()) BETWEEN -2 AND 2": "true",
	})
	for _, now := range []string{"getdate()", "sysdate"} {
		shown, err := time.Parse("2006-01-02 15:04:05", strings.Split(must(t, s, "SELECT "+now), ".")[0])
		if ahead := time.Until(shown).Round(time.Hour); err != nil || ahead < time.Hour || ahead > 2*time.Hour {
			t.Errorf("%s in Berlin is %v ahead of UTC (%v)", now, ahead, err)
		}
	}
	at := time.Date(2026, 7, 1, 23, 30, 0, 0, time.UTC)
	if got, err := run(t.Context(), s, "SELECT count(*) FROM t WHERE at = $1", at); err != nil || got != "1" {
		t.Errorf("a parameter finds %s rows (%v), want 1", got, err)
	}
	must(t, s, "INSERT INTO t (at) VALUES ('2026-01-01')")
	for _, test := range [][2]string{
		{"SELECT min(at) FROM t", "2026-01-01 00:00:00+01"},
		{"SET timezone TO 'GMT-05:00'; SHOW timezone", "Etc/GMT-5"},
		{"SET timezone = 'Asia/Kolkata'; SELECT '2026-01-01 00:00:00+00'::timestamptz", "2026-01-01 05:30:00+05:30"},
		{"RESET timezone; SELECT min(at) FROM t", "2025-12-31 23:00:00+00"},
		{"SET timezone TO 'Asia/Tokyo'; SET timezone TO DEFAULT; SHOW time zone", "UTC"},
	} {
		if got := must(t, s, test[0]); got != test[1] {
			t.Errorf("%s gives %q, want %q", test[0], got, test[1])
		}
	}
	if got := must(t, session(t, s.db, "admin"), "SET timezone TO 'Asia/Tokyo'; SHOW timezone") + must(t, s, "SELECT max(at)::date FROM t"); got != "Asia/Tokyo2026-12-01" {
		t.Errorf("beside a session in Tokyo another has %s", got)
	}
	wantCode(t, s, "SET timezone TO 'Mars/Olympus'", "22023", `invalid value for parameter "timezone": "Mars/Olympus"`)
	wantCode(t, s, "SET timezone TO 'GMT+05:30'", "0A000", "TIMEZONE GMT+05:30")
}
