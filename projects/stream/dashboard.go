package main

import (
	"encoding/json"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// newDashboard shows the path from the API to the table, in the order of the path.
func newDashboard(ctx *pulumi.Context, s *stack.Stack, cfg config, up upstream) error {
	if !cfg.Dashboard {
		return nil
	}
	workgroup := pulumi.String("").ToStringOutput()
	if cfg.Destination == toRedshift {
		workgroup = up.warehouse.WorkgroupName
	}
	body := workgroup.ApplyT(func(workgroup string) (string, error) {
		text, err := json.Marshal(map[string]any{"widgets": widgets(s, cfg, workgroup)})
		return string(text), err
	}).(pulumi.StringOutput)
	_, err := cloudwatch.NewDashboard(ctx, "path", &cloudwatch.DashboardArgs{DashboardName: pulumi.String(s.Prefix()), DashboardBody: body})
	return err
}

// graph is one widget: metrics of one namespace and dimension, with their statistic.
type graph struct {
	title, namespace, statistic string
	dimensions                  []string // name, value, name, value, ...
	metrics                     []string
}

// widgets are those of a stack whose warehouse is a workgroup, or a cluster where that is
// empty.
func widgets(s *stack.Stack, cfg config, workgroup string) []map[string]any {
	api := []string{"ApiName", s.API()}
	stream := []string{"DeliveryStreamName", s.DeliveryStream()}
	graphs := []graph{
		{"Requests and errors", "AWS/ApiGateway", "Sum", api, []string{"Count", "4XXError", "5XXError"}},
		{"Latency (ms)", "AWS/ApiGateway", "p99", api, []string{"Latency", "IntegrationLatency"}},
		{"Events accepted and refused", "AWS/Firehose", "Sum", stream, []string{"IncomingRecords", "ThrottledRecords"}},
		{"Oldest undelivered event (s)", "AWS/Firehose", "Maximum", stream, []string{"DeliveryToS3.DataFreshness"}},
		{"Deliveries that succeed", "AWS/Firehose", "Average", stream, cfg.successes()},
	}
	switch {
	case cfg.Destination == toRedshift && workgroup == "":
		cluster := []string{"ClusterIdentifier", s.Cluster()}
		graphs = append(graphs, graph{"Warehouse (%)", "AWS/Redshift", "Average", cluster, []string{"CPUUtilization", "PercentageDiskSpaceUsed"}})
	case cfg.Destination == toRedshift:
		group := []string{"Workgroup", workgroup}
		graphs = append(graphs, graph{"Warehouse (RPU-seconds, which are billed)", "AWS/Redshift-Serverless", "Sum", group, []string{"ComputeSeconds"}})
	}
	list := make([]map[string]any, len(graphs))
	for i, g := range graphs {
		list[i] = g.widget(i, s.Region)
	}
	return list
}

func (c config) successes() []string {
	metrics := []string{"DeliveryToS3.Success"}
	if c.Destination == toRedshift {
		metrics = append(metrics, "DeliveryToRedshift.Success")
	}
	return metrics
}

// widget lays graphs out two in a row (CloudWatch user guide, "Dashboard body structure").
func (g graph) widget(i int, region string) map[string]any {
	metrics := make([][]string, len(g.metrics))
	for m, name := range g.metrics {
		metrics[m] = append([]string{g.namespace, name}, g.dimensions...)
	}
	return map[string]any{
		"type": "metric", "x": 12 * (i % 2), "y": 6 * (i / 2), "width": 12, "height": 6,
		"properties": map[string]any{"title": g.title, "region": region, "stat": g.statistic, "period": 60, "metrics": metrics},
	}
}
