package main

import (
	"crypto/sha256"
	"encoding/hex"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/apigateway"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// accessLogFormat is one JSON object for each request.
const accessLogFormat = `{"requestId":"$context.requestId","time":"$context.requestTime","ip":"$context.identity.sourceIp",` +
	`"method":"$context.httpMethod","path":"$context.path","status":"$context.status","latencyMs":"$context.responseLatency",` +
	`"bytes":"$context.responseLength","integrationStatus":"$context.integration.status","integrationLatencyMs":"$context.integration.latency",` +
	`"integrationError":"$context.integration.error","error":"$context.error.message","errorType":"$context.error.responseType",` +
	`"subject":"$context.authorizer.claims.sub"}`

// newStage deploys the API and serves it.
func (a *api) newStage() (*apigateway.Stage, error) {
	deployment, err := a.newDeployment()
	if err != nil {
		return nil, err
	}
	group, err := cloudwatch.NewLogGroup(a.ctx, "access", &cloudwatch.LogGroupArgs{
		Name:            pulumi.String(a.stack.APILogGroup()),
		RetentionInDays: pulumi.Int(a.cfg.LogRetentionDays),
		Tags:            a.stack.Tags(),
	})
	if err != nil {
		return nil, err
	}
	logging, err := a.newLogging()
	if err != nil {
		return nil, err
	}
	stage, err := apigateway.NewStage(a.ctx, "stage", &apigateway.StageArgs{
		RestApi:           a.rest.ID(),
		StageName:         pulumi.String(a.cfg.Stage),
		Deployment:        deployment.ID(),
		AccessLogSettings: &apigateway.StageAccessLogSettingsArgs{DestinationArn: group.Arn, Format: pulumi.String(accessLogFormat)},
		Tags:              a.stack.Tags(),
	}, pulumi.DependsOn(logging))
	if err != nil {
		return nil, err
	}
	if err := a.newSettings(stage); err != nil {
		return nil, err
	}
	return stage, a.newWebACL(stage)
}

// newDeployment is a snapshot that is taken anew when anything that it serves changes.
// Pulumi makes the new one before it deletes the old, which the stage points to until
// then.
func (a *api) newDeployment() (*apigateway.Deployment, error) {
	return apigateway.NewDeployment(a.ctx, "deployment", &apigateway.DeploymentArgs{
		RestApi:  a.rest.ID(),
		Triggers: pulumi.StringMap{"served": a.hash()},
	}, pulumi.DependsOn(a.parts))
}

func (a *api) hash() pulumi.StringOutput {
	return pulumi.JSONMarshal(pulumi.ToMap(anyMap(a.inputs))).ApplyT(func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return hex.EncodeToString(sum[:])
	}).(pulumi.StringOutput)
}

func anyMap(m map[string]pulumi.Input) map[string]any {
	out := map[string]any{}
	for name, input := range m {
		out[name] = input
	}
	return out
}

// newLogging sets the role that API Gateway writes its logs with: one setting for the
// account and region.
func (a *api) newLogging() ([]pulumi.Resource, error) {
	if !a.cfg.ManageAccountRole {
		return nil, nil
	}
	account, err := apigateway.NewAccount(a.ctx, "logging", &apigateway.AccountArgs{CloudwatchRoleArn: a.up.iam.GatewayLogsRoleARN})
	return []pulumi.Resource{account}, err
}

func (a *api) newSettings(stage *apigateway.Stage) error {
	_, err := apigateway.NewMethodSettings(a.ctx, "settings", &apigateway.MethodSettingsArgs{
		RestApi:    a.rest.ID(),
		StageName:  stage.StageName,
		MethodPath: pulumi.String("*/*"),
		Settings: &apigateway.MethodSettingsSettingsArgs{
			MetricsEnabled:       pulumi.Bool(true),
			LoggingLevel:         pulumi.String(a.cfg.LoggingLevel),
			DataTraceEnabled:     pulumi.Bool(false), // it would log bodies and tokens
			ThrottlingRateLimit:  pulumi.Float64(a.cfg.Throttle.RatePerSecond),
			ThrottlingBurstLimit: pulumi.Int(a.cfg.Throttle.Burst),
		},
	})
	return err
}
