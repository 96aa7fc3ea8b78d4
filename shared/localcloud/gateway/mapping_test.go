package gateway_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway"
)

// layer is the folder of layer gateway's mapping templates, which these tests run as they
// are deployed.
const layer = "../../../projects/gateway/templates"

func layerTemplate(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(layer, name+".vtl"))
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(data), "@stream@", "delivery")
}

// posted is what Firehose was called with, its records decoded.
type posted struct {
	stream  string
	records []string
}

// newLayer is an API with one route of layer gateway, single or batch, whose Firehose
// answers with status and answer.
func (w *world) newLayer(action string, auth bool, status int, answer string) (*events, *posted) {
	w.t.Helper()
	got := &posted{}
	w.service = func(rw http.ResponseWriter, r *http.Request) {
		var body struct {
			DeliveryStreamName string
			Record             struct{ Data []byte }
			Records            []struct{ Data []byte }
		}
		data, _ := io.ReadAll(r.Body)
		if err := json.Unmarshal(data, &body); err != nil {
			w.t.Errorf("Firehose cannot read %s: %v", data, err)
		}
		*got = posted{stream: body.DeliveryStreamName}
		if body.Record.Data != nil {
			got.records = append(got.records, string(body.Record.Data))
		}
		for _, r := range body.Records {
			got.records = append(got.records, string(r.Data))
		}
		rw.WriteHeader(status)
		io.WriteString(rw, answer)
	}
	e := w.newEvents(func(_ *gateway.Method, i *gateway.Integration) {
		i.PassthroughBehavior = "NEVER"
		i.RequestTemplates = map[string]string{"application/json": layerTemplate(w.t, action)}
	})
	if auth {
		w.tokens["id"] = map[string]any{"token_use": "id", "sub": "u-1", "exp": float64(w.now.Add(time.Hour).Unix())}
		a := value[gateway.Authorizer](w.t)(w.CreateAuthorizer(e.id, gateway.Authorizer{Name: "users", Type: "COGNITO_USER_POOLS",
			ProviderARNs: []string{pool}, IdentitySource: "method.request.header.Authorization"}))
		w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "COGNITO_USER_POOLS", AuthorizerID: a.ID}))
	}
	for code, pattern := range map[string]string{"200": "", "400": `4\d{2}`, "503": `5\d{2}`} {
		if code != "200" {
			w.must(w.PutMethodResponse(e.post, gateway.MethodResponse{StatusCode: code}))
		}
		name := map[string]string{"200": action + ".200"}[code]
		if name == "" {
			name = code
		}
		w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: code, SelectionPattern: pattern,
			ResponseTemplates: map[string]string{"application/json": layerTemplate(w.t, name)}}))
	}
	e.deploy()
	return e, got
}

// row is a record as COPY reads it.
func row(t *testing.T, record string) map[string]any {
	t.Helper()
	if !strings.HasSuffix(record, "}\n") || strings.Count(record, "\n") != 1 {
		t.Errorf("the record %q does not end in its only line break", record)
	}
	var columns map[string]any
	if err := json.Unmarshal([]byte(record), &columns); err != nil {
		t.Fatalf("the record %q is no JSON: %v", record, err)
	}
	return columns
}

const example = `{"game_name": "myfirstgame", "event_name": "weapon.fired", "event_data": {"weapon_name": "m4a1", "list": [1, {"a": "ü\"\n"}], "n": 1.50}}`

func TestAnEventBecomesARowWithWhatTheGatewayKnows(t *testing.T) {
	w := newWorld(t)
	w.now = time.Date(2026, 3, 7, 9, 5, 1, 42_000_000, time.UTC)
	e, got := w.newLayer("single", true, 200, `{"RecordId":"r"}`)
	r := e.send(example, "Authorization", "id")
	id := r.header.Get("X-Amzn-Requestid")
	r.want(t, 200, `{"message":"success","requestId":"`+id+`"}`+"\n", "")
	if got.stream != "delivery" || len(got.records) != 1 {
		t.Fatalf("Firehose got %+v", got)
	}
	columns := row(t, got.records[0])
	for name, want := range map[string]any{"event_id": id, "subject": "u-1", "received_at": "2026-03-07T09:05:01.042Z",
		"game_name": "myfirstgame", "event_name": "weapon.fired"} {
		if columns[name] != want {
			t.Errorf("%s is %v, want %v", name, columns[name], want)
		}
	}
	if data := fmt.Sprint(columns["event_data"]); data != `map[list:[1 map[a:ü"`+"\n"+`]] n:1.5 weapon_name:m4a1]` {
		t.Errorf("event_data is %s", data)
	}
}

func TestEveryMonthIsWrittenAsANumber(t *testing.T) {
	w := newWorld(t)
	e, got := w.newLayer("single", false, 200, `{}`)
	for month := time.January; month <= time.December; month++ {
		w.now = time.Date(2026, month, 28, 23, 59, 59, 999_000_000, time.UTC)
		e.send(example)
		want := fmt.Sprintf("2026-%02d-28T23:59:59.999Z", month)
		if at := row(t, got.records[0])["received_at"]; at != want {
			t.Errorf("received_at is %v, want %s", at, want)
		}
	}
}

func TestAClientsOwnEventIdWins(t *testing.T) {
	w := newWorld(t)
	e, got := w.newLayer("single", false, 200, `{}`)
	e.send(`{"event_id":"mine","game_name":"g","event_name":"e"}`)
	columns := row(t, got.records[0])
	if columns["event_id"] != "mine" || strings.Count(got.records[0], `"event_id"`) != 1 {
		t.Errorf("the record is %s", got.records[0])
	}
	if subject, there := columns["subject"]; !there || subject != nil {
		t.Errorf("the subject of an open route is %v, want null", subject)
	}
}

func TestAnEventWithoutPropertiesBecomesARow(t *testing.T) {
	for action, body := range map[string]string{"single": `{}`, "batch": `{"events":[{}]}`} {
		w := newWorld(t)
		e, got := w.newLayer(action, false, 200, `{}`)
		e.send(body)
		if columns := row(t, got.records[0]); len(columns) != 3 || columns["event_id"] == "" {
			t.Errorf("the row of %s is %v, want what the gateway knows", body, columns)
		}
	}
}

func TestABatchBecomesARowForEachEvent(t *testing.T) {
	w := newWorld(t)
	e, got := w.newLayer("batch", true, 200, `{"FailedPutCount":0,"RequestResponses":[{"RecordId":"a"},{"RecordId":"b"}]}`)
	r := e.send(`{"events":[`+example+`,{"event_id":"mine","game_name":"g","event_name":"two"}]}`, "Authorization", "id")
	id := r.header.Get("X-Amzn-Requestid")
	if r.status != 200 || compact(t, r.body) != `{"message":"success","requestId":"`+id+`","failed":0}` {
		t.Errorf("answer is %v", r)
	}
	if len(got.records) != 2 {
		t.Fatalf("Firehose got %d records, want 2", len(got.records))
	}
	first, second := row(t, got.records[0]), row(t, got.records[1])
	if first["event_id"] != id+"-0" || first["event_name"] != "weapon.fired" || first["subject"] != "u-1" {
		t.Errorf("the first row is %v", first)
	}
	if second["event_id"] != "mine" || second["event_name"] != "two" || second["received_at"] != first["received_at"] {
		t.Errorf("the second row is %v", second)
	}
}

func compact(t *testing.T, body string) string {
	t.Helper()
	if !json.Valid([]byte(body)) {
		t.Errorf("%q is no JSON", body)
	}
	return strings.ReplaceAll(body, "\n", "")
}

func TestFiveHundredEventsAreOneBatch(t *testing.T) {
	w := newWorld(t)
	results := strings.TrimSuffix(strings.Repeat(`{"RecordId":"r"},`, 500), ",")
	e, got := w.newLayer("batch", false, 200, `{"FailedPutCount":0,"RequestResponses":[`+results+`]}`)
	all := make([]string, 500)
	for i := range all {
		all[i] = fmt.Sprintf(`{"game_name":"g","event_name":"e%d"}`, i)
	}
	r := e.send(`{"events":[` + strings.Join(all, ",") + `]}`)
	if r.status != 200 || len(got.records) != 500 || row(t, got.records[499])["event_name"] != "e499" {
		t.Errorf("answer is %d for %d records", r.status, len(got.records))
	}
}

func TestAPartlyFailedBatchSaysWhichEventsToSendAgain(t *testing.T) {
	const failed = `{"ErrorCode":"ServiceUnavailableException","ErrorMessage":"arn:aws:firehose:secret"}`
	for _, c := range []struct {
		answer string
		status int
		body   string
	}{
		{`{"FailedPutCount":1,"RequestResponses":[{"RecordId":"a"},` + failed + `]}`, 207,
			`{"message":"some events were not accepted, send those again","requestId":"ID","failed":1,"events":[{"accepted":true},{"accepted":false,"error":"ServiceUnavailableException"}]}`},
		{`{"FailedPutCount":2,"RequestResponses":[` + failed + `,` + failed + `]}`, 503,
			`{"message":"no event was accepted, send them again","requestId":"ID","failed":2,"events":[{"accepted":false,"error":"ServiceUnavailableException"},{"accepted":false,"error":"ServiceUnavailableException"}]}`},
	} {
		w := newWorld(t)
		e, _ := w.newLayer("batch", false, 200, c.answer)
		r := e.send(`{"events":[` + example + `,` + example + `]}`)
		want := strings.ReplaceAll(c.body, "ID", r.header.Get("X-Amzn-Requestid"))
		if r.status != c.status || compact(t, r.body) != want {
			t.Errorf("answer is %d %s, want %d %s", r.status, compact(t, r.body), c.status, want)
		}
	}
}

func TestAnErrorOfFirehoseIsToldWithoutItsText(t *testing.T) {
	for _, c := range []struct {
		status int
		answer string
		want   int
	}{
		{400, `{"__type":"InvalidArgumentException","message":"arn:secret"}`, 400},
		{400, `{"__type":"ResourceNotFoundException","message":"arn:secret"}`, 502},
		{400, `{"__type":"AccessDeniedException","Message":"arn:secret"}`, 502},
		{400, `{"__type":"ThrottlingException","message":"arn:secret"}`, 503},
		{500, `{"__type":"ServiceUnavailableException","message":"arn:secret"}`, 503},
	} {
		for _, action := range []string{"single", "batch"} {
			w := newWorld(t)
			e, _ := w.newLayer(action, false, c.status, c.answer)
			body := example
			if action == "batch" {
				body = `{"events":[` + example + `]}`
			}
			r := e.send(body)
			if r.status != c.want || strings.Contains(r.body, "secret") || !json.Valid([]byte(r.body)) {
				t.Errorf("%s with %s answers %v, want %d", action, c.answer, r, c.want)
			}
		}
	}
}

func TestABrokenTemplateIsAnInternalServerError(t *testing.T) {
	w := newWorld(t)
	w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
	e := w.newEvents(func(_ *gateway.Method, i *gateway.Integration) {
		i.RequestTemplates = map[string]string{"application/json": "#if(true) never ended"}
	})
	e.deploy()
	w.must(w.PutMethodSettings(e.id, "dev", "*/*", gateway.MethodSettings{LoggingLevel: "ERROR", RateLimit: -1, BurstLimit: -1}))
	e.send(`{}`).want(t, 500, `{"message":"Internal server error"}`, "InternalServerErrorException")
	if line := w.logs.wait(t, "API-Gateway-Execution-Logs_"+e.id+"/dev", 1)[0]; !strings.Contains(line, "Execution failed due to configuration error: Unable to transform request: ") {
		t.Errorf("the execution log says %q", line)
	}
}

func TestOverridesOfATemplateReachTheServiceAndTheClient(t *testing.T) {
	w := newWorld(t)
	var header string
	w.service = func(rw http.ResponseWriter, r *http.Request) {
		header = r.Header.Get("X-Trace")
		io.WriteString(rw, `{}`)
	}
	e := w.newEvents(func(_ *gateway.Method, i *gateway.Integration) {
		i.RequestTemplates = map[string]string{"application/json": `#set($context.requestOverride.header.X-Trace = "$context.stage")$input.json('$')`}
	})
	w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200", ResponseTemplates: map[string]string{
		"application/json": `#set($context.responseOverride.status = 201)#set($context.responseOverride.header.Location = "/x/$context.requestOverride.header.X-Trace")done`}}))
	e.deploy()
	r := e.send(`{}`)
	if header != "dev" || r.status != 201 || r.header.Get("Location") != "/x/dev" || r.body != "done" {
		t.Errorf("the service got %q, the client %v with %v", header, r, r.header)
	}
}

func TestAnEmptyTemplateOfAResponsePassesTheAnswerThrough(t *testing.T) {
	w := newWorld(t)
	w.service = func(rw http.ResponseWriter, _ *http.Request) { io.WriteString(rw, `{"a": 1}`) }
	e := w.newEvents()
	w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200", ResponseTemplates: map[string]string{"text/x": ""}}))
	e.deploy()
	if r := e.send(`{}`); r.body != `{"a": 1}` || r.header.Get("Content-Type") != "text/x" {
		t.Errorf("the answer is %v with %v", r, r.header)
	}
}

func TestAPreflightIsAnsweredByTheGatewayItself(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	ref := e.post
	ref.HTTPMethod = "OPTIONS"
	w.must(w.PutMethod(ref, gateway.Method{Authorization: "NONE"}))
	w.must(w.PutMethodResponse(ref, gateway.MethodResponse{StatusCode: "200", ResponseParameters: map[string]bool{"method.response.header.Access-Control-Allow-Origin": true}}))
	w.must(w.PutIntegration(ref, gateway.Integration{Type: "MOCK", PassthroughBehavior: "NEVER",
		RequestTemplates: map[string]string{"application/json": layerTemplate(t, "preflight")}}))
	w.must(w.PutIntegrationResponse(ref, gateway.IntegrationResponse{StatusCode: "200",
		ResponseParameters: map[string]string{"method.response.header.Access-Control-Allow-Origin": "'*'"}}))
	e.deploy()
	r := w.do("OPTIONS", w.InvokeURL(e.id, "dev")+"/events", "", "Origin", "https://play.example", "Access-Control-Request-Method", "POST")
	if r.status != 200 || r.body != "" || r.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("answer is %v with %v", r, r.header)
	}
}

func TestARecordIsTheEventAndNothingTheTemplateWasMadeOf(t *testing.T) {
	w := newWorld(t)
	e, got := w.newLayer("single", false, 200, `{}`)
	for _, text := range []string{`$util.base64Encode('x')`, `#set($x = 1)`, `\u0022`, `"}`, `\\`, "${context.requestId}", "\u2028", base64.StdEncoding.EncodeToString([]byte("x"))} {
		body, _ := json.Marshal(map[string]any{"game_name": text, "event_name": "e", "event_data": map[string]any{text: text}})
		if r := e.send(string(body)); r.status != 200 {
			t.Errorf("%s answers %v", body, r)
			continue
		}
		columns := row(t, got.records[0])
		if columns["game_name"] != text || columns["event_data"].(map[string]any)[text] != text {
			t.Errorf("%q became %s", text, got.records[0])
		}
	}
}
