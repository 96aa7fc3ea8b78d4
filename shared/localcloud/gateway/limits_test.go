package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway"
)

func TestABodyOverTenMegabytesIsRefused(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.answersTooLarge()
	e.deploy()
	e.send(strings.Repeat("x", 10<<20+1)).wantFromTheEdge(t, "HTTP content length exceeded 10485760 bytes.")
	resp, err := http.Post(w.InvokeURL(e.id, "dev")+"/events", "application/json", io.MultiReader(strings.NewReader(strings.Repeat("x", 10<<20+1)))) // no length
	w.must(err)
	text, err := io.ReadAll(resp.Body)
	w.must(err)
	resp.Body.Close()
	reply{resp.StatusCode, resp.Header, string(text)}.wantFromTheEdge(t, "HTTP content length exceeded 10485760 bytes.")
	if r := e.send(strings.Repeat("x", 10<<20)); r.status != 200 {
		t.Errorf("a body of 10 MB answers %d, want 200", r.status)
	}
}

// answersTooLarge gives the API the gateway responses that would be for what is too large.
func (e *events) answersTooLarge() {
	for _, responseType := range []string{"REQUEST_TOO_LARGE", "DEFAULT_4XX"} {
		e.w.must(e.w.PutGatewayResponse(e.id, gateway.GatewayResponse{Type: responseType, StatusCode: "400",
			Parameters: map[string]string{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}}))
	}
}

// wantFromTheEdge expects AWS's answer to what is too large: it has been seen to be plain
// text, without a header of API Gateway's or of the API's gateway response.
func (r reply) wantFromTheEdge(t *testing.T, body string) {
	t.Helper()
	r.want(t, 413, body, "")
	if got := r.header.Get("Content-Type"); got != "text; charset=utf-8" {
		t.Errorf("the content type is %q", got)
	}
	for _, name := range []string{"Access-Control-Allow-Origin", "X-Amzn-Requestid", "X-Amz-Apigw-Id"} {
		if r.header[name] != nil {
			t.Errorf("the answer has %s", name)
		}
	}
}

func TestHeadersOverTenKilobytesAreRefused(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.answersTooLarge()
	e.deploy()
	if r := e.send(`{}`, "X-Long", strings.Repeat("x", 9<<10)); r.status != 200 {
		t.Errorf("9 KB of headers answer %v", r)
	}
	for _, r := range []reply{
		e.send(`{}`, "X-Long", strings.Repeat("x", 10240)),
		e.send(`{}`, "X-Long", strings.Repeat("x", 6000), "Cookie", strings.Repeat("y", 6000)),
		w.do("POST", w.InvokeURL(e.id, "dev")+"/events?q="+strings.Repeat("x", 10240), `{}`),
	} {
		r.wantFromTheEdge(t, "HTTP header is larger than 10240 bytes.")
	}
}

// letsTwoIn expects that a second gives a throttle that is exhausted two requests.
func letsTwoIn(t *testing.T, w *world, e *events) {
	t.Helper()
	w.later(time.Second)
	for i := range 2 {
		if r := e.send(`{}`); r.status != 200 {
			t.Errorf("request %d answers %v a second later, want 200", i, r)
		}
	}
	e.send(`{}`).want(t, 429, `{"message":"Too Many Requests"}`, "TooManyRequestsException")
}

func TestTheStagesThrottleHoldsForEachMethod(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	w.must(w.PutMethodSettings(e.id, "dev", "*/*", gateway.MethodSettings{LoggingLevel: "OFF", RateLimit: 2, BurstLimit: 3}))
	for i := range 3 {
		if r := e.send(`{}`); r.status != 200 {
			t.Fatalf("request %d answers %v, want 200", i, r)
		}
	}
	e.send(`{}`).want(t, 429, `{"message":"Too Many Requests"}`, "TooManyRequestsException")
	letsTwoIn(t, w, e)
	w.must(w.PutMethodSettings(e.id, "dev", "events/POST", gateway.MethodSettings{LoggingLevel: "OFF", RateLimit: -1, BurstLimit: -1}))
	if r := e.send(`{}`); r.status != 200 {
		t.Errorf("a method with settings of its own answers %v, want 200", r)
	}
}

func TestAThrottleGoesOnWhenTheClockIsSetBack(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	w.must(w.PutMethodSettings(e.id, "dev", "*/*", gateway.MethodSettings{LoggingLevel: "OFF", RateLimit: 2, BurstLimit: 3}))
	for range 3 {
		e.send(`{}`)
	}
	w.later(-time.Hour)
	e.send(`{}`).want(t, 429, `{"message":"Too Many Requests"}`, "TooManyRequestsException")
	letsTwoIn(t, w, e)
}

func TestAServiceThatIsTooSlowTimesOut(t *testing.T) {
	w := newWorld(t)
	w.service = func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	e := w.newEvents(func(_ *gateway.Method, i *gateway.Integration) { i.TimeoutMillis = 50 })
	e.deploy()
	e.send(`{}`).want(t, 504, `{"message":"Endpoint request timed out"}`, "InternalServerErrorException")
}

func TestAClientThatDoesNotSendItsBodyIsSentAway(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	closed := w.newAuthorized(nil)
	closed.deploy()
	w.SetLimits(50*time.Millisecond, 1<<20)
	for path, want := range map[string]int{e.id + "/dev/events": 408, closed.id + "/dev/events": 401, e.id + "/dev/none": 403, "none/dev/events": 403} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(w.server.URL, "http://"))
		w.must(err)
		defer conn.Close()
		w.must(conn.SetReadDeadline(time.Now().Add(10 * time.Second)))
		fmt.Fprintf(conn, "POST /_aws/execute-api/%s HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{", path)
		resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			t.Errorf("%s is not answered: %v", path, err)
			continue
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("%s answers %s, want %d", path, resp.Status, want)
		}
	}
}

func TestTheBodiesOfAllRequestsTogetherAreBounded(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	w.SetLimits(time.Minute, 1000)
	for range 3 { // what a request took, it gives back
		e.send(strings.Repeat("x", 2000)).want(t, 429, `{"message":"Too Many Requests"}`, "TooManyRequestsException")
		if r := e.send(strings.Repeat("x", 900)); r.status != 200 {
			t.Errorf("a body within the budget answers %v", r)
		}
	}
}

func TestATemplateThatRunsTooLongIsAnInternalServerError(t *testing.T) {
	w := newWorld(t)
	const loops = `#foreach($a in [1..1000])#foreach($b in [1..1000])`
	for what, template := range map[string]string{
		"many steps":       loops + loops + `#end#end#end#end`,
		"a few long steps": `#foreach($a in [1..200])#set($x = $input.body.matches("(x+x+)+y"))#end`,
	} {
		e := w.newEvents(func(_ *gateway.Method, i *gateway.Integration) {
			i.RequestTemplates = map[string]string{"application/json": template}
		})
		e.deploy()
		w.SetLongestTemplate(20 * time.Millisecond)
		started := time.Now()
		e.send(strings.Repeat("x", 1<<20)).want(t, 500, `{"message":"Internal server error"}`, "InternalServerErrorException")
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("%s: the answer took %v", what, took)
		}
	}
}

func TestAFaultOfTheGatewayIsAnAnswerAndGivesTheBodyBack(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	w.SetLimits(time.Minute, 1000)
	w.roles["a fault"] = true
	for range 3 {
		e.send(strings.Repeat("x", 900)).want(t, 500, `{"message":"Internal server error"}`, "InternalServerErrorException")
	}
	delete(w.roles, "a fault")
	if r := e.send(strings.Repeat("x", 900)); r.status != 200 {
		t.Errorf("a body after those of faults answers %v", r)
	}
}

func TestAServiceFinishesWhatAClientThatWentAwayBegan(t *testing.T) {
	w := newWorld(t)
	began, gone, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	w.service = func(_ http.ResponseWriter, r *http.Request) {
		close(began)
		<-gone
		done <- r.Context().Err()
	}
	e := w.newEvents()
	e.deploy()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, "POST", w.InvokeURL(e.id, "dev")+"/events", strings.NewReader("{}"))
	w.must(err)
	go func() {
		<-began
		cancel()
	}()
	if _, err := http.DefaultClient.Do(r); err == nil {
		t.Fatal("the client got an answer")
	}
	close(gone)
	if err := <-done; err != nil {
		t.Errorf("the call was cancelled with its client: %v", err)
	}
}

func TestTheAccountsThrottleHoldsForAllAPIsTogether(t *testing.T) {
	w := newWorld(t)
	apis := []*events{w.newEvents(), w.newEvents()}
	for _, e := range apis {
		e.deploy()
	}
	taken := func(n int) (admitted int) {
		for i := range n {
			r := httptest.NewRequest("POST", w.InvokeURL(apis[i%2].id, "dev")+"/events", strings.NewReader(`{}`))
			answer := httptest.NewRecorder()
			w.ServeHTTP(answer, r)
			if answer.Code == 200 {
				admitted++
			} else if answer.Code != 429 {
				t.Fatalf("request %d answers %d", i, answer.Code)
			}
		}
		return admitted
	}
	if n := taken(5010); n != 5000 {
		t.Errorf("%d requests are taken at once, want 5000", n)
	}
	w.later(100 * time.Millisecond)
	if n := taken(1010); n != 1000 {
		t.Errorf("%d requests are taken a tenth of a second later, want 1000", n)
	}
}
