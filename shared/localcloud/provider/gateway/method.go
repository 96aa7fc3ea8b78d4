package gateway

import (
	"context"
	"fmt"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

// methodKey are the properties that name a method; a change of one replaces whatever
// has it.
type methodKey struct {
	RestAPI    string
	ResourceID string
	HTTPMethod string
}

func (k methodKey) ref() plane.MethodRef {
	return plane.MethodRef{APIID: k.RestAPI, ResourceID: k.ResourceID, HTTPMethod: k.HTTPMethod}
}

func (k methodKey) id(kind string) string {
	return fmt.Sprintf("%s-%s-%s-%s", kind, k.RestAPI, k.ResourceID, k.HTTPMethod)
}

func (k methodKey) inputs() provider.Outputs {
	return provider.Outputs{"restApi": k.RestAPI, "resourceId": k.ResourceID, "httpMethod": k.HTTPMethod}
}

var methodProperties = []string{"restApi", "resourceId", "httpMethod"}

// keyOf is the key that the inputs hold, or for an import the id.
func keyOf(k methodKey, id, kind string) (methodKey, error) {
	if !importing(k.RestAPI) {
		return k, nil
	}
	p, err := parts(id, kind, 3)
	if err != nil {
		return k, err
	}
	return methodKey{p[0], p[1], p[2]}, nil
}

type methodArgs struct {
	RestAPI             string            `pulumi:"restApi"`
	ResourceID          string            `pulumi:"resourceId"`
	HTTPMethod          string            `pulumi:"httpMethod"`
	Authorization       string            `pulumi:"authorization"`
	AuthorizerID        string            `pulumi:"authorizerId,optional"`
	AuthorizationScopes []string          `pulumi:"authorizationScopes"`
	OperationName       string            `pulumi:"operationName,optional"`
	RequestModels       map[string]string `pulumi:"requestModels"`
	RequestParameters   map[string]bool   `pulumi:"requestParameters"`
	RequestValidatorID  string            `pulumi:"requestValidatorId,optional"`
}

func (a methodArgs) key() methodKey { return methodKey{a.RestAPI, a.ResourceID, a.HTTPMethod} }

func (a methodArgs) plane() plane.Method {
	return plane.Method{Authorization: a.Authorization, AuthorizerID: a.AuthorizerID, AuthorizationScopes: a.AuthorizationScopes,
		OperationName: a.OperationName, RequestModels: a.RequestModels, RequestParameters: a.RequestParameters, RequestValidatorID: a.RequestValidatorID}
}

func (r resources) method() provider.Resource[methodArgs] {
	return provider.Resource[methodArgs]{
		Token:     "aws:apigateway/method:Method",
		ReplaceOn: methodProperties,
		Rules:     map[string]func(any) error{"httpMethod": provider.Text(plane.CheckHTTPMethod), "authorization": provider.Text(plane.CheckAuthorization)},
		Create: func(_ context.Context, a methodArgs) (string, provider.Outputs, error) {
			return a.key().id("agm"), nil, r.plane.PutMethod(a.key().ref(), a.plane())
		},
		Read: func(_ context.Context, id string, a methodArgs) (provider.Outputs, provider.Outputs, bool, error) {
			key, err := keyOf(a.key(), id, "agm")
			if err != nil {
				return nil, nil, false, err
			}
			m, err := r.plane.GetMethod(key.ref())
			ok, err := absent.Found(err)
			return methodInputs(key, m), nil, ok, err
		},
		Update: func(_ context.Context, _ string, _, a methodArgs) (provider.Outputs, error) {
			return nil, r.plane.UpdateMethod(a.key().ref(), a.plane())
		},
		Delete: func(_ context.Context, _ string, a methodArgs) error {
			return absent.Gone(r.plane.DeleteMethod(a.key().ref()))
		},
	}
}

func methodInputs(key methodKey, m plane.Method) provider.Outputs {
	inputs := key.inputs()
	inputs["authorization"], inputs["authorizerId"], inputs["authorizationScopes"] = m.Authorization, m.AuthorizerID, provider.List(m.AuthorizationScopes)
	inputs["operationName"], inputs["requestValidatorId"] = m.OperationName, m.RequestValidatorID
	inputs["requestModels"], inputs["requestParameters"] = provider.Object(m.RequestModels), provider.Object(m.RequestParameters)
	return inputs
}

type methodResponseArgs struct {
	RestAPI            string            `pulumi:"restApi"`
	ResourceID         string            `pulumi:"resourceId"`
	HTTPMethod         string            `pulumi:"httpMethod"`
	StatusCode         string            `pulumi:"statusCode"`
	ResponseModels     map[string]string `pulumi:"responseModels"`
	ResponseParameters map[string]bool   `pulumi:"responseParameters"`
}

func (a methodResponseArgs) key() methodKey { return methodKey{a.RestAPI, a.ResourceID, a.HTTPMethod} }

func (a methodResponseArgs) plane() plane.MethodResponse {
	return plane.MethodResponse{StatusCode: a.StatusCode, ResponseModels: a.ResponseModels, ResponseParameters: a.ResponseParameters}
}

func (r resources) methodResponse() provider.Resource[methodResponseArgs] {
	return provider.Resource[methodResponseArgs]{
		Token:     "aws:apigateway/methodResponse:MethodResponse",
		ReplaceOn: append([]string{"statusCode"}, methodProperties...),
		Rules:     map[string]func(any) error{"httpMethod": provider.Text(plane.CheckHTTPMethod)},
		Create: func(_ context.Context, a methodResponseArgs) (string, provider.Outputs, error) {
			return a.key().id("agmr") + "-" + a.StatusCode, nil, r.plane.PutMethodResponse(a.key().ref(), a.plane())
		},
		Read: r.readMethodResponse,
		Update: func(_ context.Context, _ string, _, a methodResponseArgs) (provider.Outputs, error) {
			return nil, r.plane.UpdateMethodResponse(a.key().ref(), a.plane())
		},
		Delete: func(_ context.Context, _ string, a methodResponseArgs) error {
			return absent.Gone(r.plane.DeleteMethodResponse(a.key().ref(), a.StatusCode))
		},
	}
}

func (r resources) readMethodResponse(_ context.Context, id string, a methodResponseArgs) (provider.Outputs, provider.Outputs, bool, error) {
	key, status, err := responseKey(a.key(), a.StatusCode, id, "agmr")
	if err != nil {
		return nil, nil, false, err
	}
	m, err := r.plane.GetMethod(key.ref())
	if err != nil {
		return nil, nil, false, absent.Gone(err)
	}
	response, ok := m.Responses[status]
	inputs := key.inputs()
	inputs["statusCode"], inputs["responseModels"], inputs["responseParameters"] = status, provider.Object(response.ResponseModels), provider.Object(response.ResponseParameters)
	return inputs, nil, ok, nil
}

// responseKey is keyOf for what a method has for one status.
func responseKey(k methodKey, status, id, kind string) (methodKey, string, error) {
	if !importing(k.RestAPI) {
		return k, status, nil
	}
	p, err := parts(id, kind, 4)
	if err != nil {
		return k, "", err
	}
	return methodKey{p[0], p[1], p[2]}, p[3], nil
}
