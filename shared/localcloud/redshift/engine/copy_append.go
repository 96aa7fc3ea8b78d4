package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
	"reflect"
	"runtime"
	"strings"
	"unsafe"

	"github.com/duckdb/duckdb-go/v2"
	"github.com/duckdb/duckdb-go/v2/mapping"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// appender is the way into a table: rows collect in DuckDB's memory and are inserted many
// at a time, with the defaults of the columns that COPY leaves out.
//
// Own code, because the driver's appender takes a value at a time, boxed, and copies each
// string three times in three calls of C: a third of what a COPY costs. Here a value is
// written where DuckDB reads it.
type appender struct {
	duck  mapping.Appender
	types []mapping.LogicalType
	chunk mapping.DataChunk
	into  []vector
	rows  int
	most  int    // rows of a chunk
	sent  int    // chunks
	texts []byte // what the vectors point at
	pins  runtime.Pinner
}

// textBytes is with how much text a chunk is sent at the latest, in bytes.
const textBytes = 512 << 10

// duckKinds are the types in which values are handed over; VARCHAR for all others.
var duckKinds = map[string]duckdb.Type{
	"smallint": duckdb.TYPE_BIGINT, "integer": duckdb.TYPE_BIGINT, "bigint": duckdb.TYPE_BIGINT,
	"real": duckdb.TYPE_DOUBLE, "double precision": duckdb.TYPE_DOUBLE, "boolean": duckdb.TYPE_BOOLEAN,
	"date": duckdb.TYPE_TIMESTAMP, "timestamp without time zone": duckdb.TYPE_TIMESTAMP, "timestamp with time zone": duckdb.TYPE_TIMESTAMP_TZ,
}

func (l *load) newAppender() (*appender, error) {
	a := &appender{most: duckdb.GetDataChunkCapacity()}
	var inner, names, values []string
	for i, c := range l.columns {
		kind, ok := duckKinds[c.Type.Name]
		if !ok {
			kind = duckdb.TYPE_VARCHAR
		}
		name := "c" + itoa(i+1)
		a.types, inner, names = append(a.types, mapping.CreateLogicalType(kind)), append(inner, name), append(names, sqltext.QuoteName(c.Name))
		a.into = append(a.into, vector{kind: kind})
		if c.Type.Name == "super" {
			name = "json(" + name + ")" // without the blanks between, as SUPER prints
		}
		values = append(values, "CAST("+name+" AS "+c.Type.duck()+")")
	}
	query := fmt.Sprintf("INSERT INTO %s (%s) SELECT %s FROM loaded", l.into.duck(), strings.Join(names, ", "), strings.Join(values, ", "))
	if err := a.open(l.s.duck, query, inner); err != nil {
		return nil, errors.Join(err, a.close())
	}
	return a, nil
}

func (a *appender) open(conn *duckdb.Conn, query string, names []string) error {
	raw, err := rawConnection(conn)
	if err != nil {
		return err
	}
	if mapping.AppenderCreateQuery(raw, query, a.types, "loaded", names, &a.duck) == mapping.StateError {
		return a.failure()
	}
	a.chunk = mapping.CreateDataChunk(a.types)
	a.begin()
	return nil
}

// rawConnection is the connection that the driver keeps to itself.
func rawConnection(conn *duckdb.Conn) (mapping.Connection, error) {
	field := reflect.ValueOf(conn).Elem().FieldByName("conn")
	if !field.IsValid() || field.Type() != reflect.TypeFor[mapping.Connection]() {
		return mapping.Connection{}, errors.New("this version of DuckDB's driver has no connection to append through")
	}
	return mapping.Connection{Ptr: field.FieldByName("Ptr").UnsafePointer()}, nil
}

// begin makes the chunk empty.
func (a *appender) begin() {
	mapping.DataChunkReset(a.chunk)
	for i := range a.into {
		v := mapping.DataChunkGetVector(a.chunk, mapping.IdxT(i))
		mapping.VectorEnsureValidityWritable(v)
		a.into[i].data = mapping.VectorGetData(v)
		a.into[i].valid = mapping.VectorGetValidity(v)
	}
	a.rows, a.texts = 0, a.texts[:0]
	a.pins.Unpin()
	a.pin()
}

// pin tells Go that C has a pointer to the texts, and keeps them until the chunk is sent.
func (a *appender) pin() {
	if cap(a.texts) > 0 {
		a.pins.Pin(unsafe.SliceData(a.texts))
	}
}

// append adds a row.
func (a *appender) append(row []value) error {
	for i := range row {
		a.put(&a.into[i], row[i])
	}
	if a.rows++; a.rows < a.most && len(a.texts) < textBytes {
		return nil
	}
	return a.send()
}

func (a *appender) put(v *vector, x value) {
	switch {
	case !x.set:
		v.setNull(a.rows)
	case v.kind == duckdb.TYPE_VARCHAR:
		v.setText(a.rows, a.keep(x.text))
	case v.kind == duckdb.TYPE_BOOLEAN:
		*(*bool)(unsafe.Add(v.data, a.rows)) = x.bits != 0
	default:
		*(*uint64)(unsafe.Add(v.data, 8*a.rows)) = x.bits
	}
}

// keep copies a string to where it stays until the chunk is sent.
func (a *appender) keep(s string) string {
	if len(s) <= inlined {
		return s
	}
	if cap(a.texts)-len(a.texts) < len(s) {
		a.texts = make([]byte, 0, max(2*textBytes, len(s)))
		a.pin()
	}
	at := len(a.texts)
	a.texts = append(a.texts, s...)
	return unsafe.String(&a.texts[at], len(s))
}

// send hands the chunk over to DuckDB, which copies it.
func (a *appender) send() error {
	if a.rows == 0 {
		return nil
	}
	mapping.DataChunkSetSize(a.chunk, mapping.IdxT(a.rows))
	if mapping.AppendDataChunk(a.duck, a.chunk) == mapping.StateError {
		return a.failure()
	}
	a.begin()
	if a.sent++; a.sent <= promptChunks {
		return a.insert()
	}
	return nil
}

// promptChunks are inserted one by one. DuckDB would keep a hundred, to insert them in one
// go that requests feel; which is faster by a tenth, so a large load goes on with that.
const promptChunks = 8

// flush inserts the rows that are left.
func (a *appender) flush() error {
	if err := a.send(); err != nil {
		return err
	}
	return a.insert()
}

func (a *appender) insert() error {
	if mapping.AppenderFlush(a.duck) == mapping.StateError {
		return a.failure()
	}
	return nil
}

func (a *appender) failure() error {
	data := mapping.AppenderErrorData(a.duck)
	defer mapping.DestroyErrorData(&data)
	return &duckdb.Error{Type: duckdb.ErrorType(mapping.ErrorDataErrorType(data)), Msg: mapping.ErrorDataMessage(data)}
}

// close gives everything back.
func (a *appender) close() error {
	state := mapping.AppenderDestroy(&a.duck)
	mapping.DestroyDataChunk(&a.chunk)
	for i := range a.types {
		mapping.DestroyLogicalType(&a.types[i])
	}
	a.pins.Unpin()
	if state == mapping.StateError {
		return errors.New("DuckDB could not close an appender")
	}
	return nil
}

// vector is a column of a chunk in DuckDB's memory.
type vector struct {
	kind  duckdb.Type
	data  unsafe.Pointer
	valid unsafe.Pointer // a bit for each row, in words of 64
}

func (v *vector) setNull(row int) {
	*(*uint64)(unsafe.Add(v.valid, 8*(row/64))) &^= 1 << (row % 64)
}

// inlined is how long a string may be that is in its slot, in bytes.
const inlined = 12

// setText writes a duckdb_string_t (duckdb.h): the length, then the bytes and zeros, or
// the first four bytes and where all are.
func (v *vector) setText(row int, s string) {
	slot := (*[16]byte)(unsafe.Add(v.data, 16*row))
	binary.NativeEndian.PutUint32(slot[:4], uint32(len(s)))
	if len(s) <= inlined {
		clear(slot[4+copy(slot[4:], s):])
		return
	}
	copy(slot[4:8], s)
	binary.NativeEndian.PutUint64(slot[8:], uint64(uintptr(unsafe.Pointer(unsafe.StringData(s)))))
}
