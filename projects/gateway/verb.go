package main

import (
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// verb is one HTTP method of one path with its integration. What belongs to it takes its
// key from the method's or the integration's outputs, not from what they were made of:
// AWS deletes an integration's responses with it, so Pulumi has to know that they go
// when it is replaced.
type verb struct {
	api         *api
	name        string // in the program: "events-post"
	path        pulumi.StringOutput
	method      *apigateway.Method
	integration *apigateway.Integration
}

func (a *api) newVerb(r Route, path pulumi.StringOutput, httpMethod string, m *apigateway.MethodArgs, i *apigateway.IntegrationArgs, opts ...pulumi.ResourceOption) (v *verb, err error) {
	v = &verb{api: a, name: r.name() + "-" + strings.ToLower(httpMethod), path: path}
	method, integration := *m, *i
	m.RestApi, m.ResourceId, m.HttpMethod = a.rest.ID(), path, pulumi.String(httpMethod)
	if v.method, err = apigateway.NewMethod(a.ctx, v.name, m, opts...); err != nil {
		return nil, err
	}
	i.RestApi, i.ResourceId, i.HttpMethod = a.rest.ID(), path, v.method.HttpMethod
	if v.integration, err = apigateway.NewIntegration(a.ctx, v.name, i); err != nil {
		return nil, err
	}
	a.serves(v.name+"-method", v.method, &method)
	a.serves(v.name+"-integration", v.integration, &integration)
	return v, nil
}

// answer is one status that a verb answers with.
type answer struct {
	status  string
	pattern string // of the integration's status; empty: the default one
	headers map[string]string
	body    string // mapping template; empty: the integration's body
}

// newAnswer declares a status and maps the integration's answer to it.
func (v *verb) newAnswer(a answer) error {
	headers, values := pulumi.BoolMap{}, pulumi.StringMap{}
	for name, value := range a.headers {
		headers["method.response.header."+name] = pulumi.Bool(true)
		values["method.response.header."+name] = quoted(value)
	}
	declared := &apigateway.MethodResponseArgs{ResponseModels: pulumi.StringMap{contentType: pulumi.String("Empty")}, ResponseParameters: headers}
	mapped := &apigateway.IntegrationResponseArgs{ResponseParameters: values}
	if a.pattern != "" {
		mapped.SelectionPattern = pulumi.String(a.pattern)
	}
	if a.body != "" {
		mapped.ResponseTemplates = pulumi.StringMap{contentType: pulumi.String(a.body)}
	}
	return v.register(a.status, declared, mapped)
}

func (v *verb) register(status string, d *apigateway.MethodResponseArgs, m *apigateway.IntegrationResponseArgs) error {
	name, declared, mapped := v.name+"-"+status, *d, *m
	d.RestApi, d.ResourceId, d.HttpMethod, d.StatusCode = v.api.rest.ID(), v.path, v.method.HttpMethod, pulumi.String(status)
	response, err := apigateway.NewMethodResponse(v.api.ctx, name, d)
	if err != nil {
		return err
	}
	m.RestApi, m.ResourceId, m.HttpMethod, m.StatusCode = v.api.rest.ID(), v.path, v.integration.HttpMethod, response.StatusCode
	integrated, err := apigateway.NewIntegrationResponse(v.api.ctx, name, m)
	if err != nil {
		return err
	}
	v.api.serves(name+"-declared", response, &declared)
	v.api.serves(name+"-mapped", integrated, &mapped)
	return nil
}
