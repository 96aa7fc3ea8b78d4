package gateway

import (
	"context"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

type resourceArgs struct {
	RestAPI  string `pulumi:"restApi"`
	ParentID string `pulumi:"parentId"`
	PathPart string `pulumi:"pathPart"`
}

func (r resources) resource() provider.Resource[resourceArgs] {
	return provider.Resource[resourceArgs]{
		Token:     "aws:apigateway/resource:Resource",
		ReplaceOn: []string{"restApi"},
		Rules:     map[string]func(any) error{"pathPart": provider.Text(plane.CheckPathPart)},
		Create: func(_ context.Context, a resourceArgs) (string, provider.Outputs, error) {
			made, err := r.plane.CreateResource(a.RestAPI, a.ParentID, a.PathPart)
			return made.ID, provider.Outputs{"path": made.Path}, err
		},
		Import: importBelow,
		Read: func(_ context.Context, id string, a resourceArgs) (provider.Outputs, provider.Outputs, bool, error) {
			res, err := r.plane.GetResource(a.RestAPI, id)
			ok, err := absent.Found(err)
			return provider.Outputs{"parentId": res.ParentID, "pathPart": res.PathPart}, provider.Outputs{"path": res.Path}, ok, err
		},
		Update: func(_ context.Context, id string, _, a resourceArgs) (provider.Outputs, error) {
			res, err := r.plane.UpdateResource(a.RestAPI, id, a.ParentID, a.PathPart)
			return provider.Outputs{"path": res.Path}, err
		},
		Delete: func(_ context.Context, id string, a resourceArgs) error {
			return absent.Gone(r.plane.DeleteResource(a.RestAPI, id))
		},
	}
}
