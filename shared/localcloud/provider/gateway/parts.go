package gateway

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

type modelArgs struct {
	RestAPI     string `pulumi:"restApi"`
	Name        string `pulumi:"name"`
	ContentType string `pulumi:"contentType"`
	Description string `pulumi:"description,optional"`
	Schema      string `pulumi:"schema,optional"`
}

func (a modelArgs) plane() plane.Model {
	out := plane.Model{Name: a.Name, ContentType: a.ContentType, Description: a.Description, Schema: a.Schema}
	if out.Schema == "" {
		out.Schema = "{}"
	}
	return out
}

func (r resources) model() provider.Resource[modelArgs] {
	return provider.Resource[modelArgs]{
		Token: "aws:apigateway/model:Model", Args: apigateway.ModelArgs{}, State: apigateway.Model{},
		ReplaceOn: []string{"restApi", "name", "contentType"}, DeleteBeforeReplace: true, AutoName: "name",
		Rules: map[string]func(any) error{"name": text(plane.CheckModelName), "schema": text(plane.CheckSchema)},
		Create: func(_ context.Context, _ provider.Call, a modelArgs) (string, provider.Outputs, error) {
			made, err := r.plane.CreateModel(a.RestAPI, a.plane())
			return made.ID, nil, err
		},
		Read: func(_ context.Context, _ string, a modelArgs) (provider.Outputs, provider.Outputs, bool, error) {
			_, err := r.plane.GetModel(a.RestAPI, a.Name)
			ok, err := found(err)
			return nil, nil, ok, err
		},
		Update: func(_ context.Context, _ provider.Call, _ string, _, a modelArgs) (provider.Outputs, error) {
			return nil, r.plane.UpdateModel(a.RestAPI, a.plane())
		},
		Delete: func(_ context.Context, _ provider.Call, _ string, a modelArgs) error {
			return gone(r.plane.DeleteModel(a.RestAPI, a.Name))
		},
	}
}

type validatorArgs struct {
	RestAPI                   string `pulumi:"restApi"`
	Name                      string `pulumi:"name"`
	ValidateRequestBody       bool   `pulumi:"validateRequestBody,optional"`
	ValidateRequestParameters bool   `pulumi:"validateRequestParameters,optional"`
}

func (a validatorArgs) plane(id string) plane.RequestValidator {
	return plane.RequestValidator{ID: id, Name: a.Name, Body: a.ValidateRequestBody, Parameters: a.ValidateRequestParameters}
}

func (r resources) requestValidator() provider.Resource[validatorArgs] {
	return provider.Resource[validatorArgs]{
		Token: "aws:apigateway/requestValidator:RequestValidator",
		Args:  apigateway.RequestValidatorArgs{}, State: apigateway.RequestValidator{},
		ReplaceOn: []string{"restApi"}, AutoName: "name",
		Create: func(_ context.Context, _ provider.Call, a validatorArgs) (string, provider.Outputs, error) {
			made, err := r.plane.CreateRequestValidator(a.RestAPI, a.plane(""))
			return made.ID, nil, err
		},
		Read: func(_ context.Context, id string, a validatorArgs) (provider.Outputs, provider.Outputs, bool, error) {
			_, err := r.plane.GetRequestValidator(a.RestAPI, id)
			ok, err := found(err)
			return nil, nil, ok, err
		},
		Update: func(_ context.Context, _ provider.Call, id string, _, a validatorArgs) (provider.Outputs, error) {
			return nil, r.plane.UpdateRequestValidator(a.RestAPI, a.plane(id))
		},
		Delete: func(_ context.Context, _ provider.Call, id string, a validatorArgs) error {
			return gone(r.plane.DeleteRequestValidator(a.RestAPI, id))
		},
	}
}

type authorizerArgs struct {
	RestAPI                      string   `pulumi:"restApi"`
	Name                         string   `pulumi:"name"`
	Type                         string   `pulumi:"type,optional"`
	ProviderARNs                 []string `pulumi:"providerArns"`
	IdentitySource               string   `pulumi:"identitySource,optional"`
	IdentityValidationExpression string   `pulumi:"identityValidationExpression,optional"`
	AuthorizerResultTTLInSeconds *int     `pulumi:"authorizerResultTtlInSeconds"`
}

// plane fills in what AWS and its provider do: TOKEN, the Authorization header, 300 s.
func (a authorizerArgs) plane(id string) plane.Authorizer {
	out := plane.Authorizer{ID: id, Name: a.Name, Type: a.Type, ProviderARNs: a.ProviderARNs, IdentitySource: a.IdentitySource,
		IdentityValidationExpression: a.IdentityValidationExpression, ResultTTLSeconds: 300}
	if out.Type == "" {
		out.Type = "TOKEN"
	}
	if out.IdentitySource == "" {
		out.IdentitySource = "method.request.header.Authorization"
	}
	if a.AuthorizerResultTTLInSeconds != nil {
		out.ResultTTLSeconds = *a.AuthorizerResultTTLInSeconds
	}
	return out
}

func (r resources) authorizerOutputs(apiID, id string) provider.Outputs {
	return provider.Outputs{"arn": fmt.Sprintf("%s/authorizers/%s", r.plane.ARN(apiID), id)}
}

func (r resources) authorizer() provider.Resource[authorizerArgs] {
	return provider.Resource[authorizerArgs]{
		Token: "aws:apigateway/authorizer:Authorizer", Args: apigateway.AuthorizerArgs{}, State: apigateway.Authorizer{},
		ReplaceOn: []string{"restApi"}, AutoName: "name",
		Validate: func(_ context.Context, _ provider.Call, a authorizerArgs) error {
			return plane.CheckAuthorizer(a.plane(""))
		},
		Create: func(_ context.Context, _ provider.Call, a authorizerArgs) (string, provider.Outputs, error) {
			made, err := r.plane.CreateAuthorizer(a.RestAPI, a.plane(""))
			return made.ID, r.authorizerOutputs(a.RestAPI, made.ID), err
		},
		Read: func(_ context.Context, id string, a authorizerArgs) (provider.Outputs, provider.Outputs, bool, error) {
			_, err := r.plane.GetAuthorizer(a.RestAPI, id)
			ok, err := found(err)
			return nil, r.authorizerOutputs(a.RestAPI, id), ok, err
		},
		Update: func(_ context.Context, _ provider.Call, id string, _, a authorizerArgs) (provider.Outputs, error) {
			return nil, r.plane.UpdateAuthorizer(a.RestAPI, a.plane(id))
		},
		Delete: func(_ context.Context, _ provider.Call, id string, a authorizerArgs) error {
			return gone(r.plane.DeleteAuthorizer(a.RestAPI, id))
		},
	}
}

type responseArgs struct {
	RestAPIID          string            `pulumi:"restApiId"`
	ResponseType       string            `pulumi:"responseType"`
	StatusCode         string            `pulumi:"statusCode,optional"`
	ResponseParameters map[string]string `pulumi:"responseParameters"`
	ResponseTemplates  map[string]string `pulumi:"responseTemplates"`
}

func (a responseArgs) plane() plane.GatewayResponse {
	return plane.GatewayResponse{Type: a.ResponseType, StatusCode: a.StatusCode, Parameters: a.ResponseParameters, Templates: a.ResponseTemplates}
}

func (r resources) response() provider.Resource[responseArgs] {
	return provider.Resource[responseArgs]{
		Token: "aws:apigateway/response:Response", Args: apigateway.ResponseArgs{}, State: apigateway.Response{},
		ReplaceOn: []string{"restApiId", "responseType"},
		Rules: map[string]func(any) error{"responseType": text(func(t string) error {
			return plane.CheckGatewayResponse(plane.GatewayResponse{Type: t})
		})},
		Validate: func(_ context.Context, _ provider.Call, a responseArgs) error {
			return plane.CheckGatewayResponse(a.plane())
		},
		Create: func(_ context.Context, _ provider.Call, a responseArgs) (string, provider.Outputs, error) {
			return "aggr-" + a.RestAPIID + "-" + a.ResponseType, nil, r.plane.PutGatewayResponse(a.RestAPIID, a.plane())
		},
		Read: r.readResponse,
		Update: func(_ context.Context, _ provider.Call, _ string, _, a responseArgs) (provider.Outputs, error) {
			return nil, r.plane.PutGatewayResponse(a.RestAPIID, a.plane())
		},
		Delete: func(_ context.Context, _ provider.Call, _ string, a responseArgs) error {
			return gone(r.plane.DeleteGatewayResponse(a.RestAPIID, a.ResponseType))
		},
	}
}

func (r resources) readResponse(_ context.Context, id string, a responseArgs) (provider.Outputs, provider.Outputs, bool, error) {
	if !importing(a.RestAPIID) {
		_, err := r.plane.GetGatewayResponse(a.RestAPIID, a.ResponseType)
		ok, err := found(err)
		return nil, nil, ok, err
	}
	p, err := parts(id, "aggr", 2)
	if err != nil {
		return nil, nil, false, err
	}
	response, err := r.plane.GetGatewayResponse(p[0], p[1])
	ok, err := found(err)
	return set(provider.Outputs{"restApiId": p[0], "responseType": p[1], "statusCode": response.StatusCode,
		"responseParameters": object(response.Parameters), "responseTemplates": object(response.Templates)}), nil, ok, err
}
