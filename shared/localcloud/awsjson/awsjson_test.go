package awsjson

import (
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
