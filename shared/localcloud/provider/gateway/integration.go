package gateway

import (
	"context"
	"fmt"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

type integrationArgs struct {
	RestAPI               string            `pulumi:"restApi"`
	ResourceID            string            `pulumi:"resourceId"`
	HTTPMethod            string            `pulumi:"httpMethod"`
	Type                  string            `pulumi:"type"`
	IntegrationHTTPMethod string            `pulumi:"integrationHttpMethod,optional"`
	URI                   string            `pulumi:"uri,optional"`
	Credentials           string            `pulumi:"credentials,optional"`
	ConnectionType        string            `pulumi:"connectionType,optional"`
	PassthroughBehavior   string            `pulumi:"passthroughBehavior,optional"`
	RequestParameters     map[string]string `pulumi:"requestParameters"`
	RequestTemplates      map[string]string `pulumi:"requestTemplates"`
	TimeoutMilliseconds   int               `pulumi:"timeoutMilliseconds,optional"`
}

func (a integrationArgs) key() methodKey { return methodKey{a.RestAPI, a.ResourceID, a.HTTPMethod} }

// plane fills in what AWS does.
func (a integrationArgs) plane() plane.Integration {
	out := plane.Integration{Type: a.Type, HTTPMethod: a.IntegrationHTTPMethod, URI: a.URI, Credentials: a.Credentials,
		PassthroughBehavior: a.PassthroughBehavior, RequestParameters: a.RequestParameters, RequestTemplates: a.RequestTemplates,
		TimeoutMillis: a.TimeoutMilliseconds}
	if out.PassthroughBehavior == "" {
		out.PassthroughBehavior = "WHEN_NO_MATCH"
	}
	if out.TimeoutMillis == 0 {
		out.TimeoutMillis = plane.DefaultTimeout
	}
	return out
}

func integrationOutputs(resource string, i plane.Integration) provider.Outputs {
	return provider.Outputs{"passthroughBehavior": i.PassthroughBehavior, "cacheNamespace": resource,
		"timeoutMilliseconds": i.TimeoutMillis, "connectionType": "INTERNET"}
}

func (r resources) integration() provider.Resource[integrationArgs] {
	return provider.Resource[integrationArgs]{
		Token:               "aws:apigateway/integration:Integration",
		Defaults:            provider.Outputs{"timeoutMilliseconds": plane.DefaultTimeout, "passthroughBehavior": "WHEN_NO_MATCH", "connectionType": "INTERNET"},
		ReplaceOn:           append([]string{"type", "credentials", "integrationHttpMethod", "passthroughBehavior"}, methodProperties...),
		Kept:                []string{"passthroughBehavior"},
		DeleteBeforeReplace: true,
		Rules: map[string]func(any) error{
			"httpMethod":     provider.Text(plane.CheckHTTPMethod),
			"connectionType": provider.Text(checkConnection),
			"type":           provider.Text(plane.CheckIntegrationType),
			"uri":            provider.Text(r.plane.CheckURI),
			"timeoutMilliseconds": func(v any) error {
				return r.plane.CheckIntegration(plane.Integration{Type: "MOCK", PassthroughBehavior: "NEVER", TimeoutMillis: int(v.(float64))})
			},
		},
		Validate: func(_ context.Context, a integrationArgs) error {
			return r.plane.CheckIntegration(a.plane())
		},
		Create: func(_ context.Context, a integrationArgs) (string, provider.Outputs, error) {
			return a.key().id("agi"), integrationOutputs(a.ResourceID, a.plane()), r.plane.PutIntegration(a.key().ref(), a.plane())
		},
		Read: r.readIntegration,
		Update: func(_ context.Context, _ string, _, a integrationArgs) (provider.Outputs, error) {
			return integrationOutputs(a.ResourceID, a.plane()), r.plane.PutIntegration(a.key().ref(), a.plane())
		},
		Delete: func(_ context.Context, _ string, a integrationArgs) error {
			return absent.Gone(r.plane.DeleteIntegration(a.key().ref()))
		},
	}
}

func checkConnection(connection string) error {
	if connection != "INTERNET" {
		return fmt.Errorf("the local cloud does not serve connections of type %s", connection)
	}
	return nil
}

func (r resources) readIntegration(_ context.Context, id string, a integrationArgs) (provider.Outputs, provider.Outputs, bool, error) {
	key, err := keyOf(a.key(), id, "agi")
	if err != nil {
		return nil, nil, false, err
	}
	m, err := r.plane.GetMethod(key.ref())
	if err != nil || m.Integration == nil {
		return nil, nil, false, absent.Gone(err)
	}
	i := m.Integration
	inputs := key.inputs()
	inputs["type"], inputs["integrationHttpMethod"], inputs["uri"], inputs["credentials"] = i.Type, i.HTTPMethod, i.URI, i.Credentials
	inputs["requestParameters"], inputs["requestTemplates"] = provider.Object(i.RequestParameters), provider.Object(i.RequestTemplates)
	inputs["passthroughBehavior"], inputs["timeoutMilliseconds"] = i.PassthroughBehavior, i.TimeoutMillis
	inputs["connectionType"] = "INTERNET"
	return inputs, integrationOutputs(key.ResourceID, *i), true, nil
}

type integrationResponseArgs struct {
	RestAPI            string            `pulumi:"restApi"`
	ResourceID         string            `pulumi:"resourceId"`
	HTTPMethod         string            `pulumi:"httpMethod"`
	StatusCode         string            `pulumi:"statusCode"`
	SelectionPattern   string            `pulumi:"selectionPattern,optional"`
	ResponseParameters map[string]string `pulumi:"responseParameters"`
	ResponseTemplates  map[string]string `pulumi:"responseTemplates"`
}

func (a integrationResponseArgs) key() methodKey {
	return methodKey{a.RestAPI, a.ResourceID, a.HTTPMethod}
}

func (a integrationResponseArgs) plane() plane.IntegrationResponse {
	return plane.IntegrationResponse{StatusCode: a.StatusCode, SelectionPattern: a.SelectionPattern,
		ResponseParameters: a.ResponseParameters, ResponseTemplates: a.ResponseTemplates}
}

func (r resources) integrationResponse() provider.Resource[integrationResponseArgs] {
	return provider.Resource[integrationResponseArgs]{
		Token:     "aws:apigateway/integrationResponse:IntegrationResponse",
		ReplaceOn: append([]string{"statusCode"}, methodProperties...),
		Rules: map[string]func(any) error{"httpMethod": provider.Text(plane.CheckHTTPMethod),
			"selectionPattern": provider.Text(plane.CheckSelectionPattern)},
		Validate: func(_ context.Context, a integrationResponseArgs) error {
			return plane.CheckTemplates(a.ResponseTemplates)
		},
		Create: func(_ context.Context, a integrationResponseArgs) (string, provider.Outputs, error) {
			return a.key().id("agir") + "-" + a.StatusCode, nil, r.plane.PutIntegrationResponse(a.key().ref(), a.plane())
		},
		Read: r.readIntegrationResponse,
		Update: func(_ context.Context, _ string, _, a integrationResponseArgs) (provider.Outputs, error) {
			return nil, r.plane.PutIntegrationResponse(a.key().ref(), a.plane())
		},
		Delete: func(_ context.Context, _ string, a integrationResponseArgs) error {
			return absent.Gone(r.plane.DeleteIntegrationResponse(a.key().ref(), a.StatusCode))
		},
	}
}

func (r resources) readIntegrationResponse(_ context.Context, id string, a integrationResponseArgs) (provider.Outputs, provider.Outputs, bool, error) {
	key, status, err := responseKey(a.key(), a.StatusCode, id, "agir")
	if err != nil {
		return nil, nil, false, err
	}
	m, err := r.plane.GetMethod(key.ref())
	if err != nil || m.Integration == nil {
		return nil, nil, false, absent.Gone(err)
	}
	response, ok := m.Integration.Responses[status]
	inputs := key.inputs()
	inputs["statusCode"], inputs["selectionPattern"] = status, response.SelectionPattern
	inputs["responseParameters"], inputs["responseTemplates"] = provider.Object(response.ResponseParameters), provider.Object(response.ResponseTemplates)
	return inputs, nil, ok, nil
}
