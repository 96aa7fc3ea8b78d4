package engine

import "testing"

// "Time zone abbreviations represent a fixed offset from UTC": summer time is of names alone.
func TestAnAbbreviationOfATimeZoneIsAFixedOffset(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE z (zone varchar(20), at timestamptz); INSERT INTO z VALUES ('PST', '2026-07-01 12:00:00 PST')")
	wantRows(t, s, map[string]string{
		"SELECT convert_timezone('UTC', 'PST', '2026-07-01 12:00'), convert_timezone('PDT', '2026-07-01 12:00')":                    "2026-07-01 04:00:00|2026-07-01 05:00:00",
		"SELECT convert_timezone('CST', '2026-07-01 12:00'), convert_timezone('cdt', '2026-07-01 12:00')":                           "2026-07-01 06:00:00|2026-07-01 07:00:00",
		"SELECT convert_timezone('BST', '2026-07-01 12:00'), convert_timezone('CET', '2026-07-01 12:00')":                           "2026-07-01 13:00:00|2026-07-01 13:00:00",
		"SELECT convert_timezone('CEST', '2026-01-01 12:00'), convert_timezone('EST', 'PST', '2008-03-05 12:25:29')":                "2026-01-01 14:00:00|2008-03-05 09:25:29",
		"SELECT convert_timezone('US/Pacific', '2026-07-01 12:00'), convert_timezone('EST5EDT', '2026-07-01 12:00')":                "2026-07-01 05:00:00|2026-07-01 08:00:00",
		"SELECT convert_timezone('GMT+2', '2026-07-01 12:00'), convert_timezone('UTC-8', '2026-07-01 12:00')":                       "2026-07-01 10:00:00|2026-07-01 20:00:00",
		"SELECT convert_timezone('PST8', '2026-07-01 12:00'), timezone('AEST', '2026-07-01 12:00'::timestamp)":                      "2026-07-01 04:00:00|2026-07-01 02:00:00+00",
		"SELECT '2026-07-01 12:00'::timestamptz AT TIME ZONE 'PST', '2026-07-01 12:00'::timestamp AT TIME ZONE 'MSK'":               "2026-07-01 04:00:00|2026-07-01 09:00:00+00",
		"SELECT '2026-07-01 12:00:00 PST'::timestamptz, timestamptz '2026-07-01 12:00:00.5 CEST', '2026-07-01 12:00Z'::timestamptz": "2026-07-01 20:00:00+00|2026-07-01 10:00:00.5+00|2026-07-01 12:00:00+00",
		"SELECT convert_timezone(zone, '2026-07-01 12:00'), at FROM z WHERE at = '2026-07-01 12:00:00 PST'":                         "2026-07-01 04:00:00|2026-07-01 20:00:00+00",
		"SELECT count(*) FROM z WHERE at BETWEEN '2026-07-01 11:59 PST' AND '2026-07-01 12:01 PST'":                                 "1",
		"SELECT '2026-07-01 12:00:00 Europe/Berlin'::timestamptz, convert_timezone(zone || '8PDT', '2026-07-01 12:00') FROM z":      "2026-07-01 10:00:00+00|2026-07-01 05:00:00",
	})
	wantCode(t, s, "SELECT convert_timezone('NST', '2026-07-01 12:00')", "0A000", "time zone NST")
	wantCode(t, s, "SELECT convert_timezone('GMT-2:15', '2026-07-01 12:00')", "0A000", "time zone GMT-2:15")
	wantCode(t, s, "SELECT convert_timezone('AET', '2026-07-01 12:00')", "22023", `time zone "AET" not recognized`)
	wantCode(t, s, "SELECT '2026-07-01 12:00:00 PLT'::timestamptz", "22023", `time zone "PLT" not recognized`)
	wantCode(t, s, "SELECT convert_timezone(left(zone, 0) || 'AET', '2026-07-01 12:00') FROM z", "22023", `time zone "AET" is not served`)
}
