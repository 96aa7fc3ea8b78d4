package gateway

import (
	"context"
	"fmt"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

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

func authorizerInputs(a plane.Authorizer) provider.Outputs {
	return provider.Outputs{"name": a.Name, "type": a.Type, "providerArns": provider.List(a.ProviderARNs), "identitySource": a.IdentitySource,
		"identityValidationExpression": a.IdentityValidationExpression, "authorizerResultTtlInSeconds": a.ResultTTLSeconds}
}

func (r resources) authorizerOutputs(apiID, id string) provider.Outputs {
	return provider.Outputs{"arn": fmt.Sprintf("%s/authorizers/%s", r.plane.ARN(apiID), id)}
}

func (r resources) authorizer() provider.Resource[authorizerArgs] {
	return provider.Resource[authorizerArgs]{
		Token:     "aws:apigateway/authorizer:Authorizer",
		ReplaceOn: []string{"restApi"}, AutoName: "name",
		Validate: func(_ context.Context, a authorizerArgs) error {
			return plane.CheckAuthorizer(a.plane(""))
		},
		Create: func(_ context.Context, a authorizerArgs) (string, provider.Outputs, error) {
			made, err := r.plane.CreateAuthorizer(a.RestAPI, a.plane(""))
			return made.ID, r.authorizerOutputs(a.RestAPI, made.ID), err
		},
		Defaults: provider.Outputs{"type": "TOKEN", "identitySource": "method.request.header.Authorization", "authorizerResultTtlInSeconds": 300},
		Import:   importBelow,
		Read: func(_ context.Context, id string, a authorizerArgs) (provider.Outputs, provider.Outputs, bool, error) {
			found, err := r.plane.GetAuthorizer(a.RestAPI, id)
			ok, err := absent.Found(err)
			return authorizerInputs(found), r.authorizerOutputs(a.RestAPI, id), ok, err
		},
		Update: func(_ context.Context, id string, _, a authorizerArgs) (provider.Outputs, error) {
			return nil, r.plane.UpdateAuthorizer(a.RestAPI, a.plane(id))
		},
		Delete: func(_ context.Context, id string, a authorizerArgs) error {
			return absent.Gone(r.plane.DeleteAuthorizer(a.RestAPI, id))
		},
	}
}
