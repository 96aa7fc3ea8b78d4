package redshift

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"

	"pipeline/shared/localcloud/iam"
)

func TestTheRowsThatCOPYLoadedAreTheStatementsRows(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	w.callers["key"] = iam.Caller{Role: "arn:aws:iam::000000000000:role/firehose"}
	w.objects["staging/a"] = `{"a":1}{"a":2}{"a":3}`
	d.wait(d.execute("CREATE TABLE t (a int)"))
	out := d.wait(d.execute("COPY t FROM 's3://staging/a' ACCESS_KEY_ID 'key' SECRET_ACCESS_KEY 'x' SESSION_TOKEN 't' JSON 'auto'"))
	if out.ResultRows != 3 {
		t.Errorf("%s %s: the statement has %d rows, want 3", out.Status, aws.ToString(out.Error), out.ResultRows)
	}
	w.objects["staging/b"] = `[]`
	copied := "COPY t FROM 's3://staging/b' ACCESS_KEY_ID 'key' SECRET_ACCESS_KEY 'x' SESSION_TOKEN 't' JSON 'auto'"
	failed := d.wait(d.execute(copied))
	id := d.execute(fmt.Sprintf("SELECT trim(filename) FROM stl_load_errors WHERE query = %d", failed.RedshiftQueryId))
	if out := d.wait(id); failed.RedshiftQueryId == 0 || out.ResultRows != 1 {
		t.Errorf("stl_load_errors has %d rows of query %d, want 1", out.ResultRows, failed.RedshiftQueryId)
	}
}

// A client keeps the statements that it has prepared, as pgx does unasked.
func TestAPreparedStatementAsksForTheLastCOPYWhenItRuns(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	w.callers["key"] = iam.Caller{Role: "arn:aws:iam::000000000000:role/firehose"}
	w.objects["staging/a"] = `{"a":1}{"a":2}{"a":3}`
	conn := w.connect(t)
	exec1(t, conn, "CREATE TABLE t (a int)")
	for _, want := range []int{0, 3} {
		var got, query int
		if err := conn.QueryRow(t.Context(), "SELECT pg_last_copy_count(), pg_last_copy_id()").Scan(&got, &query); err != nil || got != want || (query < 0) != (want == 0) {
			t.Errorf("the last COPY, %d, has loaded %d rows (%v), want %d", query, got, err, want)
		}
		exec1(t, conn, "COPY t FROM 's3://staging/a' ACCESS_KEY_ID 'key' SECRET_ACCESS_KEY 'x' SESSION_TOKEN 't' JSON 'auto'")
	}
}

// "If true, all statements run by the caller's IAM role are returned"; so is the default.
func TestACallerListsTheStatementsOfItsRole(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	d.wait(d.execute("SELECT 'of the administrator'"))
	ctx := iam.WithCaller(t.Context(), iam.Caller{Role: "arn:aws:iam::000000000000:role/r"})
	if _, err := w.ExecuteStatement(ctx, &ExecuteStatementInput{ClusterIdentifier: "events", Database: "events", SecretArn: d.secret, Sql: "SELECT 'of the role'"}); err != nil {
		t.Fatalf("execute as the role: %v", err)
	}
	out, err := w.listStatements(ctx, &listInput{})
	if err != nil || len(out.Statements) != 1 || out.Statements[0].QueryString != "SELECT 'of the role'" {
		t.Errorf("the role lists %+v (%v), want its own statement", out, err)
	}
	out, err = w.listStatements(t.Context(), &listInput{})
	if err != nil || len(out.Statements) != 1 || out.Statements[0].QueryString != "SELECT 'of the administrator'" {
		t.Errorf("the administrator lists %+v (%v), want his own statement", out, err)
	}
}

func TestAResultIsNoLargerThanTheDataAPIsLimits(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	fits := d.wait(d.execute("SELECT repeat('x', 65000), repeat('x', 500)"))
	large := d.wait(d.execute("SELECT repeat('x', 60000), repeat('x', 60000)"))
	if fits.Status != "FINISHED" || large.Status != "FAILED" || !strings.Contains(aws.ToString(large.Error), "Packet for query is too large") {
		t.Errorf("a row of 64 KB: %s %s; of 120 KB: %s %s", fits.Status, aws.ToString(fits.Error), large.Status, aws.ToString(large.Error))
	}
	path := filepath.Join(t.TempDir(), "result")
	if err := os.WriteFile(path, bytes.Repeat([]byte("x"), 10000), 0o600); err != nil {
		t.Fatal(err)
	}
	for most, want := range map[int64]string{10: "Database response exceeded size limit", 1000: ""} {
		if err := checkZipped(path, most); (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("10,000 bytes that gzip makes fewer than 100, where %d are allowed: %v, want %q", most, err, want)
		}
	}
}

func TestATokenOfNoPageIsRefused(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	for range 3 {
		d.wait(d.execute("SELECT 1"))
	}
	page, err := d.ListStatements(t.Context(), &redshiftdata.ListStatementsInput{MaxResults: 2})
	if err != nil || len(page.Statements) != 2 || page.NextToken == nil {
		t.Fatalf("the first page: %+v, %v", page, err)
	}
	rest, err := d.ListStatements(t.Context(), &redshiftdata.ListStatementsInput{MaxResults: 2, NextToken: page.NextToken})
	if err != nil || len(rest.Statements) != 1 || rest.NextToken != nil {
		t.Errorf("the second page: %+v, %v", rest, err)
	}
	if _, err := d.ListStatements(t.Context(), &redshiftdata.ListStatementsInput{NextToken: aws.String("nope")}); apiCode(err) != "ValidationException" {
		t.Errorf("a token of no page: %v", err)
	}
}

func TestAStatementOfYesterdayIsGoneWithItsResultAndItsToken(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.Service.cfg.Now = func() time.Time { return now }
	d := newDataAPI(t, w)
	send := func() string {
		out, err := d.ExecuteStatement(t.Context(), &redshiftdata.ExecuteStatementInput{ClusterIdentifier: aws.String("events"),
			Database: aws.String("events"), SecretArn: &d.secret, Sql: aws.String("SELECT 1"), ClientToken: aws.String("token")})
		if err != nil {
			t.Fatalf("execute: %v", err)
		}
		d.wait(*out.Id)
		return *out.Id
	}
	w.swept = now.Add(24*time.Hour + 30*time.Minute) // the hourly sweep is not due when the token comes again
	first := send()
	now = now.Add(25 * time.Hour)
	if second := send(); second == first {
		t.Error("a token of yesterday gives yesterday's statement")
	}
	now = now.Add(2 * time.Hour)
	d.wait(d.execute("SELECT 2"))
	now = now.Add(25 * time.Hour)
	last := d.execute("SELECT 3")
	d.wait(last)
	if _, found, err := w.statements.Get(first); found || err != nil {
		t.Errorf("the first statement is still kept (%v)", err)
	}
	left, err := filepath.Glob(filepath.Join(w.cfg.Dir, results, "*"))
	if err != nil || len(left) != 1 || left[0] != w.resultPath(last) {
		t.Errorf("the results %v are left (%v), want that of the last statement", left, err)
	}
}

func TestWhatAStatementSaysIsSealedOnDisk(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	d.wait(d.execute("CREATE USER reader PASSWORD 'Clear1234'"))
	err := w.cfg.Store.Each(func(collection, _ string, value []byte) {
		if bytes.Contains(value, []byte("Clear1234")) {
			t.Errorf("collection %s has the password in clear", collection)
		}
	})
	if err != nil {
		t.Fatalf("read the store: %v", err)
	}
}
