package gateway

import (
	"context"

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
		Token:     "aws:apigateway/model:Model",
		ReplaceOn: []string{"restApi", "name", "contentType"}, DeleteBeforeReplace: true, AutoName: "name",
		Rules: map[string]func(any) error{"name": provider.Text(plane.CheckModelName), "schema": provider.Text(plane.CheckSchema)},
		Create: func(_ context.Context, a modelArgs) (string, provider.Outputs, error) {
			made, err := r.plane.CreateModel(a.RestAPI, a.plane())
			return made.ID, nil, err
		},
		Import:   r.importModel,
		Defaults: provider.Outputs{"schema": "{}"},
		Read: func(_ context.Context, _ string, a modelArgs) (provider.Outputs, provider.Outputs, bool, error) {
			m, err := r.plane.GetModel(a.RestAPI, a.Name)
			ok, err := absent.Found(err)
			return provider.Outputs{"name": m.Name, "contentType": m.ContentType, "description": m.Description, "schema": m.Schema}, nil, ok, err
		},
		Update: func(_ context.Context, _ string, _, a modelArgs) (provider.Outputs, error) {
			return nil, r.plane.UpdateModel(a.RestAPI, a.plane())
		},
		Delete: func(_ context.Context, _ string, a modelArgs) error {
			return absent.Gone(r.plane.DeleteModel(a.RestAPI, a.Name))
		},
	}
}
