package monitoring

import (
	"context"

	plane "pipeline/shared/localcloud/monitoring"
	"pipeline/shared/localcloud/provider"
)

type dashboardArgs struct {
	Name string `pulumi:"dashboardName"`
	Body string `pulumi:"dashboardBody"`
}

func (a dashboardArgs) plane() plane.Dashboard { return plane.Dashboard{Name: a.Name, Body: a.Body} }

func (r resources) dashboard() provider.Resource[dashboardArgs] {
	return provider.Resource[dashboardArgs]{
		Token:     "aws:cloudwatch/dashboard:Dashboard",
		ReplaceOn: []string{"dashboardName"},
		Validate:  func(_ context.Context, a dashboardArgs) error { return a.plane().Check() },
		Create: func(_ context.Context, a dashboardArgs) (string, provider.Outputs, error) {
			d, err := r.plane.PutDashboard(a.plane())
			return d.Name, provider.Outputs{"dashboardArn": d.ARN}, err
		},
		Read: func(_ context.Context, id string, _ dashboardArgs) (provider.Outputs, provider.Outputs, bool, error) {
			d, err := r.plane.Dashboard(id)
			ok, err := absent.Found(err)
			return provider.Outputs{"dashboardName": d.Name, "dashboardBody": d.Body}, provider.Outputs{"dashboardArn": d.ARN}, ok, err
		},
		Update: func(_ context.Context, _ string, _, a dashboardArgs) (provider.Outputs, error) {
			d, err := r.plane.PutDashboard(a.plane())
			return provider.Outputs{"dashboardArn": d.ARN}, err
		},
		Delete: func(_ context.Context, id string, _ dashboardArgs) error {
			return r.plane.DeleteDashboard(id)
		},
	}
}
