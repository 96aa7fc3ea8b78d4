package gateway

import (
	"context"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

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
		Token:     "aws:apigateway/requestValidator:RequestValidator",
		ReplaceOn: []string{"restApi"}, AutoName: "name",
		Create: func(_ context.Context, a validatorArgs) (string, provider.Outputs, error) {
			made, err := r.plane.CreateRequestValidator(a.RestAPI, a.plane(""))
			return made.ID, nil, err
		},
		Defaults: provider.Outputs{"validateRequestBody": false, "validateRequestParameters": false},
		Import:   importBelow,
		Read: func(_ context.Context, id string, a validatorArgs) (provider.Outputs, provider.Outputs, bool, error) {
			v, err := r.plane.GetRequestValidator(a.RestAPI, id)
			ok, err := absent.Found(err)
			return provider.Outputs{"name": v.Name, "validateRequestBody": v.Body, "validateRequestParameters": v.Parameters}, nil, ok, err
		},
		Update: func(_ context.Context, id string, _, a validatorArgs) (provider.Outputs, error) {
			return nil, r.plane.UpdateRequestValidator(a.RestAPI, a.plane(id))
		},
		Delete: func(_ context.Context, id string, a validatorArgs) error {
			return absent.Gone(r.plane.DeleteRequestValidator(a.RestAPI, id))
		},
	}
}
