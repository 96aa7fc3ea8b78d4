package engine

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// maxRecord is the largest JSON document that COPY reads, in bytes (COPY: 4 MB).
const maxRecord = 4 << 20

// recordReader cuts a stream into JSON objects, and arrays if it is to read them. Nothing
// need stand between them.
type recordReader struct {
	arrays bool
	in     io.Reader
	space  []byte
	text   string // what was read and not handed out
	failed error  // how reading ended
	record string
	line   int64 // where the record starts, from 1
	next   int64 // the line that reading is at
}

// blockBytes is what is read at a time, in bytes.
const blockBytes = 256 << 10

func newRecordReader(r io.Reader) *recordReader {
	return &recordReader{in: r, space: make([]byte, blockBytes), next: 1}
}

// more reads on behind the text. What is there before an error is handed out before it.
func (r *recordReader) more() error {
	if r.failed != nil {
		return r.failed
	}
	if 2*len(r.text) > len(r.space) {
		r.space = make([]byte, 2*len(r.space))
	}
	had := copy(r.space, r.text)
	n, err := io.ReadFull(r.in, r.space[had:])
	if r.failed = err; errors.Is(err, io.ErrUnexpectedEOF) && n > 0 {
		r.failed = nil // the next read says how it ends
	}
	r.text = string(r.space[:had+n])
	if n == 0 {
		return r.failed
	}
	return nil
}

// read returns the next document, or io.EOF. A *loadError is about this record only:
// reading can go on.
func (r *recordReader) read() (string, error) {
	if err := r.seek(); err != nil {
		return "", err
	}
	r.line = r.next
	end := objectEnd
	if r.text[0] == '[' {
		end = arrayEnd
	}
	for n := 0; ; {
		n += end.in(r.text[n:])
		if n > maxRecord {
			return "", fmt.Errorf("JSON document in line %d is larger than %d bytes", r.line, maxRecord)
		}
		if end.depth == 0 {
			r.cut(n)
			return r.record, nil
		}
		if err := r.more(); err != nil {
			return r.broken(err)
		}
	}
}

// cut makes the next n bytes the record.
func (r *recordReader) cut(n int) {
	r.record, r.text = r.text[:n], r.text[n:]
	r.next += int64(strings.Count(r.record, "\n"))
}

// documentEnd looks for the end of a document, which ends with as many closes as it has
// opens, whatever other brackets are between.
type documentEnd struct {
	open, close       byte
	telling           *[256]bool // outside of strings
	depth             int
	inString, escaped bool
}

// The bytes that can change where a document ends.
var (
	inStrings = [256]bool{'"': true, '\\': true}
	inObjects = [256]bool{'"': true, '{': true, '}': true}
	inArrays  = [256]bool{'"': true, '[': true, ']': true}
)

var (
	objectEnd = documentEnd{open: '{', close: '}', telling: &inObjects}
	arrayEnd  = documentEnd{open: '[', close: ']', telling: &inArrays}
)

// in returns how many bytes of text belong to the document.
func (o *documentEnd) in(text string) int {
	for n := 0; n < len(text); n++ {
		if o.escaped {
			o.escaped = false
			continue
		}
		telling := o.telling
		if o.inString {
			telling = &inStrings
		}
		for n < len(text) && !telling[text[n]] {
			n++
		}
		if n < len(text) && o.ends(text[n]) {
			return n + 1
		}
	}
	return len(text)
}

// ends takes a byte that tells, and says whether it is the object's last.
func (o *documentEnd) ends(c byte) bool {
	switch c {
	case '\\':
		o.escaped = true
	case '"':
		o.inString = !o.inString
	case o.open:
		o.depth++
	case o.close:
		o.depth--
		return o.depth == 0
	}
	return false
}

// broken ends a file that stops inside a document.
func (r *recordReader) broken(err error) (string, error) {
	if errors.Is(err, io.EOF) {
		r.cut(len(r.text))
		return "", &loadError{code: 1216, reason: "Invalid JSON: unexpected end of input in an object"}
	}
	return "", err
}

// seek skips white space up to the next document. Anything else there is an error, and
// the rest of its line is skipped.
func (r *recordReader) seek() error {
	for {
		for i := range len(r.text) {
			switch c := r.text[i]; c {
			case '{':
				r.text = r.text[i:]
				return nil
			case '\n':
				r.next++
			case ' ', '\t', '\r':
			default:
				r.text = r.text[i:]
				if c == '[' && r.arrays {
					return nil
				}
				return r.junk()
			}
		}
		r.text = ""
		if err := r.more(); err != nil {
			return err
		}
	}
}

var notObject = &loadError{code: 1216, reason: "Invalid JSONPath format: Member is not an object."}

func (r *recordReader) junk() error {
	const most = 1024
	for len(r.text) < most && r.more() == nil {
	}
	n := 1
	for n < min(most, len(r.text)) && r.text[n] != '{' && r.text[n] != '\n' {
		n++
	}
	r.line = r.next
	r.cut(n)
	reason := "Invalid JSON: a value that is not an object"
	if r.record[0] == '[' {
		return notObject
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

func badUTF8(record string) *loadError {
	for i := 0; i < len(record); {
		r, size := utf8.DecodeRuneInString(record[i:])
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
func replaceInvalid(record string, with byte) string {
	fixed := []byte(record)
	for i := 0; i < len(fixed); {
		r, size := utf8.DecodeRune(fixed[i:])
		if r == utf8.RuneError && size == 1 {
			fixed[i] = with
		}
		i += size
	}
	return string(fixed)
}
