package load_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pipeline/shared/bench/load"
)

// plan posts n times to a server that answers as answer does.
func plan(t *testing.T, n int, answer http.HandlerFunc) load.Plan {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	address := strings.TrimPrefix(server.URL, "http://")
	return load.Plan{Address: address, Request: load.Post(address, "/events", "the.token", []byte(`{"a":1}`)), Connections: 3, Requests: n}
}

func TestEveryRequestIsSentOnceAndItsAnswerCounted(t *testing.T) {
	var seen atomic.Int64
	p := plan(t, 100, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.URL.Path != "/events" || r.Header.Get("Authorization") != "the.token" || string(body) != `{"a":1}` {
			t.Errorf("the server got %s %v %s", r.URL, r.Header, body)
		}
		if seen.Add(1)%10 == 0 {
			w.WriteHeader(http.StatusTooManyRequests)
		}
		io.WriteString(w, strings.Repeat("x", 500))
	})
	r, err := load.Run(t.Context(), p)
	if err != nil || seen.Load() != 100 || r.Accepted != 90 || r.Others["429 Too Many Requests"] != 10 || len(r.Times) != 100 {
		t.Errorf("of 100 requests %d came; counted are %d accepted and %v (%v)", seen.Load(), r.Accepted, r.Others, err)
	}
}

func TestAServerThatFallsBehindIsSeenInTheTimes(t *testing.T) {
	p := plan(t, 10, func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(20 * time.Millisecond)
		io.WriteString(w, "ok")
	})
	p.Connections, p.Rate = 1, 1000
	r, err := load.Run(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	// The tenth is due after 9 ms and answered after 200 ms.
	if last := r.Percentile(100); last < 150*time.Millisecond {
		t.Errorf("the last of ten requests took %v, want it counted from when it was due", last)
	}
}

func TestARunEndsInTime(t *testing.T) {
	p := plan(t, 1<<30, func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok") })
	p.Most = 50 * time.Millisecond
	if r, err := load.Run(t.Context(), p); err != nil || r.Accepted == 0 || r.Elapsed > 30*time.Second {
		t.Errorf("the run took %v for %d requests (%v)", r.Elapsed, r.Accepted, err)
	}
}

func TestAServerThatHangsUpIsAnError(t *testing.T) {
	p := plan(t, 10, func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	if _, err := load.Run(t.Context(), p); err == nil {
		t.Error("no error")
	}
}
