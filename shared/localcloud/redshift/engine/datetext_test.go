package engine

import "testing"

// The formats of "Using automatic recognition with DATEFORMAT and TIMEFORMAT" and of "Date,
// time, and timestamp literals", with the values that are given there.
var datetimes = map[string]string{
	"January 8, 1999": "1999-01-08 00:00:00", "1999-01-08": "1999-01-08 00:00:00", "1/8/1999": "1999-01-08 00:00:00",
	"01/02/00": "2000-01-02 00:00:00", "2000-Jan-31": "2000-01-31 00:00:00", "Jan-31-2000": "2000-01-31 00:00:00",
	"31-Jan-2000": "2000-01-31 00:00:00", "20080215": "2008-02-15 00:00:00", "080215": "2008-02-15 00:00:00",
	"2008.366": "2008-12-31 00:00:00", "1996.008": "1996-01-08 00:00:00", "J2451187": "1999-01-08 00:00:00",
	"Jan-08-95": "1995-01-08 00:00:00", "1999.01.08": "1999-01-08 00:00:00", "Jan 2 2026 03:04": "2026-01-02 03:04:00",
	"20080215 04:05:06.789": "2008-02-15 04:05:06.789", "20080215 04:05:06": "2008-02-15 04:05:06", "20080215 04:05": "2008-02-15 04:05:00",
	"20080215 040506": "2008-02-15 04:05:06", "20080215 04:05 AM": "2008-02-15 04:05:00", "20080215 04:05 PM": "2008-02-15 16:05:00",
	"20080215 16:05": "2008-02-15 16:05:00", "960108 040809": "1996-01-08 04:08:09", "J2345678 04:05:06.789": "1710-02-23 04:05:06.789",
	"1996-01-08 04:05:06.789": "1996-01-08 04:05:06.789", "12.17.1997 07:37:16.00": "1997-12-17 07:37:16", "20080215040506": "2008-02-15 04:05:06",
	"17 Dec 07:37:16 1997": "1997-12-17 07:37:16", "12/17/1997 07:37:16.00 UTC": "1997-12-17 07:37:16", "2019-02-11T05:09:12.195Z": "2019-02-11 05:09:12.195",
}

// noDatetimes are none of them: days that there are not, too much, too little, and zones
// that are names.
var noDatetimes = []string{"2026-02-30", "13/1/2026", "2007.366", "1999.000", "20261301", "Jan 2", "12:30", "2026", "Jan Feb 2026", "1-2-3-4",
	"2026-01-02 03:04 05:06", "2026-01-02 13:00 PM x", "17 Dec 07:37:16 1997 PST", "2026-01-02 AM", "20260102 20260102", "Jan-08-95 BC", "J", ",", "-", "J99999999"}

func TestCOPYRecognisesTheFormatsThatAreDocumented(t *testing.T) {
	b, _, s := openWithBucket(t)
	must(t, s, "CREATE TABLE times (id varchar(64), d date, t timestamp, z timestamptz)")
	for text := range datetimes {
		b["staging/a"] += `{"id":"` + text + `","d":"` + text + `","t":"` + text + `","z":"` + text + `"}`
	}
	must(t, s, "COPY times FROM 's3://staging/a'"+copyKeys+"JSON 'auto' TIMEFORMAT 'auto' DATEFORMAT 'auto'")
	for text, want := range datetimes {
		wantRows(t, s, map[string]string{"SELECT d, t, z FROM times WHERE id = '" + text + "'": want[:10] + "|" + want + "|" + want + "+00"})
	}
	for _, text := range noDatetimes {
		for _, column := range []string{"d", "t"} {
			b["staging/a"] = `{"` + column + `":"` + text + `"}`
			wantCode(t, s, "COPY times FROM 's3://staging/a'"+copyKeys+"JSON 'auto' TIMEFORMAT 'auto' DATEFORMAT 'auto'", "XX000", "failed")
		}
	}
}

// "Time zone values in input strings are ignored" by what is no TIMESTAMPTZ.
func TestOnlyATIMESTAMPTZHeedsTheZoneOfAText(t *testing.T) {
	b, _, s := openWithBucket(t)
	must(t, s, "CREATE TABLE times (d date, t timestamp, z timestamptz)")
	for _, text := range []string{"1997-12-17 23:37:16-08", "1997-12-17T23:37:16-08:00", "12/17/1997 23:37:16.00-08"} {
		b["staging/a"] = `{"d":"` + text + `","t":"` + text + `","z":"` + text + `"}`
		must(t, s, "DELETE FROM times; COPY times FROM 's3://staging/a'"+copyKeys+"JSON 'auto' TIMEFORMAT 'auto' DATEFORMAT 'auto'")
		must(t, s, "INSERT INTO times VALUES ('"+text+"', '"+text+"', '"+text+"')")
		want := "1997-12-17|1997-12-17 23:37:16|1997-12-18 07:37:16+00"
		wantRows(t, s, map[string]string{
			"SELECT * FROM times": want + "\n" + want,
			"SELECT '" + text + "'::date, '" + text + "'::timestamp, '" + text + "'::timestamptz":                       want,
			"SELECT count(*) FROM times WHERE t = '" + text + "' AND z IN ('" + text + "') AND d = '" + text[:10] + "'": "2",
		})
	}
}

func TestLiteralsOfDatesAreReadAsTheyAreDocumented(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE times (id int, d date DEFAULT '1/8/1999', t timestamp, z timestamptz)")
	for text, want := range datetimes {
		must(t, s, "DELETE FROM times; INSERT INTO times VALUES (1, '"+text+"', '"+text+"', '"+text+"'), (2, '2020-01-01', NULL, NULL)")
		must(t, s, "INSERT INTO times SELECT 3, '"+text+"', '"+text+"', '"+text+"'; UPDATE times SET d = '"+text+"', t = '"+text+"', z = '"+text+"' WHERE id = 2")
		row := want[:10] + "|" + want + "|" + want + "+00"
		wantRows(t, s, map[string]string{
			"SELECT d, t, z FROM times ORDER BY id":                                                                                                     row + "\n" + row + "\n" + row,
			"SELECT '" + text + "'::date, CAST('" + text + "' AS timestamp), timestamptz '" + text + "'":                                                row,
			"SELECT count(*) FROM times WHERE d BETWEEN '" + want[:10] + "' AND '" + text + "' AND t = '" + text + "' AND z IN ('" + text + "', 'now')": "3",
			"SELECT datediff(day, '" + text + "', '" + text + "'), dateadd(day, 0, '" + text + "')":                                                     "0|" + want,
		})
	}
	must(t, s, "DELETE FROM times; INSERT INTO times (id) VALUES (1)")
	wantRows(t, s, map[string]string{
		"SELECT d FROM times": "1999-01-08",
		"SELECT convert_timezone('EST', 'PST', '20080305 12:25:29')":                                                                     "2008-03-05 09:25:29",
		"SELECT dateadd(day, 1, 'today') = 'tomorrow'::timestamp, 'today'::date > 'yesterday', 'now' <= sysdate":                         "true|true|true",
		"SELECT date_trunc('day', 'now'::timestamp) = 'today', to_char('1/8/1999'::date, 'YYYYMMDD'), trunc('now'::timestamp) = 'today'": "true|19990108|true",
	})
	wantCode(t, s, "SELECT 'nonsense'::date", "22007", `invalid input syntax for type date: "nonsense"`)
	wantCode(t, s, "SELECT 'nonsense'::timestamp", "22007", `invalid input syntax for type timestamp: "nonsense"`)
	wantCode(t, s, "SELECT d FROM times WHERE d > 'nonsense'", "22007", `invalid input syntax for type date: "nonsense"`)
}
