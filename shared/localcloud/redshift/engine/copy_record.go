package engine

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// maxRecord is the largest JSON object that COPY reads, in bytes (COPY: 4 MB).
const maxRecord = 4 << 20

// recordReader cuts a stream into JSON objects. Nothing need stand between them.
type recordReader struct {
	in     *bufio.Reader
	record []byte
	line   int64 // where the record starts, from 1
	next   int64 // the line that reading is at
}

func newRecordReader(r io.Reader) *recordReader {
	return &recordReader{in: bufio.NewReaderSize(r, 256<<10), next: 1}
}

// read returns the next object, valid until the next call, or io.EOF. A *loadError is
// about this record only: reading can go on.
func (r *recordReader) read() ([]byte, error) {
	if err := r.seek(); err != nil {
		return nil, err
	}
	r.record, r.line = r.record[:0], r.next
	var end objectEnd
	for {
		if _, err := r.in.Peek(1); err != nil {
			return r.broken(err)
		}
		chunk, _ := r.in.Peek(r.in.Buffered())
		n := end.in(chunk)
		r.record = append(r.record, chunk[:n]...)
		_, _ = r.in.Discard(n) // n bytes are buffered
		if end.depth == 0 {
			r.next += int64(bytes.Count(r.record, newline))
			return r.record, nil
		}
		if len(r.record) > maxRecord {
			return nil, fmt.Errorf("JSON object in line %d is larger than %d bytes", r.line, maxRecord)
		}
	}
}

var newline = []byte{'\n'}

// objectEnd looks for the end of an object.
type objectEnd struct {
	depth             int
	inString, escaped bool
}

// structural are the bytes that can change where an object ends.
var structural = [256]bool{'"': true, '\\': true, '{': true, '}': true}

// in returns how many bytes of chunk belong to the object.
func (o *objectEnd) in(chunk []byte) int {
	for n, c := range chunk {
		switch {
		case o.escaped:
			o.escaped = false
		case !structural[c]:
		case o.inString:
			o.escaped, o.inString = c == '\\', c != '"'
		case c == '"':
			o.inString = true
		case c == '{':
			o.depth++
		case c == '}':
			if o.depth--; o.depth == 0 {
				return n + 1
			}
		}
	}
	return len(chunk)
}

// broken ends a file that stops inside an object.
func (r *recordReader) broken(err error) ([]byte, error) {
	if errors.Is(err, io.EOF) {
		return r.record, &loadError{code: 1216, reason: "Invalid JSON: unexpected end of input in an object"}
	}
	return nil, err
}

// seek skips white space up to the next object. Anything else there is an error, and
// the rest of its line is skipped.
func (r *recordReader) seek() error {
	for {
		c, err := r.in.ReadByte()
		if err != nil {
			return err
		}
		switch c {
		case '{':
			return r.in.UnreadByte()
		case '\n':
			r.next++
		case ' ', '\t', '\r':
		default:
			return r.junk(c)
		}
	}
}

func (r *recordReader) junk(first byte) error {
	r.line = r.next
	r.record = append(r.record[:0], first)
	for len(r.record) < 1024 {
		c, err := r.in.ReadByte()
		if err != nil {
			break // the next read reports it
		}
		if c == '{' || c == '\n' {
			_ = r.in.UnreadByte() // it was just read
			break
		}
		r.record = append(r.record, c)
	}
	reason := "Invalid JSON: a value that is not an object"
	if first == '[' {
		reason = "Invalid JSONPath format: Member is not an object."
	}
	return &loadError{code: 1216, reason: reason}
}

// pathStep is one step of a JSONPath: a name, or an index where name is empty.
type pathStep struct {
	name  string
	index int
}

// follow walks a path; a value that is not there is null.
func follow(v gjson.Result, path []pathStep) gjson.Result {
	for _, step := range path {
		var next gjson.Result
		n := 0
		v.ForEach(func(key, value gjson.Result) bool {
			if v.IsObject() && step.name != "" && key.Str == step.name || v.IsArray() && step.name == "" && n == step.index {
				next = value
				return false
			}
			n++
			return true
		})
		v = next
	}
	return v
}

// parseJSONPaths reads a JSONPaths file: {"jsonpaths": ["$.a", "$['b'][0]"]}.
func parseJSONPaths(data []byte) ([][]pathStep, error) {
	list := gjson.GetBytes(data, "jsonpaths")
	if !gjson.ValidBytes(data) || !list.IsArray() {
		return nil, errorf(codeInternal, "Invalid JSONPath format: the file must be an object with the array \"jsonpaths\"")
	}
	var paths [][]pathStep
	for _, p := range list.Array() {
		steps, ok := parseJSONPath(p.Str)
		if !ok {
			return nil, errorf(codeInternal, "Invalid JSONPath format: %s", p.Raw)
		}
		paths = append(paths, steps)
	}
	return paths, nil
}

func parseJSONPath(path string) (steps []pathStep, ok bool) {
	rest, ok := strings.CutPrefix(path, "$")
	for ok && rest != "" {
		var step pathStep
		step, rest, ok = parsePathStep(rest)
		steps = append(steps, step)
	}
	return steps, ok && len(steps) > 0
}

func parsePathStep(rest string) (step pathStep, after string, ok bool) {
	if name, found := strings.CutPrefix(rest, "."); found {
		end := strings.IndexAny(name, ".[")
		if end < 0 {
			end = len(name)
		}
		return pathStep{name: name[:end]}, name[end:], end > 0
	}
	inner, found := strings.CutPrefix(rest, "[")
	end := strings.IndexByte(inner, ']')
	if !found || end < 0 {
		return step, "", false
	}
	key, after := inner[:end], inner[end+1:]
	if len(key) > 2 && (key[0] == '\'' || key[0] == '"') && key[len(key)-1] == key[0] {
		return pathStep{name: key[1 : len(key)-1]}, after, true
	}
	n, err := strconv.Atoi(key)
	return pathStep{index: n}, after, err == nil && n >= 0
}

func badUTF8(record []byte) *loadError {
	for i := 0; i < len(record); {
		r, size := utf8.DecodeRune(record[i:])
		if r == utf8.RuneError && size == 1 {
			return &loadError{code: 1220, reason: fmt.Sprintf(
				"String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: %x (error %d)", record[i:i+1], utf8Error(record[i]))}
		}
		i += size
	}
	return nil
}

// utf8Error is the number that Redshift gives an invalid sequence ("Multibyte character
// load errors"): 3 for a bad starting byte, 4 for a bad continuation.
func utf8Error(first byte) int {
	if first < 0xc2 || first > 0xf4 {
		return 3
	}
	return 4
}

// replaceInvalid puts the replacement in the place of every invalid byte.
func replaceInvalid(record []byte, with byte) []byte {
	fixed := bytes.Clone(record)
	for i := 0; i < len(fixed); {
		r, size := utf8.DecodeRune(fixed[i:])
		if r == utf8.RuneError && size == 1 {
			fixed[i] = with
		}
		i += size
	}
	return fixed
}
