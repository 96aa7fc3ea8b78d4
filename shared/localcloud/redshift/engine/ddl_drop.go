package engine

import (
	"context"
	"fmt"
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
		if translated, ok := err.(*Error); ok && missing && (translated.Code == codeUndefinedTable || translated.Code == codeUndefinedSchema) {
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

// dropDependents finds the views that read o. A view's definition names what it reads.
func (s *Session) dropDependents(ctx context.Context, o object, cascade bool) error {
	rows, err := s.conn.QueryContext(ctx, selectObject+`WHERE kind = 'v' AND list_contains(string_split(diststyle, ','), ?)`, itoa(o.OID))
	if err != nil {
		return err
	}
	var views []object
	for rows.Next() {
		var v object
		if err := rows.Scan(&v.OID, &v.Kind, &v.Schema, &v.Name, &v.Owner, &v.Definition); err != nil {
			return err
		}
		views = append(views, v)
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, v := range views {
		if !cascade {
			return &Error{Code: codeDependent, Message: fmt.Sprintf("cannot drop table %s because other objects depend on it", o.Name),
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

func (s *Session) dropObject(ctx context.Context, o object) error {
	word := map[string]string{kindTable: "TABLE", kindView: "VIEW"}[o.Kind]
	if word != "" {
		if err := s.execf(ctx, "DROP %s %s", word, o.duck()); err != nil {
			return err
		}
	}
	return s.forget(ctx, o.OID)
}
