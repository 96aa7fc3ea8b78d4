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
