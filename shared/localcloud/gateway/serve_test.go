package gateway_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/iam"
)

func TestARequestReachesTheServiceActionAsTheIntegrationsRole(t *testing.T) {
	w := newWorld(t)
	var got *http.Request
	var body string
	w.service = func(rw http.ResponseWriter, r *http.Request) {
		data, _ := io.ReadAll(r.Body)
		got, body = r, string(data)
		rw.Write([]byte(`{"RecordId":"r1"}`))
	}
	e := w.newEvents(func(_ *gateway.Method, i *gateway.Integration) {
		i.RequestParameters = map[string]string{"integration.request.header.Content-Type": "'application/x-amz-json-1.1'"}
	})
	e.deploy()
	r := e.send(`{"DeliveryStreamName":"events"}`)
	r.want(t, 200, `{"RecordId":"r1"}`, "")
	if body != `{"DeliveryStreamName":"events"}` || got.Header.Get("X-Amz-Target") != "Firehose_20150804.PutRecord" ||
		got.Header.Get("Content-Type") != "application/x-amz-json-1.1" {
		t.Errorf("the service got %q with %v", body, got.Header)
	}
	if caller, _ := iam.CallerFrom(got.Context()); caller.Role != role || caller.Service != "apigateway.amazonaws.com" {
		t.Errorf("the caller is %v, want apigateway.amazonaws.com in %s", caller, role)
	}
	for _, name := range []string{"X-Amzn-Requestid", "X-Amz-Apigw-Id", "X-Amzn-Trace-Id"} {
		if r.header.Get(name) == "" {
			t.Errorf("the answer has no %s: %v", name, r.header)
		}
	}
}

func TestAChangeIsNotServedUntilItIsDeployed(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	other := value[gateway.Resource](t)(w.CreateResource(e.id, e.resource.ParentID, "other"))
	ref := gateway.MethodRef{APIID: e.id, ResourceID: other.ID, HTTPMethod: "GET"}
	w.must(w.PutMethod(ref, gateway.Method{Authorization: "NONE"}))
	w.must(w.PutMethodResponse(ref, gateway.MethodResponse{StatusCode: "200"}))
	w.must(w.PutIntegration(ref, gateway.Integration{Type: "AWS", HTTPMethod: "POST", URI: putRecord, Credentials: role}))
	w.must(w.PutIntegrationResponse(ref, gateway.IntegrationResponse{StatusCode: "200"}))
	w.must(w.DeleteMethod(e.post))

	url := w.InvokeURL(e.id, "dev")
	if r := w.do("GET", url+"/other", ""); r.status != 403 {
		t.Errorf("a method that is not deployed answers %v, want 403", r)
	}
	if r := e.send(`{}`); r.status != 200 {
		t.Errorf("a method whose deletion is not deployed answers %v, want 200", r)
	}
	e.deploy()
	if r := w.do("GET", url+"/other", ""); r.status != 200 {
		t.Errorf("a method answers %v after its deployment, want 200", r)
	}
	if r := e.send(`{}`); r.status != 403 {
		t.Errorf("a deleted method answers %v after the deployment, want 403", r)
	}
}

func TestAStageIsServedAgainAfterARestart(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	w.must(w.PutMethodSettings(e.id, "dev", "*/*", gateway.MethodSettings{LoggingLevel: "OFF", RateLimit: 0, BurstLimit: 0}))
	w.close()
	w.open()
	e.send(`{}`).want(t, 429, `{"message":"Too Many Requests"}`, "TooManyRequestsException")
	w.must(w.DeleteMethodSettings(e.id, "dev", "*/*"))
	if r := e.send(`{}`); r.status != 200 {
		t.Errorf("the stage answers %v after a restart, want 200", r)
	}
}

func TestWhatIsNotThereIsForbiddenAsOnAWS(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	url := w.InvokeURL(e.id, "dev")
	const missing = `{"message":"Missing Authentication Token"}`
	w.do("POST", url+"/nowhere", "").want(t, 403, missing, "MissingAuthenticationTokenException")
	w.do("GET", url+"/events", "").want(t, 403, missing, "MissingAuthenticationTokenException")
	w.do("POST", w.InvokeURL(e.id, "prod")+"/events", "").want(t, 403, `{"message":"Forbidden"}`, "ForbiddenException")
	w.do("POST", w.InvokeURL("abcdefghij", "dev")+"/events", "").want(t, 403, `{"message":"Forbidden"}`, "ForbiddenException")
	r := w.do("POST", url+"/nowhere", "", "Authorization", "Bearer x")
	if r.status != 403 || !strings.Contains(r.body, "Invalid key=value pair (missing equal-sign) in Authorization header") {
		t.Errorf("an unknown path with a token that is no signature answers %v", r)
	}
	if r := w.do("POST", url+"/events/", "{}"); r.status != 200 {
		t.Errorf("a slash at the end answers %v, want 200", r)
	}
}

func TestABodyThatDoesNotFollowTheModelIsRefused(t *testing.T) {
	w := newWorld(t)
	e := w.newValidated()
	w.must(w.PutGatewayResponse(e.id, gateway.GatewayResponse{Type: "BAD_REQUEST_BODY",
		Templates: map[string]string{"application/json": `{"message":$context.error.messageString,"error":"$context.error.validationErrorString"}`}}))
	e.deploy()
	for body, text := range map[string]string{
		`{"game_name":"g"}`:                                   `[object has missing required properties ([\"event_name\"])]`,
		`{"game_name":1,"event_name":"e"}`:                    `[instance type (integer) does not match any allowed primitive type (allowed: [\"string\"])]`,
		`{"game_name":"12345678901","event_name":"e"}`:        `[string \"12345678901\" is too long (length: 11, maximum allowed: 10)]`,
		`{"game_name":"g","event_name":"e","level":0}`:        `[numeric instance is lower than the required minimum (minimum: 1, found: 0)]`,
		`{"game_name":"g","event_name":"e","event_data":[1]}`: `[instance type (array) does not match any allowed primitive type (allowed: [\"object\"])]`,
		`{"game_name":"g",`:                                   `[Invalid JSON]`,
		``:                                                    `[object has missing required properties ([\"event_name\",\"game_name\"])]`,
		`{"game_name":1.5,"event_name":true}`:                 `[instance type (boolean) does not match any allowed primitive type (allowed: [\"string\"]), instance type (number) does not match any allowed primitive type (allowed: [\"string\"])]`,
	} {
		e.send(body, "Content-Type", "application/json; charset=utf-8").
			want(t, 400, `{"message":"Invalid request body","error":"`+text+`"}`, "BadRequestException")
	}
	if r := e.send(`{"game_name":"g","event_name":"e"}`); r.status != 200 {
		t.Errorf("a valid body answers %v", r)
	}
}

func (w *world) newValidated() *events {
	w.t.Helper()
	e := w.newEvents()
	_, err := w.CreateModel(e.id, gateway.Model{Name: "Event", ContentType: "application/json", Schema: eventModel})
	w.must(err)
	v := value[gateway.RequestValidator](w.t)(w.CreateRequestValidator(e.id, gateway.RequestValidator{Name: "all", Body: true, Parameters: true}))
	w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestValidatorID: v.ID, RequestModels: map[string]string{"application/json": "Event"},
		RequestParameters: map[string]bool{"method.request.header.X-Optional": false}}))
	return e
}

func TestWithoutAGatewayResponseAnInvalidBodyIsNotExplained(t *testing.T) {
	w := newWorld(t)
	e := w.newValidated()
	e.deploy()
	e.send(`{}`).want(t, 400, `{"message":"Invalid request body"}`, "BadRequestException")
}

func TestAModelForAllContentTypesIsForThoseWithoutTheirOwn(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	v := value[gateway.RequestValidator](t)(w.CreateRequestValidator(e.id, gateway.RequestValidator{Name: "body", Body: true}))
	w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestValidatorID: v.ID,
		RequestModels: map[string]string{"$default": "Empty", "text/csv": "Error"}}))
	e.deploy()
	for contentType, body := range map[string]string{"text/plain": `[]`, "application/json": `[]`, "text/csv": `{"message":1}`} {
		e.send(body, "Content-Type", contentType).want(t, 400, `{"message":"Invalid request body"}`, "BadRequestException")
	}
	if r := e.send(`{"message":1}`, "Content-Type", "text/plain"); r.status != 200 {
		t.Errorf("a body that follows the model for all others answers %v", r)
	}
}

func TestARequiredParameterMustBeThere(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	v := value[gateway.RequestValidator](t)(w.CreateRequestValidator(e.id, gateway.RequestValidator{Name: "p", Parameters: true}))
	w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestValidatorID: v.ID,
		RequestParameters: map[string]bool{"method.request.header.X-Game": true, "method.request.querystring.q": true, "method.request.querystring.o": false}}))
	e.deploy()
	e.send(`{}`).want(t, 400, `{"message":"Missing required request parameters: [X-Game, q]"}`, "BadRequestException")
	w.do("POST", w.InvokeURL(e.id, "dev")+"/events?q=+", "{}", "X-Game", "").
		want(t, 400, `{"message":"Missing required request parameters: [X-Game, q]"}`, "BadRequestException")
	if r := w.do("POST", w.InvokeURL(e.id, "dev")+"/events?q=a", "{}", "X-Game", "g"); r.status != 200 {
		t.Errorf("a request with the parameters answers %v", r)
	}
}

func TestAnUnmappedContentTypeIsRefusedWherePassthroughIsOff(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents(func(_ *gateway.Method, i *gateway.Integration) { i.PassthroughBehavior = "NEVER" })
	e.deploy()
	e.send(`{}`).want(t, 415, `{"message":"Unsupported Media Type"}`, "BadRequestException")
}

func TestAServiceThatFailsIsAnInternalServerError(t *testing.T) {
	w := newWorld(t)
	w.service = func(http.ResponseWriter, *http.Request) { panic("broken") }
	e := w.newEvents()
	e.deploy()
	e.send(`{}`).want(t, 500, `{"message":"Internal server error"}`, "InternalServerErrorException")
}

func TestARoleThatCannotBeAssumedIsAnInternalServerError(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	delete(w.roles, role)
	e.send(`{}`).want(t, 500, `{"message":"Internal server error"}`, "InternalServerErrorException")
}

func TestTheStatusOfTheServiceChoosesTheResponse(t *testing.T) {
	w := newWorld(t)
	status := 200
	w.service = func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("X-Amzn-Requestid", "fh-1")
		rw.WriteHeader(status)
		io.WriteString(rw, `{"__type":"Secret","message":"arn"}`)
	}
	e := w.newEvents()
	for code, pattern := range map[string]string{"400": `4\d{2}`, "503": `5\d{2}`} {
		w.must(w.PutMethodResponse(e.post, gateway.MethodResponse{StatusCode: code, ResponseParameters: map[string]bool{
			"method.response.header.X-Backend": true, "method.response.header.Access-Control-Allow-Origin": true, "method.response.header.X-Missing": false}}))
		w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: code, SelectionPattern: pattern, ResponseParameters: map[string]string{
			"method.response.header.X-Backend":                   "integration.response.header.x-amzn-requestid",
			"method.response.header.Access-Control-Allow-Origin": "'*'",
			"method.response.header.X-Missing":                   "integration.response.header.X-Nothing"}}))
	}
	e.deploy()
	for _, c := range []struct{ service, want int }{{200, 200}, {201, 200}, {400, 400}, {499, 400}, {500, 503}, {304, 200}} {
		status = c.service
		r := e.send(`{}`)
		if r.status != c.want {
			t.Errorf("the service's %d answers %v, want %d", c.service, r, c.want)
		}
		if c.want != 200 && (r.header.Get("X-Backend") != "fh-1" || r.header.Get("Access-Control-Allow-Origin") != "*") {
			t.Errorf("the mapped headers of %d are %v", c.service, r.header)
		}
		if _, ok := r.header["X-Missing"]; ok {
			t.Error("a header without a value is sent")
		}
	}
}

func TestWithoutAMatchingResponseTheAnswerIsAnInternalServerError(t *testing.T) {
	w := newWorld(t)
	w.service = func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(418) }
	e := w.newEvents()
	w.must(w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200", SelectionPattern: "200"}))
	e.deploy()
	e.send(`{}`).want(t, 500, `{"message":"Internal server error"}`, "InternalServerErrorException")
}

func TestAGatewayResponseReplacesAWSsOwn(t *testing.T) {
	w := newWorld(t)
	e := w.newAuthorized(nil)
	w.must(w.PutGatewayResponse(e.id, gateway.GatewayResponse{Type: "DEFAULT_4XX", Parameters: map[string]string{
		"gatewayresponse.header.Access-Control-Allow-Origin": "'*'",
		"gatewayresponse.header.X-Stage":                     "context.stage",
		"gatewayresponse.header.X-Echo":                      "method.request.header.X-Ask"}}))
	w.must(w.PutGatewayResponse(e.id, gateway.GatewayResponse{Type: "MISSING_AUTHENTICATION_TOKEN", StatusCode: "404",
		Templates: map[string]string{"application/json": `{"message":"not found","path":"$context.path","v":"$stageVariables.v","q":"$method.request.header.X-Ask"}`}}))
	e.deploy(func(s *gateway.Stage) { s.Variables = map[string]string{"v": "https://a.example/?b=c d"} })
	r := e.send(`{}`, "X-Ask", "hello")
	r.want(t, 401, `{"message":"Unauthorized"}`, "UnauthorizedException")
	if r.header.Get("Access-Control-Allow-Origin") != "*" || r.header.Get("X-Stage") != "dev" || r.header.Get("X-Echo") != "hello" {
		t.Errorf("headers are %v", r.header)
	}
	w.do("GET", w.InvokeURL(e.id, "dev")+"/no", "", "X-Ask", `a"b`).want(t, 404, `{"message":"not found","path":"/dev/no","v":"https://a.example/?b=c d","q":"a\"b"}`, "MissingAuthenticationTokenException")
}

func TestEveryRequestIsALineOfTheAccessLog(t *testing.T) {
	w := newWorld(t)
	w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
	w.tokens["id"] = map[string]any{"token_use": "id", "sub": "u1", "exp": float64(w.now.Add(time.Hour).Unix())}
	e := w.newAuthorized(nil)
	e.deploy(func(s *gateway.Stage) {
		s.AccessLog = &gateway.AccessLog{DestinationARN: "arn:aws:logs:" + region + ":" + account + ":log-group:" + logGroup,
			Format: `{"id":"$context.requestId","m":"$context.httpMethod","s":"$context.status","p":"$context.resourcePath","sub":"$context.authorizer.claims.sub","e":$context.error.messageString,"ua":"$context.identity.userAgent"}`}
	})
	ok := e.send(`{}`, "Authorization", "id", "User-Agent", `q"u`)
	bad := e.send(`{}`)
	lines := w.logs.wait(t, logGroup, 2)
	for i, want := range []string{
		`{"id":"` + ok.header.Get("X-Amzn-Requestid") + `","m":"POST","s":"200","p":"/events","sub":"u1","e":-,"ua":"q\"u"}`,
		`{"id":"` + bad.header.Get("X-Amzn-Requestid") + `","m":"POST","s":"401","p":"/events","sub":"-","e":"Unauthorized","ua":"Go-http-client/1.1"}`,
	} {
		if lines[i] != want {
			t.Errorf("line %d is\n%s\nwant\n%s", i, lines[i], want)
		}
	}
}

func TestTheAccessLogSaysWhyAnIntegrationFailed(t *testing.T) {
	w := newWorld(t)
	w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
	w.service = func(http.ResponseWriter, *http.Request) { panic("broken") }
	e := w.newEvents()
	e.deploy(func(s *gateway.Stage) {
		s.AccessLog = &gateway.AccessLog{DestinationARN: groupARN + logGroup,
			Format: `$context.requestId|$context.integration.error|$context.integrationErrorMessage|$context.integration.latency|$context.integrationStatus`}
	})
	r := e.send(`{}`)
	const cause = "Execution failed due to an integration error: broken"
	if line, want := w.logs.wait(t, logGroup, 1)[0], r.header.Get("X-Amzn-Requestid")+"|"+cause+"|"+cause+"|0|-"; line != want {
		t.Errorf("the line is %s, want %s", line, want)
	}
}

func TestTheAccessLogNamesTheServicesRequest(t *testing.T) {
	w := newWorld(t)
	w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
	id := "fh-1"
	w.service = func(rw http.ResponseWriter, _ *http.Request) {
		if id != "" {
			rw.Header().Set("X-Amzn-Requestid", id)
		}
	}
	e := w.newEvents()
	e.deploy(func(s *gateway.Stage) {
		s.AccessLog = &gateway.AccessLog{DestinationARN: groupARN + logGroup, // what AWS's common format has is "-"
			Format: `$context.extendedRequestId $context.identity.caller $context.identity.user $context.authorizer.principalId|$context.integration.requestId|$context.awsEndpointRequestId`}
	})
	r := e.send(`{}`)
	if line, want := w.logs.wait(t, logGroup, 1)[0], r.header.Get("X-Amz-Apigw-Id")+" - - -|fh-1|fh-1"; line != want {
		t.Errorf("the line is %s, want %s", line, want)
	}
	id = ""
	e.send(`{}`)
	if ids := strings.Split(w.logs.wait(t, logGroup, 2)[1], "|"); len(ids[1]) != 36 || ids[1] != ids[2] {
		t.Errorf("a service that does not name its request has the ids %q", ids[1:])
	}
}

func TestTheExecutionLogSaysWhyARequestFailed(t *testing.T) {
	w := newWorld(t)
	w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
	e := w.newEvents()
	e.deploy()
	w.must(w.PutMethodSettings(e.id, "dev", "*/*", gateway.MethodSettings{LoggingLevel: "ERROR", RateLimit: -1, BurstLimit: -1}))
	e.send(`{}`)
	delete(w.roles, role)
	r := e.send(`{}`)
	lines := w.logs.wait(t, "API-Gateway-Execution-Logs_"+e.id+"/dev", 1)
	if len(lines) != 1 || !strings.HasPrefix(lines[0], "("+r.header.Get("X-Amzn-Requestid")+") Execution failed due to configuration error: API Gateway does not have permission to assume") {
		t.Errorf("the execution log is %q", lines)
	}
}

func TestPathParametersAndGreedyPathsAreRouted(t *testing.T) {
	w := newWorld(t)
	w.service = func(rw http.ResponseWriter, r *http.Request) { io.WriteString(rw, r.Header.Get("X-P")) }
	e := w.newEvents()
	add := func(parent, part, parameter string) gateway.Resource {
		r := value[gateway.Resource](t)(w.CreateResource(e.id, parent, part))
		ref := gateway.MethodRef{APIID: e.id, ResourceID: r.ID, HTTPMethod: "ANY"}
		w.must(w.PutMethod(ref, gateway.Method{Authorization: "NONE", RequestParameters: map[string]bool{"method.request.path." + parameter: true}}))
		w.must(w.PutMethodResponse(ref, gateway.MethodResponse{StatusCode: "200"}))
		w.must(w.PutIntegration(ref, gateway.Integration{Type: "AWS", HTTPMethod: "POST", URI: putRecord, Credentials: role,
			RequestParameters: map[string]string{"integration.request.header.X-P": "method.request.path." + parameter}}))
		w.must(w.PutIntegrationResponse(ref, gateway.IntegrationResponse{StatusCode: "200"}))
		return r
	}
	game := add(e.resource.ID, "{game}", "game")
	add(game.ID, "{rest+}", "rest")
	e.deploy()
	for path, want := range map[string]string{"/events/a%20b": "a b", "/events/g/x/y%2Fz": "x/y/z", "/events/g/x/": "x"} {
		if r := w.do("DELETE", w.InvokeURL(e.id, "dev")+path, ""); r.body != want {
			t.Errorf("%s has the parameter %q, want %q", path, r.body, want)
		}
	}
}
