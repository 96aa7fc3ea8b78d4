package redshift

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/redshift/engine"
	"pipeline/shared/localcloud/store"
)

// Handler serves the Redshift Data API: X-Amz-Target RedshiftData.*.
func (s *Service) Handler() http.Handler {
	return awsjson.Handler("redshift-data", map[string]awsjson.Operation{
		"ExecuteStatement":      awsjson.Op(s.ExecuteStatement),
		"BatchExecuteStatement": awsjson.Op(s.batchExecuteStatement),
		"DescribeStatement": awsjson.Op(func(ctx context.Context, in *idInput) (*DescribeStatementOutput, error) {
			return s.DescribeStatement(ctx, in.Id)
		}),
		"GetStatementResult": awsjson.Op(s.getStatementResult),
		"ListStatements":     awsjson.Op(s.listStatements),
		"CancelStatement":    awsjson.Op(s.cancelStatement),
	})
}

// columnMetadata describes a column (redshift-data, ColumnMetadata).
type columnMetadata struct {
	Name            string `json:"name"`
	Label           string `json:"label"`
	TypeName        string `json:"typeName"`
	Length          int    `json:"length"`
	Precision       int    `json:"precision"`
	Scale           int    `json:"scale"`
	Nullable        int    `json:"nullable"`
	IsCaseSensitive bool   `json:"isCaseSensitive"`
	IsCurrency      bool   `json:"isCurrency"`
	IsSigned        bool   `json:"isSigned"`
	SchemaName      string `json:"schemaName"`
	TableName       string `json:"tableName"`
}

// precisions are those that the JDBC driver gives, and the API with it, to types
// that have none of their own.
var precisions = map[string]int{"int2": 5, "int4": 10, "int8": 19, "float4": 8, "float8": 17, "bool": 1,
	"date": 13, "time": 15, "timestamp": 29, "timestamptz": 35}

func metadataOf(columns []engine.Column) []columnMetadata {
	all := make([]columnMetadata, len(columns))
	for i, c := range columns {
		name := c.Type.Short()
		all[i] = columnMetadata{Name: c.Name, Label: c.Name, TypeName: name, Length: c.Type.Length,
			Scale: c.Type.Scale, Nullable: 1, TableName: c.Table, IsCaseSensitive: name == "varchar" || name == "bpchar",
			IsSigned: strings.HasPrefix(name, "int") || strings.HasPrefix(name, "float") || name == "numeric"}
		all[i].Precision = cmp.Or(c.Type.Precision, c.Type.Length, precisions[name])
	}
	return all
}

type resultOutput struct {
	Records        json.RawMessage
	ColumnMetadata []columnMetadata
	TotalNumRows   int64
	NextToken      string `json:",omitempty"`
}

// getStatementResult gives one page of a result. The token is the number of the next.
func (s *Service) getStatementResult(ctx context.Context, in *idInput) (*resultOutput, error) {
	st, p, err := s.find(ctx, "GetStatementResult", in.Id)
	if err != nil {
		return nil, err
	}
	if err := isDone(st, p, in.Id); err != nil {
		return nil, err
	}
	number := 0
	if in.NextToken != "" {
		if number, err = strconv.Atoi(in.NextToken); err != nil || number < 1 {
			return nil, validationError("Invalid NextToken")
		}
	}
	page, more, err := readPage(s.resultPath(p.ID), number)
	if err != nil {
		return nil, err
	}
	out := &resultOutput{Records: page, ColumnMetadata: p.Columns, TotalNumRows: p.Rows}
	if more {
		out.NextToken = strconv.Itoa(number + 1)
	}
	return out, nil
}

func readPage(path string, number int) (page json.RawMessage, more bool, err error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, false, fmt.Errorf("read the result: %w", err)
	}
	defer file.Close()
	lines := bufio.NewReaderSize(file, 64<<10)
	for i := 0; ; i++ {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return nil, false, validationError("Invalid NextToken")
		}
		if i == number {
			_, end := lines.Peek(1)
			if string(line) == "null\n" {
				line = []byte("[]")
			}
			return line, end == nil, nil
		}
	}
}

type listInput struct {
	ClusterIdentifier string
	Database          string
	MaxResults        int
	NextToken         string
	RoleLevel         bool
	StatementName     string // a prefix
	Status            string
	WorkgroupName     string
}

type listOutput struct {
	Statements []statementData
	NextToken  string `json:",omitempty"`
}

type statementData struct {
	Id               string
	StatementName    string `json:",omitempty"`
	SecretArn        string `json:",omitempty"`
	Status           string
	CreatedAt        epoch
	UpdatedAt        epoch
	IsBatchStatement bool
	QueryString      string         `json:",omitempty"`
	QueryStrings     []string       `json:",omitempty"`
	QueryParameters  []sqlParameter `json:",omitempty"`
	ResultFormat     string
}

var listedStatuses = []string{"", "ALL", statusSubmitted, "PICKED", statusStarted, statusFinished, statusAborted, statusFailed}

// listStatements lists the last 24 hours' statements, newest first.
func (s *Service) listStatements(ctx context.Context, in *listInput) (*listOutput, error) {
	if err := s.authorize(ctx, "redshift-data:ListStatements", "*"); err != nil {
		return nil, err
	}
	if !slices.Contains(listedStatuses, in.Status) {
		return nil, validationError("Status must be one of %s", strings.Join(listedStatuses[1:], ", "))
	}
	if in.MaxResults < 0 || in.MaxResults > 100 {
		return nil, validationError("MaxResults must be between 0 and 100")
	}
	if in.MaxResults == 0 {
		in.MaxResults = 100
	}
	caller, _ := iam.CallerFrom(ctx)
	all, err := s.listed(in, caller.Role)
	if err != nil {
		return nil, err
	}
	from := 0
	if in.NextToken != "" {
		if from = 1 + slices.IndexFunc(all, func(d statementData) bool { return d.Id == in.NextToken }); from == 0 {
			return nil, validationError("Invalid NextToken")
		}
	}
	out := &listOutput{Statements: all[from:min(len(all), from+in.MaxResults)]}
	if from+in.MaxResults < len(all) {
		out.NextToken = out.Statements[len(out.Statements)-1].Id
	}
	return out, nil
}

// listed are the statements that a role has run. Each is a session of its own, so that
// RoleLevel changes nothing.
func (s *Service) listed(in *listInput, role string) ([]statementData, error) {
	items, err := s.statements.List()
	if err != nil {
		return nil, err
	}
	slices.SortFunc(items, func(a, b store.Item[statement]) int { return b.Value.Created.Compare(a.Value.Created) })
	all := []statementData{}
	for _, item := range items {
		st := item.Value
		switch {
		case s.expired(st), st.Role != role, in.ClusterIdentifier != "" && in.ClusterIdentifier != st.Cluster, in.Database != "" && in.Database != st.Database,
			in.WorkgroupName != st.Workgroup && in.WorkgroupName != "", !strings.HasPrefix(st.Name, in.StatementName),
			in.Status != "" && in.Status != "ALL" && in.Status != st.Status:
			continue
		}
		all = append(all, dataOf(st))
	}
	return all, nil
}

func dataOf(st statement) statementData {
	d := statementData{Id: st.ID, StatementName: st.Name, SecretArn: st.SecretARN, Status: st.Status, CreatedAt: epoch(st.Created),
		UpdatedAt: epoch(st.Updated), IsBatchStatement: st.Batch, QueryParameters: st.Parameters, ResultFormat: "json"}
	for _, p := range st.Parts {
		d.QueryStrings = append(d.QueryStrings, p.SQL)
	}
	if !st.Batch {
		d.QueryString, d.QueryStrings = st.Parts[0].SQL, nil
	}
	return d
}
