package redshift

import (
	"bufio"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"pipeline/shared/localcloud/redshift/engine"
)

// The limits of a result (Data API, "Troubleshooting").
const (
	maxRow    = 64 << 10  // bytes of a row's values
	maxResult = 500 << 20 // bytes of a result after gzip
)

// maxPage is how much of a result GetStatementResult gives at once, in bytes of JSON.
const maxPage = 1 << 20

// resultFile keeps a result on disk: a line for each page, an array of records. It is
// an engine.Output.
type resultFile struct {
	columns []engine.Column
	file    *os.File
	w       *bufio.Writer
	page    []json.RawMessage
	size    int
	rows    int64
	bytes   int64
}

func (r *resultFile) create(path string) (err error) {
	if r.file, err = os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	r.w = bufio.NewWriter(r.file)
	return nil
}

func (r *resultFile) Row(values []any) error {
	record := make([]field, len(values))
	for i, v := range values {
		record[i] = fieldOf(v, r.columns[i].Type)
	}
	if sizeOf(record) > maxRow {
		return &Error{Code: "54000", Message: "Packet for query is too large: a row has at most 64 KB"}
	}
	data, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	if r.size+len(data) > maxPage && len(r.page) > 0 {
		if err := r.flush(); err != nil {
			return err
		}
	}
	r.page = append(r.page, data)
	r.size += len(data)
	r.rows++
	r.bytes += int64(len(data))
	return nil
}

func (r *resultFile) flush() error {
	data, err := json.Marshal(r.page)
	if err == nil {
		_, err = r.w.Write(append(data, '\n'))
	}
	r.page, r.size = nil, 0
	return err
}

func (r *resultFile) finish() error {
	if err := r.flush(); err != nil {
		return err
	}
	if err := r.w.Flush(); err != nil {
		return err
	}
	if r.bytes > maxResult { // else it has no more after gzip
		if err := checkZipped(r.file.Name(), maxResult); err != nil {
			return err
		}
	}
	return r.file.Sync()
}

// counter counts what is written to it.
type counter int64

func (c *counter) Write(p []byte) (int, error) {
	*c += counter(len(p))
	return len(p), nil
}

// checkZipped refuses a file that has more than so many bytes after gzip.
func checkZipped(path string, most int64) error {
	file, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	defer file.Close()
	var size counter
	zipped := gzip.NewWriter(&size)
	_, err = io.Copy(zipped, file)
	if err = errors.Join(err, zipped.Close()); err != nil {
		return fmt.Errorf("keep the result: %w", err)
	}
	if int64(size) > most {
		return &Error{Code: "54000", Message: "Database response exceeded size limit: a result has at most 500 MB after gzip"}
	}
	return nil
}

// field is one value of a record, under the name of its type (redshift-data, Field).
type field struct {
	IsNull       *bool    `json:"isNull,omitempty"`
	BooleanValue *bool    `json:"booleanValue,omitempty"`
	LongValue    *int64   `json:"longValue,omitempty"`
	DoubleValue  *float64 `json:"doubleValue,omitempty"`
	StringValue  *string  `json:"stringValue,omitempty"`
	BlobValue    *string  `json:"blobValue,omitempty"`
}

// sizeOf is how many bytes a row's values have.
func sizeOf(record []field) (n int) {
	for _, f := range record {
		switch {
		case f.StringValue != nil:
			n += len(*f.StringValue)
		case f.BlobValue != nil:
			n += base64.StdEncoding.DecodedLen(len(*f.BlobValue))
		default:
			n += 8
		}
	}
	return n
}

func fieldOf(v any, t engine.Type) field {
	switch v := v.(type) {
	case nil:
		yes := true
		return field{IsNull: &yes}
	case bool:
		return field{BooleanValue: &v}
	case int64:
		return field{LongValue: &v}
	case float64:
		return field{DoubleValue: &v}
	case float32:
		wide := float64(v)
		return field{DoubleValue: &wide}
	case []byte:
		text := base64.StdEncoding.EncodeToString(v)
		return field{BlobValue: &text}
	}
	text := engine.Text(v, t)
	return field{StringValue: &text}
}
