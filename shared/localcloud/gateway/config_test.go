package gateway_test

import (
	"errors"
	"strings"
	"testing"

	"pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/store"
)

// refusal is a configuration call that AWS refuses, with what it says.
type refusal struct {
	name string
	call func(w *world, e *events) error
	code string
	text string // contained in the message
}

func TestWhatAWSRefusesIsRefusedWithItsWords(t *testing.T) {
	for _, c := range refusals {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			err := c.call(w, w.newEvents())
			var e *gateway.Error
			if !errors.As(err, &e) || e.Code != c.code || !strings.Contains(e.Message, c.text) {
				t.Errorf("error is %v, want %s with %q", err, c.code, c.text)
			}
		})
	}
}

func integration(change func(i *gateway.Integration)) func(w *world, e *events) error {
	return func(w *world, e *events) error {
		i := gateway.Integration{Type: "AWS", HTTPMethod: "POST", URI: putRecord, Credentials: role}
		change(&i)
		return w.PutIntegration(e.post, i)
	}
}

func model(schema string) func(w *world, e *events) error {
	return func(w *world, e *events) error {
		_, err := w.CreateModel(e.id, gateway.Model{Name: "M", ContentType: "application/json", Schema: schema})
		return err
	}
}

func authorizer(change func(a *gateway.Authorizer)) func(w *world, e *events) error {
	return func(w *world, e *events) error {
		a := gateway.Authorizer{Name: "a", Type: "COGNITO_USER_POOLS", ProviderARNs: []string{pool}, IdentitySource: "method.request.header.Authorization"}
		change(&a)
		_, err := w.CreateAuthorizer(e.id, a)
		return err
	}
}

func stage(change func(s *gateway.Stage)) func(w *world, e *events) error {
	return func(w *world, e *events) error {
		d, err := w.CreateDeployment(e.id, "")
		if err != nil {
			return err
		}
		s := gateway.Stage{Name: "dev", DeploymentID: d.ID}
		change(&s)
		_, err = w.CreateStage(e.id, s)
		return err
	}
}

func accessLog(arn, format string) func(w *world, e *events) error {
	return func(w *world, e *events) error {
		w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
		return stage(func(s *gateway.Stage) { s.AccessLog = &gateway.AccessLog{DestinationARN: arn, Format: format} })(w, e)
	}
}

const groupARN = "arn:aws:logs:" + region + ":" + account + ":log-group:"

var refusals = []refusal{
	{"an API without a name", func(w *world, _ *events) error {
		_, err := w.CreateRestAPI(gateway.RestAPI{EndpointType: "EDGE"})
		return err
	}, "BadRequestException", "Name cannot be empty"},
	{"an API that is not there", func(w *world, _ *events) error { _, err := w.GetRestAPI("nothere000"); return err },
		"NotFoundException", "Invalid API identifier specified 000000000000:nothere000"},
	{"a private API", func(w *world, _ *events) error {
		_, err := w.CreateRestAPI(gateway.RestAPI{Name: "n", EndpointType: "PRIVATE"})
		return err
	}, "NotImplementedException", "private"},
	{"a second resource of one name", func(w *world, e *events) error {
		_, err := w.CreateResource(e.id, e.resource.ParentID, "events")
		return err
	}, "ConflictException", "Another resource with the same parent already has this name: events"},
	{"a resource below none", func(w *world, e *events) error { _, err := w.CreateResource(e.id, "none", "x"); return err },
		"NotFoundException", "Invalid Resource identifier specified"},
	{"a path part with a slash", func(w *world, e *events) error {
		_, err := w.CreateResource(e.id, e.resource.ID, "a/b")
		return err
	}, "BadRequestException", "Resource's path part only allow"},
	{"a child of a greedy path", func(w *world, e *events) error {
		r := value[gateway.Resource](w.t)(w.CreateResource(e.id, e.resource.ID, "{proxy+}"))
		_, err := w.CreateResource(e.id, r.ID, "x")
		return err
	}, "BadRequestException", "Cannot create a child of a resource with a greedy path variable: {proxy+}"},
	{"two path variables beside each other", func(w *world, e *events) error {
		value[gateway.Resource](w.t)(w.CreateResource(e.id, e.resource.ID, "{proxy+}"))
		_, err := w.CreateResource(e.id, e.resource.ID, "{x}")
		return err
	}, "BadRequestException", "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed"},
	{"a method twice", func(w *world, e *events) error { return w.PutMethod(e.post, gateway.Method{Authorization: "NONE"}) },
		"ConflictException", "Method already exists for this resource"},
	{"a method that HTTP does not have", func(w *world, e *events) error {
		ref := e.post
		ref.HTTPMethod = "FETCH"
		return w.PutMethod(ref, gateway.Method{Authorization: "NONE"})
	}, "BadRequestException", "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY"},
	{"an authorized method without an authorizer", func(w *world, e *events) error {
		return w.UpdateMethod(e.post, gateway.Method{Authorization: "COGNITO_USER_POOLS"})
	}, "BadRequestException", "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer."},
	{"IAM authorization", func(w *world, e *events) error {
		return w.UpdateMethod(e.post, gateway.Method{Authorization: "AWS_IAM"})
	},
		"NotImplementedException", "AWS_IAM"},
	{"an unknown validator", func(w *world, e *events) error {
		return w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestValidatorID: "none"})
	}, "BadRequestException", "Invalid Request Validator identifier specified"},
	{"an unknown model", func(w *world, e *events) error {
		return w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestModels: map[string]string{"application/json": "None"}})
	}, "BadRequestException", "Invalid model identifier specified: None"},
	{"two models of one media type", func(w *world, e *events) error {
		return w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestModels: map[string]string{"application/json": "Empty", "application/json; charset=utf-8": "Error"}})
	}, "NotImplementedException", `request models for both "application/json" and "application/json; charset=utf-8"`},
	{"one parameter name twice", func(w *world, e *events) error {
		return w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestParameters: map[string]bool{
			"method.request.header.x": true, "method.request.querystring.x": true}})
	}, "BadRequestException", "Parameter names must be unique across querystring, header and path"},
	{"a method response twice", func(w *world, e *events) error {
		return w.PutMethodResponse(e.post, gateway.MethodResponse{StatusCode: "200"})
	}, "ConflictException", "Response already exists for this resource"},
	{"a status that is none", func(w *world, e *events) error {
		return w.PutMethodResponse(e.post, gateway.MethodResponse{StatusCode: "600"})
	}, "ValidationException", `Member must satisfy regular expression pattern: [1-5]\d\d`},
	{"an integration response without a method response", func(w *world, e *events) error {
		return w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "400"})
	}, "NotFoundException", "Invalid Response status code specified"},
	{"an integration response without an integration", func(w *world, e *events) error {
		w.must(w.DeleteIntegration(e.post))
		return w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200"})
	}, "NotFoundException", "Invalid Integration identifier specified"},
	{"a header that the method response does not declare", func(w *world, e *events) error {
		return w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200",
			ResponseParameters: map[string]string{"method.response.header.X": "'1'"}})
	}, "BadRequestException", "Invalid mapping expression parameter specified: method.response.header.X"},
	{"a header value without its quotes", func(w *world, e *events) error {
		w.must(w.UpdateMethodResponse(e.post, gateway.MethodResponse{StatusCode: "200", ResponseParameters: map[string]bool{"method.response.header.X": true}}))
		return w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200",
			ResponseParameters: map[string]string{"method.response.header.X": "true"}})
	}, "BadRequestException", "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: true]"},
	{"a selection pattern that Go does not have", func(w *world, e *events) error {
		return w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200", SelectionPattern: "(?!200).*"})
	}, "NotImplementedException", "selection pattern"},

	{"MOCK with a uri", integration(func(i *gateway.Integration) { i.Type = "MOCK" }), "BadRequestException", "MOCK"},
	{"HTTP", integration(func(i *gateway.Integration) { i.Type = "HTTP" }), "NotImplementedException", "HTTP"},
	{"two templates of one media type", integration(func(i *gateway.Integration) {
		i.RequestTemplates = map[string]string{"text/csv": "a", "Text/CSV": "b"}
	}), "NotImplementedException", `request templates for both "Text/CSV" and "text/csv"`},
	{"a filter in the template", integration(func(i *gateway.Integration) {
		i.RequestTemplates = map[string]string{"application/json": "a\n$input.path('$.a[?(@.b)]')"}
	}), "NotImplementedException", `the template for application/json: template:2:1: cannot call path: JSONPath "$.a[?(@.b)]"`},
	{"a filter in the template of a response", func(w *world, e *events) error {
		return w.PutIntegrationResponse(e.post, gateway.IntegrationResponse{StatusCode: "200",
			ResponseTemplates: map[string]string{"application/json": "$input.json('$.a[-1]')"}})
	}, "NotImplementedException", `JSONPath "$.a[-1]"`},
	{"no type that AWS has", integration(func(i *gateway.Integration) { i.Type = "HTTPS" }), "ValidationException", "[HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]"},
	{"AWS without a method", integration(func(i *gateway.Integration) { i.HTTPMethod = "" }), "BadRequestException", "Enumeration value for HttpMethod must be non-empty"},
	{"AWS without an ARN", integration(func(i *gateway.Integration) { i.URI = "http://x" }), "BadRequestException", "Invalid ARN specified in the request"},
	{"AWS without an action", integration(func(i *gateway.Integration) { i.URI = "arn:aws:apigateway:" + region + ":firehose:x" }), "BadRequestException", "AWS ARN for integration must contain path or action"},
	{"another service", integration(func(i *gateway.Integration) { i.URI = "arn:aws:apigateway:" + region + ":sqs:action/SendMessage" }), "NotImplementedException", "sqs"},
	{"another region", integration(func(i *gateway.Integration) { i.URI = "arn:aws:apigateway:us-east-1:firehose:action/PutRecord" }), "NotImplementedException", "us-east-1"},
	{"no role", integration(func(i *gateway.Integration) { i.Credentials = "" }), "BadRequestException", "Role ARN must be specified for AWS integrations"},
	{"another account's role", integration(func(i *gateway.Integration) { i.Credentials = "arn:aws:iam::111111111111:role/r" }), "BadRequestException", "Cross-account pass role is not allowed."},
	{"a timeout over 29 s", integration(func(i *gateway.Integration) { i.TimeoutMillis = 29001 }), "BadRequestException", "Timeout should be between 50 ms and 29000 ms"},
	{"a parameter that the method does not declare", integration(func(i *gateway.Integration) {
		i.RequestParameters = map[string]string{"integration.request.header.X": "method.request.header.Y"}
	}), "BadRequestException", "Invalid mapping expression parameter specified: method.request.header.Y"},

	{"a model that is no schema", model(`[]`), "BadRequestException", "Invalid model schema specified"},
	{"a model of a type that is none", model(`{"type":"text"}`), "BadRequestException", "Invalid model schema specified"},
	{"a model with an unsupported keyword", model(`{"type":"object","properties":{"a":{"type":"string","example":"x"}}}`), "BadRequestException", `Unsupported keyword(s): ["example"]`},
	{"a model with a keyword of a later draft in a dependency", model(`{"dependencies":{"a":{"const":1}}}`), "BadRequestException", `Unsupported keyword(s): ["const"]`},
	{"a model with a pattern that is none", model(`{"pattern":"["}`), "BadRequestException", "Invalid model schema specified"},
	{"a model of draft 7", model(`{"$schema":"http://json-schema.org/draft-07/schema#","type":"object"}`), "NotImplementedException", "draft-07"},
	{"a model that looks ahead", model(`{"properties":{"a":{"pattern":"^(?!x).*$"}}}`), "NotImplementedException", "(?!"},
	{"a model with a flag in a pattern", model(`{"pattern":"(?i)x"}`), "NotImplementedException", "(?i"},
	{"a model with a class of Unicode", model(`{"items":{"pattern":"^[\\p{L}]+$"}}`), "NotImplementedException", `: \p is`},
	{"a model with a class of POSIX", model(`{"pattern":"^[[:alpha:]]+$"}`), "NotImplementedException", "[:"},
	{"a model with an escape of Go", model(`{"pattern":"\\Ax"}`), "NotImplementedException", `: \A is`},
	{"a model with a reference in a pattern", model(`{"patternProperties":{"(a)\\1":{}}}`), "NotImplementedException", `: \1 is`},
	{"a model with many repetitions", model(`{"pattern":"^a{1,2000}$"}`), "NotImplementedException", "{1,2000}"},
	{"a model with a format that AWS may not check", model(`{"not":{"format":"date"}}`), "NotImplementedException", "the format date"},
	{"a model that reads a file", model(`{"$ref":"file:///etc/passwd"}`), "BadRequestException", "is not a model of this API"},
	{"a model's name with a space", func(w *world, e *events) error {
		_, err := w.CreateModel(e.id, gateway.Model{Name: "a b", ContentType: "application/json", Schema: `{}`})
		return err
	}, "BadRequestException", "Model name must be alphanumeric: a b"},
	{"a model twice", func(w *world, e *events) error {
		_, err := w.CreateModel(e.id, gateway.Model{Name: "Empty", ContentType: "application/json", Schema: `{}`})
		return err
	}, "ConflictException", "Model name already exists for this REST API"},
	{"deleting a model in use", func(w *world, e *events) error {
		w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestModels: map[string]string{"application/json": "Empty"}}))
		return w.DeleteModel(e.id, "Empty")
	}, "ConflictException", "Cannot delete model 'Empty', is referenced in method request: /events/POST"},

	{"a Lambda authorizer", authorizer(func(a *gateway.Authorizer) { a.Type = "TOKEN" }), "NotImplementedException", "TOKEN"},
	{"an authorizer without a pool", authorizer(func(a *gateway.Authorizer) { a.ProviderARNs = nil }), "BadRequestException", "provider ARN"},
	{"an authorizer of something else", authorizer(func(a *gateway.Authorizer) { a.ProviderARNs = []string{role} }), "BadRequestException", "Invalid ARN"},
	{"a validation expression that is none in parentheses", authorizer(func(a *gateway.Authorizer) { a.IdentityValidationExpression = `\Qclient1` }), "NotImplementedException", `\Qclient1`},
	{"a validation expression that is one in parentheses only", authorizer(func(a *gateway.Authorizer) { a.IdentityValidationExpression = `a)(?:b` }), "NotImplementedException", `a)(?:b`},
	{"a TTL over an hour", authorizer(func(a *gateway.Authorizer) { a.ResultTTLSeconds = 3601 }), "BadRequestException", "3600"},

	{"a gateway response that AWS does not have", func(w *world, e *events) error {
		return w.PutGatewayResponse(e.id, gateway.GatewayResponse{Type: "TEAPOT"})
	}, "BadRequestException", "TEAPOT"},

	{"a deployment without methods", func(w *world, e *events) error {
		w.must(w.DeleteMethod(e.post))
		_, err := w.CreateDeployment(e.id, "")
		return err
	}, "BadRequestException", "The REST API doesn't contain any methods"},
	{"a deployment without an integration", func(w *world, e *events) error {
		w.must(w.DeleteIntegration(e.post))
		_, err := w.CreateDeployment(e.id, "")
		return err
	}, "BadRequestException", "No integration defined for method"},
	{"deleting a deployment that is served", func(w *world, e *events) error {
		return w.DeleteDeployment(e.id, e.deploy().ID)
	}, "BadRequestException", "Active stages pointing to this deployment must be moved or deleted"},
	{"a stage twice", func(w *world, e *events) error {
		e.deploy()
		return stage(func(*gateway.Stage) {})(w, e)
	}, "ConflictException", "Stage already exists"},
	{"a stage of no deployment", stage(func(s *gateway.Stage) { s.DeploymentID = "none" }), "BadRequestException", "Deployment id does not exist"},
	{"a stage variable with quotes", stage(func(s *gateway.Stage) { s.Variables = map[string]string{"v": `a"b`} }), "BadRequestException", "Invalid stage variable value of key v."},
	{"an empty stage variable", stage(func(s *gateway.Stage) { s.Variables = map[string]string{"v": ""} }), "BadRequestException", "Invalid stage variable value of key v."},
	{"an access log without the account's role", stage(func(s *gateway.Stage) {
		s.AccessLog = &gateway.AccessLog{DestinationARN: groupARN + logGroup, Format: "$context.requestId"}
	}), "BadRequestException", "CloudWatch Logs role ARN must be set in account settings to enable logging"},
	{"execution logs without the account's role", func(w *world, e *events) error {
		e.deploy()
		return w.PutMethodSettings(e.id, "dev", "*/*", gateway.MethodSettings{LoggingLevel: "INFO"})
	}, "BadRequestException", "CloudWatch Logs role ARN must be set in account settings to enable logging"},
	{"a throttle of a rate alone", func(w *world, e *events) error {
		e.deploy()
		return w.PutMethodSettings(e.id, "dev", "*/*", gateway.MethodSettings{LoggingLevel: "OFF", RateLimit: 5, BurstLimit: -1})
	}, "NotImplementedException", "a throttle with a rate limit of 5 and a burst limit of -1"},
	{"a throttle of a burst alone", func(w *world, e *events) error {
		e.deploy()
		return w.PutMethodSettings(e.id, "dev", "*/*", gateway.MethodSettings{LoggingLevel: "OFF", RateLimit: -1, BurstLimit: 5})
	}, "NotImplementedException", "a throttle"},
	{"settings of a method that is not deployed", func(w *world, e *events) error {
		e.deploy()
		return w.PutMethodSettings(e.id, "dev", "events/GET", gateway.MethodSettings{LoggingLevel: "OFF"})
	}, "BadRequestException", "events/GET"},
	{"an access log that does not name the request", accessLog(groupARN+logGroup, "$context.status"), "BadRequestException", "$context.requestId"},
	{"an access log with a variable that AWS does not have", accessLog(groupARN+logGroup, "$context.requestId $context.colour"), "BadRequestException", "$context.colour"},
	{"an access log with a variable of an identity that AWS does not have", accessLog(groupARN+logGroup, "$context.requestId $context.identity.colour"), "BadRequestException", "$context.identity.colour"},
	{"an access log with a variable of an integration that AWS does not have", accessLog(groupARN+logGroup, "$context.requestId $context.integration.nonsense"), "BadRequestException", "$context.integration.nonsense"},
	{"an access log with what WAF took", accessLog(groupARN+logGroup, "$context.requestId $context.waf.latency"), "NotImplementedException", "$context.waf.latency in an access log"},
	{"an access log with what the authorizer took", accessLog(groupARN+logGroup, "$context.requestId $context.authorizer.latency"), "NotImplementedException", "$context.authorizer.latency"},
	{"an access log with an override", accessLog(groupARN+logGroup, "$context.requestId $context.responseOverride.header.X"), "NotImplementedException", "$context.responseOverride.header.X"},
	{"an access log of two lines", accessLog(groupARN+logGroup, "$context.requestId\n$context.status"), "BadRequestException", "single line"},
	{"an access log to a group that is not there", accessLog(groupARN+"none", "$context.requestId"), "BadRequestException", "log group does not exist"},
	{"an access log to Firehose", accessLog("arn:aws:firehose:"+region+":"+account+":deliverystream/amazon-apigateway-x", "$context.requestId"), "NotImplementedException", "Firehose"},
	{"a log role that may not log", func(w *world, _ *events) error { return w.UpdateAccount(gateway.Account{CloudwatchRoleARN: role}) },
		"BadRequestException", "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy."},
	{"a log role that is not there", func(w *world, _ *events) error {
		return w.UpdateAccount(gateway.Account{CloudwatchRoleARN: "arn:aws:iam::" + account + ":role/none"})
	}, "BadRequestException", "The role ARN does not have required permissions configured."},
}

func TestAModelMayReferToAnotherOfItsAPI(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	w.must(model(eventModel)(w, e))
	_, err := w.CreateModel(e.id, gateway.Model{Name: "Batch", ContentType: "application/json",
		Schema: `{"type":"object","properties":{"events":{"type":"array","items":{"$ref":"https://apigateway.amazonaws.com/restapis/` + e.id + `/models/M"}}}}`})
	w.must(err)
	v := value[gateway.RequestValidator](t)(w.CreateRequestValidator(e.id, gateway.RequestValidator{Name: "v", Body: true}))
	w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestValidatorID: v.ID, RequestModels: map[string]string{"application/json": "Batch"}}))
	e.deploy()
	if r := e.send(`{"events":[{"game_name":"g","event_name":"e"}]}`); r.status != 200 {
		t.Errorf("a valid batch answers %v", r)
	}
	if r := e.send(`{"events":[{"game_name":"g"}]}`); r.status != 400 {
		t.Errorf("an invalid batch answers %v, want 400", r)
	}
	var inUse *gateway.Error
	w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE"}))
	if err := w.DeleteModel(e.id, "M"); !errors.As(err, &inUse) || inUse.Code != "ConflictException" {
		t.Errorf("a model that another refers to is deleted: %v", err)
	}
}

// newReferring is newEvents, whose bodies follow a model that refers to part of another, M.
func (w *world) newReferring() *events {
	e := w.newEvents()
	w.must(model(`{"definitions":{"x":{"type":"object"}}}`)(w, e))
	_, err := w.CreateModel(e.id, gateway.Model{Name: "B", ContentType: "application/json",
		Schema: `{"$ref":"https://apigateway.amazonaws.com/restapis/` + e.id + `/models/M#/definitions/x"}`})
	w.must(err)
	v := value[gateway.RequestValidator](w.t)(w.CreateRequestValidator(e.id, gateway.RequestValidator{Name: "v", Body: true}))
	w.must(w.UpdateMethod(e.post, gateway.Method{Authorization: "NONE", RequestValidatorID: v.ID, RequestModels: map[string]string{"application/json": "B"}}))
	return e
}

func TestAModelOfWhichAnotherUsesAPartIsNotDeleted(t *testing.T) {
	w := newWorld(t)
	err := w.DeleteModel(w.newReferring().id, "M")
	if err == nil || !strings.Contains(err.Error(), "ConflictException: Cannot delete model 'M', is referenced in model: B") {
		t.Errorf("the deletion says %v", err)
	}
}

func TestWhatCannotBeServedIsNotDeployed(t *testing.T) {
	w := newWorld(t)
	e := w.newReferring()
	e.deploy()
	w.must(w.UpdateModel(e.id, gateway.Model{Name: "M", ContentType: "application/json", Schema: `{}`}))
	if _, err := w.CreateDeployment(e.id, ""); err == nil || !strings.Contains(err.Error(), "POST /events: model B: ") {
		t.Errorf("the deployment of a model without what it refers to: %v", err)
	}
}

func TestAStageThatCannotBeServedIsNotKept(t *testing.T) {
	w := newWorld(t)
	e := w.newReferring()
	e.deploy()
	d := value[gateway.Deployment](t)(w.CreateDeployment(e.id, ""))
	w.must(w.Spoil(e.id, d.ID))
	if err := w.UpdateStage(e.id, gateway.Stage{Name: "dev", DeploymentID: d.ID}); err == nil {
		t.Error("a deployment that cannot be served is served")
	}
	if _, err := w.CreateStage(e.id, gateway.Stage{Name: "new", DeploymentID: d.ID}); err == nil {
		t.Error("a stage that cannot be served is made")
	}
	w.close()
	w.open()
	if r := e.send(`{}`); r.status != 200 {
		t.Errorf("the stage answers %v after a restart, want 200", r)
	}
}

func TestEveryARNIsOfTheRegionsPartition(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	e.deploy()
	w.close()
	w.region = "cn-north-1"
	w.open()
	acl := value[gateway.WebACL](t)(w.CreateWebACL(gateway.WebACL{Name: "guard"}))
	for _, arn := range []string{w.ARN(e.id), w.ExecutionARN(e.id), acl.ARN} {
		if !strings.HasPrefix(arn, "arn:aws-cn:") {
			t.Errorf("an ARN in China is %s", arn)
		}
	}
	w.must(w.AssociateWebACL(acl.ARN, w.ARN(e.id)+"/stages/dev"))
	w.must(w.UpdateAccount(gateway.Account{CloudwatchRoleARN: logRole}))
	if logs := "arn:aws-cn:logs:cn-north-1:" + account + ":log-group:API-Gateway-Execution-Logs_*/*:log-stream:*"; !w.roles["asked for "+logs] {
		t.Errorf("the log role is not asked for %s but %v", logs, w.roles)
	}
}

func TestADeploymentThatCannotBeReadIsNotSaidToBeMissing(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	d := e.deploy()
	raw := value[store.Collection[string]](t)(store.NewCollection[string](w.store, "gateway.deployments"))
	w.must(raw.Put(e.id+"/"+d.ID, "no deployment"))
	err := w.UpdateStage(e.id, gateway.Stage{Name: "dev", DeploymentID: d.ID})
	if err == nil || strings.Contains(err.Error(), "does not exist") {
		t.Errorf("the stage's update says %v", err)
	}
}

func TestDeletingAnAPIEndsItsStages(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	d := e.deploy()
	w.must(w.DeleteRestAPI(e.id))
	e.send(`{}`).want(t, 403, `{"message":"Forbidden"}`, "ForbiddenException")
	if _, err := w.GetDeployment(e.id, d.ID); err == nil {
		t.Error("the deployment of a deleted API is still there")
	}
}

func TestAFailedChangeLeavesTheAPIAsItWas(t *testing.T) {
	w := newWorld(t)
	e := w.newEvents()
	if err := w.UpdateMethod(e.post, gateway.Method{Authorization: "COGNITO_USER_POOLS"}); err == nil {
		t.Fatal("an invalid change is accepted")
	}
	m := value[gateway.Method](t)(w.GetMethod(e.post))
	if m.Authorization != "NONE" || m.Integration == nil || len(m.Responses) != 1 {
		t.Errorf("the method is now %+v", m)
	}
}
