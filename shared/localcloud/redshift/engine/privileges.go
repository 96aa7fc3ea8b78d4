package engine

import (
	"context"
	"slices"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// public is the grantee that stands for every user.
const public = 0

// kindNames are the words of privilege errors.
var kindNames = map[string]string{
	kindSchema: "schema", kindTable: "relation", kindView: "relation", kindProcedure: "procedure", kindDatabase: "database",
}

// allow refuses unless the user has privilege on o: as superuser, owner, or by grant.
func (s *Session) allow(ctx context.Context, o object, privilege string) error {
	if s.user.Super || o.Owner == s.user.ID {
		return nil
	}
	var granted bool
	err := s.conn.QueryRowContext(ctx, `SELECT count(*) > 0 FROM localcloud.grants
		WHERE oid = ? AND privilege = ? AND grantee IN (0, ?)`, o.OID, privilege, s.user.ID).Scan(&granted)
	if err == nil && !granted {
		err = errorf(codeNoPrivilege, "permission denied for %s %s", kindNames[o.Kind], s.printed(o))
	}
	return err
}

func (s *Session) printed(o object) string {
	if o.Kind == kindDatabase {
		return s.db.Name
	}
	return o.Name
}

// allowRelation is allow, after USAGE on the relation's schema.
func (s *Session) allowRelation(ctx context.Context, o object, privilege string) error {
	schema, err := s.schema(ctx, o.Schema)
	if err != nil {
		return err
	}
	if err := s.allow(ctx, schema, "USAGE"); err != nil {
		return err
	}
	return s.allow(ctx, o, privilege)
}

// own refuses unless the user owns o.
func (s *Session) own(o object) error {
	if s.user.Super || o.Owner == s.user.ID {
		return nil
	}
	return errorf(codeNoPrivilege, "must be owner of %s %s", kindNames[o.Kind], s.printed(o))
}

// privileges are what can be granted, by kind of object (Redshift, GRANT).
var privileges = map[string][]string{
	kindTable:     {"SELECT", "INSERT", "UPDATE", "DELETE", "DROP", "REFERENCES", "ALTER", "TRUNCATE"},
	kindSchema:    {"CREATE", "USAGE"},
	kindDatabase:  {"CREATE", "TEMP", "USAGE"},
	kindProcedure: {"EXECUTE"},
}

// grant is one GRANT or REVOKE.
type grant struct {
	privileges []string
	objects    []object
	grantees   []int
}

func (s *Session) planGrant(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	g, err := s.parseGrant(ctx, c, "to")
	if err != nil {
		return nil, err
	}
	return does("GRANT", func(ctx context.Context) error { return s.applyGrant(ctx, g, true) }), nil
}

func (s *Session) planRevoke(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	if c.Accept("grant", "option", "for") {
		return nil, refuse("REVOKE GRANT OPTION FOR")
	}
	g, err := s.parseGrant(ctx, c, "from")
	if err != nil {
		return nil, err
	}
	return does("REVOKE", func(ctx context.Context) error { return s.applyGrant(ctx, g, false) }), nil
}

func (s *Session) parseGrant(ctx context.Context, c *sqltext.Cursor, direction string) (grant, error) {
	var g grant
	words, err := parsePrivileges(c)
	if err != nil {
		return g, err
	}
	c.Expect("on")
	kind, err := s.parseObjects(ctx, c, &g)
	if err != nil {
		return g, err
	}
	c.Expect(direction)
	if err := s.parseGrantees(ctx, c, &g); err != nil {
		return g, err
	}
	if c.Accept("with") {
		return g, refuse("WITH GRANT OPTION")
	}
	c.AcceptOne("cascade", "restrict")
	if err := c.End(); err != nil {
		return g, err
	}
	return g, g.setPrivileges(kind, words)
}

func parsePrivileges(c *sqltext.Cursor) ([]string, error) {
	if c.Accept("all") {
		c.Accept("privileges")
		return nil, c.Err()
	}
	var words []string
	for {
		word := c.Name()
		if word == "role" || word == "assumerole" || word == "explain" || word == "ignore" {
			return nil, refuse("GRANT " + strings.ToUpper(word))
		}
		if word == "temporary" {
			word = "temp"
		}
		words = append(words, strings.ToUpper(word))
		if c.Peek().Is("(") {
			return nil, refuse("a privilege on columns")
		}
		if c.Peek().Is("to") || c.Peek().Is("from") {
			return nil, refuse("GRANT of a role")
		}
		if !c.Accept(",") {
			return words, c.Err()
		}
	}
}

func (g *grant) setPrivileges(kind string, words []string) error {
	if words == nil {
		g.privileges = privileges[kind]
		return nil
	}
	for _, w := range words {
		if !slices.Contains(privileges[kind], w) {
			return errorf("0LP01", "invalid privilege type %s for %s", w, kindNames[kind])
		}
	}
	g.privileges = words
	return nil
}

// parseObjects reads what the privileges are on, and returns the kind of it.
func (s *Session) parseObjects(ctx context.Context, c *sqltext.Cursor, g *grant) (string, error) {
	switch {
	case c.Accept("all", "tables", "in", "schema"):
		return kindTable, s.tablesIn(ctx, c, g)
	case c.Accept("schema"):
		return kindSchema, eachName(c, func() error {
			o, err := s.schema(ctx, c.Name())
			g.objects = append(g.objects, o)
			return err
		})
	case c.Accept("database"):
		return kindDatabase, eachName(c, func() error {
			if name := c.Name(); name != s.db.Name {
				return errorf(codeUndefinedDB, "database %q does not exist", name)
			}
			o, _, err := s.object(ctx, `WHERE oid = ?`, databaseOID)
			g.objects = append(g.objects, o)
			return err
		})
	case c.Accept("procedure"):
		return kindProcedure, eachName(c, func() error {
			o, err := s.procedureAt(ctx, c)
			g.objects = append(g.objects, o)
			return err
		})
	case isWord(c, "function", "language", "model", "datashare", "external", "copy"):
		return "", refuse("GRANT ON " + strings.ToUpper(c.Peek().Text))
	}
	c.Accept("table")
	return kindTable, eachName(c, func() error {
		schema, name := c.QualifiedName()
		if c.Err() != nil {
			return c.Err()
		}
		o, err := s.relation(ctx, schema, name)
		g.objects = append(g.objects, o)
		return err
	})
}

func (s *Session) tablesIn(ctx context.Context, c *sqltext.Cursor, g *grant) error {
	return eachName(c, func() error {
		schema, err := s.schema(ctx, c.Name())
		if err != nil {
			return err
		}
		rows, err := s.conn.QueryContext(ctx, selectObject+`WHERE kind IN ('r','v') AND schema = ? ORDER BY oid`, schema.Name)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var o object
			if err := rows.Scan(&o.OID, &o.Kind, &o.Schema, &o.Name, &o.Owner, &o.Definition); err != nil {
				return err
			}
			g.objects = append(g.objects, o)
		}
		return rows.Err()
	})
}

func (s *Session) parseGrantees(ctx context.Context, c *sqltext.Cursor, g *grant) error {
	return eachName(c, func() error {
		if word := c.Peek().Text; (word == "group" || word == "role") && c.PeekAt(1).Name() {
			return refuse("GRANT TO " + strings.ToUpper(word))
		}
		name := c.Name()
		if name == "public" {
			g.grantees = append(g.grantees, public)
			return c.Err()
		}
		user, err := s.userNamed(ctx, name)
		g.grantees = append(g.grantees, user.ID)
		return err
	})
}

// applyGrant gives or takes. Only the owner of an object, or a superuser, may.
func (s *Session) applyGrant(ctx context.Context, g grant, give bool) error {
	for _, o := range g.objects {
		if !s.user.Super && o.Owner != s.user.ID {
			return errorf(codeNoPrivilege, "permission denied for %s %s", kindNames[o.Kind], s.printed(o))
		}
		for _, grantee := range g.grantees {
			for _, p := range g.privileges {
				if err := s.setGrant(ctx, o.OID, grantee, p, give); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (s *Session) setGrant(ctx context.Context, oid, grantee int, privilege string, give bool) error {
	if !give {
		return s.exec(ctx, `DELETE FROM localcloud.grants WHERE oid = ? AND grantee = ? AND privilege = ?`, oid, grantee, privilege)
	}
	return s.exec(ctx, `INSERT INTO localcloud.grants SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS
		(FROM localcloud.grants WHERE oid = ?1 AND grantee = ?2 AND privilege = ?3)`, oid, grantee, privilege, s.user.ID)
}

// eachName calls f for each element of a list with commas.
func eachName(c *sqltext.Cursor, f func() error) error {
	for {
		if err := f(); err != nil {
			return err
		}
		if c.Err() != nil || !c.Accept(",") {
			return c.Err()
		}
	}
}

func isWord(c *sqltext.Cursor, words ...string) bool { return slices.ContainsFunc(words, c.Peek().Is) }
