package redshift

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

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
}
