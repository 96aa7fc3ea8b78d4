package main

import (
	"slices"
	"strings"
	"testing"

	"pipeline/shared/pulumitest"
)

const (
	methodType      = "aws:apigateway/method:Method"
	integrationType = "aws:apigateway/integration:Integration"
	declaredType    = "aws:apigateway/methodResponse:MethodResponse"
	mappedType      = "aws:apigateway/integrationResponse:IntegrationResponse"
	responseType    = "aws:apigateway/response:Response"
	modelType       = "aws:apigateway/model:Model"
	deploymentType  = "aws:apigateway/deployment:Deployment"
	stageType       = "aws:apigateway/stage:Stage"
	groupType       = "aws:cloudwatch/logGroup:LogGroup"
	settingsType    = "aws:apigateway/methodSettings:MethodSettings"
)

const gatewayRole = "arn:aws:iam::000000000000:role/events-local-gateway"

func world(set map[string]any) pulumitest.World {
	return pulumitest.World{
		Project: "events-gateway", Settings: set,
		Upstream: map[string]map[string]string{
			"events-iam": {"gatewayRoleArn": gatewayRole, "gatewayLogsRoleArn": gatewayRole + "-logs",
				"deliveryRoleArn": "arn", "warehouseRoleArn": "arn"},
			"events-stream": {"streamName": "events-local-delivery", "streamArn": "arn", "logGroup": "group"},
			"events-auth": {"userPoolId": "eu-central-1_Abc", "userPoolArn": "arn:aws:cognito-idp:eu-central-1:000000000000:userpool/eu-central-1_Abc",
				"CognitoUserPoolClientId": "client", "machineClientId": "machine", "CognitoUserPoolDomain": "domain",
				"writeScope": "events/write", "userName": "player", "userSecretArn": "arn"},
		},
	}
}

func deployed(t *testing.T, set map[string]any) pulumitest.Result {
	t.Helper()
	r := world(set).Run(t, deploy)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return r
}

// route is a setting: one route with what is changed of it.
func route(change map[string]any) map[string]any {
	r := map[string]any{"path": "/events", "action": "single", "auth": "id"}
	for key, value := range change {
		r[key] = value
	}
	return map[string]any{"routes": []any{r}}
}

func TestSingleAndBatchAreThereByDefault(t *testing.T) {
	r := deployed(t, nil)
	for name, action := range map[string]string{"events-post": "PutRecord", "events-batch-post": "PutRecordBatch"} {
		i := r.Named(t, integrationType, name).Plain()
		if want := "arn:aws:apigateway:eu-central-1:firehose:action/" + action; i["uri"] != want || i["credentials"] != gatewayRole {
			t.Errorf("%s calls %v as %v, want %s as the gateway's role", name, i["uri"], i["credentials"], want)
		}
		body := i["requestTemplates"].(map[string]any)["application/json"].(string)
		if !strings.Contains(body, `"DeliveryStreamName":"events-local-delivery"`) || strings.Contains(body, "@stream@") {
			t.Errorf("the template of %s does not name the stream:\n%s", name, body)
		}
		if auth := r.Named(t, methodType, name).Plain()["authorization"]; auth != "COGNITO_USER_POOLS" {
			t.Errorf("%s takes authorization %v", name, auth)
		}
	}
}

func TestNothingPassesThroughUnmapped(t *testing.T) {
	for _, i := range deployed(t, nil).All(integrationType) {
		if got := i.Plain()["passthroughBehavior"]; got != "NEVER" {
			t.Errorf("%s has passthrough behavior %v, want NEVER", i.Name, got)
		}
	}
}

func TestEveryBodyIsValidated(t *testing.T) {
	r := deployed(t, nil)
	if v := r.One(t, "aws:apigateway/requestValidator:RequestValidator").Plain(); v["validateRequestBody"] != true {
		t.Errorf("the validator is %v", v)
	}
	for _, m := range r.All(methodType) {
		if strings.HasSuffix(m.Name, "-post") && (m.Plain()["requestValidatorId"] != "validator-id" || m.Plain()["requestModels"] == nil) {
			t.Errorf("%s is not validated: %v", m.Name, m.Plain())
		}
	}
	if schema := r.Named(t, modelType, "events-batch").Plain()["schema"].(string); !strings.Contains(schema, `"maxItems":500`) {
		t.Errorf("a batch is not bounded: %s", schema)
	}
}

func TestEveryAnswerMayBeReadByAPage(t *testing.T) {
	r := deployed(t, map[string]any{"cors": map[string]any{"allowOrigin": "https://play.example", "allowHeaders": []string{"Authorization"}, "allowMethods": []string{"POST"}}})
	const header = "method.response.header.Access-Control-Allow-Origin"
	for _, d := range r.All(declaredType) {
		if _, ok := d.Plain()["responseParameters"].(map[string]any)[header]; !ok {
			t.Errorf("%s does not declare the header", d.Name)
		}
	}
	for _, m := range r.All(mappedType) {
		if got := m.Plain()["responseParameters"].(map[string]any)[header]; got != "'https://play.example'" {
			t.Errorf("%s sends origin %v", m.Name, got)
		}
	}
	for _, g := range r.All(responseType) {
		if got := g.Plain()["responseParameters"].(map[string]any)["gatewayresponse.header.Access-Control-Allow-Origin"]; got != "'https://play.example'" {
			t.Errorf("gateway response %s sends origin %v", g.Name, got)
		}
	}
	for _, name := range []string{"default-4xx", "default-5xx"} {
		r.Named(t, responseType, name)
	}
}

func TestAPreflightNeedsNoTokenAndNoBackend(t *testing.T) {
	r := deployed(t, nil)
	for _, name := range []string{"events-options", "events-batch-options"} {
		if auth := r.Named(t, methodType, name).Plain()["authorization"]; auth != "NONE" {
			t.Errorf("%s takes authorization %v", name, auth)
		}
		i := r.Named(t, integrationType, name).Plain()
		if i["type"] != "MOCK" {
			t.Errorf("%s is of type %v", name, i["type"])
		}
		for _, dropped := range []string{"uri", "credentials", "integrationHttpMethod"} {
			if value, set := i[dropped]; set {
				t.Errorf("%s has %s %v, which AWS does not keep", name, dropped, value)
			}
		}
	}
}

func TestAnErrorOfFirehoseIsNoSuccess(t *testing.T) {
	r := deployed(t, nil)
	for status, pattern := range map[string]any{"200": nil, "400": `4\d{2}`, "503": `5\d{2}`} {
		if got := r.Named(t, mappedType, "events-post-"+status).Plain()["selectionPattern"]; got != pattern {
			t.Errorf("status %s is chosen by %v, want %v", status, got, pattern)
		}
	}
}

func TestARouteTakesTheTokensThatItSays(t *testing.T) {
	for rule, c := range map[string]struct {
		change map[string]any
		auth   string
		scopes []any
	}{
		"an id token":                             {nil, "COGNITO_USER_POOLS", nil},
		"an access token with the layer's scope":  {map[string]any{"auth": "scopes"}, "COGNITO_USER_POOLS", []any{"events/write"}},
		"an access token with a scope of its own": {map[string]any{"auth": "scopes", "scopes": []string{"a/b"}}, "COGNITO_USER_POOLS", []any{"a/b"}},
		"none": {map[string]any{"auth": "none"}, "NONE", nil},
	} {
		t.Run(rule, func(t *testing.T) {
			r := deployed(t, route(c.change))
			m := r.Named(t, methodType, "events-post").Plain()
			scopes, _ := m["authorizationScopes"].([]any)
			if m["authorization"] != c.auth || len(scopes) != len(c.scopes) || len(scopes) == 1 && scopes[0] != c.scopes[0] {
				t.Errorf("the method takes %v with scopes %v, want %s with %v", m["authorization"], scopes, c.auth, c.scopes)
			}
			if made := len(r.All("aws:apigateway/authorizer:Authorizer")) > 0; made == (c.auth == "NONE") {
				t.Errorf("an authorizer is made: %v, with authorization %s", made, c.auth)
			}
		})
	}
}

func TestWhatCorsLeavesOutIsAsItIsForAll(t *testing.T) {
	r := deployed(t, merged(route(map[string]any{"cors": map[string]any{"allowMethods": []string{"POST"}}}), "cors", map[string]any{"allowOrigin": "https://play.example"}))
	sent := r.Named(t, mappedType, "events-options-200").Plain()["responseParameters"].(map[string]any)
	for header, want := range map[string]string{"Origin": "'https://play.example'", "Methods": "'POST'",
		"Headers": "'Content-Type,X-Amz-Date,Authorization,X-Api-Key,X-Amz-Security-Token,X-Amz-User-Agent'"} {
		if got := sent["method.response.header.Access-Control-Allow-"+header]; got != want {
			t.Errorf("the preflight allows %s %v, want %s", header, got, want)
		}
	}
}

func TestARouteThatSaysItsPathOnlyIsASingleOneForIDTokens(t *testing.T) {
	r := deployed(t, map[string]any{"routes": []any{map[string]any{"path": "/scores"}}})
	if got := r.Named(t, integrationType, "scores-post").Plain()["uri"]; got != "arn:aws:apigateway:eu-central-1:firehose:action/PutRecord" {
		t.Errorf("it calls %v", got)
	}
}

func TestARetiredRouteIsGoneForEveryone(t *testing.T) {
	r := deployed(t, route(map[string]any{"retired": true}))
	if i := r.Named(t, integrationType, "events-post").Plain(); i["type"] != "MOCK" {
		t.Errorf("a retired route still calls %v", i["uri"])
	}
	r.Named(t, mappedType, "events-post-410")
}

// served is the hash that decides whether the API is deployed anew.
func served(t *testing.T, set map[string]any) string {
	t.Helper()
	return deployed(t, set).One(t, deploymentType).Plain()["triggers"].(map[string]any)["served"].(string)
}

func TestWhatTheDeploymentServesDecidesWhetherItIsMadeAnew(t *testing.T) {
	before := served(t, route(nil))
	for what, c := range map[string]struct {
		set  map[string]any
		anew bool
	}{
		"nothing":         {route(nil), false},
		"the throttle":    {merged(route(nil), "throttle", map[string]any{"ratePerSecond": 1, "burst": 1}), false},
		"the log":         {merged(route(nil), "logRetentionDays", 7), false},
		"a path":          {route(map[string]any{"path": "/event"}), true},
		"an action":       {route(map[string]any{"action": "batch"}), true},
		"the tokens":      {route(map[string]any{"auth": "scopes"}), true},
		"a response":      {route(map[string]any{"responses": map[string]any{"200": "{}"}}), true},
		"a schema":        {route(map[string]any{"schema": map[string]any{"type": "object", "additionalProperties": false}}), true},
		"a route's CORS":  {route(map[string]any{"cors": map[string]any{"allowOrigin": "https://x"}}), true},
		"all CORS":        {merged(route(nil), "cors", map[string]any{"allowOrigin": "https://x"}), true},
		"the token cache": {merged(route(nil), "tokenCacheSeconds", 0), true},
		"the timeout":     {merged(route(nil), "integrationTimeoutMs", 50), true},
	} {
		if anew := served(t, c.set) != before; anew != c.anew {
			t.Errorf("a change of %s deploys anew: %v, want %v", what, anew, c.anew)
		}
	}
}

func merged(set map[string]any, key string, value any) map[string]any {
	set[key] = value
	return set
}

func TestTheStageIsThrottledAndLogged(t *testing.T) {
	r := deployed(t, map[string]any{"throttle": map[string]any{"ratePerSecond": 7.5, "burst": 9}, "logRetentionDays": 3})
	settings := r.One(t, settingsType).Plain()["settings"].(map[string]any)
	if settings["throttlingRateLimit"] != 7.5 || settings["throttlingBurstLimit"] != 9.0 || settings["dataTraceEnabled"] != false {
		t.Errorf("the settings are %v", settings)
	}
	stage := r.One(t, stageType).Plain()
	if stage["stageName"] != "local" {
		t.Errorf("the stage is %v, want the environment's name", stage["stageName"])
	}
	log := stage["accessLogSettings"].(map[string]any)
	if !strings.Contains(log["format"].(string), "$context.requestId") || log["destinationArn"] == "" {
		t.Errorf("the access log is %v", log)
	}
	if group := r.Named(t, groupType, "access").Plain(); group["retentionInDays"] != 3.0 || group["name"] != "/aws/apigateway/events-local" {
		t.Errorf("the log group is %v", group)
	}
}

// API Gateway makes the group itself where it is not there when the stage begins to log.
func TestTheExecutionLogIsKeptForTheConfiguredDays(t *testing.T) {
	r := deployed(t, map[string]any{"logRetentionDays": 3, "stage": "v1"})
	group := r.Named(t, groupType, "execution")
	if in := group.Plain(); in["name"] != "API-Gateway-Execution-Logs_api-id/v1" || in["retentionInDays"] != 3.0 {
		t.Errorf("the log group is %v", in)
	}
	if after := r.One(t, stageType).After; !slices.Contains(after, string(group.URN)) {
		t.Errorf("the stage waits for %v, and not for %s", after, group.URN)
	}
	for _, group := range deployed(t, map[string]any{"loggingLevel": "OFF"}).All(groupType) {
		if group.Name == "execution" {
			t.Error("there is a group for a log that is off")
		}
	}
}

func TestAWebACLIsThereWhereALimitIsSet(t *testing.T) {
	const acl, association = "aws:wafv2/webAcl:WebAcl", "aws:wafv2/webAclAssociation:WebAclAssociation"
	if made := deployed(t, nil).All(acl); len(made) > 0 {
		t.Errorf("a web ACL is made without a limit: %v", made)
	}
	r := deployed(t, map[string]any{"wafLimit": 2000})
	rule := r.One(t, acl).Plain()["rules"].([]any)[0].(map[string]any)
	rate := rule["statement"].(map[string]any)["rateBasedStatement"].(map[string]any)
	if _, blocks := rule["action"].(map[string]any)["block"]; !blocks || rate["limit"] != 2000.0 || rate["aggregateKeyType"] != "IP" {
		t.Errorf("the rule is %v", rule)
	}
	r.One(t, association)
}

func TestTheAccountsLogRoleCanBeLeftAlone(t *testing.T) {
	const account = "aws:apigateway/account:Account"
	if role := deployed(t, nil).One(t, account).Plain()["cloudwatchRoleArn"]; role != gatewayRole+"-logs" {
		t.Errorf("the log role is %v", role)
	}
	if made := deployed(t, map[string]any{"manageAccountRole": false}).All(account); len(made) > 0 {
		t.Errorf("the account is set all the same: %v", made)
	}
}

func TestTheFirstPreviewOfAnEmptyEnvironmentShowsTheWholeAPI(t *testing.T) {
	w := world(nil)
	w.Upstream, w.Preview = nil, true
	r := w.Run(t, deploy)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	if got := len(r.All(methodType)); got != 4 {
		t.Errorf("the preview shows %d methods, want 4", got)
	}
}

func TestWithoutItsUpstreamTheLayerDoesNotDeploy(t *testing.T) {
	w := world(nil)
	delete(w.Upstream, "events-stream")
	if r := w.Run(t, deploy); r.Err == nil || !strings.Contains(r.Err.Error(), "deploy:stream") {
		t.Errorf("the error is %v, want the command that deploys layer stream", r.Err)
	}
}

func TestASchemaMayHaveTheClientsOwnId(t *testing.T) {
	deployed(t, route(map[string]any{"schema": map[string]any{"type": "object", "additionalProperties": false,
		"properties": map[string]any{"event_id": map[string]any{"type": "string", "minLength": 1}}}}))
}

func TestSettingsThatAWSWouldRefuseOrMisreadAreRefused(t *testing.T) {
	schema := func(s map[string]any) map[string]any { return route(map[string]any{"schema": s}) }
	closed := func(s map[string]any) map[string]any {
		return merged(merged(s, "type", "object"), "additionalProperties", false)
	}
	property := func(name string, p map[string]any) map[string]any {
		return closed(map[string]any{"properties": map[string]any{name: p}})
	}
	for rule, c := range map[string]struct {
		set  map[string]any
		want string
	}{
		"no routes":                       {map[string]any{"routes": []any{}}, "routes is empty"},
		"a path without a slash":          {route(map[string]any{"path": "events"}), "routes[0] (events): path wants"},
		"a path variable":                 {route(map[string]any{"path": "/{proxy+}"}), "path wants"},
		"an unknown action":               {route(map[string]any{"action": "many"}), `action is "many", want single or batch`},
		"an unknown auth":                 {route(map[string]any{"auth": "key"}), `auth is "key", want id, scopes or none`},
		"scopes for id tokens":            {route(map[string]any{"scopes": []string{"a"}}), "scopes are for auth scopes"},
		"a status that is never answered": {route(map[string]any{"responses": map[string]any{"201": ""}}), "status 201"},
		"an open schema":                  {schema(map[string]any{"type": "object"}), "additionalProperties: false"},
		"a schema of no object":           {schema(map[string]any{"additionalProperties": false}), "schema wants type: object"},
		"a schema that refers to another": {schema(closed(map[string]any{"$ref": "#/definitions/event"})), "schema has $ref"},
		"a schema of any property":        {schema(closed(map[string]any{"patternProperties": map[string]any{"a": map[string]any{}}})), "name the properties"},
		"a schema with the subject":       {schema(property("Subject", map[string]any{})), "which the gateway fills in"},
		"an id in capitals":               {schema(property("Event_ID", map[string]any{"type": "string", "minLength": 1})), "schema has Event_ID: it has to be named event_id"},
		"an id that may be empty":         {schema(property("event_id", map[string]any{"type": "string"})), "minLength: 1 or more"},
		"an id that may be null":          {schema(property("event_id", map[string]any{"type": []string{"string", "null"}, "minLength": 1})), "with type: string"},
		"one path twice": {map[string]any{"routes": []any{map[string]any{"path": "/a", "action": "single", "auth": "id"},
			map[string]any{"path": "/a", "action": "batch", "auth": "id"}}}, "routes[1] (/a): there is a route of that path already"},
		"a timeout over AWS's":       {map[string]any{"integrationTimeoutMs": 30000}, "want 50 to 29000"},
		"a token cache over 1 h":     {map[string]any{"tokenCacheSeconds": 4000}, "want 0 to 3600"},
		"a negative throttle":        {map[string]any{"throttle": map[string]any{"ratePerSecond": -1, "burst": 1}}, "AWS reads a negative limit as none"},
		"a web ACL that AWS refuses": {map[string]any{"wafLimit": 5}, "wafLimit is 5, want 0 or 10"},
		"two paths of one name":      {map[string]any{"routes": []any{map[string]any{"path": "/a-b"}, map[string]any{"path": "/a/b/c"}}}, "/a-b and /a/b, which are both named a-b"},
		"two models of one name":     {map[string]any{"routes": []any{map[string]any{"path": "/a_b"}, map[string]any{"path": "/a.b"}}}, "/a.b, whose model is named AB as that of /a_b is"},
		"a model that every API has": {map[string]any{"routes": []any{map[string]any{"path": "/error"}}}, "/error, whose model is named Error as that of every new API is"},
		"a model without a name":     {map[string]any{"routes": []any{map[string]any{"path": "/_"}}}, "/_, which gives its model no name"},
		"a stage with a slash":       {map[string]any{"stage": "v1/x"}, `stage is "v1/x"`},
		"a period of no log group":   {map[string]any{"logRetentionDays": 8}, "logRetentionDays is 8; CloudWatch Logs takes"},
		"an origin with a quote":     {map[string]any{"cors": map[string]any{"allowOrigin": "https://x'"}}, "cannot have a quote"},
		"a header with a quote":      {route(map[string]any{"cors": map[string]any{"allowHeaders": []string{"a'b"}}}), "cannot have a quote"},
		"an unknown log level":       {map[string]any{"loggingLevel": "DEBUG"}, "want OFF, ERROR or INFO"},
		"an unknown setting":         {map[string]any{"route": []any{}}, "unknown setting events-gateway:route"},
	} {
		t.Run(rule, func(t *testing.T) {
			r := world(c.set).Run(t, deploy)
			if r.Err == nil || !strings.Contains(r.Err.Error(), c.want) {
				t.Errorf("the error is %v, want it to hold %q", r.Err, c.want)
			}
			if len(r.Resources) > 0 {
				t.Errorf("%d resources were made", len(r.Resources))
			}
		})
	}
}
