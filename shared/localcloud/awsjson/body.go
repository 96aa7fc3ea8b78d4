package awsjson

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"sync/atomic"
)

// MaxBody bounds a request body, in bytes. The largest legal one is a Firehose
// PutRecordBatch: 4 MiB of data, base64 encoded.
const MaxBody = 8 << 20

// Body is a request's body that is in memory: ReadBody returns it as it is.
type Body struct {
	bytes.Reader
	all []byte
}

// NewBody is the body of a request within this process.
func NewBody(all []byte) *Body {
	b := &Body{all: all}
	b.Reset(all)
	return b
}

// Close does nothing.
func (b *Body) Close() error { return nil }

// ReadBody reads a request's body of at most MaxBody bytes. The error is an Error, or
// that of a Metered body.
func ReadBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if b, here := r.Body.(*Body); here && len(b.all) <= MaxBody {
		return b.all, nil
	}
	limited := http.MaxBytesReader(w, r.Body, MaxBody)
	var body []byte
	var err error
	if 0 <= r.ContentLength && r.ContentLength <= MaxBody {
		body, err = ReadKnown(limited, r.ContentLength)
	} else {
		body, err = io.ReadAll(limited)
	}
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		return nil, &Error{Code: "RequestEntityTooLarge", Message: err.Error(), Status: http.StatusRequestEntityTooLarge}
	}
	if errors.Is(err, ErrBudget) {
		return nil, err
	}
	if err != nil {
		return nil, &Error{Code: "RequestTimeoutException", Message: "read the request's body: " + err.Error(), Status: http.StatusRequestTimeout}
	}
	return body, nil
}

// firstRead is the memory that a body gets before it comes, in bytes.
const firstRead = 8 << 10

// ReadKnown reads a body of size bytes. Memory comes with the bytes: a client that announces
// much and sends nothing takes none.
func ReadKnown(body io.Reader, size int64) ([]byte, error) {
	out := make([]byte, 0, min(size, firstRead))
	for {
		n, err := io.ReadFull(body, out[len(out):cap(out)])
		out = out[:len(out)+n]
		if err != nil || int64(len(out)) == size {
			return out, err
		}
		out = append(make([]byte, 0, min(size, 2*int64(cap(out)))), out...)
	}
}

// Budget is a number of bytes that the bodies of all calls share.
type Budget struct {
	Limit int64
	used  atomic.Int64
}

// Take takes n bytes, to be given back, and says whether they were there.
func (b *Budget) Take(n int64) bool { return b.used.Add(n) <= b.Limit }

// GiveBack ends what Take began.
func (b *Budget) GiveBack(n int64) { b.used.Add(-n) }

// Used is how many bytes are taken.
func (b *Budget) Used() int64 { return b.used.Load() }

// ErrBudget is that a budget is used up.
var ErrBudget = errors.New("the budget for bodies is used up")

// Metered takes a body's bytes from a budget as they come: a client that sends none keeps
// nobody waiting.
type Metered struct {
	io.ReadCloser
	Budget *Budget
	n      int64
}

func (m *Metered) Read(p []byte) (int, error) {
	n, err := m.ReadCloser.Read(p)
	m.n += int64(n)
	if !m.Budget.Take(int64(n)) {
		return 0, ErrBudget // not n: io.ReadFull overlooks an error with the last bytes
	}
	return n, err
}

// Release gives back what was read.
func (m *Metered) Release() { m.Budget.GiveBack(m.n) }
