package gateway_test

import (
	"context"
	"maps"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
	"pipeline/shared/localcloud/provider/gateway"
	"pipeline/shared/localcloud/store"
)

type object = map[string]any

// cloud is a provider over a gateway plane of its own.
type cloud struct {
	*provider.Server
	t *testing.T
}

type around struct{}

func (around) VerifyToken(context.Context, []string, string) (map[string]any, error) { return nil, nil }
func (around) CreateLogGroup(context.Context, string) error                          { return nil }
func (around) CreateLogStream(context.Context, string, string) error                 { return nil }
func (around) PutLogEvents(context.Context, string, string, ...string) error         { return nil }
func (around) Assumable(string, string) error                                        { return nil }
func (around) Authorize(context.Context, string, string, map[string]string) error    { return nil }

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
	server, err := provider.New("6.83.2", "eu-central-1", gateway.Kinds(service))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { service.Close(); st.Close() })
	return cloud{server, t}
}

func urn(kind string) string {
	name := strings.ToUpper(kind[:1]) + kind[1:]
	return "urn:pulumi:local::events-gateway::aws:apigateway/" + kind + ":" + name + "::it"
}

var options = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, SkipNulls: true}

func (c cloud) properties(m object) *structpb.Struct {
	c.t.Helper()
	s, err := plugin.MarshalProperties(resource.NewPropertyMapFromMap(m), options)
	if err != nil {
		c.t.Fatal(err)
	}
	return s
}

// check returns what Check refuses, as "property: reason".
func (c cloud) check(kind string, inputs object) string {
	c.t.Helper()
	got, err := c.Check(context.Background(), &pulumirpc.CheckRequest{Urn: urn(kind), News: c.properties(inputs)})
	if err != nil {
		c.t.Fatal(err)
	}
	var all []string
	for _, f := range got.Failures {
		all = append(all, f.Property+": "+f.Reason)
	}
	return strings.Join(all, "; ")
}

// made is one resource that was created.
type made struct {
	kind, id string
	inputs   object
	out      object
}

// create checks and creates a resource and then reads it back.
func (c cloud) create(kind string, inputs object) made {
	c.t.Helper()
	if refused := c.check(kind, inputs); refused != "" {
		c.t.Fatalf("%s is refused: %s", kind, refused)
	}
	got, err := c.Create(context.Background(), &pulumirpc.CreateRequest{Urn: urn(kind), Properties: c.properties(inputs)})
	if err != nil {
		c.t.Fatalf("create %s: %v", kind, err)
	}
	m := made{kind, got.Id, inputs, got.Properties.AsMap()}
	if id := c.read(m); id != m.id {
		c.t.Errorf("reading %s answers id %q, want %q", kind, id, m.id)
	}
	return m
}

func (c cloud) read(m made) string {
	c.t.Helper()
	got, err := c.Read(context.Background(), &pulumirpc.ReadRequest{Urn: urn(m.kind), Id: m.id, Inputs: c.properties(m.inputs)})
	if err != nil {
		c.t.Fatalf("read %s: %v", m.kind, err)
	}
	return got.Id
}

func (c cloud) update(m made, changed object) {
	c.t.Helper()
	news := maps.Clone(m.inputs)
	maps.Copy(news, changed)
	_, err := c.Update(context.Background(), &pulumirpc.UpdateRequest{Urn: urn(m.kind), Id: m.id, OldInputs: c.properties(m.inputs),
		Olds: c.properties(m.out), News: c.properties(news)})
	if err != nil {
		c.t.Errorf("update %s: %v", m.kind, err)
	}
}

func (c cloud) delete(m made) {
	c.t.Helper()
	for range 2 { // what is gone already is deleted too
		if _, err := c.Delete(context.Background(), &pulumirpc.DeleteRequest{Urn: urn(m.kind), Id: m.id, OldInputs: c.properties(m.inputs)}); err != nil {
			c.t.Errorf("delete %s: %v", m.kind, err)
		}
	}
	if m.kind != "account" && c.read(m) != "" {
		c.t.Errorf("%s is still there after its deletion", m.kind)
	}
}

func (c cloud) replaces(kind string, old, changed object) string {
	c.t.Helper()
	news := maps.Clone(old)
	maps.Copy(news, changed)
	got, err := c.Diff(context.Background(), &pulumirpc.DiffRequest{Urn: urn(kind), Id: "x", OldInputs: c.properties(old), News: c.properties(news)})
	if err != nil {
		c.t.Fatal(err)
	}
	return strings.Join(got.Replaces, ",")
}

const (
	role   = "arn:aws:iam::000000000000:role/gateway"
	action = "arn:aws:apigateway:eu-central-1:firehose:action/PutRecord"
)

// everything makes one of each resource type, in order.
func (c cloud) everything() map[string]made {
	c.t.Helper()
	all := map[string]made{}
	add := func(kind string, inputs object) made {
		all[kind] = c.create(kind, inputs)
		return all[kind]
	}
	add("account", object{"cloudwatchRoleArn": role})
	api := add("restApi", object{"name": "events", "endpointConfiguration": object{"types": "REGIONAL"}, "tags": object{"a": "b"}})
	authorizer := add("authorizer", object{"restApi": api.id, "name": "users", "type": "COGNITO_USER_POOLS",
		"providerArns": []any{"arn:aws:cognito-idp:eu-central-1:000000000000:userpool/eu-central-1_Abc"}})
	model := add("model", object{"restApi": api.id, "name": "Event", "contentType": "application/json", "schema": `{"type":"object"}`})
	validator := add("requestValidator", object{"restApi": api.id, "name": "body", "validateRequestBody": true})
	add("response", object{"restApiId": api.id, "responseType": "DEFAULT_4XX", "responseParameters": object{"gatewayresponse.header.X": "'*'"}})
	res := add("resource", object{"restApi": api.id, "parentId": api.out["rootResourceId"], "pathPart": "events"})
	key := object{"restApi": api.id, "resourceId": res.id, "httpMethod": "POST"}
	with := func(more object) object {
		m := maps.Clone(key)
		maps.Copy(m, more)
		return m
	}
	add("method", with(object{"authorization": "COGNITO_USER_POOLS", "authorizerId": authorizer.id, "requestValidatorId": validator.id,
		"requestModels": object{"application/json": model.inputs["name"]}}))
	add("methodResponse", with(object{"statusCode": "200", "responseParameters": object{"method.response.header.X": true}}))
	add("integration", with(object{"type": "AWS", "integrationHttpMethod": "POST", "uri": action, "credentials": role, "passthroughBehavior": "NEVER",
		"requestTemplates": object{"application/json": "{}"}}))
	add("integrationResponse", with(object{"statusCode": "200", "responseParameters": object{"method.response.header.X": "'*'"}}))
	deployment := add("deployment", object{"restApi": api.id, "triggers": object{"hash": "1"}})
	add("stage", object{"restApi": api.id, "stageName": "dev", "deployment": deployment.id,
		"accessLogSettings": object{"destinationArn": "arn:aws:logs:eu-central-1:000000000000:log-group:/api", "format": "$context.requestId"}})
	add("methodSettings", object{"restApi": api.id, "stageName": "dev", "methodPath": "*/*", "settings": object{"throttlingRateLimit": 10.5, "throttlingBurstLimit": 5}})
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
		"methodSettings": {"settings": object{"loggingLevel": "INFO"}},
	} {
		c.update(all[kind], changed)
	}
	for _, kind := range []string{"methodSettings", "stage", "deployment", "integrationResponse", "integration", "methodResponse", "method",
		"resource", "response", "requestValidator", "model", "authorizer", "restApi", "account"} {
		c.delete(all[kind])
	}
}

func TestComputedOutputsHaveAWSsFormats(t *testing.T) {
	all := newCloud(t).everything()
	id := all["restApi"].id
	for _, want := range []struct {
		kind, property string
		value          any
	}{
		{"restApi", "arn", "arn:aws:apigateway:eu-central-1::/restapis/" + id},
		{"restApi", "executionArn", "arn:aws:execute-api:eu-central-1:000000000000:" + id},
		{"authorizer", "arn", "arn:aws:apigateway:eu-central-1::/restapis/" + id + "/authorizers/" + all["authorizer"].id},
		{"stage", "arn", "arn:aws:apigateway:eu-central-1::/restapis/" + id + "/stages/dev"},
		{"stage", "executionArn", "arn:aws:execute-api:eu-central-1:000000000000:" + id + "/dev"},
		{"stage", "invokeUrl", "http://127.0.0.1:4566/_aws/execute-api/" + id + "/dev"},
		{"deployment", "invokeUrl", "http://127.0.0.1:4566/_aws/execute-api/" + id + "/"},
		{"resource", "path", "/events"},
		{"integration", "cacheNamespace", all["resource"].id},
	} {
		if got := all[want.kind].out[want.property]; got != want.value {
			t.Errorf("%s of %s is %v, want %v", want.property, want.kind, got, want.value)
		}
	}
	if got, want := all["method"].id, "agm-"+id+"-"+all["resource"].id+"-POST"; got != want {
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
		{"model", object{"schema": "{}"}, ""},
		{"model", object{"contentType": "text/plain"}, "contentType"},
		{"authorizer", object{"providerArns": []any{"x"}}, ""},
		{"response", object{"responseType": "THROTTLED"}, "responseType"},
		{"deployment", object{"triggers": object{"hash": "2"}}, "triggers"},
		{"deployment", object{"description": "x"}, ""},
		{"stage", object{"deployment": "x"}, ""},
		{"stage", object{"stageName": "x"}, "stageName"},
		{"methodSettings", object{"settings": object{"metricsEnabled": true}}, ""},
	} {
		if got := c.replaces(rule.kind, object{"type": "AWS"}, rule.changed); got != rule.replaces {
			t.Errorf("a change of %v of %s replaces %q, want %q", rule.changed, rule.kind, got, rule.replaces)
		}
	}
}

func TestAPreviewRefusesWhatAWSWould(t *testing.T) {
	c := newCloud(t)
	unknown := resource.MakeComputed(resource.NewStringProperty(""))
	for _, rule := range []struct {
		kind   string
		inputs object
		text   string
	}{
		{"method", object{"restApi": unknown, "resourceId": unknown, "httpMethod": "FETCH", "authorization": "NONE"}, "httpMethod: BadRequestException"},
		{"method", object{"restApi": unknown, "resourceId": unknown, "httpMethod": "GET", "authorization": "AWS_IAM"}, "authorization: NotImplementedException"},
		{"method", object{"restApi": unknown, "resourceId": unknown, "httpMethod": "GET", "authorization": "NONE", "apiKeyRequired": true}, "apiKeyRequired: is not honoured"},
		{"restApi", object{"name": "a", "body": "{}"}, "body: is not honoured"},
		{"restApi", object{"name": "a", "endpointConfiguration": object{"types": "NOWHERE"}}, "Invalid EndpointTypes specified"},
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
	} {
		if got := c.check(rule.kind, rule.inputs); !strings.Contains(got, rule.text) {
			t.Errorf("%s with %v is refused with %q, want %q in it", rule.kind, rule.inputs, got, rule.text)
		}
	}
}

func TestAResourceIsImportedByTheIdThatAWSsProviderTakes(t *testing.T) {
	c := newCloud(t)
	all := c.everything()
	api, res := all["restApi"].id, all["resource"].id
	for kind, id := range map[string]string{
		"restApi": api, "method": api + "/" + res + "/POST", "methodResponse": api + "/" + res + "/POST/200",
		"integration": api + "/" + res + "/POST", "integrationResponse": api + "/" + res + "/POST/200",
		"response": api + "/DEFAULT_4XX", "stage": api + "/dev", "methodSettings": api + "/dev/*/*",
	} {
		got, err := c.Read(context.Background(), &pulumirpc.ReadRequest{Urn: urn(kind), Id: id, Inputs: c.properties(nil)})
		if err != nil || got.Id == "" {
			t.Errorf("importing %s %s answers %q: %v", kind, id, got.GetId(), err)
			continue
		}
		if refused := c.check(kind, got.Inputs.AsMap()); refused != "" {
			t.Errorf("the imported inputs of %s are refused: %s", kind, refused)
		}
	}
}
