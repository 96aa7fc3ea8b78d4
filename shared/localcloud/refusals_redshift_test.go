package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/aws/aws-sdk-go-v2/aws"
	data "github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/jackc/pgx/v5"
)

// sqlRefusals are those of SQL, to pgx. The code is the SQLSTATE.
var sqlRefusals = []refusal{
	{"a statement that is none", runs("selec 1"), 0, "42601", ""},
	{"a table that is not there", runs("select * from nowhere"), 0, "42P01", `relation "nowhere" does not exist`},
	{"a column that is not there", runs("select nothing from events"), 0, "42703", ""},
	{"a function that is not there", runs("select nothing(1)"), 0, "42883", ""},
	{"a table that is there", runs("create table events (n int)"), 0, "42P07", `Relation "events" already exists`},
	{"a user who is there", runs("create user loader password 'Loader-1-password'"), 0, "42710", `user "loader" already exists`},
	{"a text that is too long", runs("insert into events (game_name) values ('chess')"), 0, "22001", "value too long for type character varying(3)"},
	{"no value where there must be one", runs("insert into events (points) values (1)"), 0, "23502", "Cannot insert a NULL value into column game_name"},
	{"a division by zero", runs("select points / 0 from (select 1 as points) as one"), 0, "22012", ""},
	{"a number that is none", runs("select 'x'::int"), 0, "22P02", `invalid input syntax for integer: "x"`},
	{"a table that the user may not read", asUser("loader", "select * from events"), 0, "42501", "permission denied for relation events"},
	{"a wrong password", connects("awsadmin", "Wrong-1-password", "events", true), 0, "28000", `password authentication failed for user "awsadmin"`},
	{"a database that is not there", asDatabase("nowhere"), 0, "3D000", `database "nowhere" does not exist`},
	{"a connection without TLS where it is required", connects("awsadmin", "Wrong-1-password", "events", false), 0, "28000", ""},
	{"a COPY from where nothing is", runs("copy events from 's3://events-staging/nowhere/' credentials '{delivery keys}' format json 'auto'"),
		0, "XX000", "The specified S3 prefix 'nowhere/' does not exist"},
	{"a COPY from a bucket that is not there", runs("copy events from 's3://nowhere/there' credentials '{delivery keys}' format json 'auto'"),
		0, "XX000", "S3ServiceException:The specified bucket does not exist,Status 404,Error NoSuchBucket,Rid 0,ExtRid 0,CanRetry 1"},
	{"a COPY with keys that may not read the bucket", runs("copy events from 's3://events-staging/there' credentials '{nobody's keys}' format json 'auto'"),
		0, "XX000", "S3ServiceException:Access Denied,Status 403,Error AccessDenied,Rid 0,ExtRid 0,CanRetry 1: " +
			"User: {session} is not authorized to perform: s3:ListBucket on resource: arn:aws:s3:::events-staging because no identity-based policy allows the s3:ListBucket action"},
	{"a COPY with keys that nobody has", runs("copy events from 's3://events-staging/there' credentials 'aws_access_key_id=local;aws_secret_access_key=local' format json 'auto'"),
		0, "XX000", "S3ServiceException:The AWS Access Key Id you provided does not exist in our records.,Status 403,Error InvalidAccessKeyId"},
	{"a COPY with a role that the cluster does not have", runs("copy events from 's3://events-staging/there' iam_role 'arn:aws:iam::000000000000:role/nobody' format json 'auto'"), 0, "XX000", ""},
	{"a COPY with options that exclude each other", runs("copy events from 's3://events-staging/there' iam_role 'arn:aws:iam::000000000000:role/nobody' format json 'auto' delimiter ','"), 0, "42601", ""},
	{"a statement after one that failed, in a transaction", func(ctx context.Context, a *account) error {
		return a.sql(ctx, "awsadmin", "begin", "select 1/0", "select 1")
	}, 0, "25P02", "current transaction is aborted, commands ignored until end of transaction block"},
}

// dataRefusals are those of the Data API (botocore service model redshift-data), to the
// AWS SDK.
var dataRefusals = []refusal{
	{"a cluster that is not there", executes("select 1", func(in *data.ExecuteStatementInput) { in.ClusterIdentifier = aws.String("nowhere") }), 400, "ValidationException",
		"Redshift endpoint doesn't exist in this region."},
	{"no cluster", executes("select 1", func(in *data.ExecuteStatementInput) { in.ClusterIdentifier = nil }), 400, "ValidationException", ""},
	{"a secret that is not there", executes("select 1", func(in *data.ExecuteStatementInput) {
		in.SecretArn = aws.String("arn:aws:secretsmanager:eu-central-1:000000000000:secret:nowhere-AbCdEf")
	}), 400, "ValidationException", "Secrets Manager can't find the specified secret."},
	{"a parameter that the statement does not have", executes("select 1", func(in *data.ExecuteStatementInput) {
		in.Parameters = []types.SqlParameter{{Name: aws.String("n"), Value: aws.String("1")}}
	}), 400, "ValidationException", "Parameters list contains unused parameters. Unused parameters: [n]"},
	{"a statement that is not there", func(ctx context.Context, a *account) error {
		_, err := data.NewFromConfig(a.aws).DescribeStatement(ctx, &data.DescribeStatementInput{Id: aws.String("d9b6c0c9-0747-4bf4-b142-e8883122f766")})
		return err
	}, 400, "ResourceNotFoundException", "Query does not exist."},
	{"the result of a statement that has none", func(ctx context.Context, a *account) error {
		id, err := a.executed(ctx, "create table if not exists other (n int)")
		if err != nil {
			return err
		}
		_, err = data.NewFromConfig(a.aws).GetStatementResult(ctx, &data.GetStatementResultInput{Id: id})
		return err
	}, 400, "ResourceNotFoundException", "Query does not have result. Please check query status with DescribeStatement."},
	{"a statement that has ended, to be cancelled", func(ctx context.Context, a *account) error {
		id, err := a.executed(ctx, "select 1")
		if err != nil {
			return err
		}
		_, err = data.NewFromConfig(a.aws).CancelStatement(ctx, &data.CancelStatementInput{Id: id})
		return err
	}, 400, "ValidationException", "Could not cancel a query that is already in FINISHED state with ID: {last}"},
	{"more than 40 statements", func(ctx context.Context, a *account) error {
		in := &data.BatchExecuteStatementInput{ClusterIdentifier: aws.String("events"), Database: aws.String("events"), SecretArn: aws.String(a.names["adminSecret"])}
		for range 41 {
			in.Sqls = append(in.Sqls, "select 1")
		}
		_, err := data.NewFromConfig(a.aws).BatchExecuteStatement(ctx, in)
		return err
	}, 400, "ValidationException", ""},
	{"a statement that fails, in its description", func(ctx context.Context, a *account) error {
		_, err := a.executed(ctx, "select * from nowhere")
		return err
	}, 0, "FAILED", `ERROR: relation "nowhere" does not exist`},
	{"a role that may not", func(ctx context.Context, a *account) error {
		_, err := data.NewFromConfig(a.nobody).ExecuteStatement(ctx, a.execute("select 1"))
		return err
	}, 400, "AccessDeniedException", ""},
}

func (a *account) password(ctx context.Context, user string) (string, error) {
	if user != "awsadmin" {
		return "Loader-1-password", nil
	}
	value, err := secretsmanager.NewFromConfig(a.aws).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(a.names["adminSecret"])})
	if err != nil {
		return "", err
	}
	var admin struct{ Password string }
	err = json.Unmarshal([]byte(*value.SecretString), &admin)
	return admin.Password, err
}

// sql runs statements on one connection and returns the last one's error; the simple
// protocol is psql's.
func (a *account) sql(ctx context.Context, user string, statements ...string) error {
	password, err := a.password(ctx, user)
	if err != nil {
		return err
	}
	connection, err := a.connect(ctx, user, password, "events", true)
	if err != nil {
		return err
	}
	defer connection.Close(ctx)
	for _, statement := range statements {
		_, err = connection.Exec(ctx, a.fill(statement), pgx.QueryExecModeSimpleProtocol)
	}
	return err
}

func (a *account) connect(ctx context.Context, user, password, database string, encrypted bool) (*pgx.Conn, error) {
	address := url.URL{Scheme: "postgres", Host: fmt.Sprintf("127.0.0.1:%d", a.port), Path: database, RawQuery: "sslmode=disable"}
	config, err := pgx.ParseConfig(address.String())
	if err != nil {
		return nil, err
	}
	config.User, config.Password = user, password
	if encrypted {
		config.TLSConfig = &tls.Config{InsecureSkipVerify: true, ServerName: a.names["host"]}
	}
	return pgx.ConnectConfig(ctx, config)
}

func runs(statement string) func(context.Context, *account) error {
	return asUser("awsadmin", statement)
}

func asUser(user, statement string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error { return a.sql(ctx, user, statement) }
}

func connects(user, password, database string, encrypted bool) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		connection, err := a.connect(ctx, user, password, database, encrypted)
		if err == nil {
			connection.Close(ctx)
		}
		return err
	}
}

func asDatabase(name string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		password, err := a.password(ctx, "awsadmin")
		if err != nil {
			return err
		}
		return connects("awsadmin", password, name, true)(ctx, a)
	}
}

func (a *account) execute(sql string) *data.ExecuteStatementInput {
	return &data.ExecuteStatementInput{ClusterIdentifier: aws.String("events"), Database: aws.String("events"), SecretArn: aws.String(a.names["adminSecret"]), Sql: aws.String(sql)}
}

func executes(sql string, change func(*data.ExecuteStatementInput)) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		in := a.execute(sql)
		change(in)
		_, err := data.NewFromConfig(a.aws).ExecuteStatement(ctx, in)
		return err
	}
}

// executed runs a statement to its end; one that fails is an answer with its status.
func (a *account) executed(ctx context.Context, sql string) (*string, error) {
	client := data.NewFromConfig(a.aws)
	made, err := client.ExecuteStatement(ctx, a.execute(sql))
	if err != nil {
		return nil, err
	}
	a.names["last"] = *made.Id
	for {
		now, err := client.DescribeStatement(ctx, &data.DescribeStatementInput{Id: made.Id})
		switch {
		case err != nil:
			return nil, err
		case now.Status == types.StatusStringFinished:
			return made.Id, nil
		case now.Status == types.StatusStringFailed:
			return nil, answer{0, string(now.Status), aws.ToString(now.Error)}
		}
	}
}
