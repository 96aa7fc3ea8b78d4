package engine

import (
	"strings"
	"testing"
	"time"
)

// A zone that is known by its name alone has no offset here, and another machine's
// names are not this one's.
func TestCOPYTakesNoTimeOfAZoneThatItDoesNotKnow(t *testing.T) {
	local := time.Local
	t.Cleanup(func() { time.Local = local })
	time.Local = time.FixedZone("PST", -8*60*60)
	b, _, s := openWithBucket(t)
	b["staging/a"] = `{"event_id":"1","received_at":"2026-01-01 10:00:00 UTC"}{"event_id":"2","received_at":"2026-01-01 10:00:00 PST"}
		{"event_id":"3","received_at":"2026-01-01 10:00:00-08"}{"event_id":"4","received_at":"2026-01-01 10:00:00 GMT"}`
	must(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto' TIMEFORMAT 'auto' MAXERROR 2")
	wantRows(t, s, map[string]string{
		"SELECT event_id, received_at FROM events ORDER BY 1": "1|2026-01-01 10:00:00+00\n3|2026-01-01 18:00:00+00\n4|2026-01-01 10:00:00+00",
		"SELECT err_code FROM stl_load_errors":                "1206",
	})
	for _, option := range []string{"TIMEFORMAT 'YYYY-MM-DD HH:MI:SSOF'", "TIMEFORMAT 'YYYY-MM-DD HH:MI:SS TZ'", "DATEFORMAT 'YYYY-MM-DDTZ'"} {
		wantCode(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto' "+option, "22023", "time zone")
	}
}

// A string in a SUPER has at most 65,535 bytes ("Limitations").
func TestAStringInASUPERIsNotLongerThanAVARCHAR(t *testing.T) {
	b, _, s := openWithBucket(t)
	record := func(id string, n int) string {
		return `{"event_id":"` + id + `","event_data":{"list":[1,{"s":"` + strings.Repeat("é", n/2) + strings.Repeat("x", n%2) + `"}]}}`
	}
	b["staging/a"] = record("1", 65535) + record("2", 65536) + record("3", 10)
	must(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto' MAXERROR 2")
	wantRows(t, s, map[string]string{
		"SELECT event_id FROM events ORDER BY 1":              "1\n3",
		"SELECT trim(colname), err_code FROM stl_load_errors": "event_data|1204",
	})
}

// The examples of "DATEFORMAT and TIMEFORMAT strings".
func TestCOPYReadsTimesInTheFormatThatItIsGiven(t *testing.T) {
	b, _, s := openWithBucket(t)
	for _, c := range []struct{ options, day, at, want string }{
		{"DATEFORMAT AS 'MM/DD/YYYY'", "03/31/2003", "2003-03-31", "2003-03-31|2003-03-31 00:00:00"},
		{"DATEFORMAT 'MON DD, YYYY'", "March 31, 2003", "", "2003-03-31|∅"},
		{"DATEFORMAT 'MON-DD-YYYY'", "Mar-31-2003", "", "2003-03-31|∅"},
		{"DATEFORMAT 'YY.MM.DD'", "03.03.31", "", "2003-03-31|∅"},
		{"TIMEFORMAT AS 'MM.DD.YYYY HH:MI:SS'", "", "03.31.2003 18:45:05", "∅|2003-03-31 18:45:05"},
		{"TIMEFORMAT 'MM.DD.YYYY HH24:MI:SS'", "", "03.31.2003 18:45:05.123456", "∅|2003-03-31 18:45:05.123456"},
		{"TIMEFORMAT 'YYYYMMDDTHH12MISSAM'", "2003-03-31", "20030331T064505PM", "2003-03-31|2003-03-31 18:45:05"},
	} {
		into := "COPY events (event_id, day, ingested_at) FROM 's3://staging/a'" + copyKeys + "JSON 'auto' " + c.options
		b["staging/a"] = `{"event_id":"1","day":"` + c.day + `","ingested_at":"` + c.at + `"}`
		must(t, s, "DELETE FROM events; "+into)
		wantRows(t, s, map[string]string{"SELECT day, ingested_at FROM events": c.want})
		b["staging/a"] = `{"event_id":"1","day":"31.12.2003","ingested_at":"31.12.2003 10:00:00"}`
		wantCode(t, s, into, "XX000", "failed")
	}
}

// "The default replacement_char is a question mark", which stands for every byte.
func TestInvalidCharactersBecomeQuestionMarksUnlessCOPYSaysOtherwise(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/a"] = `{"event_id":"1","game_name":"a` + "\xff\xe0" + `b"}`
	must(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"ACCEPTINVCHARS JSON 'auto'")
	wantRows(t, s, map[string]string{"SELECT game_name FROM events": "a??b"})
}

func TestGZIPReadsZippedObjectsAndNoOthers(t *testing.T) {
	b, _, s := openWithBucket(t)
	into := "COPY" + listedColumns + "FROM 's3://staging/in/'" + copyKeys + "JSON 'auto' "
	whole := zipped(t, strings.Repeat(`{"event_id":"1"}`, 1000))
	b["staging/in/1"], b["staging/in/2"] = whole, zipped(t, `{"event_id":"2"}`)+zipped(t, `{"event_id":"3"}`)
	must(t, s, into+"GZIP")
	wantRows(t, s, map[string]string{"SELECT event_id, count(*) FROM events GROUP BY 1 ORDER BY 1": "1|1000\n2|1\n3|1"})
	for second, want := range map[string]string{whole[:len(whole)/2]: "s3://staging/in/2", `{"event_id":"2"}`: "not in gzip format", "": "not in gzip format"} {
		b["staging/in/2"] = second
		wantCode(t, s, into+"MAXERROR 5 GZIP", "XX000", want)
	}
	wantRows(t, s, map[string]string{"SELECT count(*) FROM events": "1002"})
	wantCode(t, s, into, "XX000", "failed")
}

func TestMaxErrorCountsTheErrorsOfAllObjects(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/in/1"], b["staging/in/2"], b["staging/in/3"] = `[1]`+"\n"+`{"event_id":"1"}`, `{"event_id":"2","n":"x"}`, `{"event_id":"3"}`
	into := "COPY" + listedColumns + "FROM 's3://staging/in/'" + copyKeys + "JSON 'auto' MAXERROR "
	must(t, s, into+"3")
	wantRows(t, s, map[string]string{
		"SELECT event_id FROM events ORDER BY 1":                          "1\n3",
		"SELECT trim(filename), err_code FROM stl_load_errors ORDER BY 1": "s3://staging/in/1|1216\ns3://staging/in/2|1207",
	})
	wantCode(t, s, into+"2", "XX000", "failed")
	wantRows(t, s, map[string]string{"SELECT count(*) FROM events": "2", "SELECT count(*) FROM stl_load_errors": "4"})
}
