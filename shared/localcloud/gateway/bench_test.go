package gateway_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway"
)

// BenchmarkPost posts one event a request over HTTP from 64 clients of this process,
// authorised, validated, mapped and logged. Besides the time it reports the 99th
// percentile of the requests' times.
func BenchmarkPost(b *testing.B) {
	w := newWorld(b)
	w.tokens["id"] = map[string]any{"token_use": "id", "sub": "u1", "exp": float64(w.now.Add(time.Hour).Unix())}
	w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
	e := w.newMapped()
	e.deploy(func(s *gateway.Stage) {
		s.AccessLog = &gateway.AccessLog{DestinationARN: groupARN + logGroup, Format: `{"id":"$context.requestId","status":"$context.status"}`}
	})
	url := w.InvokeURL(e.id, "dev") + "/events"
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	post := func() time.Duration {
		r, _ := http.NewRequest("POST", url, strings.NewReader(`{"game_name":"myfirst","event_name":"weapon.fired","event_data":{"weapon_name":"m4a1"}}`))
		r.Header.Set("Authorization", "id")
		started := time.Now()
		resp, err := client.Do(r)
		if err != nil {
			b.Error(err)
			return 0
		}
		body, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		if resp.StatusCode != 200 {
			b.Errorf("%d %s", resp.StatusCode, body)
		}
		return time.Since(started)
	}
	var mu sync.Mutex
	var times []time.Duration
	b.SetParallelism(64 / 2)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		var own []time.Duration
		for pb.Next() {
			w.later(200 * time.Microsecond) // the account's throttle runs on this clock
			own = append(own, post())
		}
		mu.Lock()
		times = append(times, own...)
		mu.Unlock()
	})
	slices.Sort(times)
	b.ReportMetric(float64(times[len(times)*99/100].Microseconds())/1000, "p99-ms")
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}

// newMapped is newValidated and newAuthorized together, with layer gateway's templates.
func (w *world) newMapped() *events {
	w.t.Helper()
	e := w.newValidated()
	a := value[gateway.Authorizer](w.t)(w.CreateAuthorizer(e.id, gateway.Authorizer{Name: "users", Type: "COGNITO_USER_POOLS",
		ProviderARNs: []string{pool}, IdentitySource: "method.request.header.Authorization", ResultTTLSeconds: 300}))
	m := value[gateway.Method](w.t)(w.GetMethod(e.post))
	m.Authorization, m.AuthorizerID = "COGNITO_USER_POOLS", a.ID
	w.must(w.UpdateMethod(e.post, m))
	i := *m.Integration
	i.RequestTemplates = map[string]string{"application/json": layerTemplate(w.t, "single")}
	w.must(w.PutIntegration(e.post, i))
	w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200",
		ResponseTemplates: map[string]string{"application/json": layerTemplate(w.t, "single.200")}}))
	return e
}

// BenchmarkServe serves one event a request, without HTTP clients in the way.
func BenchmarkServe(b *testing.B) {
	w := newWorld(b)
	w.tokens["id"] = map[string]any{"token_use": "id", "sub": "u1", "exp": float64(w.now.Add(time.Hour).Unix())}
	w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
	e := w.newMapped()
	e.deploy(func(s *gateway.Stage) {
		s.AccessLog = &gateway.AccessLog{DestinationARN: groupARN + logGroup, Format: `{"id":"$context.requestId","ip":"$context.identity.sourceIp","time":"$context.requestTime","status":"$context.status","latency":"$context.integrationLatency"}`}
	})
	w.service = func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, `{"RecordId":"r","Encrypted":true}`) }
	b.ReportAllocs()
	for b.Loop() {
		w.later(time.Millisecond) // the account's throttle runs on this clock
		r := httptest.NewRequest("POST", "/_aws/execute-api/"+e.id+"/dev/events", strings.NewReader(`{"game_name":"myfirst","event_name":"weapon.fired","event_data":{"weapon_name":"m4a1"}}`))
		r.Header.Set("Authorization", "id")
		out := httptest.NewRecorder()
		w.ServeHTTP(out, r)
		if out.Code != 200 {
			b.Fatalf("%d %s", out.Code, out.Body)
		}
	}
}

// BenchmarkBatch maps batches of 500 events, without HTTP clients and logs in the way.
func BenchmarkBatch(b *testing.B) {
	w := newWorld(b)
	e := w.newEvents(func(_ *gateway.Method, i *gateway.Integration) {
		i.RequestTemplates = map[string]string{"application/json": layerTemplate(b, "batch")}
	})
	_, err := w.CreateModel(e.id, gateway.Model{Name: "Batch", ContentType: "application/json", Schema: `{"type":"object","properties":{"events":{"type":"array","items":` + eventModel + `}}}`})
	w.must(err)
	v := value[gateway.RequestValidator](b)(w.CreateRequestValidator(e.id, gateway.RequestValidator{Name: "v", Body: true}))
	w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestValidatorID: v.ID, RequestModels: map[string]string{"application/json": "Batch"}}))
	answer := `{"FailedPutCount":0,"RequestResponses":[` + strings.TrimSuffix(strings.Repeat(`{"RecordId":"r"},`, 500), ",") + `]}`
	w.service = func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, answer) }
	w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200",
		ResponseTemplates: map[string]string{"application/json": layerTemplate(b, "batch.200")}}))
	e.deploy()
	body := `{"events":[` + strings.TrimSuffix(strings.Repeat(`{"game_name":"myfirst","event_name":"weapon.fired","event_data":{"weapon_name":"m4a1"}},`, 500), ",") + `]}`
	b.ReportAllocs()
	for b.Loop() {
		w.later(time.Second)
		r := httptest.NewRequest("POST", "/_aws/execute-api/"+e.id+"/dev/events", strings.NewReader(body))
		out := httptest.NewRecorder()
		w.ServeHTTP(out, r)
		if out.Code != 200 {
			b.Fatalf("%d %s", out.Code, out.Body)
		}
	}
	b.ReportMetric(500*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}
