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
	row     []value
}

func newShredder(cmd *CopyCommand, columns []column, paths [][]pathStep) *shredder {
	s := &shredder{cmd: cmd, columns: columns, byName: map[string]int{}, paths: paths, row: make([]value, len(columns))}
	for i, c := range columns {
		s.byName[c.Name] = i
		if cmd.JSON == "auto ignorecase" {
			s.byName[strings.ToLower(c.Name)] = i
		}
	}
	return s
}

// shred returns the row of a record, valid until the next call.
func (s *shredder) shred(text string) ([]value, *loadError) {
	if !utf8.ValidString(text) {
		if s.cmd.Replacement == 0 {
			return nil, badUTF8(text)
		}
		text = replaceInvalid(text, s.cmd.Replacement)
	}
	if s.paths == nil && s.cmd.JSON != "noshred" {
		return s.byNames(text)
	}
	if jsonread.New(text).Skip() != nil {
		return nil, invalidJSON
	}
	if s.paths != nil {
		return s.byPaths(gjson.Parse(text))
	}
	var failed *loadError
	s.row[0], failed = document(&s.columns[0], gjson.Parse(text).Raw)
	return s.row, failed
}

var invalidJSON = &loadError{code: 1216, reason: "Invalid JSON: the object cannot be parsed"}

// byNames checks the record on the way: a column's error counts only in valid JSON.
func (s *shredder) byNames(record string) (row []value, failed *loadError) {
	clear(s.row)
	r := jsonread.New(record)
	err := r.Object(func(name string) error {
		i, ok := s.byName[name]
		if !ok && s.cmd.JSON == "auto ignorecase" {
			i, ok = s.byName[strings.ToLower(name)]
		}
		raw, err := r.Raw()
		if ok && failed == nil && err == nil {
			s.row[i], failed = s.cmd.convert(&s.columns[i], resultOf(raw))
		}
		return err
	})
	if err != nil {
		return nil, invalidJSON
	}
	if failed != nil {
		return nil, failed
	}
	for i := range s.columns {
		if c := &s.columns[i]; c.NotNull && !s.row[i].set {
			return nil, badField(1213, c, "", "Missing data for not-null field")
		}
	}
	return s.row, nil
}

// resultOf is what convert needs of gjson.Parse of valid JSON, without another look at it.
func resultOf(raw string) gjson.Result {
	switch {
	case raw[0] == 'n':
		return gjson.Result{Type: gjson.Null, Raw: raw}
	case raw[0] != '"':
		return gjson.Result{Type: gjson.JSON, Raw: raw}
	case strings.IndexByte(raw, '\\') < 0:
		return gjson.Result{Type: gjson.String, Raw: raw, Str: raw[1 : len(raw)-1]}
	}
	return gjson.Parse(raw)
}

func (s *shredder) byPaths(document gjson.Result) ([]value, *loadError) {
	for i := range s.columns {
		if s.paths[i][0].name != "" && document.IsArray() {
			return nil, notObject
		}
		value, failed := s.cmd.convert(&s.columns[i], follow(document, s.paths[i]))
		if failed != nil {
			return nil, failed
		}
		s.row[i] = value
	}
	return s.row, nil
}
