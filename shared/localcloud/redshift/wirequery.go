package redshift

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgtype"
	wire "github.com/jeroenrinzema/psql-wire"
	"github.com/jeroenrinzema/psql-wire/codes"
	pgerror "github.com/jeroenrinzema/psql-wire/errors"

	"pipeline/shared/localcloud/redshift/engine"
	"pipeline/shared/localcloud/redshift/sqltext"
)

// parse plans the statements of a query message.
func (f *front) parse(ctx context.Context, query wire.Query) (wire.PreparedStatements, error) {
	session := sessionOf(ctx)
	statements, err := session.Split(query.Query)
	if err != nil {
		return nil, wireError(err)
	}
	switch {
	case len(statements) == 0:
		return wire.Prepared(wire.NewStatement(func(_ context.Context, w wire.DataWriter, _ []wire.Parameter) error { return w.Complete("") })), nil
	case len(statements) > 1 && !query.SimpleQuery:
		return nil, wireError(&Error{Code: "42601", Message: "cannot insert multiple commands into a prepared statement"})
	case len(statements) > 1:
		return f.runAll(ctx, session, statements)
	}
	plan, err := session.Plan(ctx, statements[0])
	if err != nil {
		return nil, wireError(err)
	}
	types, copied := parameterTypes(plan, query.ParameterOIDs), session.CopyID()
	return wire.Prepared(wire.NewStatement(func(ctx context.Context, w wire.DataWriter, params []wire.Parameter) error {
		args, err := decode(types, params)
		if err != nil {
			return wireError(err)
		}
		if copied != session.CopyID() { // a plan has the answer of pg_last_copy_count() in it
			if plan, err = session.Plan(ctx, statements[0]); err != nil {
				return wireError(err)
			}
			copied = session.CopyID()
		}
		tag, err := session.Run(ctx, plan, args, &rowWriter{w: w, columns: plan.Columns})
		if errors.Is(err, engine.ErrEnough) {
			return nil
		}
		if err != nil {
			return wireError(err)
		}
		return w.Complete(tag)
	}, wire.WithColumns(wireColumns(plan.Columns)), wire.WithParameters(types))), nil
}

// runAll runs the statements of one message: in one transaction unless they handle
// transactions themselves, as PostgreSQL does. A later one may need what an earlier one
// made, so they run before the first answer is sent; their rows wait in memory.
func (f *front) runAll(ctx context.Context, session *engine.Session, statements []sqltext.Statement) (wire.PreparedStatements, error) {
	own := session.State() == engine.Idle && !handlesTransactions(statements)
	if own {
		if _, err := session.Exec(ctx, "BEGIN", engine.Discard); err != nil {
			return nil, wireError(err)
		}
	}
	var prepared wire.PreparedStatements
	for _, st := range statements {
		answer, err := runOne(ctx, session, st)
		if err != nil {
			if own {
				_, _ = session.Exec(ctx, "ROLLBACK", engine.Discard) // err is the one to report
			}
			return nil, wireError(err)
		}
		prepared = append(prepared, answer)
	}
	if own {
		if _, err := session.Exec(ctx, "COMMIT", engine.Discard); err != nil {
			return nil, wireError(err)
		}
	}
	return prepared, nil
}

func handlesTransactions(statements []sqltext.Statement) bool {
	for _, st := range statements {
		switch st.Tokens[0].Text {
		case "begin", "start", "commit", "end", "rollback", "abort", "vacuum":
			return true
		}
	}
	return false
}

// kept collects the rows of a statement.
type kept struct{ rows [][]any }

func (k *kept) Row(values []any) error {
	k.rows = append(k.rows, values)
	return nil
}

func runOne(ctx context.Context, session *engine.Session, st sqltext.Statement) (*wire.PreparedStatement, error) {
	plan, err := session.Plan(ctx, st)
	if err != nil {
		return nil, err
	}
	var rows kept
	tag, err := session.Run(ctx, plan, nil, &rows)
	if err != nil {
		return nil, err
	}
	return wire.NewStatement(func(_ context.Context, w wire.DataWriter, _ []wire.Parameter) error {
		out := &rowWriter{w: w, columns: plan.Columns}
		for _, row := range rows.rows {
			if err := out.Row(row); err != nil {
				return err
			}
		}
		return w.Complete(tag)
	}, wire.WithColumns(wireColumns(plan.Columns))), nil
}

func wireColumns(columns []engine.Column) wire.Columns {
	var all wire.Columns
	for _, c := range columns {
		all = append(all, wire.Column{Name: c.Name, Oid: c.Type.OID(), Width: -1})
	}
	return all
}

// rowWriter sends rows.
type rowWriter struct {
	w       wire.DataWriter
	columns []engine.Column
}

func (r *rowWriter) Row(values []any) error {
	for i, v := range values {
		switch v := v.(type) {
		case engine.Numeric:
			var n pgtype.Numeric
			if err := n.Scan(string(v)); err != nil {
				return err
			}
			values[i] = n
		case time.Time:
			if r.columns[i].Type.Name == "time without time zone" {
				midnight := time.Date(v.Year(), v.Month(), v.Day(), 0, 0, 0, 0, time.UTC)
				values[i] = pgtype.Time{Microseconds: v.Sub(midnight).Microseconds(), Valid: true}
			}
		case []byte:
			values[i] = fmt.Sprintf("%x", v)
		}
	}
	err := r.w.Row(values)
	if errors.Is(err, wire.ErrSuspendedHandlerClosed) { // a portal was closed with rows left
		return engine.ErrEnough
	}
	return err
}

// parameterTypes are those in which a statement's parameters come: as the client has said
// with it, as JDBC does, else as the statement has them.
func parameterTypes(plan *engine.Plan, said []uint32) []uint32 {
	types := slices.Clone(plan.Params)
	for i := range types {
		if i < len(said) && said[i] != 0 {
			types[i] = said[i]
		}
	}
	return types
}

// decode reads the parameters of Bind.
func decode(types []uint32, params []wire.Parameter) ([]any, error) {
	if len(params) != len(types) {
		return nil, &Error{Code: "08P01", Message: fmt.Sprintf("bind message supplies %d parameters, but prepared statement requires %d", len(params), len(types))}
	}
	args := make([]any, len(params))
	for i, p := range params {
		if p.Value() == nil {
			continue
		}
		if p.Format() == wire.TextFormat {
			args[i] = string(p.Value())
			continue
		}
		value, err := p.Scan(types[i])
		if err != nil {
			return nil, &Error{Code: "22P03", Message: fmt.Sprintf("parameter $%d: %v", i+1, err)}
		}
		if n, ok := value.(pgtype.Numeric); ok {
			if value, err = n.Value(); err != nil {
				return nil, &Error{Code: "22P03", Message: err.Error()}
			}
		}
		args[i] = value
	}
	return args, nil
}

// wireError gives an error its SQLSTATE for the protocol.
func wireError(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	out := pgerror.WithCode(errors.New(e.Message), codes.Code(e.Code))
	if e.Detail != "" {
		out = pgerror.WithDetail(out, e.Detail)
	}
	if e.Hint != "" {
		out = pgerror.WithHint(out, e.Hint)
	}
	return pgerror.WithSeverity(out, pgerror.LevelError)
}

func fatal(err error) error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Code: "XX000", Message: strings.TrimSpace(err.Error())}
	}
	return pgerror.WithSeverity(wireError(e), pgerror.LevelFatal)
}
