package gateway_test

import (
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway"
)

func TestALiteralPathGoesBeforeAParameter(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	for _, part := range []string{"{game}", "doom"} {
		r := value[gateway.Resource](t)(w.CreateResource(e.id, e.resource.ID, part))
		ref := gateway.MethodRef{APIID: e.id, ResourceID: r.ID, HTTPMethod: "GET"}
		w.must(w.PutMethod(ref, gateway.Method{Authorization: "NONE"}))
		w.must(w.PutMethodResponse(ref, gateway.MethodResponse{StatusCode: "200"}))
		w.must(w.PutIntegration(ref, gateway.Integration{Type: "MOCK", RequestTemplates: map[string]string{"application/json": `{"statusCode":200}`}}))
		w.must(w.PutIntegrationResponse(ref, gateway.IntegrationResponse{StatusCode: "200", ResponseTemplates: map[string]string{"application/json": "of " + part}}))
	}
	e.deploy()
	for path, want := range map[string]string{"doom": "of doom", "quake": "of {game}", "doo": "of {game}"} {
		if r := w.do("GET", w.InvokeURL(e.id, "dev")+"/events/"+path, ""); r.body != want {
			t.Errorf("/events/%s is answered %v, want %s", path, r, want)
		}
	}
}

func TestAValidatorChecksOnlyWhatItSays(t *testing.T) {
	for _, c := range []struct {
		body, parameters bool
		want             string // what is found wrong with a request where everything is
	}{
		{true, true, "Missing required request parameters: [X-Game]"},
		{true, false, "Invalid request body"},
		{false, true, "Missing required request parameters: [X-Game]"},
		{false, false, ""},
	} {
		w := newWorld(t)
		e := w.newEvents()
		w.must(model(eventModel)(w, e))
		v := value[gateway.RequestValidator](t)(w.CreateRequestValidator(e.id, gateway.RequestValidator{Name: "v", Body: c.body, Parameters: c.parameters}))
		w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestValidatorID: v.ID, RequestModels: map[string]string{"application/json": "M"},
			RequestParameters: map[string]bool{"method.request.header.X-Game": true}}))
		e.deploy()
		if r := e.send(`{}`); c.want == "" && r.status != 200 || c.want != "" && r.body != `{"message":"`+c.want+`"}` {
			t.Errorf("body %v, parameters %v: the answer is %v, want %q", c.body, c.parameters, r, c.want)
		}
		if r := e.send(`{}`, "X-Game", "g"); (r.status == 200) == c.body {
			t.Errorf("body %v, parameters %v: a body that does not follow its model is answered %v", c.body, c.parameters, r)
		}
	}
}

func TestTheResponseForAll5xxIsForThoseAlone(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	w.must(w.PutGatewayResponse(e.id, gateway.GatewayResponse{Type: "DEFAULT_5XX", StatusCode: "503",
		Parameters: map[string]string{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"},
		Templates:  map[string]string{"application/json": `{"type":"$context.error.responseType"}`}}))
	e.deploy()
	w.do("GET", w.InvokeURL(e.id, "dev")+"/events", "").want(t, 403, `{"message":"Missing Authentication Token"}`, "MissingAuthenticationTokenException")
	delete(w.roles, role)
	r := e.send(`{}`)
	r.want(t, 503, `{"type":"API_CONFIGURATION_ERROR"}`, "InternalServerErrorException")
	if r.header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("its headers are %v", r.header)
	}
	w.must(w.PutGatewayResponse(e.id, gateway.GatewayResponse{Type: "API_CONFIGURATION_ERROR", StatusCode: "502"}))
	e.deploy()
	e.send(`{}`).want(t, 502, `{"message":"Internal server error"}`, "InternalServerErrorException")
}

func TestAnEndpointThatIsDisabledIsForbidden(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	a := value[gateway.RestAPI](t)(w.GetRestAPI(e.id))
	for _, disabled := range []bool{true, false} {
		a.DisableEndpoint = disabled
		value[gateway.RestAPI](t)(w.UpdateRestAPI(a))
		e.deploy()
		r := e.send(`{}`)
		if !disabled && r.status != 200 {
			t.Errorf("an endpoint that is enabled again answers %v", r)
		}
		if disabled {
			r.want(t, 403, `{"message":"Forbidden"}`, "ForbiddenException")
		}
	}
}

func TestTheExecutionLogHasBodiesWithADataTraceAlone(t *testing.T) {
	for _, c := range []struct {
		level  string
		trace  bool
		starts bool // it says that a request begins and ends
		bodies bool
	}{{"INFO", false, true, false}, {"INFO", true, true, true}, {"ERROR", false, false, false}} {
		w := newWorld(t)
		w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
		w.record()
		w.tokens["the-token"] = map[string]any{"token_use": "id", "sub": "u1", "exp": float64(w.now.Add(time.Hour).Unix())}
		e := w.newAuthorized(nil)
		e.deploy()
		w.must(w.PutMethodSettings(e.id, "dev", "*/*", gateway.MethodSettings{LoggingLevel: c.level, DataTraceEnabled: c.trace, RateLimit: -1, BurstLimit: -1}))
		if r := e.send(`the-body`, "Authorization", "the-token"); r.status != 200 {
			t.Fatalf("the answer is %v", r)
		}
		delete(w.roles, role)
		e.send(`the-body`, "Authorization", "the-token") // fails, which every level logs
		w.close()
		log := strings.Join(w.logs.wait(t, "API-Gateway-Execution-Logs_"+e.id+"/dev", 1), "\n")
		w.open()
		for what, want := range map[string]bool{"Starting execution for request": c.starts, "Method completed with status: 200": c.starts,
			"Endpoint request body after transformations: the-body": c.bodies, "Endpoint response body before transformations: the-body": c.bodies,
			"Method response body after transformations: the-body": c.bodies, "the-body": c.bodies, "the-token": false,
			"Execution failed due to configuration error": true} {
			if strings.Contains(log, what) != want {
				t.Errorf("level %s, data trace %v: the log has %q: %v, want %v, in\n%s", c.level, c.trace, what, !want, want, log)
			}
		}
	}
}
