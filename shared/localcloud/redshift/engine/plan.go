package engine

import (
	"context"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// planner makes the plan of one kind of statement. The cursor stands behind the words
// that chose it.
type planner func(s *Session, ctx context.Context, c *sqltext.Cursor) (*Plan, error)

// statements are the forms that are honoured, by their first words. The longest match
// is taken; what is not here is refused by name.
var statements map[string]planner

func init() {
	statements = map[string]planner{
		"select": (*Session).planQuery, "with": (*Session).planQuery, "values": (*Session).planQuery, "(": (*Session).planQuery,
		"insert into": (*Session).planInsert, "update": (*Session).planUpdate,
		"delete from": (*Session).planDelete, "delete": (*Session).planDelete,
		"truncate": (*Session).planTruncate, "copy": (*Session).planCopy,
		"create table": (*Session).planCreateTable, "create schema": (*Session).planCreateSchema,
		"create view": (*Session).planCreateView, "create or replace view": (*Session).planReplaceView,
		"create user": (*Session).planCreateUser, "alter user": (*Session).planAlterUser,
		"create or replace procedure": (*Session).planReplaceProcedure, "create procedure": (*Session).planCreateProcedure,
		"alter table": (*Session).planAlterTable, "alter schema": (*Session).planAlterSchema,
		"drop table": (*Session).planDropTable, "drop view": (*Session).planDropView,
		"drop schema": (*Session).planDropSchema, "drop user": (*Session).planDropUser,
		"drop procedure": (*Session).planDropProcedure,
		"grant":          (*Session).planGrant, "revoke": (*Session).planRevoke, "call": (*Session).planCall,
		"begin": (*Session).planBegin, "start transaction": (*Session).planBegin,
		"commit": (*Session).planCommit, "end": (*Session).planCommit,
		"rollback": (*Session).planRollback, "abort": (*Session).planRollback,
		"set": (*Session).planSet, "show": (*Session).planShow, "reset": (*Session).planReset,
		"analyze": planMaintenance("ANALYZE"), "vacuum": planMaintenance("VACUUM"),
		"explain": (*Session).planExplain,
	}
}

func (s *Session) plan(ctx context.Context, st sqltext.Statement) (*Plan, error) {
	if len(st.Tokens) == 0 {
		return &Plan{run: tagged("")}, nil
	}
	const longest = 4
	for n := min(longest, len(st.Tokens)); n > 0; n-- {
		p, ok := statements[firstWords(st, n)]
		if !ok {
			continue
		}
		c := sqltext.NewCursor(st)
		if firstWords(st, n) != "(" && !reads(firstWords(st, n)) {
			for range n {
				c.Next()
			}
		}
		return p(s, ctx, c)
	}
	return nil, unknownStatement(st)
}

// reads says that the words belong to a query, which is parsed whole.
func reads(words string) bool { return words == "select" || words == "with" || words == "values" }

func firstWords(st sqltext.Statement, n int) string {
	words := make([]string, n)
	for i := range words {
		words[i] = st.Tokens[i].Text
	}
	return strings.Join(words, " ")
}

// redshiftOnly are statements that Redshift has and this warehouse refuses; any other
// first word is a syntax error there as well.
var redshiftOnly = map[string]bool{
	"create": true, "alter": true, "drop": true, "unload": true, "merge": true, "lock": true, "prepare": true,
	"execute": true, "deallocate": true, "declare": true, "fetch": true, "close": true, "refresh": true,
	"cancel": true, "attach": true, "detach": true, "use": true, "desc": true, "describe": true, "insert": true, "comment": true,
	"savepoint": true, "release": true,
}

func unknownStatement(st sqltext.Statement) error {
	first := st.Tokens[0]
	if !redshiftOnly[first.Text] {
		return errorf(codeSyntax, "syntax error at or near %q", st.Source[first.From:first.To])
	}
	form := strings.ToUpper(first.Text)
	for _, t := range st.Tokens[1:min(4, len(st.Tokens))] {
		if t.Kind != sqltext.Word || !keywords[t.Text] {
			break
		}
		form += " " + strings.ToUpper(t.Text)
	}
	return refuse(form)
}

// keywords are the words that belong to the name of a form.
var keywords = wordSet(`temp temporary or replace external function library materialized view group role model datashare
	identity provider masking policy rls database user table schema procedure default privileges system index sequence
	type trigger rule aggregate operator language session local global unique into on`)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for _, w := range strings.Fields(words) {
		set[w] = true
	}
	return set
}

// tagged is a run that does nothing more and reports tag.
func tagged(tag string) func(context.Context, []any, Output) (string, error) {
	return func(context.Context, []any, Output) (string, error) { return tag, nil }
}

// does makes a plan of a function that gives no rows.
func does(tag string, f func(ctx context.Context) error) *Plan {
	return &Plan{run: func(ctx context.Context, _ []any, _ Output) (string, error) { return tag, f(ctx) }}
}
