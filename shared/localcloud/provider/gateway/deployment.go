package gateway

import (
	"context"
	"time"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

// deploymentArgs has no stageName: deprecated, and a stage that comes and goes with its
// deployment.
type deploymentArgs struct {
	RestAPI     string            `pulumi:"restApi"`
	Description string            `pulumi:"description,optional"`
	Triggers    map[string]string `pulumi:"triggers"`
}

func (r resources) deployment() provider.Resource[deploymentArgs] {
	return provider.Resource[deploymentArgs]{
		Token:     "aws:apigateway/deployment:Deployment",
		ReplaceOn: []string{"restApi", "triggers"},
		Create: func(_ context.Context, a deploymentArgs) (string, provider.Outputs, error) {
			made, err := r.plane.CreateDeployment(a.RestAPI, a.Description)
			return made.ID, r.deploymentOutputs(a.RestAPI, made), err
		},
		Import: importBelow,
		Untold: []string{"triggers"},
		Read: func(_ context.Context, id string, a deploymentArgs) (provider.Outputs, provider.Outputs, bool, error) {
			d, err := r.plane.GetDeployment(a.RestAPI, id)
			ok, err := absent.Found(err)
			return provider.Outputs{"description": d.Description}, r.deploymentOutputs(a.RestAPI, d), ok, err
		},
		Update: func(_ context.Context, id string, _, a deploymentArgs) (provider.Outputs, error) {
			return nil, r.plane.UpdateDeployment(a.RestAPI, id, a.Description)
		},
		Delete: func(_ context.Context, id string, a deploymentArgs) error {
			return absent.Gone(r.plane.DeleteDeployment(a.RestAPI, id))
		},
	}
}

// deploymentOutputs are those of a deployment without a stage of its own.
func (r resources) deploymentOutputs(apiID string, d plane.Deployment) provider.Outputs {
	return provider.Outputs{
		"createdDate":  d.Created.Format(time.RFC3339),
		"executionArn": r.plane.ExecutionARN(apiID) + "/",
		"invokeUrl":    r.plane.InvokeURL(apiID, ""),
	}
}
