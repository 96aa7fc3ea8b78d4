package gateway

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

func FuzzTextKeepsWhatIsNoVariable(f *testing.F) {
	for _, seed := range []string{"", "$", "$context", `{"a":"$context.requestId","b":$context.error.messageString}`, "$method.request.header.X-Y$stageVariables.a.", "$context..a"} {
		f.Add(seed)
	}
	inv := &invocation{stage: &servedStage{}, request: httptest.NewRequest("GET", "/", nil), context: map[string]any{}}
	f.Fuzz(func(t *testing.T, s string) {
		out := parseText(s).render(inv, "")
		if want := variable.ReplaceAllString(s, ""); out != want {
			t.Errorf("%q renders as %q, want %q", s, out, want)
		}
	})
}

func FuzzExpression(f *testing.F) {
	for _, seed := range []string{"'*'", "''", "'", "context.a.b", "method.request.header.X", "method.request.body", "method.request.body.a", "stageVariables.x", "true"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		e, err := parseExpression(s, requestSource, "method.request.body")
		if err == nil && e.from == "static" && s != "'"+e.name+"'" {
			t.Errorf("%q is the static value %q", s, e.name)
		}
		if err == nil && e.from == "" {
			t.Errorf("%q comes from nowhere", s)
		}
	})
}

func FuzzMockStatus(f *testing.F) {
	for _, seed := range []string{`{"statusCode": 200}`, `{statusCode: 200}`, `{"statusCode": "200"}`, `{"statusCode": 200`, `{a:1,'statusCode':201}`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if status, ok := mockStatus(s); ok && (status < 100 || status > 599) {
			t.Errorf("%q is status %d", s, status)
		}
	})
}

func FuzzRequestPath(f *testing.F) {
	for _, seed := range []string{"/_aws/execute-api/a/dev/events", "/_aws/execute-api/", "/_aws/execute-api/a/dev//", "/_aws/execute-api/a/dev/%2F%zz", "/_aws/execute-api/a/dev/x/y/z"} {
		f.Add(seed)
	}
	stage := &servedStage{apiID: "a", name: "dev"}
	open := &servedMethod{integration: servedIntegration{mock: true, passthrough: "WHEN_NO_MATCH"}, settings: MethodSettings{LoggingLevel: "OFF"}}
	stage.root.add("/events/{id}/{rest+}", map[string]*servedMethod{"GET": open})
	s := &Service{Config: Config{Now: time.Now}, throttle: unlimited()}
	s.bodies.Limit, s.turns = bodyBudget, newTurns()
	s.served.Store(&map[string]*servedStage{"a/dev": stage})
	f.Fuzz(func(t *testing.T, path string) {
		if !strings.HasPrefix(path, pathPrefix) {
			return
		}
		r, err := http.NewRequest("GET", "http://x"+path, nil)
		if err != nil {
			return
		}
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusForbidden && w.Code != http.StatusInternalServerError {
			t.Errorf("%q answers %d", path, w.Code)
		}
	})
}
