package engine

import (
	"cmp"
	"fmt"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// Type is a Redshift column type.
type Type struct {
	Name             string // as Redshift prints it: "character varying"
	Length           int    // bytes, of character types and VARBYTE; 0 elsewhere
	Precision, Scale int    // of numeric
}

// String is the type as pg_catalog.format_type prints it.
func (t Type) String() string {
	switch {
	case t.Length > 0:
		return fmt.Sprintf("%s(%d)", t.Name, t.Length)
	case t.Name == "numeric":
		return fmt.Sprintf("numeric(%d,%d)", t.Precision, t.Scale)
	}
	return t.Name
}

// typeSpec is how one Redshift type is kept.
type typeSpec struct {
	duck string
	oid  uint32 // of the PostgreSQL protocol
	size int    // bytes, -1 when it varies
}

// SuperOID is the protocol's number for SUPER (pg_type of a Redshift cluster).
const SuperOID = 4000

// types are the types that are honoured, by the names that Redshift prints.
var types = map[string]typeSpec{
	"smallint":                    {"SMALLINT", 21, 2},
	"integer":                     {"INTEGER", 23, 4},
	"bigint":                      {"BIGINT", 20, 8},
	"numeric":                     {"DECIMAL", 1700, -1},
	"real":                        {"FLOAT", 700, 4},
	"double precision":            {"DOUBLE", 701, 8},
	"boolean":                     {"BOOLEAN", 16, 1},
	"character":                   {"VARCHAR", 1042, -1},
	"character varying":           {"VARCHAR", 1043, -1},
	"date":                        {"DATE", 1082, 4},
	"timestamp without time zone": {"TIMESTAMP", 1114, 8},
	"timestamp with time zone":    {"TIMESTAMPTZ", 1184, 8},
	"time without time zone":      {"TIME", 1083, 8},
	"super":                       {"JSON", SuperOID, -1},
	"binary varying":              {"BLOB", 6551, -1},
}

// typeNames are the other names of the types, by Redshift's "Data types" page.
var typeNames = map[string]string{
	"int2": "smallint", "int": "integer", "int4": "integer", "int8": "bigint",
	"decimal": "numeric", "float4": "real", "float8": "double precision", "float": "double precision",
	"bool": "boolean", "char": "character", "nchar": "character", "bpchar": "character",
	"varchar": "character varying", "nvarchar": "character varying", "text": "character varying",
	"timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
	"time": "time without time zone", "varbyte": "binary varying", "varbinary": "binary varying",
}

// defaultLengths are the lengths of character types that give none.
var defaultLengths = map[string]int{
	"char": 1, "character": 1, "nchar": 1, "bpchar": 256,
	"varchar": 256, "character varying": 256, "nvarchar": 256, "text": 256,
	"varbyte": 64000, "varbinary": 64000, "binary varying": 64000,
}

// maxLengths are in bytes.
var maxLengths = map[string]int{"character": 4096, "character varying": 65535, "binary varying": 1024000}

func (t Type) spec() typeSpec { return types[t.Name] }

// OID is the protocol's number for the type.
func (t Type) OID() uint32 { return t.spec().oid }

// duck is the type for DuckDB.
func (t Type) duck() string {
	if t.Name == "numeric" {
		return fmt.Sprintf("DECIMAL(%d,%d)", t.Precision, t.Scale)
	}
	return t.spec().duck
}

// shortNames are pg_type's names of types whose own is another.
var shortNames = map[string]string{
	"character varying": "varchar", "character": "bpchar", "integer": "int4", "bigint": "int8", "smallint": "int2",
	"timestamp without time zone": "timestamp", "timestamp with time zone": "timestamptz", "double precision": "float8",
	"real": "float4", "boolean": "bool", "time without time zone": "time", "binary varying": "varbyte",
}

// Short is the type's name as the Data API gives it.
func (t Type) Short() string { return cmp.Or(shortNames[t.Name], t.Name) }

// typmod is pg_attribute.atttypmod.
func (t Type) typmod() int {
	switch {
	case t.Name == "numeric":
		return t.Precision<<16 + t.Scale + 4
	case t.Length > 0:
		return t.Length + 4
	}
	return -1
}

// check is the condition that keeps a column to its length, which DuckDB's own
// character type does not know. Redshift counts bytes; a CHAR's are its characters. Each
// type has a function of its own, by which an error's text knows the type.
func (t Type) check(column string) string {
	if t.Length == 0 {
		return ""
	}
	count := map[string]string{"character": "length", "character varying": "strlen", "binary varying": "octet_length"}[t.Name]
	return fmt.Sprintf("%s(%s) <= %d", count, sqltext.QuoteName(column), t.Length)
}

// parseType reads a type at the cursor.
func parseType(c *sqltext.Cursor) (Type, error) {
	word := c.Name()
	switch {
	case word == "double" && c.Accept("precision"):
		word = "double precision"
	case (word == "character" || word == "binary") && c.Accept("varying"):
		word += " varying"
	}
	name := word
	if long, ok := typeNames[word]; ok {
		name = long
	}
	if err := c.Err(); err != nil {
		return Type{}, err
	}
	if _, known := types[name]; !known {
		return Type{}, unknownType(word)
	}
	t := Type{Name: name, Length: defaultLengths[word]}
	if name == "numeric" {
		t.Precision = 18
	}
	if err := t.parseSize(c); err != nil {
		return Type{}, err
	}
	return t.withZone(c), c.Err()
}

func (t *Type) parseSize(c *sqltext.Cursor) error {
	if !c.Accept("(") {
		return nil
	}
	switch {
	case t.Name == "numeric":
		t.Precision = c.Int()
		if c.Accept(",") {
			t.Scale = c.Int()
		}
		if c.Err() == nil && (t.Precision < 1 || t.Precision > 38 || t.Scale < 0 || t.Scale > t.Precision) {
			return errorf(codeInvalidParameter, "NUMERIC precision %d must be between 1 and 38", t.Precision)
		}
	case t.Length > 0:
		if c.Accept("max") {
			t.Length = maxLengths[t.Name]
		} else {
			t.Length = c.Int()
		}
		if c.Err() == nil && (t.Length < 1 || t.Length > maxLengths[t.Name]) {
			return errorf(codeInvalidParameter, "length for type %s cannot exceed %d", t.Name, maxLengths[t.Name])
		}
	case t.Name == "double precision":
		c.Int()
	default:
		c.Fail()
	}
	c.Expect(")")
	return nil
}

// withZone reads WITH or WITHOUT TIME ZONE.
func (t Type) withZone(c *sqltext.Cursor) Type {
	if !strings.HasPrefix(t.Name, "time") {
		return t
	}
	c.Accept("without", "time", "zone")
	if t.Name == "timestamp without time zone" && c.Accept("with", "time", "zone") {
		t.Name = "timestamp with time zone"
	}
	return t
}

func unknownType(name string) error {
	switch name {
	case "geometry", "geography", "hllsketch", "timetz", "interval":
		return refuse("type " + strings.ToUpper(name))
	}
	return errorf(codeUndefinedObject, "type %q does not exist", name)
}
