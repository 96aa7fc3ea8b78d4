package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/store"
)

const (
	account    = "000000000000"
	region     = "eu-central-1"
	role       = "arn:aws:iam::" + account + ":role/gateway"
	logRole    = "arn:aws:iam::" + account + ":role/gateway-logs"
	pool       = "arn:aws:cognito-idp:" + region + ":" + account + ":userpool/eu-central-1_Abc123"
	logGroup   = "/aws/apigateway/events"
	putRecord  = "arn:aws:apigateway:" + region + ":firehose:action/PutRecord"
	eventModel = `{"$schema":"http://json-schema.org/draft-04/schema#","type":"object","required":["game_name","event_name"],
		"properties":{"game_name":{"type":"string","maxLength":10},"event_name":{"type":"string"},"event_data":{"type":"object"},"level":{"type":"integer","minimum":1}}}`
)

// world is a gateway with what is around it.
type world struct {
	*gateway.Service
	t       testing.TB
	server  *httptest.Server
	tokens  fakeTokens
	logs    *fakeLogs
	roles   fakeRoles
	service http.HandlerFunc // firehose
	store   *store.Store
	dir     string
	region  string

	mu  sync.Mutex
	now time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir(), region: region, now: time.Now(),
		tokens: fakeTokens{}, logs: &fakeLogs{lines: map[string][]string{}, groups: map[string]bool{logGroup: true}, streams: map[string]bool{}},
		roles: fakeRoles{role: true, logRole: true}}
	w.service = func(rw http.ResponseWriter, r *http.Request) {
		io.WriteString(rw, `{"RecordId":"r1","Encrypted":false}`)
	}
	w.open()
	t.Cleanup(w.close)
	return w
}

func (w *world) open() {
	w.t.Helper()
	var err error
	if w.store, err = store.Open(filepath.Join(w.dir, "state")); err != nil {
		w.t.Fatal(err)
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.ServeHTTP(rw, r) }))
	w.Service, err = gateway.New(gateway.Config{
		Store: w.store, Account: account, Region: w.region, BaseURL: w.server.URL,
		Tokens: w.tokens, Logs: w.logs, Roles: w.roles, Now: w.clock,
		Services: map[string]http.Handler{"firehose": http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.service(rw, r) })},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) close() {
	w.server.Close()
	if err := w.Close(); err != nil {
		w.t.Error(err)
	}
	if err := w.store.Close(); err != nil {
		w.t.Error(err)
	}
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) later(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// must fails the test for an error of a step that is not what the test is about.
func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func value[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// events is an API with POST /events, open and passed through to firehose:PutRecord.
type events struct {
	w        *world
	id       string
	resource gateway.Resource
	post     gateway.MethodRef
}

func (w *world) newEvents(change ...func(*gateway.Method, *gateway.Integration)) *events {
	w.t.Helper()
	a := value[gateway.RestAPI](w.t)(w.CreateRestAPI(gateway.RestAPI{Name: "events", EndpointType: "REGIONAL"}))
	r := value[gateway.Resource](w.t)(w.CreateResource(a.ID, a.RootResourceID, "events"))
	e := &events{w: w, id: a.ID, resource: r, post: gateway.MethodRef{APIID: a.ID, ResourceID: r.ID, HTTPMethod: "POST"}}
	m := gateway.Method{Authorization: "NONE"}
	i := gateway.Integration{Type: "AWS", HTTPMethod: "POST", URI: putRecord, Credentials: role, PassthroughBehavior: "WHEN_NO_MATCH"}
	for _, c := range change {
		c(&m, &i)
	}
	w.must(w.PutMethod(e.post, m))
	w.must(w.PutMethodResponse(e.post, gateway.MethodResponse{StatusCode: "200"}))
	w.must(w.PutIntegration(e.post, i))
	w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200"}))
	return e
}

// deploy deploys to stage "dev", which it makes at the first time.
func (e *events) deploy(change ...func(*gateway.Stage)) gateway.Deployment {
	e.w.t.Helper()
	d := value[gateway.Deployment](e.w.t)(e.w.CreateDeployment(e.id, ""))
	stage := gateway.Stage{Name: "dev", DeploymentID: d.ID}
	for _, c := range change {
		c(&stage)
	}
	if _, err := e.w.GetStage(e.id, "dev"); err == nil {
		e.w.must(e.w.UpdateStage(e.id, stage))
		return d
	}
	_, err := e.w.CreateStage(e.id, stage)
	e.w.must(err)
	return d
}

type reply struct {
	status int
	header http.Header
	body   string
}

func (r reply) String() string { return fmt.Sprintf("%d %s", r.status, r.body) }

// send posts body to /events with headers given as name, value, name, value.
func (e *events) send(body string, headers ...string) reply {
	e.w.t.Helper()
	return e.w.do("POST", e.w.InvokeURL(e.id, "dev")+"/events", body, headers...)
}

func (w *world) do(method, url, body string, headers ...string) reply {
	w.t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	w.must(err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(r)
	w.must(err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	w.must(err)
	return reply{resp.StatusCode, resp.Header, string(data)}
}

func (r reply) want(t testing.TB, status int, body, errorType string) {
	t.Helper()
	if r.status != status || r.body != body {
		t.Errorf("answer is %v, want %d %s", r, status, body)
	}
	if got := r.header.Get("X-Amzn-Errortype"); got != errorType {
		t.Errorf("x-amzn-ErrorType is %q, want %q", got, errorType)
	}
}

// fakeTokens are the valid tokens with their claims.
type fakeTokens map[string]map[string]any

func (f fakeTokens) VerifyToken(_ context.Context, pools []string, token string) (map[string]any, error) {
	if claims, ok := f[token]; ok && len(pools) == 1 && pools[0] == pool {
		return claims, nil
	}
	return nil, errors.New("the signature does not match")
}

type fakeRoles map[string]bool

func (f fakeRoles) Assumable(service, arn string) error {
	if f["a fault"] {
		panic("a fault")
	}
	if service == "apigateway.amazonaws.com" && f[arn] {
		return nil
	}
	return &iam.Denied{Action: "sts:AssumeRole", Resource: arn, Reason: "because the role does not exist"}
}

func (f fakeRoles) Authorize(ctx context.Context, action, resource string, _ map[string]string) error {
	f["asked for "+resource] = true
	if c, ok := iam.CallerFrom(ctx); ok && c.Role == role && strings.HasPrefix(action, "logs:") {
		return &iam.Denied{Action: action, Resource: resource, Role: c.Role, Reason: "because no policy allows it"}
	}
	return nil
}

type fakeLogs struct {
	mu      sync.Mutex
	groups  map[string]bool
	streams map[string]bool     // by group
	lines   map[string][]string // by group
}

func (f *fakeLogs) CreateLogGroup(_ context.Context, name string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.groups[name] = true
	return nil
}

func (f *fakeLogs) CreateLogStream(ctx context.Context, group, stream string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if c, _ := iam.CallerFrom(ctx); c.Role != logRole {
		return fmt.Errorf("AccessDeniedException: the caller is %v", c)
	}
	if !f.groups[group] {
		return errors.New("ResourceNotFoundException: The specified log group does not exist.")
	}
	f.streams[group] = true
	return nil
}

func (f *fakeLogs) PutLogEvents(_ context.Context, group, _ string, messages ...string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.streams[group] {
		return errors.New("ResourceNotFoundException: The specified log stream does not exist.")
	}
	f.lines[group] = append(f.lines[group], messages...)
	return nil
}

// wait returns the lines of a group once there are n of them.
func (f *fakeLogs) wait(t testing.TB, group string, n int) []string {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		f.mu.Lock()
		lines := append([]string(nil), f.lines[group]...)
		f.mu.Unlock()
		if len(lines) >= n {
			return lines
		}
		if time.Now().After(deadline) {
			t.Fatalf("log group %s has %d lines, want %d: %q", group, len(lines), n, lines)
		}
	}
}
