package gateway

import (
	"context"
	"time"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

type restAPIArgs struct {
	Name                      string            `pulumi:"name"`
	Description               string            `pulumi:"description,optional"`
	DisableExecuteAPIEndpoint bool              `pulumi:"disableExecuteApiEndpoint,optional"`
	EndpointConfiguration     *endpointArgs     `pulumi:"endpointConfiguration"`
	Tags                      map[string]string `pulumi:"tags"`
}

type endpointArgs struct {
	Types string `pulumi:"types"`
}

func (a restAPIArgs) plane(id string) plane.RestAPI {
	out := plane.RestAPI{ID: id, Name: a.Name, Description: a.Description, EndpointType: "EDGE",
		DisableEndpoint: a.DisableExecuteAPIEndpoint, Tags: a.Tags}
	if a.EndpointConfiguration != nil {
		out.EndpointType = a.EndpointConfiguration.Types
	}
	return out
}

func (r resources) restAPI() provider.Resource[restAPIArgs] {
	return provider.Resource[restAPIArgs]{
		Token:    "aws:apigateway/restApi:RestApi",
		AutoName: "name",
		Validate: func(_ context.Context, a restAPIArgs) error { return plane.CheckRestAPI(a.plane("")) },
		Create: func(_ context.Context, a restAPIArgs) (string, provider.Outputs, error) {
			made, err := r.plane.CreateRestAPI(a.plane(""))
			return made.ID, r.restAPIOutputs(made), err
		},
		Defaults: provider.Outputs{"endpointConfiguration": provider.Outputs{"types": "EDGE"}},
		Read: func(_ context.Context, id string, _ restAPIArgs) (provider.Outputs, provider.Outputs, bool, error) {
			api, err := r.plane.GetRestAPI(id)
			ok, err := absent.Found(err)
			return restAPIInputs(api), r.restAPIOutputs(api), ok, err
		},
		Update: func(_ context.Context, id string, _, a restAPIArgs) (provider.Outputs, error) {
			api, err := r.plane.UpdateRestAPI(a.plane(id))
			return r.restAPIOutputs(api), err
		},
		Delete: func(_ context.Context, id string, _ restAPIArgs) error {
			return absent.Gone(r.plane.DeleteRestAPI(id))
		},
	}
}

func restAPIInputs(a plane.RestAPI) provider.Outputs {
	return provider.Outputs{"name": a.Name, "description": a.Description, "tags": provider.Object(a.Tags),
		"disableExecuteApiEndpoint": a.DisableEndpoint, "endpointConfiguration": map[string]any{"types": a.EndpointType}}
}

func (r resources) restAPIOutputs(a plane.RestAPI) provider.Outputs {
	return provider.Outputs{
		"apiKeySource":              "HEADER",
		"arn":                       r.plane.ARN(a.ID),
		"binaryMediaTypes":          []any{},
		"createdDate":               a.Created.Format(time.RFC3339),
		"description":               a.Description,
		"disableExecuteApiEndpoint": a.DisableEndpoint,
		"endpointConfiguration":     map[string]any{"types": a.EndpointType, "vpcEndpointIds": []any{}, "ipAddressType": "ipv4"},
		"executionArn":              r.plane.ExecutionARN(a.ID),
		"minimumCompressionSize":    "",
		"policy":                    "",
		"rootResourceId":            a.RootResourceID,
	}
}
