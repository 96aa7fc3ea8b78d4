package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// planDropTable plans DROP TABLE [IF EXISTS] name, ... [CASCADE | RESTRICT].
func (s *Session) planDropTable(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	return s.planDropRelation(c, kindTable, "TABLE")
}

func (s *Session) planDropView(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	return s.planDropRelation(c, kindView, "VIEW")
}

func (s *Session) planDropRelation(c *sqltext.Cursor, kind, word string) (*Plan, error) {
	missing := c.Accept("if", "exists")
	var names [][2]string
	err := eachName(c, func() error {
		schema, name := c.QualifiedName()
		names = append(names, [2]string{schema, name})
		return c.Err()
	})
	cascade := c.AcceptOne("cascade", "restrict") == "cascade"
	if err == nil {
		err = c.End()
	}
	return does("DROP "+word, func(ctx context.Context) error {
		for _, n := range names {
			if err := s.dropRelation(ctx, n[0], n[1], kind, word, missing, cascade); err != nil {
				return err
			}
		}
		return nil
	}), err
}

func (s *Session) dropRelation(ctx context.Context, schema, name, kind, word string, missing, cascade bool) error {
	o, err := s.relation(ctx, schema, name)
	if err != nil {
		if missing && (is(err, codeUndefinedTable) || is(err, codeUndefinedSchema)) {
			return nil
		}
		return err
	}
	if o.Kind != kind {
		return errorf("42809", "%q is not a %s", name, strings.ToLower(word))
	}
	if err := s.own(o); err != nil {
		if s.allowRelation(ctx, o, "DROP") != nil {
			return err
		}
	}
	if err := s.dropDependents(ctx, o, cascade); err != nil {
		return err
	}
	return s.dropObject(ctx, o)
}

// dropDependents drops the views that read o, or refuses to.
func (s *Session) dropDependents(ctx context.Context, o object, cascade bool) error {
	views, err := s.viewsOf(ctx, o)
	if err != nil {
		return err
	}
	return s.dropViews(ctx, views, cascade, "table "+o.Name)
}

// viewsOf are the views that read o. A view's definition names what it reads.
func (s *Session) viewsOf(ctx context.Context, o object) ([]object, error) {
	rows, err := s.conn.QueryContext(ctx, selectObject+`WHERE kind = 'v' AND list_contains(string_split(diststyle, ','), ?)`, itoa(o.OID))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var views []object
	for rows.Next() {
		var v object
		if err := rows.Scan(&v.OID, &v.Kind, &v.Schema, &v.Name, &v.Owner, &v.Definition); err != nil {
			return nil, err
		}
		views = append(views, v)
	}
	return views, rows.Err()
}

// dropViews drops views by cascade and refuses to elsewhere; what is what they depend on.
func (s *Session) dropViews(ctx context.Context, views []object, cascade bool, what string) error {
	for _, v := range views {
		if !cascade {
			return &Error{Code: codeDependent, Message: fmt.Sprintf("cannot drop %s because other objects depend on it", what),
				Hint: "Use DROP ... CASCADE to drop the dependent objects too."}
		}
		if err := s.dropDependents(ctx, v, true); err != nil {
			return err
		}
		if err := s.dropObject(ctx, v); err != nil {
			return err
		}
	}
	return nil
}

// readersOf are the views that read a column of o, or may: those that name it or say *.
func (s *Session) readersOf(ctx context.Context, o object, column string) ([]object, error) {
	views, err := s.viewsOf(ctx, o)
	return slices.DeleteFunc(views, func(v object) bool {
		tokens, err := sqltext.Scan(v.Definition, s.caseSensitive)
		return err == nil && !mentions(tokens, column)
	}), err
}

func mentions(tokens []sqltext.Token, column string) bool {
	for i, t := range tokens {
		star := t.Is("*") && i > 0 && !tokens[i-1].Is("(") // else count(*)
		if star || t.Name() && strings.EqualFold(t.Text, column) {
			return true
		}
	}
	return false
}

func (s *Session) dropObject(ctx context.Context, o object) error {
	word := map[string]string{kindTable: "TABLE", kindView: "VIEW"}[o.Kind]
	if word != "" {
		if err := s.execf(ctx, "DROP %s %s", word, o.duck()); err != nil {
			return err
		}
	}
	return s.forget(ctx, o.OID)
}
