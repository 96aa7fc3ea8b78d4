package engine

import (
	"context"
	"io"
	"testing"
	"time"
)

// slowBucket calls meanwhile when the object "staging/slow" is opened, the first time.
type slowBucket struct {
	bucket
	meanwhile func()
}

func (b *slowBucket) Open(ctx context.Context, name, key string) (io.ReadCloser, error) {
	if f := b.meanwhile; f != nil && key == "slow" {
		b.meanwhile = nil
		f()
	}
	return b.bucket.Open(ctx, name, key)
}

// openSlow has a table events, and a procedure p with a COPY before or behind the ALTER
// TABLE that rewrites events.
func openSlow(t *testing.T, before, behind string) (*slowBucket, *Session, *Session) {
	t.Helper()
	b, d, s := openWithBucket(t)
	b["staging/slow"] = `{"event_id":"slow"}`
	b["staging/a"] = `{"event_id":"1"}`
	slow := &slowBucket{bucket: b}
	d.Files = slow
	const copySlow = `EXECUTE 'COPY other FROM \'s3://staging/slow\' CREDENTIALS \'aws_access_key_id=k;aws_secret_access_key=s\' JSON \'auto\'';`
	steps := map[string]string{"copy": copySlow, "": ""}
	must(t, s, "CREATE TABLE other (event_id varchar(10)); CREATE PROCEDURE p() AS $$ BEGIN "+steps[before]+
		" EXECUTE 'ALTER TABLE events ADD COLUMN level integer'; "+steps[behind]+" END; $$ LANGUAGE plpgsql")
	return slow, s, session(t, d, "admin")
}

const copyEvents = "COPY events (event_id) FROM 's3://staging/a'" + copyKeys + "JSON 'auto'"

func TestATableThatIsRewrittenKeepsTheRowsThatACopyCommittedMeanwhile(t *testing.T) {
	b, s, other := openSlow(t, "copy", "")
	b.meanwhile = func() { must(t, other, copyEvents) }
	must(t, s, "CALL p()")
	if got := must(t, s, "SELECT count(*), count(level) FROM events"); got != "1|0" {
		t.Errorf("after the ALTER TABLE there are %s rows and levels, want 1|0", got)
	}
	if got := must(t, s, "SELECT count(*) FROM other"); got != "1" {
		t.Errorf("the procedure was run again and left %s rows, want 1", got)
	}
}

func TestWhoWritesWaitsForATableThatIsRewritten(t *testing.T) {
	b, s, other := openSlow(t, "", "copy")
	b.meanwhile = func() {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		for _, sql := range []string{copyEvents, "INSERT INTO events (event_id) VALUES ('1')", "TRUNCATE events", "BEGIN; DELETE FROM events"} {
			if _, err := run(ctx, other, sql); err == nil || err.(*Error).Code != codeCancelled {
				t.Errorf("%s while the table is rewritten: %v, want that it waits", sql, err)
			}
		}
		must(t, other, "ROLLBACK; SELECT count(*) FROM events")
	}
	must(t, s, "CALL p()")
	must(t, other, copyEvents)
	if got := must(t, s, "SELECT count(*) FROM events"); got != "1" {
		t.Errorf("there are %s rows, want 1", got)
	}
}

func TestATransactionThatIsOlderThanARowRewritesNoTable(t *testing.T) {
	b, d, s := openWithBucket(t)
	b["staging/a"] = `{"event_id":"1"}`
	other := session(t, d, "admin")
	const alter = "ALTER TABLE events ADD COLUMN level integer"
	must(t, s, "BEGIN; SELECT count(*) FROM events")
	must(t, other, copyEvents)
	wantCode(t, s, alter, codeSerialization, "1023")
	must(t, s, "ROLLBACK")
	must(t, s, "BEGIN; INSERT INTO events (event_id) VALUES ('2'); "+alter+"; COMMIT")
	if got := must(t, other, "SELECT count(*), count(level) FROM events"); got != "2|0" {
		t.Errorf("there are %s rows and levels, want 2|0", got)
	}
}

func TestASessionThatEndsLetsOthersWrite(t *testing.T) {
	_, d, s := openWithBucket(t)
	other := session(t, d, "admin")
	must(t, other, "BEGIN; INSERT INTO events (event_id) VALUES ('1')")
	other.Close()
	must(t, s, "ALTER TABLE events ADD COLUMN level integer; INSERT INTO events (event_id) VALUES ('2')")
}
