package drills

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// planes stand in for all planes and remember what they were asked.
type planes struct {
	copies, refusals, denied map[string]int
	paused                   bool
	expired, forgotIn        time.Time
	broken                   error
}

func (p *planes) FailCopies(_ context.Context, stream string, n int) error {
	if _, ok := p.copies[stream]; !ok {
		return errors.New("no stream " + stream)
	}
	p.copies[stream] = n
	return nil
}

func (p *planes) RefuseRecords(_ context.Context, stream string, n int) error {
	p.refusals[stream] = n
	return p.broken
}

func (p *planes) Drills() (copies, refusals map[string]int) { return p.copies, p.refusals }
func (p *planes) Pause()                                    { p.paused = true }
func (p *planes) Resume()                                   { p.paused = false }
func (p *planes) Paused() bool                              { return p.paused }
func (p *planes) DenyNext(action string, n int)             { p.denied[action] = n }
func (p *planes) Denials() map[string]int                   { return p.denied }
func (p *planes) ForgetTokens()                             { p.forgotIn = p.expired }
func (p *planes) ExpireTokens(until time.Time)              { p.expired = until }
func (p *planes) ExpiredUntil() time.Time                   { return p.expired }

func newDrills() (*Drills, *planes) {
	p := &planes{copies: map[string]int{"a": 0, "b": 0}, refusals: map[string]int{"a": 0, "b": 0}, denied: map[string]int{}}
	return &Drills{Streams: p, Warehouse: p, Roles: p, Tokens: p, Authorizers: p, Delays: &Delays{}, Clock: &Clock{}}, p
}

func TestADrillThatDoesNotEndLeavesNoOtherOn(t *testing.T) {
	d, p := newDrills()
	if err := d.Start(t.Context(), "slow", Arguments{Plane: "s3", By: "1s"}); err != nil {
		t.Fatal(err)
	}
	p.broken = errors.New("the disk is full")
	if err := d.Off(t.Context()); !errors.Is(err, p.broken) {
		t.Errorf("off says %v, want %v", err, p.broken)
	}
	if left := d.Delays.active(); len(left) > 0 {
		t.Errorf("after off there goes on %v", left)
	}
}

func TestADrillGoesOnUntilItIsOff(t *testing.T) {
	d, p := newDrills()
	two := 2
	for _, one := range []struct {
		name string
		with Arguments
		want string
	}{
		{"fail-copies", Arguments{Count: &two, Stream: "a"}, "fail-copies: 2 left of a"},
		{"refuse-records", Arguments{}, "refuse-records: 1 left of a|refuse-records: 1 left of b"},
		{"pause-warehouse", Arguments{}, "pause-warehouse: until resume-warehouse"},
		{"deny", Arguments{Action: "s3:PutObject"}, "deny: 1 left of s3:PutObject"},
		{"slow", Arguments{Plane: "s3", By: "1500ms"}, "slow: s3 by 1.5s"},
		{"clock", Arguments{By: "-2h"}, "clock: by -2h0m0s"},
	} {
		if err := d.Start(t.Context(), one.name, one.with); err != nil {
			t.Errorf("%s: %v", one.name, err)
		}
		if got := strings.Join(d.Active(), "|"); got != one.want {
			t.Errorf("after %s there goes on %q, want %q", one.name, got, one.want)
		}
		if err := d.Off(t.Context()); err != nil {
			t.Errorf("off: %v", err)
		}
		if left := d.Active(); len(left) > 0 {
			t.Errorf("after %s and off there goes on %v", one.name, left)
		}
	}
	if err := d.Start(t.Context(), "expire-tokens", Arguments{}); err != nil || p.expired.IsZero() || p.forgotIn != p.expired {
		t.Errorf("tokens expire until %s and are forgotten when it is %s (%v), want both, in this order", p.expired, p.forgotIn, err)
	}
	if got := d.Active(); len(got) != 1 || !strings.HasPrefix(got[0], "expire-tokens: issued until 20") {
		t.Errorf("there goes on %v", got)
	}
	if err := d.Off(t.Context()); err != nil || !p.expired.IsZero() {
		t.Errorf("after off tokens have expired until %s: %v", p.expired, err)
	}
}

func TestAWrongDrillSaysWhatIsWrong(t *testing.T) {
	minus := -1
	for _, one := range []struct {
		name string
		with Arguments
		want string
	}{
		{"explode", Arguments{}, `there is no drill "explode": there are fail-copies, refuse-records, pause-warehouse, resume-warehouse, deny, expire-tokens, slow, clock`},
		{"fail-copies", Arguments{Count: &minus}, "fail-copies: count is -1, want 0 or more"},
		{"fail-copies", Arguments{Stream: "c"}, "fail-copies: no stream c"},
		{"fail-copies", Arguments{Plane: "s3"}, "fail-copies: it does not take plane"},
		{"pause-warehouse", Arguments{By: "1h"}, "pause-warehouse: it does not take by"},
		{"deny", Arguments{}, `deny: action is "", want one such as s3:PutObject`},
		{"deny", Arguments{Action: "s3:*"}, `deny: action is "s3:*", want one such as s3:PutObject`},
		{"slow", Arguments{Plane: "sqs", By: "1s"}, `slow: plane is "sqs", want cognito, firehose, gateway, redshift, s3`},
		{"slow", Arguments{Plane: "s3"}, `slow: by is "", want a duration from 0s to 5m0s, such as 1500ms or 2h`},
		{"slow", Arguments{Plane: "s3", By: "-1s"}, `slow: by is "-1s", want a duration from 0s to 5m0s, such as 1500ms or 2h`},
		{"clock", Arguments{By: "tomorrow"}, `clock: by is "tomorrow", want a duration from -87600h0m0s to 87600h0m0s, such as 1500ms or 2h`},
	} {
		d, _ := newDrills()
		if err := d.Start(t.Context(), one.name, one.with); err == nil || err.Error() != one.want {
			t.Errorf("%s with %+v: %v, want %s", one.name, one.with, err, one.want)
		}
		if left := d.Active(); len(left) > 0 {
			t.Errorf("the wrong %s goes on: %v", one.name, left)
		}
	}
}

func TestWithoutADeliveryStreamThereIsNothingToFail(t *testing.T) {
	d, p := newDrills()
	clear(p.copies)
	if err := d.Start(t.Context(), "fail-copies", Arguments{}); err == nil || !strings.Contains(err.Error(), "deploy layer stream first") {
		t.Errorf("error is %v", err)
	}
}

// An answer with nothing in it is 200 to the gateway, which would acknowledge an event
// that nobody has.
func TestASlowPlaneWhoseCallerGivesUpDoesNotSucceed(t *testing.T) {
	var d Delay
	d.nanoseconds.Store(int64(time.Hour))
	called := false
	h := d.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(ctx, http.MethodPost, "/", nil))
	if w.Code != http.StatusServiceUnavailable || called {
		t.Errorf("the answer is %d, and the plane was asked: %v; want 503 and no", w.Code, called)
	}
}

func TestTheClockIsAheadByTheDrill(t *testing.T) {
	d, _ := newDrills()
	if err := d.Start(t.Context(), "clock", Arguments{By: "48h"}); err != nil {
		t.Fatal(err)
	}
	if ahead := time.Until(d.Clock.Now()).Round(time.Hour); ahead != 48*time.Hour {
		t.Errorf("the clock is %s ahead, want 48h", ahead)
	}
}

// A page can make a browser send a simple request without asking. None of what it can
// send without being asked begins a drill.
func TestDrillsAreForWhoHasTheKeyAndNotForPages(t *testing.T) {
	for what, headers := range map[string]map[string]string{
		"no key":                    {},
		"another key":               {KeyHeader: "guess"},
		"a page with the key":       {KeyHeader: "key", "Origin": "http://localhost:3000"},
		"a page without an origin":  {KeyHeader: "key", "Sec-Fetch-Site": "same-origin"},
		"a form of another site":    {"Origin": "https://evil.example", "Content-Type": "application/x-www-form-urlencoded"},
		"a simple request of fetch": {"Origin": "null", "Content-Type": "text/plain"},
	} {
		d, p := newDrills()
		w := ask(d, http.MethodPost, Path+"/pause-warehouse", "", headers)
		if w.Code != http.StatusForbidden || p.paused || w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: answer is %d %s, paused %v", what, w.Code, w.Body, p.paused)
		}
	}
}

func TestTheAPIAnswersWithTheListOrWithWhatIsWrong(t *testing.T) {
	for _, one := range []struct {
		method, path, body string
		status             int
		want               string
	}{
		{http.MethodGet, Path, "", 200, `"name":"clock"`},
		{http.MethodPost, Path + "/fail-copies", `{"count":3,"stream":"a"}`, 200, `"active":["3 left of a"]`},
		{http.MethodPost, Path + "/refuse-records", "", 200, `"active":["1 left of a","1 left of b"]`},
		{http.MethodDelete, Path, "", 200, `"name":"clock"`},
		{http.MethodPost, Path + "/fail-copies", `{"cuont":3}`, 400, `unknown field`},
		{http.MethodPost, Path + "/slow", `{"plane":"s3","by":"` + strings.Repeat("1", 8000) + `"}`, 400, "too large"},
		{http.MethodPost, Path + "/explode", "", 400, `there is no drill`},
		{http.MethodPut, Path, "", 405, "message"},
		{http.MethodDelete, Path + "/slow", "", 405, "message"},
	} {
		d, _ := newDrills()
		w := ask(d, one.method, one.path, one.body, map[string]string{KeyHeader: "key"})
		if w.Code != one.status || !strings.Contains(w.Body.String(), one.want) {
			t.Errorf("%s %s %.40s: answer is %d %s, want %d with %s", one.method, one.path, one.body, w.Code, w.Body, one.status, one.want)
		}
	}
}

func ask(d *Drills, method, path, body string, headers map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for name := range maps.Keys(headers) {
		r.Header.Set(name, headers[name])
	}
	w := httptest.NewRecorder()
	d.Handler("key").ServeHTTP(w, r)
	return w
}
