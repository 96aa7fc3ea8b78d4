package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// api is the REST API with everything that a deployment serves.
type api struct {
	ctx   *pulumi.Context
	stack *stack.Stack
	cfg   Config
	up    upstream

	rest       *apigateway.RestApi
	authorizer *apigateway.Authorizer // nil where every route is open
	validator  *apigateway.RequestValidator
	paths      map[string]pulumi.StringOutput // ids of resources by path

	parts  []pulumi.Resource       // the deployment waits for them
	inputs map[string]pulumi.Input // their inputs: a change of any deploys anew
}

func newAPI(ctx *pulumi.Context, s *stack.Stack, cfg Config, up upstream) (*api, error) {
	a := &api{ctx: ctx, stack: s, cfg: cfg, up: up, paths: map[string]pulumi.StringOutput{}, inputs: map[string]pulumi.Input{}}
	for _, step := range []func() error{a.newRestAPI, a.newAuthorizer, a.newValidator, a.newGatewayResponses, a.newRoutes} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// serves remembers a part of the API with the inputs it was made of. The inputs must not
// hold outputs of other parts, and the name says what those would: a hash that depends
// on a part has to be deleted before it, with the deployment that the stage points to. (The
// ids of authorizer and validator do stand in methods: nothing replaces those two but another
// API.)
func (a *api) serves(name string, part pulumi.Resource, inputs pulumi.Input) {
	a.parts = append(a.parts, part)
	a.inputs[name] = inputs
}

func (a *api) newRestAPI() (err error) {
	a.rest, err = apigateway.NewRestApi(a.ctx, "api", &apigateway.RestApiArgs{
		Name:        pulumi.String(a.stack.API()),
		Description: pulumi.String("Events on their way to the warehouse"),
		// EDGE, the default, puts a CDN in front that nothing here uses, and takes no
		// regional web ACL.
		EndpointConfiguration: &apigateway.RestApiEndpointConfigurationArgs{Types: pulumi.String("REGIONAL")},
		Tags:                  a.stack.Tags(),
	})
	if err == nil {
		a.paths[""] = a.rest.RootResourceId
	}
	return err
}

func (a *api) newAuthorizer() (err error) {
	if !slices.ContainsFunc(a.cfg.Routes, func(r Route) bool { return r.Auth != authNone }) {
		return nil
	}
	args := &apigateway.AuthorizerArgs{
		RestApi:                      a.rest.ID(),
		Name:                         pulumi.String("users"),
		Type:                         pulumi.String("COGNITO_USER_POOLS"),
		ProviderArns:                 pulumi.StringArray{a.up.auth.UserPoolARN},
		IdentitySource:               pulumi.String("method.request.header.Authorization"),
		AuthorizerResultTtlInSeconds: pulumi.Int(a.cfg.TokenCacheSeconds),
	}
	if a.authorizer, err = apigateway.NewAuthorizer(a.ctx, "users", args); err == nil {
		a.serves("authorizer", a.authorizer, args)
	}
	return err
}

func (a *api) newValidator() (err error) {
	args := &apigateway.RequestValidatorArgs{
		RestApi:                   a.rest.ID(),
		Name:                      pulumi.String("body-and-parameters"),
		ValidateRequestBody:       pulumi.Bool(true),
		ValidateRequestParameters: pulumi.Bool(true),
	}
	if a.validator, err = apigateway.NewRequestValidator(a.ctx, "validator", args); err == nil {
		a.serves("validator", a.validator, args)
	}
	return err
}

// gatewayResponses are the gateway's own answers, by type. Without the CORS header on
// them a page sees a network error where the answer is 401. There is none for 413: AWS's
// edge answers that, whatever the API has for REQUEST_TOO_LARGE.
var gatewayResponses = map[string]string{
	"DEFAULT_4XX":      `{"message":$context.error.messageString,"requestId":"$context.requestId"}`,
	"DEFAULT_5XX":      `{"message":$context.error.messageString,"requestId":"$context.requestId"}`,
	"UNAUTHORIZED":     `{"message":$context.error.messageString}`,
	"BAD_REQUEST_BODY": `{"message":$context.error.messageString,"error":"$context.error.validationErrorString","requestId":"$context.requestId"}`,
}

func (a *api) newGatewayResponses() error {
	for _, responseType := range slices.Sorted(maps.Keys(gatewayResponses)) {
		name := strings.ToLower(strings.ReplaceAll(responseType, "_", "-"))
		args := &apigateway.ResponseArgs{
			RestApiId:          a.rest.ID(),
			ResponseType:       pulumi.String(responseType),
			ResponseParameters: pulumi.StringMap{"gatewayresponse.header.Access-Control-Allow-Origin": quoted(a.cfg.Cors.AllowOrigin)},
			ResponseTemplates:  pulumi.StringMap{contentType: pulumi.String(gatewayResponses[responseType])},
		}
		response, err := apigateway.NewResponse(a.ctx, name, args)
		if err != nil {
			return err
		}
		a.serves(name, response, args)
	}
	return nil
}

// contentType is the one that everything here speaks.
const contentType = "application/json"

// quoted is a static value in a parameter mapping.
func quoted(value string) pulumi.String { return pulumi.String("'" + value + "'") }

func (a *api) newRoutes() error {
	for _, r := range a.cfg.Routes {
		if err := a.newRoute(r); err != nil {
			return fmt.Errorf("route %s: %w", r.Path, err)
		}
	}
	return nil
}

// resource returns the id of the resource at path, made with those above it.
func (a *api) resource(path string) (pulumi.StringOutput, error) {
	if id, ok := a.paths[path]; ok {
		return id, nil
	}
	cut := strings.LastIndex(path, "/")
	parent, err := a.resource(path[:cut])
	if err != nil {
		return parent, err
	}
	name := resourceName(path)
	made, err := apigateway.NewResource(a.ctx, name, &apigateway.ResourceArgs{RestApi: a.rest.ID(), ParentId: parent, PathPart: pulumi.String(path[cut+1:])})
	if err != nil {
		return parent, err
	}
	a.serves("resource-"+name, made, pulumi.String(path))
	a.paths[path] = made.ID().ToStringOutput()
	return a.paths[path], nil
}
