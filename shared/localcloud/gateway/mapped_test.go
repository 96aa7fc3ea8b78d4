package gateway_test

import (
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/localcloud/gateway"
)

// gotten is what the service was called with last.
type gotten struct {
	header      http.Header
	query, body string
}

// record makes the service keep what it is called with, and answer the body.
func (w *world) record() *gotten {
	got := &gotten{}
	w.service = func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*got = gotten{header: r.Header, query: r.URL.RawQuery, body: string(body)}
		rw.Write(body)
	}
	return got
}

// A body that no template maps reaches the service as the client wrote it: with it the client
// chooses the delivery stream.
func TestWhatNoTemplateMapsPassesAsThePassthroughBehaviorSays(t *testing.T) {
	const json, other, mapped, passed, refused = "application/json; charset=utf-8", "text/plain", "mapped", "raw", ""
	none, forJSON, forAll := map[string]string{}, map[string]string{"application/json": mapped}, map[string]string{"$default": mapped}
	for _, c := range []struct {
		behavior    string
		templates   map[string]string
		contentType string
		want        string
	}{
		{"WHEN_NO_MATCH", none, json, passed},
		{"WHEN_NO_MATCH", none, other, passed},
		{"WHEN_NO_MATCH", forJSON, json, mapped},
		{"WHEN_NO_MATCH", forJSON, "", mapped}, // which is taken for JSON
		{"WHEN_NO_MATCH", forJSON, other, passed},
		{"WHEN_NO_MATCH", forAll, other, mapped},
		{"WHEN_NO_TEMPLATES", none, json, passed},
		{"WHEN_NO_TEMPLATES", none, other, passed},
		{"WHEN_NO_TEMPLATES", forJSON, json, mapped},
		{"WHEN_NO_TEMPLATES", forJSON, other, refused},
		{"WHEN_NO_TEMPLATES", forAll, other, mapped},
		{"NEVER", none, json, refused},
		{"NEVER", forJSON, json, mapped},
		{"NEVER", forJSON, other, refused},
		{"NEVER", forAll, other, mapped},
		{"NEVER", map[string]string{"$default": "default", "application/json": mapped}, json, mapped},
	} {
		w := newWorld(t)
		got := w.record()
		e := w.newEvents(func(_ *gateway.Method, i *gateway.Integration) {
			i.PassthroughBehavior, i.RequestTemplates = c.behavior, c.templates
		})
		e.deploy()
		r := e.send(passed, "Content-Type", c.contentType)
		if c.want == refused {
			r.want(t, 415, `{"message":"Unsupported Media Type"}`, "BadRequestException")
		}
		if got.body != c.want {
			t.Errorf("%s with templates for %v: a body of type %q reaches the service as %q, want %q",
				c.behavior, slices.Sorted(maps.Keys(c.templates)), c.contentType, got.body, c.want)
		}
	}
}

func TestEveryParameterIsMappedFromItsSource(t *testing.T) {
	w := newWorld(t)
	got := &gotten{}
	sources := map[string]string{
		"header.A-Static": "'fixed'", "header.A-Context": "context.stage", "header.A-Variable": "stageVariables.v",
		"header.A-Body": "method.request.body", "header.A-Path": "method.request.path.game",
		"header.A-Header": "method.request.header.X-One", "header.A-Headers": "method.request.multivalueheader.X-One",
		"header.A-Query": "method.request.querystring.q", "header.A-Querys": "method.request.multivaluequerystring.q",
		"header.A-None": "method.request.querystring.absent", "querystring.copied": "method.request.querystring.q",
		"querystring.replaced": "'mapped'",
	}
	w.service = func(rw http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*got = gotten{r.Header, r.URL.RawQuery, string(body)}
		rw.Header()["X-Many"] = []string{"one", "two"}
		io.WriteString(rw, "answer")
	}
	e := w.newEvents()
	game := value[gateway.Resource](t)(w.CreateResource(e.id, e.resource.ID, "{game}"))
	e.post.ResourceID = game.ID
	declared, mapped := map[string]bool{}, map[string]string{}
	for target, source := range sources {
		mapped["integration.request."+target] = source
		if strings.HasPrefix(source, "method.request.") && source != "method.request.body" {
			declared[strings.Replace(source, "multivalue", "", 1)] = false
		}
	}
	answers := map[string]string{"X-Body": "integration.response.body", "X-Last": "integration.response.header.X-Many", "X-All": "integration.response.multivalueheader.X-Many"}
	answered, response := map[string]bool{}, map[string]string{}
	for name, source := range answers {
		answered["method.response.header."+name], response["method.response.header."+name] = true, source
	}
	w.must(w.PutMethod(e.post, gateway.Method{Authorization: "NONE", RequestParameters: declared}))
	w.must(w.PutMethodResponse(e.post, gateway.MethodResponse{StatusCode: "200", ResponseParameters: answered}))
	w.must(w.PutIntegration(e.post, gateway.Integration{Type: "AWS", HTTPMethod: "POST", URI: putRecord, Credentials: role, RequestParameters: mapped,
		RequestTemplates: map[string]string{"application/json": `#set($context.requestOverride.querystring.replaced = "$input.params('q')")` +
			`$input.params('game')|$input.params('q')|$input.params('X-One')|$input.params().path.game|$input.params().querystring.q|$stageVariables.v|$context.httpMethod`}}))
	w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200", ResponseParameters: response}))
	e.deploy(func(s *gateway.Stage) { s.Variables = map[string]string{"v": "variable"} })

	r, err := http.NewRequest("POST", w.InvokeURL(e.id, "dev")+"/events/do%20om?q=1&q=2", strings.NewReader("body"))
	w.must(err)
	r.Header["X-One"] = []string{"a", "b"}
	resp, err := http.DefaultClient.Do(r)
	w.must(err)
	resp.Body.Close()
	if want := "do om|2|b|do om|2|variable|POST"; got.body != want {
		t.Errorf("the template gives %q, want %q", got.body, want)
	}
	if want := "copied=2&replaced=2"; got.query != want {
		t.Errorf("the service's query string is %q, want %q", got.query, want)
	}
	for name, want := range map[string]string{"A-Static": "fixed", "A-Context": "dev", "A-Variable": "variable", "A-Body": "body", "A-Path": "do om",
		"A-Header": "b", "A-Headers": "a,b", "A-Query": "2", "A-Querys": "1,2", "A-None": ""} {
		if header := got.header.Get(name); header != want {
			t.Errorf("the service's header %s, of %s, is %q, want %q", name, sources["header."+name], header, want)
		}
	}
	for name, want := range map[string]string{"X-Body": "answer", "X-Last": "two", "X-All": "one,two"} {
		if header := resp.Header.Get(name); header != want {
			t.Errorf("the answer's header %s, of %s, is %q, want %q", name, answers[name], header, want)
		}
	}
}

func TestAMappingMaySetNoHeaderOfTheSignedCall(t *testing.T) {
	for name, want := range map[string]int{"Authorization": 500, "Connection": 500, "content-length": 500, "Expect": 500, "Proxy-Authenticate": 500,
		"TE": 500, "Transfer-Encoding": 500, "X-Amzn-Trace-Id": 500, "X-Other": 200} {
		for what, change := range map[string]func(*gateway.Method, *gateway.Integration){
			"a parameter": func(_ *gateway.Method, i *gateway.Integration) {
				i.RequestParameters = map[string]string{"integration.request.header." + name: "'x'"}
			},
			"a template": func(_ *gateway.Method, i *gateway.Integration) {
				i.RequestTemplates = map[string]string{"application/json": `#set($context.requestOverride.header['` + name + `'] = "x"){}`}
			},
		} {
			w := newWorld(t)
			e := w.newEvents(change)
			e.deploy()
			if r := e.send(`{}`); r.status != want {
				t.Errorf("%s that sets %s answers %v, want %d", what, name, r, want)
			}
		}
	}
}

func TestTheAcceptHeaderChoosesTheResponsesTemplate(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	put := func(types ...string) {
		templates := map[string]string{}
		for _, contentType := range types {
			templates[contentType] = "of " + contentType
		}
		w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200", ResponseTemplates: templates}))
		e.deploy()
	}
	want := func(accept, contentType string) {
		t.Helper()
		if r := e.send(`{}`, "Accept", accept); r.body != "of "+contentType || r.header.Get("Content-Type") != contentType {
			t.Errorf("who accepts %q gets %q as %s, want %s", accept, r.body, r.header.Get("Content-Type"), contentType)
		}
	}
	put("application/json", "application/xml", "a/first")
	want("application/xml", "application/xml")
	want("application/xml; q=0.9", "application/xml")
	want("text/html", "application/json")
	want("", "application/json")
	put("b/second", "a/first")
	want("text/html", "a/first")
	want("b/second", "b/second")
}

func TestOfSeveralDefaultResponsesTheFirstAnswers(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	for _, status := range []string{"202", "201", "400"} {
		w.must(w.PutMethodResponse(e.post, gateway.MethodResponse{StatusCode: status}))
	}
	w.must(w.DeleteIntegrationResponse(e.post, "200"))
	w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "202"}))
	w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "201"}))
	w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "400", SelectionPattern: "4.."}))
	e.deploy()
	if r := e.send(`{}`); r.status != 201 {
		t.Errorf("the answer is %v, want 201", r)
	}
}
