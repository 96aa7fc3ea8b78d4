package engine

import (
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"pipeline/shared/localcloud/jsonread"
)

// shredder makes rows of records.
type shredder struct {
	cmd     *CopyCommand
	columns []column
	byName  map[string]int
	paths   [][]pathStep // of a JSONPaths file
	row     []any
}

func newShredder(cmd *CopyCommand, columns []column, paths [][]pathStep) *shredder {
	s := &shredder{cmd: cmd, columns: columns, byName: map[string]int{}, paths: paths, row: make([]any, len(columns))}
	for i, c := range columns {
		s.byName[c.Name] = i
		if cmd.JSON == "auto ignorecase" {
			s.byName[strings.ToLower(c.Name)] = i
		}
	}
	return s
}

// shred returns the row of a record, valid until the next call.
func (s *shredder) shred(record []byte) ([]any, *loadError) {
	if !utf8.Valid(record) {
		if s.cmd.Replacement == 0 {
			return nil, badUTF8(record)
		}
		record = replaceInvalid(record, s.cmd.Replacement)
	}
	text := string(record)
	if s.paths == nil && s.cmd.JSON != "noshred" {
		return s.byNames(text)
	}
	if jsonread.New(text).Skip() != nil {
		return nil, invalidJSON
	}
	object := gjson.Parse(text)
	if s.paths != nil {
		return s.byPaths(object)
	}
	s.row[0] = object.Raw
	return s.row, nil
}

var invalidJSON = &loadError{code: 1216, reason: "Invalid JSON: the object cannot be parsed"}

// byNames checks the record on the way: a column's error counts only in valid JSON.
func (s *shredder) byNames(record string) (row []any, failed *loadError) {
	clear(s.row)
	r := jsonread.New(record)
	err := r.Object(func(name string) error {
		i, ok := s.byName[name]
		if !ok && s.cmd.JSON == "auto ignorecase" {
			i, ok = s.byName[strings.ToLower(name)]
		}
		raw, err := r.Raw()
		if ok && failed == nil && err == nil {
			s.row[i], failed = s.cmd.convert(s.columns[i], resultOf(raw))
		}
		return err
	})
	if err != nil {
		return nil, invalidJSON
	}
	if failed != nil {
		return nil, failed
	}
	for i, c := range s.columns {
		if c.NotNull && s.row[i] == nil {
			return nil, badField(1213, c, "", "Missing data for not-null field")
		}
	}
	return s.row, nil
}

// resultOf is gjson.Parse of valid JSON, without looking at what an object or array holds.
func resultOf(raw string) gjson.Result {
	if raw[0] == '{' || raw[0] == '[' {
		return gjson.Result{Type: gjson.JSON, Raw: raw}
	}
	return gjson.Parse(raw)
}

func (s *shredder) byPaths(object gjson.Result) ([]any, *loadError) {
	for i, c := range s.columns {
		value, failed := s.cmd.convert(c, follow(object, s.paths[i]))
		if failed != nil {
			return nil, failed
		}
		s.row[i] = value
	}
	return s.row, nil
}
