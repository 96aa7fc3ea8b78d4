package events

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
	"github.com/aws/aws-sdk-go-v2/service/redshiftdata/types"

	"pipeline/shared/outputs"
)

// newest is how many events the default query shows.
const newest = 20

// askAgain is how often a statement's state is asked for.
const askAgain = 100 * time.Millisecond

// warehouse is where statements run: a cluster or, without one, a workgroup.
type warehouse struct{ cluster, workgroup, database, secretARN, table string }

func (p Path) warehouse() (warehouse, error) {
	var o outputs.Warehouse
	w := warehouse{}
	var errs []error
	for _, field := range []struct {
		key  string
		into *string
	}{
		{outputs.Key(&o, &o.ClusterIdentifier), &w.cluster},
		{outputs.Key(&o, &o.WorkgroupName), &w.workgroup},
		{outputs.Key(&o, &o.Database), &w.database},
		{outputs.Key(&o, &o.AdminSecretARN), &w.secretARN},
		{outputs.Key(&o, &o.Table), &w.table},
	} {
		value, err := p.Output("warehouse", field.key)
		*field.into = value
		errs = append(errs, err)
	}
	return w, firstError(errs)
}

// Query runs a statement through the Redshift Data API and prints its rows as a
// table. An empty statement asks for the newest events.
func (p Path) Query(ctx context.Context, sql string) error {
	w, err := p.warehouse()
	if err != nil {
		return err
	}
	if strings.TrimSpace(sql) == "" {
		sql = fmt.Sprintf("SELECT * FROM %s ORDER BY ingested_at DESC LIMIT %d", w.table, newest)
	}
	client := redshiftdata.NewFromConfig(p.AWS)
	id, hasRows, err := p.execute(ctx, client, w, sql)
	if err != nil {
		return err
	}
	if !hasRows {
		fmt.Fprintln(p.Talk, "done; the statement has no rows")
		return nil
	}
	return p.printRows(ctx, client, id)
}

// execute runs a statement to its end.
func (p Path) execute(ctx context.Context, client *redshiftdata.Client, w warehouse, sql string) (id string, hasRows bool, err error) {
	input := &redshiftdata.ExecuteStatementInput{
		Database: aws.String(w.database), SecretArn: aws.String(w.secretARN), Sql: aws.String(sql),
	}
	if w.cluster != "" {
		input.ClusterIdentifier = aws.String(w.cluster)
	} else {
		input.WorkgroupName = aws.String(w.workgroup)
	}
	started, err := client.ExecuteStatement(ctx, input)
	if err != nil {
		return "", false, fmt.Errorf("query the warehouse: %w", err)
	}
	id = aws.ToString(started.Id)
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for {
		state, err := client.DescribeStatement(ctx, &redshiftdata.DescribeStatementInput{Id: started.Id})
		if err != nil {
			return "", false, fmt.Errorf("query the warehouse: %w", err)
		}
		switch state.Status {
		case types.StatusStringFinished:
			return id, aws.ToBool(state.HasResultSet), nil
		case types.StatusStringFailed, types.StatusStringAborted:
			return "", false, errors.New("query the warehouse: " + aws.ToString(state.Error))
		}
		select {
		case <-ctx.Done():
			return "", false, ctx.Err()
		case <-tick.C:
		}
	}
}

// printRows prints all pages of a result.
func (p Path) printRows(ctx context.Context, client *redshiftdata.Client, id string) error {
	t := tabwriter.NewWriter(p.Out, 0, 0, 2, ' ', 0)
	pages := redshiftdata.NewGetStatementResultPaginator(client, &redshiftdata.GetStatementResultInput{Id: aws.String(id)})
	rows := 0
	for first := true; pages.HasMorePages(); first = false {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("read the rows: %w", err)
		}
		if first {
			var names []string
			for _, column := range page.ColumnMetadata {
				names = append(names, cell(aws.ToString(column.Name)))
			}
			fmt.Fprintln(t, strings.Join(names, "\t"))
		}
		for _, record := range page.Records {
			var values []string
			for _, field := range record {
				values = append(values, cell(fieldText(field)))
			}
			fmt.Fprintln(t, strings.Join(values, "\t"))
			rows++
		}
	}
	if err := t.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(p.Talk, countRows(rows))
	return nil
}

func countRows(n int) string {
	if n == 1 {
		return "1 row"
	}
	return strconv.Itoa(n) + " rows"
}

// cell is a value on one line of a table.
func cell(text string) string {
	return strings.NewReplacer("\t", " ", "\n", " ", "\r", " ").Replace(text)
}

// fieldText is a field as text; NULL is empty.
func fieldText(field types.Field) string {
	switch f := field.(type) {
	case *types.FieldMemberStringValue:
		return f.Value
	case *types.FieldMemberLongValue:
		return strconv.FormatInt(f.Value, 10)
	case *types.FieldMemberDoubleValue:
		return strconv.FormatFloat(f.Value, 'g', -1, 64)
	case *types.FieldMemberBooleanValue:
		return strconv.FormatBool(f.Value)
	case *types.FieldMemberBlobValue:
		return fmt.Sprintf("%x", f.Value)
	default:
		return ""
	}
}
