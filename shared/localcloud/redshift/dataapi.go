package redshift

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/redshift/engine"
	"pipeline/shared/localcloud/redshift/sqltext"
)

// The Redshift Data API (botocore service model redshift-data). A member that is not
// here is refused by the decoder.

type sqlParameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// target says where and as whom a statement runs.
type target struct {
	ClusterIdentifier string
	WorkgroupName     string
	Database          string
	DbUser            string
	SecretArn         string
}

// ExecuteStatementInput runs one SQL statement.
type ExecuteStatementInput struct {
	ClusterIdentifier       string
	WorkgroupName           string
	Database                string
	DbUser                  string
	SecretArn               string
	Sql                     string
	StatementName           string
	Parameters              []sqlParameter
	ClientToken             string
	WithEvent               bool
	ResultFormat            string
	SessionId               string
	SessionKeepAliveSeconds int
}

// SQLParameter is a named parameter of a statement.
func SQLParameter(name, value string) sqlParameter { return sqlParameter{Name: name, Value: value} }

type batchExecuteInput struct {
	ClusterIdentifier       string
	WorkgroupName           string
	Database                string
	DbUser                  string
	SecretArn               string
	Sqls                    []string
	StatementName           string
	Parameters              []sqlParameter // of all the statements
	ClientToken             string
	WithEvent               bool
	ResultFormat            string
	SessionId               string
	SessionKeepAliveSeconds int
}

// ExecuteStatementOutput says under which Id to ask for what comes of it.
type ExecuteStatementOutput struct {
	Id                string
	ClusterIdentifier string `json:",omitempty"`
	WorkgroupName     string `json:",omitempty"`
	Database          string
	DbUser            string `json:",omitempty"`
	SecretArn         string `json:",omitempty"`
	CreatedAt         epoch
}

// epoch is a time as the JSON protocol has it: seconds since 1970.
type epoch time.Time

func (e epoch) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, "%.3f", float64(time.Time(e).UnixMilli())/1000), nil
}

func (e *epoch) UnmarshalJSON(data []byte) error {
	var seconds float64
	if err := json.Unmarshal(data, &seconds); err != nil {
		return err
	}
	*e = epoch(time.UnixMilli(int64(seconds * 1000)))
	return nil
}

// The service's limits.
const (
	maxSQL   = 100_000 // bytes of a statement
	maxBatch = 40
)

// ExecuteStatement starts one statement, which must be a single one.
func (s *Service) ExecuteStatement(ctx context.Context, in *ExecuteStatementInput) (*ExecuteStatementOutput, error) {
	at := target{in.ClusterIdentifier, in.WorkgroupName, in.Database, in.DbUser, in.SecretArn}
	if err := checkOptions(in.WithEvent, in.ResultFormat, in.SessionId, in.SessionKeepAliveSeconds); err != nil {
		return nil, err
	}
	if err := checkUsed([]string{in.Sql}, in.Parameters); err != nil {
		return nil, err
	}
	st := statement{Name: in.StatementName, Token: in.ClientToken, Parameters: in.Parameters, Parts: []part{{SQL: in.Sql}}}
	return s.submit(ctx, at, st, "ExecuteStatement")
}

// checkUsed refuses parameters that none of the statements has a place for.
func checkUsed(sqls []string, parameters []sqlParameter) error {
	var tokens []sqltext.Token
	for _, sql := range sqls {
		of, err := sqltext.Scan(sql, false)
		if err != nil {
			return nil // the statement fails with this
		}
		tokens = append(tokens, of...)
	}
	var unused []string
	for _, p := range parameters {
		if !slices.ContainsFunc(tokens, func(t sqltext.Token) bool { return t.Kind == sqltext.Param && t.Text == p.Name }) {
			unused = append(unused, p.Name)
		}
	}
	if len(unused) > 0 {
		return validationError("Parameters list contains unused parameters. Unused parameters: [%s]", strings.Join(unused, ", "))
	}
	return nil
}

func (s *Service) batchExecuteStatement(ctx context.Context, in *batchExecuteInput) (*ExecuteStatementOutput, error) {
	at := target{in.ClusterIdentifier, in.WorkgroupName, in.Database, in.DbUser, in.SecretArn}
	if err := checkOptions(in.WithEvent, in.ResultFormat, in.SessionId, in.SessionKeepAliveSeconds); err != nil {
		return nil, err
	}
	if len(in.Sqls) == 0 || len(in.Sqls) > maxBatch {
		return nil, validationError("Sqls must have between 1 and %d statements", maxBatch)
	}
	if err := checkUsed(in.Sqls, in.Parameters); err != nil {
		return nil, err
	}
	st := statement{Name: in.StatementName, Token: in.ClientToken, Parameters: in.Parameters, Batch: true}
	for _, sql := range in.Sqls {
		st.Parts = append(st.Parts, part{SQL: sql})
	}
	return s.submit(ctx, at, st, "BatchExecuteStatement")
}

func checkOptions(withEvent bool, format, session string, keepAlive int) error {
	switch {
	case withEvent:
		return validationError("the local cloud has no EventBridge: leave WithEvent out")
	case format != "" && format != "JSON":
		return validationError("the local cloud gives results as JSON only, not as %s", format)
	case session != "" || keepAlive != 0:
		return validationError("the local cloud keeps no session between statements: leave SessionId and SessionKeepAliveSeconds out")
	}
	return nil
}

func (s *Service) submit(ctx context.Context, at target, st statement, action string) (*ExecuteStatementOutput, error) {
	cluster, err := s.endpoint(at)
	if err != nil {
		return nil, err
	}
	if err := s.authorize(ctx, "redshift-data:"+action, cluster.ARN); err != nil {
		return nil, err
	}
	for _, p := range st.Parts {
		if err := checkSQL(p.SQL); err != nil {
			return nil, err
		}
	}
	open, err := s.opener(ctx, cluster, at)
	if err != nil {
		return nil, err
	}
	caller, _ := iam.CallerFrom(ctx)
	st.Role = caller.Role
	st = s.fill(st, cluster, at)
	st, again, err := s.earlier(st)
	if err == nil && !again {
		err = s.start(st, open)
	}
	if err != nil {
		return nil, err
	}
	return &ExecuteStatementOutput{Id: st.ID, ClusterIdentifier: at.ClusterIdentifier, WorkgroupName: at.WorkgroupName,
		Database: at.Database, DbUser: at.DbUser, SecretArn: at.SecretArn, CreatedAt: epoch(st.Created)}, nil
}

func (s *Service) fill(st statement, cluster Cluster, at target) statement {
	now := s.cfg.Now()
	st.Workgroup = at.WorkgroupName
	st.ID, st.Cluster, st.Database, st.DBUser, st.SecretARN = uuid(), cluster.Identifier, at.Database, at.DbUser, at.SecretArn
	st.Status, st.Created, st.Updated = statusSubmitted, now, now
	for i := range st.Parts {
		p := &st.Parts[i]
		p.ID, p.Status, p.Created, p.Updated = st.ID, statusSubmitted, now, now
		if st.Batch {
			p.ID = fmt.Sprintf("%s:%d", st.ID, i+1)
		}
	}
	return st
}

// checkSQL refuses a text of several statements, which the API documents as an error.
func checkSQL(sql string) error {
	if len(sql) == 0 || len(sql) > maxSQL {
		return validationError("Sql must have between 1 and %d characters", maxSQL)
	}
	statements, err := sqltext.Split(sql, false)
	if err != nil {
		return nil // it fails when it runs, in Redshift's words
	}
	switch len(statements) {
	case 0:
		return validationError("The text has no SQL statement, and this must be a single SQL statement")
	case 1:
		return nil
	}
	return validationError("Multiple SQL statements are not allowed: the text has %d statements, and this must be a single SQL statement", len(statements))
}

// endpoint finds the cluster that a request names.
func (s *Service) endpoint(at target) (Cluster, error) {
	switch {
	case (at.ClusterIdentifier == "") == (at.WorkgroupName == ""):
		return Cluster{}, validationError("Either ClusterIdentifier or WorkgroupName must be given, and not both")
	case at.Database == "":
		return Cluster{}, validationError("Database is required")
	}
	c, err := s.GetCluster(at.ClusterIdentifier)
	if at.WorkgroupName != "" {
		c, err = s.workgroupCluster(at.WorkgroupName)
	}
	if IsNotFound(err) {
		return c, validationError("Redshift endpoint doesn't exist in this region.")
	}
	return c, err
}

// opener finds out as whom a statement runs, and returns what opens his session.
func (s *Service) opener(ctx context.Context, c Cluster, at target) (func(context.Context) (*engine.Session, error), error) {
	switch {
	case (at.SecretArn == "") == (at.DbUser == ""):
		return nil, validationError("Either SecretArn or DbUser must be given for a cluster, and not both")
	case at.DbUser != "":
		resource := s.arn("dbuser", c.Identifier+"/"+at.DbUser)
		if err := s.authorize(ctx, "redshift:GetClusterCredentials", resource); err != nil {
			return nil, err
		}
		return s.openAs(c, at.Database, func(ctx context.Context, d *engine.Database) (engine.User, error) {
			return d.Impersonate(ctx, at.DbUser)
		}), nil
	}
	var secret struct{ Username, Password string }
	value, err := s.cfg.Secrets.SecretValue(ctx, at.SecretArn)
	var refused *awsjson.Error
	if errors.As(err, &refused) && refused.Code == "ResourceNotFoundException" {
		// Not an error of this operation (botocore service model redshift-data).
		return nil, validationError("%s", refused.Message)
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(value), &secret); err != nil || secret.Username == "" {
		return nil, validationError("The secret %s must be a JSON object with username and password", at.SecretArn)
	}
	return s.openAs(c, at.Database, func(ctx context.Context, d *engine.Database) (engine.User, error) {
		return d.SignIn(ctx, secret.Username, secret.Password)
	}), nil
}

func (s *Service) openAs(c Cluster, database string, signIn func(context.Context, *engine.Database) (engine.User, error)) func(context.Context) (*engine.Session, error) {
	return func(ctx context.Context) (*engine.Session, error) {
		if err := s.unavailable(); err != nil {
			return nil, err
		}
		if database != c.DatabaseName {
			return nil, noDatabase(database)
		}
		d, err := s.database(c)
		if err != nil {
			return nil, err
		}
		user, err := signIn(ctx, d)
		if err != nil {
			return nil, err
		}
		return d.NewSession(ctx, user)
	}
}

// authorize asks IAM and answers a denial as the Data API does.
func (s *Service) authorize(ctx context.Context, action, resource string) error {
	if err := s.cfg.IAM.Authorize(ctx, action, resource, nil); err != nil {
		return awsjson.Errorf("AccessDeniedException", "%v", err)
	}
	return nil
}

// DescribeStatementOutput is the state of a statement. Duration is in nanoseconds.
type DescribeStatementOutput struct {
	Id                string
	ClusterIdentifier string `json:",omitempty"`
	WorkgroupName     string `json:",omitempty"`
	Database          string
	DbUser            string `json:",omitempty"`
	SecretArn         string `json:",omitempty"`
	Status            string
	Error             string `json:",omitempty"`
	CreatedAt         epoch
	UpdatedAt         epoch
	Duration          int64
	HasResultSet      bool
	ResultRows        int64
	ResultSize        int64
	QueryString       string         `json:",omitempty"`
	QueryParameters   []sqlParameter `json:",omitempty"`
	RedshiftPid       int32
	RedshiftQueryId   int64
	ResultFormat      string
	SubStatements     []subStatement `json:",omitempty"`
}

type subStatement struct {
	Id              string
	QueryString     string
	Status          string
	Error           string `json:",omitempty"`
	CreatedAt       epoch
	UpdatedAt       epoch
	Duration        int64
	HasResultSet    bool
	ResultRows      int64
	ResultSize      int64
	RedshiftQueryId int64
}

type idInput struct {
	Id        string
	NextToken string
}

// DescribeStatement tells how a statement is getting on.
func (s *Service) DescribeStatement(ctx context.Context, id string) (*DescribeStatementOutput, error) {
	st, p, err := s.find(ctx, "DescribeStatement", id)
	if err != nil {
		return nil, err
	}
	out := &DescribeStatementOutput{Id: id, ClusterIdentifier: st.Cluster, WorkgroupName: st.Workgroup, Database: st.Database, DbUser: st.DBUser, SecretArn: st.SecretARN,
		Status: st.Status, Error: st.Error, CreatedAt: epoch(st.Created), UpdatedAt: epoch(st.Updated), QueryParameters: st.Parameters,
		RedshiftPid: st.PID, ResultFormat: "json", ResultRows: -1, ResultSize: -1}
	if st.Workgroup != "" {
		out.ClusterIdentifier = ""
	}
	if p != nil {
		out.Status, out.Error, out.QueryString = p.Status, p.Error, p.SQL
		out.HasResultSet, out.ResultRows, out.ResultSize, out.Duration = p.HasRows, p.Rows, p.Bytes, int64(p.Duration)
		out.RedshiftQueryId = p.QueryID
		if !st.Batch {
			out.Error = st.Error
		}
		return out, nil
	}
	for _, p := range st.Parts {
		out.SubStatements = append(out.SubStatements, subStatement{Id: p.ID, QueryString: p.SQL, Status: p.Status, Error: p.Error,
			CreatedAt: epoch(p.Created), UpdatedAt: epoch(p.Updated), Duration: int64(p.Duration), HasResultSet: p.HasRows, ResultRows: p.Rows, ResultSize: p.Bytes, RedshiftQueryId: p.QueryID})
		out.Duration += int64(p.Duration)
		out.HasResultSet = out.HasResultSet || p.HasRows
	}
	return out, nil
}

// find returns a statement, and the part of it that the id means: the only one, or one
// of a batch by "<id>:<n>".
func (s *Service) find(ctx context.Context, action, id string) (statement, *part, error) {
	whole, _, _ := strings.Cut(id, ":")
	st, found, err := s.statements.Get(whole)
	if err != nil {
		return st, nil, err
	}
	if !found || s.expired(st) {
		return st, nil, awsjson.Errorf("ResourceNotFoundException", "Query does not exist.")
	}
	if err := s.authorize(ctx, "redshift-data:"+action, "*"); err != nil {
		return st, nil, err
	}
	if i := slices.IndexFunc(st.Parts, func(p part) bool { return p.ID == id }); i >= 0 {
		return st, &st.Parts[i], nil
	}
	if id != whole {
		return st, nil, awsjson.Errorf("ResourceNotFoundException", "Query does not exist.")
	}
	return st, nil, nil
}

// WaitStatement waits until a statement has ended and returns how. It gives up with ctx.
func (s *Service) WaitStatement(ctx context.Context, id string) (*DescribeStatementOutput, error) {
	if t, ok := s.running.Load(id); ok {
		select {
		case <-t.(*task).done:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	return s.DescribeStatement(ctx, id)
}

type cancelOutput struct{ Status bool }

func (s *Service) cancelStatement(ctx context.Context, in *idInput) (*cancelOutput, error) {
	st, _, err := s.find(ctx, "CancelStatement", in.Id)
	if err != nil {
		return nil, err
	}
	t, ok := s.running.Load(st.ID)
	if !ok || st.Status != statusSubmitted && st.Status != statusStarted {
		return nil, validationError("Could not cancel a query that is already in %s state with ID: %s", st.Status, in.Id)
	}
	t.(*task).cancel()
	return &cancelOutput{Status: true}, nil
}

// isDone says whether a result can be asked for, in the API's words where it cannot.
func isDone(st statement, p *part, id string) error {
	switch {
	case p == nil:
		return validationError("Query with ID %s is a batch: ask for the result of one of its SubStatements", id)
	case p.Status == statusFinished && st.Status == statusFinished && p.HasRows:
		return nil
	case p.Status == statusFinished && st.Status == statusFinished:
		return awsjson.Errorf("ResourceNotFoundException", "Query does not have result. Please check query status with DescribeStatement.")
	}
	return awsjson.Errorf("ResourceNotFoundException", "Query is not completed. Please check query status with DescribeStatement. (%s)", st.Status)
}
