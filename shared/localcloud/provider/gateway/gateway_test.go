package gateway_test

import (
	"context"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider/gateway"
	"pipeline/shared/localcloud/provider/providertest"
	"pipeline/shared/localcloud/store"
)

type object = providertest.Object

// around is what a gateway plane calls; the resources do not depend on its answers.
type around struct{}

func (around) VerifyToken(context.Context, []string, string) (map[string]any, error) { return nil, nil }
func (around) CreateLogGroup(context.Context, string) error                          { return nil }
func (around) CreateLogStream(context.Context, string, string) error                 { return nil }
func (around) PutLogEvents(context.Context, string, string, ...string) error         { return nil }
func (around) Assumable(string, string) error                                        { return nil }
func (around) Authorize(context.Context, string, string, map[string]string) error    { return nil }

// cloud is a provider over a gateway plane of its own.
type cloud struct {
	*providertest.Engine
	t *testing.T
}

func newCloud(t *testing.T) cloud {
	t.Helper()
	st, err := store.Open(filepath.Join(t.TempDir(), "state"))
	if err != nil {
		t.Fatal(err)
	}
	service, err := plane.New(plane.Config{Store: st, Account: "000000000000", Region: "eu-central-1", BaseURL: "http://127.0.0.1:4566",
		Tokens: around{}, Logs: around{}, Roles: around{}, Now: time.Now, Services: map[string]http.Handler{"firehose": http.NotFoundHandler()}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close(); st.Close() })
	return cloud{providertest.New(t, "events-gateway", gateway.Kinds(service)), t}
}

// token is a resource type's token: "restApi" to "aws:apigateway/restApi:RestApi".
func token(kind string) string {
	module := "apigateway"
	if strings.HasPrefix(kind, "webAcl") {
		module = "wafv2"
	}
	return "aws:" + module + "/" + kind + ":" + strings.ToUpper(kind[:1]) + kind[1:]
}

const (
	role   = "arn:aws:iam::000000000000:role/gateway"
	action = "arn:aws:apigateway:eu-central-1:firehose:action/PutRecord"
)

var visibility = object{"cloudwatchMetricsEnabled": true, "metricName": "guard", "sampledRequestsEnabled": false}

// everything makes one of each resource type, in order.
func (c cloud) everything() map[string]providertest.Made {
	c.t.Helper()
	all := map[string]providertest.Made{}
	add := func(kind string, inputs object) providertest.Made {
		all[kind] = c.Create(token(kind), inputs)
		return all[kind]
	}
	add("account", object{"cloudwatchRoleArn": role})
	api := add("restApi", object{"name": "events", "endpointConfiguration": object{"types": "REGIONAL"}, "tags": object{"a": "b"}})
	authorizer := add("authorizer", object{"restApi": api.ID, "name": "users", "type": "COGNITO_USER_POOLS",
		"providerArns": []any{"arn:aws:cognito-idp:eu-central-1:000000000000:userpool/eu-central-1_Abc"}})
	model := add("model", object{"restApi": api.ID, "name": "Event", "contentType": "application/json", "schema": `{"type":"object"}`})
	validator := add("requestValidator", object{"restApi": api.ID, "name": "body", "validateRequestBody": true})
	add("response", object{"restApiId": api.ID, "responseType": "DEFAULT_4XX", "responseParameters": object{"gatewayresponse.header.X": "'*'"}})
	res := add("resource", object{"restApi": api.ID, "parentId": api.Outputs["rootResourceId"], "pathPart": "events"})
	key := object{"restApi": api.ID, "resourceId": res.ID, "httpMethod": "POST"}
	with := func(more object) object {
		m := maps.Clone(key)
		maps.Copy(m, more)
		return m
	}
	add("method", with(object{"authorization": "COGNITO_USER_POOLS", "authorizerId": authorizer.ID, "requestValidatorId": validator.ID,
		"requestModels": object{"application/json": model.Inputs["name"]}}))
	add("methodResponse", with(object{"statusCode": "200", "responseParameters": object{"method.response.header.X": true}}))
	add("integration", with(object{"type": "AWS", "integrationHttpMethod": "POST", "uri": action, "credentials": role, "passthroughBehavior": "NEVER",
		"requestTemplates": object{"application/json": "{}"}}))
	add("integrationResponse", with(object{"statusCode": "200", "responseParameters": object{"method.response.header.X": "'*'"}}))
	deployment := add("deployment", object{"restApi": api.ID, "triggers": object{"hash": "1"}})
	add("stage", object{"restApi": api.ID, "stageName": "dev", "deployment": deployment.ID,
		"accessLogSettings": object{"destinationArn": "arn:aws:logs:eu-central-1:000000000000:log-group:/api", "format": "$context.requestId"}})
	acl := add("webAcl", object{"name": "guard", "scope": "REGIONAL", "defaultAction": object{"allow": object{}}, "visibilityConfig": visibility,
		"rules": []any{object{"name": "rate", "priority": 1, "action": object{"block": object{}}, "visibilityConfig": visibility,
			"statement": object{"rateBasedStatement": object{"limit": 100, "aggregateKeyType": "IP"}}}}})
	add("webAclAssociation", object{"resourceArn": all["stage"].Outputs["arn"], "webAclArn": acl.Outputs["arn"]})
	add("methodSettings", object{"restApi": api.ID, "stageName": "dev", "methodPath": "*/*", "settings": object{"throttlingRateLimit": 10.5, "throttlingBurstLimit": 5}})
	return all
}

func TestEveryResourceLivesFromCreateToDelete(t *testing.T) {
	c := newCloud(t)
	all := c.everything()
	for kind, changed := range map[string]object{
		"restApi": {"description": "d"}, "authorizer": {"authorizerResultTtlInSeconds": 0}, "model": {"description": "d"},
		"requestValidator": {"validateRequestParameters": true}, "response": {"statusCode": "404"}, "resource": {"pathPart": "event"},
		"method": {"authorizationScopes": []any{"a/b"}}, "methodResponse": {"responseModels": object{"application/json": "Empty"}},
		"integration": {"timeoutMilliseconds": 1000}, "integrationResponse": {"selectionPattern": "2.."},
		"deployment": {"description": "d"}, "stage": {"variables": object{"a": "b"}}, "account": {},
		"methodSettings": {"settings": object{"loggingLevel": "INFO"}}, "webAcl": {"description": "d"},
	} {
		c.Update(all[kind], changed)
	}
	for _, kind := range []string{"methodSettings", "webAclAssociation", "webAcl", "stage", "deployment", "integrationResponse", "integration", "methodResponse", "method",
		"resource", "response", "requestValidator", "model", "authorizer", "restApi", "account"} {
		c.Delete(all[kind])
		if kind != "account" && c.Exists(all[kind]) { // AWS's provider leaves the account's setting
			t.Errorf("%s is still there after its deletion", kind)
		}
	}
}

func TestComputedOutputsHaveAWSsFormats(t *testing.T) {
	all := newCloud(t).everything()
	id := all["restApi"].ID
	for _, want := range []struct {
		kind, property string
		value          any
	}{
		{"restApi", "arn", "arn:aws:apigateway:eu-central-1::/restapis/" + id},
		{"restApi", "executionArn", "arn:aws:execute-api:eu-central-1:000000000000:" + id},
		{"authorizer", "arn", "arn:aws:apigateway:eu-central-1::/restapis/" + id + "/authorizers/" + all["authorizer"].ID},
		{"stage", "arn", "arn:aws:apigateway:eu-central-1::/restapis/" + id + "/stages/dev"},
		{"stage", "executionArn", "arn:aws:execute-api:eu-central-1:000000000000:" + id + "/dev"},
		{"stage", "invokeUrl", "http://127.0.0.1:4566/_aws/execute-api/" + id + "/dev"},
		{"deployment", "invokeUrl", "http://127.0.0.1:4566/_aws/execute-api/" + id + "/"},
		{"resource", "path", "/events"},
		{"integration", "cacheNamespace", all["resource"].ID},
	} {
		if got := all[want.kind].Outputs[want.property]; got != want.value {
			t.Errorf("%s of %s is %v, want %v", want.property, want.kind, got, want.value)
		}
	}
	if got, want := all["method"].ID, "agm-"+id+"-"+all["resource"].ID+"-POST"; got != want {
		t.Errorf("the method's id is %s, want %s", got, want)
	}
}

func TestOnlyWhatAWSCannotChangeIsReplaced(t *testing.T) {
	c := newCloud(t)
	for _, rule := range []struct {
		kind     string
		changed  object
		replaces string
	}{
		{"restApi", object{"name": "x"}, ""},
		{"resource", object{"pathPart": "x"}, ""},
		{"resource", object{"restApi": "x"}, "restApi"},
		{"method", object{"authorization": "NONE"}, ""},
		{"method", object{"httpMethod": "PUT"}, "httpMethod"},
		{"methodResponse", object{"statusCode": "201"}, "statusCode"},
		{"integration", object{"uri": "x", "requestTemplates": object{"a/b": "c"}}, ""},
		{"integration", object{"credentials": "x"}, "credentials"},
		{"integration", object{"passthroughBehavior": "NEVER"}, "passthroughBehavior"},
		{"integrationResponse", object{"selectionPattern": "5.."}, ""},
		{"model", object{"schema": `{"type":"string"}`}, ""},
		{"model", object{"contentType": "text/plain"}, "contentType"},
		{"authorizer", object{"providerArns": []any{"x"}}, ""},
		{"response", object{"responseType": "THROTTLED"}, "responseType"},
		{"deployment", object{"triggers": object{"hash": "2"}}, "triggers"},
		{"deployment", object{"description": "x"}, ""},
		{"stage", object{"deployment": "x"}, ""},
		{"stage", object{"stageName": "x"}, "stageName"},
		{"methodSettings", object{"settings": object{"metricsEnabled": true}}, ""},
	} {
		made := providertest.Made{Token: token(rule.kind), ID: "x", Inputs: object{"type": "AWS"}}
		if got := c.Replaces(made, rule.changed); got != rule.replaces {
			t.Errorf("a change of %v of %s replaces %q, want %q", rule.changed, rule.kind, got, rule.replaces)
		}
	}
}

func TestAPreviewRefusesWhatAWSWould(t *testing.T) {
	c := newCloud(t)
	unknown := providertest.Unknown
	for _, rule := range []struct {
		kind   string
		inputs object
		text   string
	}{
		{"method", object{"restApi": unknown, "resourceId": unknown, "httpMethod": "FETCH", "authorization": "NONE"}, "httpMethod: BadRequestException"},
		{"method", object{"restApi": unknown, "resourceId": unknown, "httpMethod": "GET", "authorization": "AWS_IAM"}, "authorization: NotImplementedException"},
		{"method", object{"restApi": unknown, "resourceId": unknown, "httpMethod": "GET", "authorization": "NONE", "apiKeyRequired": true}, "apiKeyRequired: is not honoured"},
		{"restApi", object{"name": "a", "body": "{}"}, "body: is not honoured"},
		{"restApi", object{"name": "a", "endpointConfiguration": object{"types": "NOWHERE"}}, "enum value set: [REGIONAL, EDGE, PRIVATE]"},
		{"deployment", object{"restApi": unknown, "stageName": "dev"}, "stageName: is not honoured"},
		{"integration", object{"restApi": unknown, "resourceId": unknown, "httpMethod": "POST", "type": "AWS", "timeoutMilliseconds": 40000}, "Timeout should be between 50 ms and 29000 ms"},
		{"integration", object{"restApi": unknown, "resourceId": unknown, "httpMethod": "POST", "type": "AWS", "uri": "arn:aws:apigateway:eu-central-1:sqs:action/SendMessage"}, "service sqs"},
		{"integration", object{"restApi": unknown, "resourceId": unknown, "httpMethod": "POST", "type": "HTTP_PROXY"}, "HTTP_PROXY"},
		{"model", object{"restApi": unknown, "name": "a-b", "contentType": "application/json"}, "Model name must be alphanumeric: a-b"},
		{"model", object{"restApi": unknown, "name": "a", "contentType": "application/json", "schema": `{"type":"object","const":1}`}, "Unsupported keyword"},
		{"stage", object{"restApi": unknown, "stageName": "a b", "deployment": unknown}, "Stage name only allows"},
		{"stage", object{"restApi": unknown, "stageName": "a", "deployment": unknown, "cacheClusterEnabled": true}, "cacheClusterEnabled: is not honoured"},
		{"stage", object{"restApi": unknown, "stageName": "a", "deployment": unknown, "accessLogSettings": object{"destinationArn": "x", "format": "x"}}, "$context.requestId"},
		{"methodSettings", object{"restApi": unknown, "stageName": "a", "methodPath": "*/*", "settings": object{"loggingLevel": "ALL"}}, "Invalid logging level"},
		{"response", object{"restApiId": unknown, "responseType": "TEAPOT"}, "TEAPOT"},
		{"authorizer", object{"restApi": "x", "name": "a"}, "authorizers of type TOKEN"},
		{"webAcl", object{"name": "a", "scope": "CLOUDFRONT", "defaultAction": object{"allow": object{}}, "visibilityConfig": visibility}, "scope CLOUDFRONT"},
		{"webAcl", object{"name": "a", "scope": "REGIONAL", "defaultAction": object{}, "visibilityConfig": visibility}, "either allow or block"},
		{"webAcl", object{"name": "a", "scope": "REGIONAL", "defaultAction": object{"allow": object{}}, "visibilityConfig": visibility,
			"rules": []any{object{"name": "r", "priority": 1, "action": object{"block": object{}}, "visibilityConfig": visibility,
				"statement": object{"geoMatchStatement": object{"countryCodes": []any{"DE"}}}}}}, "geoMatchStatement: is not honoured"},
		{"webAcl", object{"name": "a", "scope": "REGIONAL", "defaultAction": object{"allow": object{}}, "visibilityConfig": visibility,
			"rules": []any{object{"name": "r", "priority": 1, "action": object{"block": object{}}, "visibilityConfig": visibility,
				"statement": object{"rateBasedStatement": object{"limit": 5}}}}}, "between 10 and 2000000000"},
	} {
		c.Refuses(token(rule.kind), rule.inputs, rule.text)
	}
}

func TestAResourceIsImportedByTheIdThatAWSsProviderTakes(t *testing.T) {
	c := newCloud(t)
	all := c.everything()
	api, res := all["restApi"].ID, all["resource"].ID
	for kind, id := range map[string]string{
		"restApi": api, "method": api + "/" + res + "/POST", "methodResponse": api + "/" + res + "/POST/200",
		"integration": api + "/" + res + "/POST", "integrationResponse": api + "/" + res + "/POST/200",
		"response": api + "/DEFAULT_4XX", "stage": api + "/dev", "methodSettings": api + "/dev/*/*",
	} {
		if _, refused := c.Check(token(kind), c.Import(token(kind), id)); refused != "" {
			t.Errorf("the imported inputs of %s are refused: %s", kind, refused)
		}
	}
}
