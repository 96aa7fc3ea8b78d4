package redshift

import (
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestTheAWSCLIRunsStatementsAndPagesTheirResults needs the AWS CLI, and is not run without it.
func TestTheAWSCLIRunsStatementsAndPagesTheirResults(t *testing.T) {
	if _, err := exec.LookPath("aws"); err != nil {
		t.Skip("the AWS CLI is not installed")
	}
	w := newWorld(t)
	d := newDataAPI(t, w)
	server := httptest.NewServer(w.Handler())
	defer server.Close()
	cli := func(operation string, args ...string) string {
		t.Helper()
		c := exec.CommandContext(t.Context(), "aws", append([]string{"--endpoint-url", server.URL, "--output", "text", "redshift-data", operation}, args...)...)
		c.Env = append(os.Environ(), "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1",
			"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null", "AWS_EC2_METADATA_DISABLED=true", "AWS_PAGER=")
		out, err := c.CombinedOutput()
		if err != nil {
			t.Fatalf("aws redshift-data %s %q: %v\n%s", operation, args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	run := func(operation string, args ...string) string {
		t.Helper()
		id := cli(operation, append(args, "--cluster-identifier", "events", "--database", "events", "--secret-arn", d.secret, "--query", "Id")...)
		d.wait(id)
		return id
	}
	batch := run("batch-execute-statement", "--sqls", "CREATE TABLE t (n int, name varchar(200))",
		"INSERT INTO t SELECT n, repeat('x', 100) FROM generate_series(1, 12000) AS g(n)")
	if got := cli("describe-statement", "--id", batch, "--query", "[Status, SubStatements[1].ResultRows]"); got != "FINISHED\t12000" {
		t.Errorf("the batch is %q", got)
	}
	id := run("execute-statement", "--sql", "SELECT name, n FROM t WHERE n > :least ORDER BY n", "--parameters", "name=least,value=10")
	if got := cli("describe-statement", "--id", id, "--query", "[Status, HasResultSet, ResultRows, QueryParameters[0].value]"); got != "FINISHED\tTrue\t11990\t10" {
		t.Errorf("the statement is %q", got)
	}
	one := cli("get-statement-result", "--id", id, "--no-paginate", "--query", "length(Records)")
	if all := cli("get-statement-result", "--id", id, "--query", "length(Records)", "--output", "json"); all != "11990" || one == all {
		t.Errorf("the result has %s rows, %s of them on the first page, want 11990 on several pages", all, one)
	}
}
