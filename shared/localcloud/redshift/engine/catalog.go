package engine

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"slices"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// hidden is the schema of this package's own tables.
const hidden = "localcloud"

// The kinds of object.
const (
	kindDatabase  = "d"
	kindSchema    = "n"
	kindTable     = "r"
	kindView      = "v"
	kindProcedure = "p"
)

// databaseOID stands for the database in the table of grants.
const databaseOID = 0

// object is a schema, table, view or procedure.
type object struct {
	OID          int
	Kind         string
	Schema, Name string
	Owner        int
	Definition   string
}

// duck is the object's name for DuckDB.
func (o object) duck() string {
	return sqltext.QuoteName(o.Schema) + "." + sqltext.QuoteName(o.Name)
}

// column is one column of a table or view.
type column struct {
	Num      int
	Name     string
	Type     Type
	NotNull  bool
	Default  string // as written; empty when there is none
	Identity string // "always", "default" or empty
	seed     int    // of an identity that is made
	duck     string // the default for DuckDB
	encoding string
	distKey  bool
	sortKey  int
}

// systemTable are the names of Redshift's system tables and views. Those that are served
// are found before any other relation.
var systemTable = regexp.MustCompile(`^(stl|stv|svl|svv|svcs|sys)_`)

const selectObject = `SELECT oid, kind, schema, name, owner, coalesce(definition, '') FROM localcloud.objects `

func (s *Session) object(ctx context.Context, where string, args ...any) (object, bool, error) {
	var o object
	err := s.conn.QueryRowContext(ctx, selectObject+where, args...).Scan(&o.OID, &o.Kind, &o.Schema, &o.Name, &o.Owner, &o.Definition)
	if errors.Is(err, sql.ErrNoRows) {
		return o, false, nil
	}
	return o, err == nil, err
}

// schema finds a schema by name.
func (s *Session) schema(ctx context.Context, name string) (object, error) {
	o, found, err := s.object(ctx, `WHERE kind = 'n' AND name = ?`, name)
	if err == nil && !found {
		err = errorf(codeUndefinedSchema, "schema %q does not exist", name)
	}
	return o, err
}

// find looks for a relation in schema, or along the search path when that is empty.
func (s *Session) find(ctx context.Context, schema, name string) (object, bool, error) {
	path := []string{schema}
	if schema == "" {
		path = s.schemas()
	}
	for _, schema := range path {
		o, found, err := s.object(ctx, `WHERE kind IN ('r','v') AND schema = ? AND name = ?`, schema, name)
		if err != nil || found {
			return o, found, err
		}
	}
	return object{}, false, nil
}

// relation is find that fails in Redshift's words.
func (s *Session) relation(ctx context.Context, schema, name string) (object, error) {
	o, found, err := s.find(ctx, schema, name)
	switch {
	case err != nil || found:
		return o, err
	case (schema == "" || schema == "pg_catalog") && systemTable.MatchString(name):
		return o, refuse("system table " + name)
	case schema == "":
		return o, errorf(codeUndefinedTable, "relation %q does not exist", name)
	}
	if _, err := s.schema(ctx, schema); err != nil {
		return o, err
	}
	return o, errorf(codeUndefinedTable, "relation %q does not exist", schema+"."+name)
}

// table is relation that is a table.
func (s *Session) table(ctx context.Context, schema, name string) (object, error) {
	o, err := s.relation(ctx, schema, name)
	if err == nil && o.Kind != kindTable {
		err = errorf("42809", "%q is not a table", name)
	}
	return o, err
}

// columns are the columns of a relation in order.
func (s *Session) columns(ctx context.Context, oid int) ([]column, error) {
	rows, err := s.conn.QueryContext(ctx, `SELECT num, name, type, length, prec, scale, not_null,
		coalesce(default_text, ''), coalesce(default_duck, ''), coalesce(identity, ''), coalesce(encoding, ''),
		distkey, sortkey FROM localcloud.columns WHERE oid = ? ORDER BY num`, oid)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []column
	for rows.Next() {
		var c column
		if err := rows.Scan(&c.Num, &c.Name, &c.Type.Name, &c.Type.Length, &c.Type.Precision, &c.Type.Scale, &c.NotNull,
			&c.Default, &c.duck, &c.Identity, &c.encoding, &c.distKey, &c.sortKey); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, rows.Err()
}

func columnNamed(columns []column, name string) (column, bool) {
	i := slices.IndexFunc(columns, func(c column) bool { return c.Name == name })
	if i < 0 {
		return column{}, false
	}
	return columns[i], true
}

// creatable resolves where a new relation goes, and checks that the user may make it.
func (s *Session) creatable(ctx context.Context, schema string) (object, error) {
	path := []string{schema}
	if schema == "" {
		path = s.schemas()
	}
	for i, name := range path {
		o, err := s.schema(ctx, name)
		if err != nil {
			if i < len(path)-1 {
				continue
			}
			return o, err
		}
		return o, s.allow(ctx, o, "CREATE")
	}
	return object{}, errorf(codeUndefinedSchema, "no schema has been selected to create in")
}

// record keeps a new object and returns it with its identifier.
func (s *Session) record(ctx context.Context, o object) (object, error) {
	if err := s.conn.QueryRowContext(ctx, `SELECT nextval('localcloud.next_oid')::INTEGER`).Scan(&o.OID); err != nil {
		return o, err
	}
	return o, s.exec(ctx, `INSERT INTO localcloud.objects (oid, kind, schema, name, owner, definition, created)
		VALUES (?, ?, ?, ?, ?, ?, timezone('UTC', now()))`, o.OID, o.Kind, o.Schema, o.Name, s.user.ID, o.Definition)
}

// recordColumns keeps the columns of an object.
func (s *Session) recordColumns(ctx context.Context, oid int, columns []column) error {
	for i, c := range columns {
		err := s.exec(ctx, `INSERT INTO localcloud.columns VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			oid, i+1, c.Name, c.Type.Name, c.Type.Length, c.Type.Precision, c.Type.Scale, int64(c.Type.OID()), c.Type.typmod(),
			c.NotNull, orNull(c.Default), orNull(c.duck), orNull(c.Identity), orNull(c.encoding), c.distKey, c.sortKey)
		if err != nil {
			return err
		}
	}
	return nil
}

// forget removes every trace of an object.
func (s *Session) forget(ctx context.Context, oid int) error {
	for _, table := range []string{"objects", "columns", "grants"} {
		if err := s.exec(ctx, `DELETE FROM localcloud.`+table+` WHERE oid = ?`, oid); err != nil {
			return err
		}
	}
	return nil
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
