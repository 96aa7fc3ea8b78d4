package engine

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/duckdb/duckdb-go/v2"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// Error is an error in Redshift's words. Code is the SQLSTATE.
type Error struct {
	Code    string
	Message string
	Detail  string
	Hint    string
}

func (e *Error) Error() string { return e.Message }

func errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// The SQLSTATEs that this package answers with (PostgreSQL 8.0, appendix A).
const (
	codeSyntax           = "42601"
	codeNotSupported     = "0A000"
	codeNoPrivilege      = "42501"
	codeUndefinedTable   = "42P01"
	codeUndefinedColumn  = "42703"
	codeDuplicateColumn  = "42701"
	codeUndefinedFunc    = "42883"
	codeUndefinedObject  = "42704"
	codeUndefinedSchema  = "3F000"
	codeDuplicateTable   = "42P07"
	codeDuplicateSchema  = "42P06"
	codeDuplicateObject  = "42710"
	codeTooLong          = "22001"
	codeOutOfRange       = "22003"
	codeInvalidText      = "22P02"
	codeNotNull          = "23502"
	codeDependent        = "2BP01"
	codeSerialization    = "40001"
	codeAborted          = "25P02"
	codeActive           = "25001"
	codeCancelled        = "57014"
	codeOutOfMemory      = "53200"
	codeTooMany          = "53300"
	codeInvalidParameter = "22023"
	codeDatatype         = "42804"
	codeGrouping         = "42803"
	codeInternal         = "XX000"
	codeSignIn           = "28000"
	codeUndefinedDB      = "3D000"
)

// refuse names a form of SQL that Redshift has and this warehouse does not.
func refuse(form string) error {
	return errorf(codeNotSupported, "%s is not served by the local warehouse", form)
}

// is says that err is an *Error with a code.
func is(err error, code string) bool {
	var e *Error
	return errors.As(err, &e) && e.Code == code
}

// translate turns whatever err is into an *Error.
func translate(err error) error {
	var ours *Error
	var syntax *sqltext.SyntaxError
	var duck *duckdb.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &syntax):
		return errorf(codeSyntax, "%s", syntax.Message)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return errorf(codeCancelled, "Query cancelled on user's request")
	case errors.As(err, &duck):
		return translateDuck(duck.Type, duck.Msg)
	}
	return translateDuck(duckdb.ErrorTypeInvalid, err.Error())
}

// duckWords are DuckDB's texts that Redshift has its own words for.
var duckWords = []struct {
	from *regexp.Regexp
	code string
	to   string
}{
	{regexp.MustCompile(`CHECK constraint failed.*strlen\(.*\) <= (\d+)`), codeTooLong, "value too long for type character varying($1)"},
	{regexp.MustCompile(`CHECK constraint failed.*\blength\(.*\) <= (\d+)`), codeTooLong, "value too long for type character($1)"},
	{regexp.MustCompile(`CHECK constraint failed.*octet_length\(.*\) <= (\d+)`), codeTooLong, "value too long for type binary varying($1)"},
	{regexp.MustCompile(`^` + regexp.QuoteMeta(noMultibyte)), "22021", noMultibyte},
	{regexp.MustCompile(`NOT NULL constraint failed: [^.]*\.(.+)`), codeNotNull, "Cannot insert a NULL value into column $1"},
	{regexp.MustCompile(`Referenced column "([^"]*)" (?:was )?not found`), codeUndefinedColumn, `column "$1" does not exist`},
	{regexp.MustCompile(`Table "([^"]*)" does not have a column named "([^"]*)"`), codeUndefinedColumn, `column $1.$2 does not exist`},
	{regexp.MustCompile(`Referenced table "([^"]*)" not found`), codeUndefinedTable, `relation "$1" does not exist`},
	{regexp.MustCompile(`Table with name (\S+) does not exist`), codeUndefinedTable, `relation "$1" does not exist`},
	{regexp.MustCompile(`column "([^"]*)" must appear in the GROUP BY`), codeGrouping, `column "$1" must appear in the GROUP BY clause or be used in an aggregate function`},
	{regexp.MustCompile(`Could not convert string ['"](.*)['"] to (?:U?TINYINT|U?SMALLINT|U?INTEGER|U?BIGINT|INT\d+)`), codeInvalidText, `invalid input syntax for integer: "$1"`},
	{regexp.MustCompile(`Could not convert string ['"](.*)['"] to BOOL`), codeInvalidText, `invalid input syntax for type boolean: "$1"`},
	{regexp.MustCompile(`Could not convert string ['"](.*)['"] to (?:DOUBLE|FLOAT)`), codeInvalidText, `invalid input syntax for type double precision: "$1"`},
	{regexp.MustCompile(`Could not convert string ['"](.*)['"] to DECIMAL`), codeInvalidText, `invalid input syntax for type numeric: "$1"`},
	{regexp.MustCompile(`value is out of range for the destination type INT16`), codeOutOfRange, "Value out of range for 2 bytes."},
	{regexp.MustCompile(`value is out of range for the destination type INT32`), codeOutOfRange, "Value out of range for 4 bytes."},
	{regexp.MustCompile(`value is out of range for the destination type INT64`), codeOutOfRange, "Value out of range for 8 bytes."},
	{regexp.MustCompile(`value is out of range for the destination type FLOAT`), codeOutOfRange, `type "real" value out of range: overflow`},
	{regexp.MustCompile(`^(?:Could not cast value \S+|Casting value \S+) to (?:type )?DECIMAL`), codeOutOfRange, "Numeric data overflow (result precision)"},
	{regexp.MustCompile(`^(?:date|timestamp) field value out of range: "(.*)"`), "22008", `date/time field value out of range: "$1"`},
	{regexp.MustCompile(`^invalid (date|timestamp) field format: "(.*)", expected`), "22007", `invalid input syntax for type $1: "$2"`},
	{regexp.MustCompile(`Unknown TimeZone '(.*)'`), codeInvalidParameter, `time zone "$1" not recognized`},
	{regexp.MustCompile(`Ambiguous reference to column name "([^"]*)"`), "42702", `column reference "$1" is ambiguous`},
	{regexp.MustCompile(`aggregate function calls cannot be nested`), codeGrouping, "aggregate function calls may not be nested"},
	{regexp.MustCompile(`^WHERE clause cannot contain aggregates`), codeGrouping, "aggregates not allowed in WHERE clause"},
	{regexp.MustCompile(`^Set operations can only apply to expressions with the same number`), codeSyntax, "each UNION query must have the same number of columns"},
	{regexp.MustCompile(`^More than one row returned by a subquery`), "21000", "single-row subquery returns more than one row"},
	{regexp.MustCompile(`^No function matches the given name and argument types '([^']*)'`), codeUndefinedFunc, "function $1 does not exist"},
	{regexp.MustCompile(`^Divide by zero$`), "22012", "Divide by zero"},
	{regexp.MustCompile(`^field position must be greater than zero$`), codeInvalidParameter, "field position must be greater than zero"},
	{regexp.MustCompile(`^Result size exceeds LISTAGG limit$`), codeInternal, "Result size exceeds LISTAGG limit"},
	{regexp.MustCompile(`Type with name (\S+) does not exist`), codeUndefinedObject, `type "$1" does not exist`},
}

func translateDuck(kind duckdb.ErrorType, message string) error {
	_, text, found := strings.Cut(message, " Error: ")
	if !found {
		text = message
	}
	text, _, _ = strings.Cut(text, "\n")
	text, _, _ = strings.Cut(text, " when casting from source column ")
	for _, w := range duckWords {
		if m := w.from.FindStringSubmatchIndex(text); m != nil {
			return &Error{Code: w.code, Message: string(w.from.ExpandString(nil, w.to, text, m))}
		}
	}
	code, known := duckCodes[kind]
	if !known {
		code = codeInternal
	}
	if kind == duckdb.ErrorTypeTransaction && strings.Contains(text, "onflict") {
		return &Error{Code: codeSerialization, Message: "1023", Detail: "Serializable isolation violation on table: " + text}
	}
	return &Error{Code: code, Message: text}
}

var duckCodes = map[duckdb.ErrorType]string{
	duckdb.ErrorTypeParser:         codeSyntax,
	duckdb.ErrorTypeSyntax:         codeSyntax,
	duckdb.ErrorTypeBinder:         "42P10",
	duckdb.ErrorTypeCatalog:        codeUndefinedObject,
	duckdb.ErrorTypeConversion:     codeInvalidText,
	duckdb.ErrorTypeInvalidInput:   codeInvalidParameter,
	duckdb.ErrorTypeOutOfRange:     codeOutOfRange,
	duckdb.ErrorTypeConstraint:     "23514",
	duckdb.ErrorTypeTransaction:    codeSerialization,
	duckdb.ErrorTypeInterrupt:      codeCancelled,
	duckdb.ErrorTypeOutOfMemory:    codeOutOfMemory,
	duckdb.ErrorTypePermission:     codeNoPrivilege,
	duckdb.ErrorTypeNotImplemented: codeNotSupported,
	duckdb.ErrorTypeMismatchType:   codeDatatype,
}
