package redshift

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
)

// A request that is sent again, also to a service that was restarted, runs once.
func TestARequestWithTheSameClientTokenRunsOnce(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	d.wait(d.execute("CREATE TABLE t (id int)"))
	send := func(sql string) (string, error) {
		out, err := d.ExecuteStatement(t.Context(), &redshiftdata.ExecuteStatementInput{ClusterIdentifier: aws.String("events"),
			Database: aws.String("events"), SecretArn: &d.secret, Sql: &sql, ClientToken: aws.String("token")})
		if err != nil {
			return "", err
		}
		d.wait(*out.Id)
		return *out.Id, nil
	}
	var ids []string
	for i := range 3 {
		if i == 2 {
			w.tokens.Clear()
			if err := w.recoverStatements(); err != nil {
				t.Fatalf("recover: %v", err)
			}
		}
		id, err := send("INSERT INTO t VALUES (1)")
		if err != nil {
			t.Fatalf("send: %v", err)
		}
		ids = append(ids, id)
	}
	if ids[0] != ids[1] || ids[1] != ids[2] {
		t.Errorf("the statements are %v, want one", ids)
	}
	if n := d.wait(d.execute("SELECT id FROM t")).ResultRows; n != 1 {
		t.Errorf("there are %d rows, want 1", n)
	}
	if _, err := send("INSERT INTO t VALUES (2)"); apiCode(err) != "ValidationException" {
		t.Errorf("another request with the token: %v", err)
	}
}
