package gateway

import (
	"context"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

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
		Token:     "aws:apigateway/response:Response",
		ReplaceOn: []string{"restApiId", "responseType"},
		Validate: func(_ context.Context, a responseArgs) error {
			return plane.CheckGatewayResponse(a.plane())
		},
		Create: func(_ context.Context, a responseArgs) (string, provider.Outputs, error) {
			return "aggr-" + a.RestAPIID + "-" + a.ResponseType, nil, r.plane.PutGatewayResponse(a.RestAPIID, a.plane())
		},
		Read: r.readResponse,
		Update: func(_ context.Context, _ string, _, a responseArgs) (provider.Outputs, error) {
			return nil, r.plane.PutGatewayResponse(a.RestAPIID, a.plane())
		},
		Delete: func(_ context.Context, _ string, a responseArgs) error {
			return absent.Gone(r.plane.DeleteGatewayResponse(a.RestAPIID, a.ResponseType))
		},
	}
}

func (r resources) readResponse(_ context.Context, id string, a responseArgs) (provider.Outputs, provider.Outputs, bool, error) {
	api, kind := a.RestAPIID, a.ResponseType
	if importing(api) {
		p, err := parts(id, "aggr", 2)
		if err != nil {
			return nil, nil, false, err
		}
		api, kind = p[0], p[1]
	}
	response, err := r.plane.GetGatewayResponse(api, kind)
	ok, err := absent.Found(err)
	return provider.Outputs{"restApiId": api, "responseType": kind, "statusCode": response.StatusCode,
		"responseParameters": provider.Object(response.Parameters), "responseTemplates": provider.Object(response.Templates)}, nil, ok, err
}
