package redshift

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/aws/smithy-go"

	"pipeline/shared/localcloud/iam"
)

// dataAPI is AWS's own client against the service.
type dataAPI struct {
	*redshiftdata.Client
	t      *testing.T
	secret string
}

func newDataAPI(t *testing.T, w *world) dataAPI {
	t.Helper()
	c := eventsCluster()
	c.ManagePassword = true
	c = w.cluster(t, c)
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	// With the client's own retries: on a busy machine it closes a connection that it still reads
	// from, which it knows and tries again.
	client := redshiftdata.New(redshiftdata.Options{Region: "eu-central-1", BaseEndpoint: &server.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		})})
	return dataAPI{Client: client, t: t, secret: c.SecretARN}
}

func (d dataAPI) execute(sql string, params ...types.SqlParameter) string {
	d.t.Helper()
	out, err := d.ExecuteStatement(d.t.Context(), &redshiftdata.ExecuteStatementInput{ClusterIdentifier: aws.String("events"),
		Database: aws.String("events"), SecretArn: &d.secret, Sql: &sql, Parameters: params, StatementName: aws.String("test")})
	if err != nil {
		d.t.Fatalf("%s: %v", sql, err)
	}
	return *out.Id
}

// wait polls, as every client of this API must.
func (d dataAPI) wait(id string) *redshiftdata.DescribeStatementOutput {
	d.t.Helper()
	deadline := time.After(20 * time.Second)
	for {
		out, err := d.DescribeStatement(d.t.Context(), &redshiftdata.DescribeStatementInput{Id: &id})
		if err != nil {
			d.t.Fatalf("describe %s: %v", id, err)
		}
		switch out.Status {
		case types.StatusStringFinished, types.StatusStringFailed, types.StatusStringAborted:
			return out
		}
		select {
		case <-deadline:
			d.t.Fatalf("statement %s is still %s", id, out.Status)
		case <-time.After(5 * time.Millisecond):
		}
	}
}

func apiCode(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return ""
}

func TestAStatementsResultHasTypesAndPages(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	d.wait(d.execute("CREATE TABLE t (id int, name varchar(200), data super, at timestamp, ok boolean, amount numeric(6,2))"))
	insert := d.wait(d.execute("INSERT INTO t SELECT n, repeat('x', 100), json_parse('{\"a\":1}'), '2026-11-22 10:00:00', true, 1.5 FROM generate_series(1, 12000) AS g(n)"))
	if insert.Status != types.StatusStringFinished || insert.ResultRows != 12000 || aws.ToBool(insert.HasResultSet) {
		t.Fatalf("insert: %s %s, %d rows", insert.Status, aws.ToString(insert.Error), insert.ResultRows)
	}
	id := d.execute("SELECT id, name, data, at, ok, amount, null::varchar AS nothing FROM t ORDER BY id")
	described := d.wait(id)
	if described.ResultRows != 12000 || !aws.ToBool(described.HasResultSet) || described.RedshiftPid == 0 {
		t.Errorf("describe: %+v", described)
	}
	pages, rows := 0, 0
	pager := redshiftdata.NewGetStatementResultPaginator(d.Client, &redshiftdata.GetStatementResultInput{Id: &id})
	for pager.HasMorePages() {
		page, err := pager.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if pages == 0 {
			checkFirstPage(t, page)
		}
		pages++
		rows += len(page.Records)
	}
	if pages < 2 || rows != 12000 {
		t.Errorf("%d rows on %d pages, want 12000 on several", rows, pages)
	}
}

func checkFirstPage(t *testing.T, page *redshiftdata.GetStatementResultOutput) {
	t.Helper()
	var names []string
	for _, c := range page.ColumnMetadata {
		names = append(names, fmt.Sprintf("%s %s %d", *c.Name, *c.TypeName, c.Precision))
	}
	if got := strings.Join(names, ","); got != "id int4 10,name varchar 200,data super 0,at timestamp 29,ok bool 1,amount numeric 6,nothing varchar 65535" {
		t.Errorf("columns are %s", got)
	}
	var values []string
	for _, f := range page.Records[0] {
		values = append(values, fmt.Sprintf("%T", f)[len("*types.FieldMember"):])
	}
	if got := strings.Join(values, ","); got != "LongValue,StringValue,StringValue,StringValue,BooleanValue,StringValue,IsNull" {
		t.Errorf("fields are %s", got)
	}
}

func TestParametersAreBoundByName(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	d.wait(d.execute("CREATE TABLE t (id int, name varchar(20))"))
	params := []types.SqlParameter{{Name: aws.String("name"), Value: aws.String("a'b")}, {Name: aws.String("id"), Value: aws.String("7")}}
	if out := d.wait(d.execute("INSERT INTO t VALUES (:id, :name)", params...)); out.Status != types.StatusStringFinished {
		t.Fatalf("insert: %s", aws.ToString(out.Error))
	}
	id := d.execute("SELECT name FROM t WHERE id = :id AND name = :name AND id = :id", params...)
	d.wait(id)
	out, err := d.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: &id})
	if err != nil || len(out.Records) != 1 {
		t.Fatalf("result: %v, %v", out, err)
	}
	batch := &redshiftdata.BatchExecuteStatementInput{ClusterIdentifier: aws.String("events"), Database: aws.String("events"), SecretArn: &d.secret,
		Sqls: []string{"UPDATE t SET name = :name WHERE id = :id", "SELECT id FROM t WHERE name = :name"}, Parameters: params}
	both, err := d.BatchExecuteStatement(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	if done := d.wait(*both.Id); done.SubStatements[0].ResultRows != 1 || done.SubStatements[1].ResultRows != 1 || len(done.QueryParameters) != 2 {
		t.Errorf("a batch with parameters: %+v", done)
	}
	batch.Parameters = append(batch.Parameters, types.SqlParameter{Name: aws.String("other"), Value: aws.String("")})
	if _, err := d.BatchExecuteStatement(t.Context(), batch); apiCode(err) != "ValidationException" || !strings.Contains(err.Error(), "[other]") {
		t.Errorf("a parameter that no statement uses: %v", err)
	}
	if failed := d.wait(d.execute("SELECT :nobody")); failed.Status != types.StatusStringFailed || !strings.Contains(*failed.Error, ":nobody") {
		t.Errorf("a missing parameter: %s %s", failed.Status, aws.ToString(failed.Error))
	}
}

func TestAFailedStatementSaysWhyInRedshiftsWords(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	out := d.wait(d.execute("SELECT * FROM nowhere"))
	if out.Status != types.StatusStringFailed || *out.Error != `ERROR: relation "nowhere" does not exist` {
		t.Errorf("got %s %q", out.Status, aws.ToString(out.Error))
	}
}

func TestABatchIsOneTransaction(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	batch := func(sqls ...string) *redshiftdata.DescribeStatementOutput {
		out, err := d.BatchExecuteStatement(t.Context(), &redshiftdata.BatchExecuteStatementInput{ClusterIdentifier: aws.String("events"),
			Database: aws.String("events"), SecretArn: &d.secret, Sqls: sqls})
		if err != nil {
			t.Fatal(err)
		}
		return d.wait(*out.Id)
	}
	ok := batch("CREATE TABLE t (a int)", "INSERT INTO t VALUES (1)", "SELECT a FROM t")
	if ok.Status != types.StatusStringFinished || len(ok.SubStatements) != 3 || !aws.ToBool(ok.SubStatements[2].HasResultSet) {
		t.Fatalf("batch: %s %s", ok.Status, aws.ToString(ok.Error))
	}
	if _, err := d.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: ok.SubStatements[2].Id}); err != nil {
		t.Errorf("result of a part: %v", err)
	}
	if failed := batch("INSERT INTO t VALUES (2)", "SELECT nope"); failed.Status != types.StatusStringFailed ||
		failed.SubStatements[1].Status != types.StatementStatusStringFailed {
		t.Errorf("batch with an error: %+v", failed)
	}
	id := d.execute("SELECT count(*) FROM t")
	d.wait(id)
	out, err := d.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: &id})
	if err != nil {
		t.Fatal(err)
	}
	if n := out.Records[0][0].(*types.FieldMemberLongValue).Value; n != 1 {
		t.Errorf("a failed batch left %d rows, want 1", n)
	}
}

func TestACancelledStatementIsAborted(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	id := d.execute("SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b")
	if _, err := d.CancelStatement(t.Context(), &redshiftdata.CancelStatementInput{Id: &id}); err != nil {
		t.Fatal(err)
	}
	if out := d.wait(id); out.Status != types.StatusStringAborted {
		t.Errorf("status is %s", out.Status)
	}
	if _, err := d.CancelStatement(t.Context(), &redshiftdata.CancelStatementInput{Id: &id}); apiCode(err) != "ValidationException" {
		t.Errorf("a second cancel: %v", err)
	}
}

func TestStatementsAreForgottenAfterADay(t *testing.T) {
	w := newWorld(t)
	now := time.Now()
	w.Service.cfg.Now = func() time.Time { return now }
	d := newDataAPI(t, w)
	id := d.execute("SELECT 1")
	d.wait(id)
	list, err := d.ListStatements(t.Context(), &redshiftdata.ListStatementsInput{StatementName: aws.String("te"), Status: types.StatusStringFinished})
	if err != nil || len(list.Statements) != 1 || *list.Statements[0].QueryString != "SELECT 1" {
		t.Fatalf("list: %+v, %v", list, err)
	}
	now = now.Add(25 * time.Hour)
	if _, err := d.DescribeStatement(t.Context(), &redshiftdata.DescribeStatementInput{Id: &id}); apiCode(err) != "ResourceNotFoundException" {
		t.Errorf("after a day: %v", err)
	}
}

func TestRequestsThatMakeNoSenseAreRefusedWithAWSsCodes(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	events, sql := aws.String("events"), aws.String("SELECT 1")
	for name, in := range map[string]*redshiftdata.ExecuteStatementInput{
		"several statements":   {ClusterIdentifier: events, Database: events, SecretArn: &d.secret, Sql: aws.String("SELECT 1; SELECT 2")},
		"no cluster":           {Database: events, SecretArn: &d.secret, Sql: sql},
		"unknown cluster":      {ClusterIdentifier: aws.String("nope"), Database: events, SecretArn: &d.secret, Sql: sql},
		"unknown workgroup":    {WorkgroupName: aws.String("nope"), Database: events, SecretArn: &d.secret, Sql: sql},
		"no user":              {ClusterIdentifier: events, Database: events, Sql: sql},
		"secret and user":      {ClusterIdentifier: events, Database: events, Sql: sql, SecretArn: &d.secret, DbUser: aws.String("admin")},
		"events":               {ClusterIdentifier: events, Database: events, SecretArn: &d.secret, Sql: sql, WithEvent: aws.Bool(true)},
		"CSV":                  {ClusterIdentifier: events, Database: events, SecretArn: &d.secret, Sql: sql, ResultFormat: types.ResultFormatStringCsv},
		"a session that stays": {ClusterIdentifier: events, Database: events, SecretArn: &d.secret, Sql: sql, SessionKeepAliveSeconds: aws.Int32(5)},
	} {
		if _, err := d.ExecuteStatement(t.Context(), in); apiCode(err) != "ValidationException" {
			t.Errorf("%s: got %v, want ValidationException", name, err)
		}
	}
	blank := &redshiftdata.ExecuteStatementInput{ClusterIdentifier: events, Database: events, SecretArn: &d.secret, Sql: aws.String(" ")}
	if _, err := d.ExecuteStatement(t.Context(), blank); apiCode(err) != "ValidationException" || strings.Contains(err.Error(), "Multiple") {
		t.Errorf("no statement: %v", err)
	}
	if _, err := d.DescribeStatement(t.Context(), &redshiftdata.DescribeStatementInput{Id: aws.String("d9b6c0c9-0747-4bf4-b142-e8883122f766")}); apiCode(err) != "ResourceNotFoundException" {
		t.Errorf("unknown statement: %v", err)
	}
}

func TestDbUserNeedsGetClusterCredentialsAndAUserOfThatName(t *testing.T) {
	w := newWorld(t)
	newDataAPI(t, w)
	in := &ExecuteStatementInput{ClusterIdentifier: "events", Database: "events", DbUser: "admin", Sql: "SELECT current_user"}
	out, err := w.ExecuteStatement(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	if done, err := w.WaitStatement(t.Context(), out.Id); err != nil || done.Status != statusFinished {
		t.Errorf("as admin: %+v, %v", done, err)
	}
	w.iam["redshift:GetClusterCredentials"] = true
	ctx := iam.WithCaller(context.Background(), iam.Caller{Service: "lambda.amazonaws.com", Role: "arn:aws:iam::000000000000:role/r"})
	if _, err := w.ExecuteStatement(ctx, in); err == nil || !strings.Contains(err.Error(), "AccessDeniedException") {
		t.Errorf("a role without the permission: %v", err)
	}
}
