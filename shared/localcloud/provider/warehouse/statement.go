package warehouse

import (
	"context"
	"errors"
	"fmt"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/redshift"
)

type statementArgs struct {
	ClusterIdentifier string          `pulumi:"clusterIdentifier,optional"`
	WorkgroupName     string          `pulumi:"workgroupName,optional"`
	Database          string          `pulumi:"database"`
	DBUser            string          `pulumi:"dbUser,optional"`
	SecretARN         string          `pulumi:"secretArn,optional"`
	SQL               string          `pulumi:"sql"`
	StatementName     string          `pulumi:"statementName,optional"`
	Parameters        []parameterArgs `pulumi:"parameters"`
}

func (a statementArgs) plane() *plane.ExecuteStatementInput {
	in := &plane.ExecuteStatementInput{ClusterIdentifier: a.ClusterIdentifier, WorkgroupName: a.WorkgroupName, Database: a.Database,
		DbUser: a.DBUser, SecretArn: a.SecretARN, Sql: a.SQL, StatementName: a.StatementName}
	for _, p := range a.Parameters {
		in.Parameters = append(in.Parameters, plane.SQLParameter(p.Name, p.Value))
	}
	return in
}

// forgotten is the Data API's error for a statement that it does not know, or no more.
var forgotten provider.Absent = func(err error) bool {
	var e *awsjson.Error
	return errors.As(err, &e) && e.Code == "ResourceNotFoundException"
}

// statement runs SQL when it is created. Deleting it changes nothing, and once the
// statement is forgotten, a day later, a refresh finds it gone, so that the next
// deployment runs the SQL again: as with the real provider.
func (r resources) statement() provider.Resource[statementArgs] {
	return provider.Resource[statementArgs]{
		Token:     "aws:redshiftdata/statement:Statement",
		ReplaceOn: []string{"*"},
		Validate: func(_ context.Context, a statementArgs) error {
			if (a.ClusterIdentifier == "") == (a.WorkgroupName == "") {
				return errors.New("one of clusterIdentifier and workgroupName must be set, and not both")
			}
			return nil
		},
		Create: func(ctx context.Context, a statementArgs) (string, provider.Outputs, error) {
			id, err := r.run(ctx, a)
			return id, provider.Outputs{}, err
		},
		Untold: []string{"statementName", "parameters"},
		Read: func(ctx context.Context, id string, _ statementArgs) (provider.Outputs, provider.Outputs, bool, error) {
			s, err := r.plane.DescribeStatement(ctx, id)
			ok, err := forgotten.Found(err)
			return provider.Outputs{"clusterIdentifier": s.ClusterIdentifier, "workgroupName": s.WorkgroupName, "database": s.Database,
				"dbUser": s.DbUser, "secretArn": s.SecretArn, "sql": s.QueryString}, provider.Outputs{}, ok, err
		},
		Delete: func(context.Context, string, statementArgs) error { return nil },
	}
}

func (r resources) run(ctx context.Context, a statementArgs) (id string, err error) {
	started, err := r.plane.ExecuteStatement(ctx, a.plane())
	if err != nil {
		return "", fmt.Errorf("executing Redshift Data Statement: %w", err)
	}
	waiting, stop := context.WithTimeout(ctx, r.patience)
	defer stop()
	done, err := r.plane.WaitStatement(waiting, started.Id)
	if errors.Is(err, context.DeadlineExceeded) {
		return "", fmt.Errorf("waiting for Redshift Data Statement (%s): timeout while waiting for state to become 'FINISHED' (timeout: %s): it goes on, CancelStatement ends it", started.Id, r.patience)
	}
	if err != nil {
		return "", fmt.Errorf("waiting for Redshift Data Statement (%s): %w", started.Id, err)
	}
	if done.Status != "FINISHED" {
		return "", fmt.Errorf("waiting for Redshift Data Statement (%s): unexpected state '%s': %s", started.Id, done.Status, done.Error)
	}
	return started.Id, nil
}
