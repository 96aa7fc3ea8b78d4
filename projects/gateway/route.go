package main

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// actions are Firehose's, by a route's action.
var actions = map[string]string{single: "PutRecord", batch: "PutRecordBatch"}

// statuses are what a route answers with, apart from the gateway's own answers. The
// templates answer 207, 502 and 503 besides, which they decide from Firehose's body.
var statuses = []string{"200", "400", "503"}

// patterns choose a status by Firehose's; 200 is the default one.
var patterns = map[string]string{"400": `4\d{2}`, "503": `5\d{2}`}

func (a *api) newRoute(r Route) error {
	path, err := a.resource(r.Path)
	if err != nil {
		return err
	}
	if r.Retired {
		err = a.newRetired(r, path)
	} else {
		err = a.newPost(r, path)
	}
	if err != nil {
		return err
	}
	return a.newPreflight(r, path)
}

// newPost is the POST of a route: checked, mapped to Firehose, and back.
func (a *api) newPost(r Route, path pulumi.StringOutput) error {
	model, err := a.newModel(r)
	if err != nil {
		return err
	}
	args := &apigateway.MethodArgs{
		Authorization:      pulumi.String("NONE"),
		RequestValidatorId: a.validator.ID(),
		RequestModels:      pulumi.StringMap{contentType: pulumi.String(r.modelName())},
	}
	a.authorize(r, args)
	v, err := a.newVerb(r, path, "POST", args, a.firehose(r), pulumi.DependsOn([]pulumi.Resource{model}))
	if err != nil {
		return err
	}
	for _, status := range statuses {
		body, err := r.responseTemplate(status)
		if err != nil {
			return err
		}
		if err := v.newAnswer(answer{status, patterns[status], a.corsHeader(r), body}); err != nil {
			return err
		}
	}
	return nil
}

func (a *api) newModel(r Route) (*apigateway.Model, error) {
	schema, err := r.model()
	if err != nil {
		return nil, err
	}
	args := &apigateway.ModelArgs{
		RestApi: a.rest.ID(), Name: pulumi.String(r.modelName()), ContentType: pulumi.String(contentType), Schema: pulumi.String(schema),
		Description: pulumi.String("Body of POST " + r.Path),
	}
	model, err := apigateway.NewModel(a.ctx, r.name(), args)
	if err != nil {
		return nil, err
	}
	a.serves("model-"+r.name(), model, args)
	return model, nil
}

// authorize says whose tokens a method takes: without scopes AWS wants an id token, with
// scopes an access token that has one of them.
func (a *api) authorize(r Route, args *apigateway.MethodArgs) {
	if r.Auth == authNone {
		return
	}
	args.Authorization = pulumi.String("COGNITO_USER_POOLS")
	args.AuthorizerId = a.authorizer.ID()
	switch {
	case r.Auth == authScopes && len(r.Scopes) > 0:
		args.AuthorizationScopes = pulumi.ToStringArray(r.Scopes)
	case r.Auth == authScopes:
		args.AuthorizationScopes = pulumi.StringArray{a.up.auth.WriteScope}
	}
}

// firehose is the integration with the delivery stream.
func (a *api) firehose(r Route) *apigateway.IntegrationArgs {
	body := a.up.stream.Name.ApplyT(func(stream string) (string, error) { return template(r.Action, stream) }).(pulumi.StringOutput)
	return &apigateway.IntegrationArgs{
		Type:                  pulumi.String("AWS"),
		IntegrationHttpMethod: pulumi.String("POST"),
		Uri:                   pulumi.String(a.stack.IntegrationURI("firehose", actions[r.Action])),
		Credentials:           a.up.iam.GatewayRoleARN,
		RequestParameters:     pulumi.StringMap{"integration.request.header.Content-Type": quoted("application/x-amz-json-1.1")},
		RequestTemplates:      pulumi.StringMap{contentType: body},
		// Anything else would reach Firehose as it is, past template and model.
		PassthroughBehavior: pulumi.String("NEVER"),
		TimeoutMilliseconds: pulumi.Int(a.cfg.IntegrationTimeoutMs),
	}
}

// newRetired answers 410 where a route was.
func (a *api) newRetired(r Route, path pulumi.StringOutput) error {
	v, err := a.newVerb(r, path, "POST", &apigateway.MethodArgs{Authorization: pulumi.String("NONE")}, mock(`{"statusCode": 410}`))
	if err != nil {
		return err
	}
	return v.newAnswer(answer{"410", "", a.corsHeader(r), `{"message":"this route is gone"}`})
}

// newPreflight is the OPTIONS of a route, which the gateway answers by itself.
func (a *api) newPreflight(r Route, path pulumi.StringOutput) error {
	body, err := template("preflight", "")
	if err != nil {
		return err
	}
	v, err := a.newVerb(r, path, "OPTIONS", &apigateway.MethodArgs{Authorization: pulumi.String("NONE")}, mock(body))
	if err != nil {
		return err
	}
	c := r.cors(a.cfg.Cors)
	return v.newAnswer(answer{"200", "", map[string]string{
		"Access-Control-Allow-Headers": strings.Join(c.AllowHeaders, ","),
		"Access-Control-Allow-Methods": strings.Join(c.AllowMethods, ","),
		"Access-Control-Allow-Origin":  c.AllowOrigin,
		"Access-Control-Max-Age":       fmt.Sprint(c.MaxAgeSeconds),
	}, ""})
}

// mock is an integration with nothing. It has no method, uri or credentials: AWS drops
// them, and each deployment would replace it.
func mock(body string) *apigateway.IntegrationArgs {
	return &apigateway.IntegrationArgs{Type: pulumi.String("MOCK"), PassthroughBehavior: pulumi.String("NEVER"),
		RequestTemplates: pulumi.StringMap{contentType: pulumi.String(body)}}
}

func (a *api) corsHeader(r Route) map[string]string {
	return map[string]string{"Access-Control-Allow-Origin": r.cors(a.cfg.Cors).AllowOrigin}
}
