package awsjson

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type common struct {
	Context map[string]string
}

type input struct {
	Name  string
	Tags  []struct{ Key, Value string }
	Other *struct{ Deep int }
	Named string `json:"named,omitempty"`
	Free  any
	common
}

func call(body io.Reader) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, "/", body)
	r.Header.Set("X-Amz-Target", "Service.Do")
	w := httptest.NewRecorder()
	Handler("service", map[string]Operation{"Do": Op(func(_ context.Context, in *input) (*input, error) { return in, nil })}).ServeHTTP(w, r)
	return w
}

func TestMembersAreSpeltAsInAWSsModel(t *testing.T) {
	for body, foreign := range map[string]string{
		`{"name": "a"}`:                          "name",
		`{"Named": "a"}`:                         "Named",
		`{"Tags": [{"Key": "k"}, {"key": "l"}]}`: "key",
		`{"Other": {"deep": 1}}`:                 "deep",
		`{"context": {}}`:                        "context",
		`{"Unknown": 1}`:                         "Unknown",
	} {
		if w := call(strings.NewReader(body)); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "does not honour the parameter "+foreign) {
			t.Errorf("%s is answered %d %s, want a refusal that names %s", body, w.Code, w.Body, foreign)
		}
	}
	for _, body := range []string{"", "{}", `{"Name": "a", "named": "b", "Tags": [{"Key": "k", "Value": "v"}], "Other": {"Deep": 1}, "Context": {"any": "thing"}, "Free": {"any": ["thing"]}}`} {
		if w := call(strings.NewReader(body)); w.Code != http.StatusOK {
			t.Errorf("%s is answered %d %s", body, w.Code, w.Body)
		}
	}
}

// stalled is a body that does not come.
type stalled struct{}

func (stalled) Read([]byte) (int, error) { return 0, errors.New("i/o timeout") }

func TestABodyThatIsTooLargeIsToldFromOneThatDoesNotCome(t *testing.T) {
	for code, body := range map[int]io.Reader{
		http.StatusRequestEntityTooLarge: io.LimitReader(zeros{}, MaxBody+1),
		http.StatusRequestTimeout:        stalled{},
	} {
		if w := call(body); w.Code != code {
			t.Errorf("%T is answered %d %s, want %d", body, w.Code, w.Body, code)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// announced is a body that counts the room that it is given to come in.
type announced struct {
	sends int
	room  int
}

func (a *announced) Read(p []byte) (int, error) {
	a.room = max(a.room, len(p))
	if a.sends == 0 {
		return 0, io.ErrUnexpectedEOF
	}
	n := min(a.sends, len(p))
	a.sends -= n
	return n, nil
}

func TestMemoryComesWithTheBytesOfABody(t *testing.T) {
	for sends, most := range map[int]int{0: 8 << 10, 10 << 10: 16 << 10, 1 << 20: 1 << 20} {
		body := &announced{sends: sends}
		if got, err := ReadKnown(body, 4<<20); err == nil || len(got) != sends || body.room > most {
			t.Errorf("of 4 MiB that are announced %d bytes come: %d are read (%v) into room for %d, want %d at most", sends, len(got), err, body.room, most)
		}
	}
	for _, size := range []int{0, 1, 8 << 10, 8<<10 + 1, 100_000} {
		whole := bytes.Repeat([]byte("x"), size)
		if got, err := ReadKnown(bytes.NewReader(whole), int64(size)); err != nil || !bytes.Equal(got, whole) || cap(got) > max(size, 8<<10) {
			t.Errorf("of %d bytes there are %d in memory for %d (%v)", size, len(got), cap(got), err)
		}
	}
}
