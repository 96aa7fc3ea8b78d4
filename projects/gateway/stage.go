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
	group, err := a.newLogGroup("access", pulumi.String(a.stack.APILogGroup()))
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

// newLogGroup keeps what the gateway logs for the configured days.
func (a *api) newLogGroup(name string, group pulumi.StringInput) (*cloudwatch.LogGroup, error) {
	return cloudwatch.NewLogGroup(a.ctx, name, &cloudwatch.LogGroupArgs{
		Name:            group,
		RetentionInDays: pulumi.Int(a.cfg.LogRetentionDays),
		Tags:            a.stack.Tags(),
	})
}

// newLogging makes what has to be there before the stage logs.
func (a *api) newLogging() ([]pulumi.Resource, error) {
	account, err := a.newAccountRole()
	if err != nil {
		return nil, err
	}
	execution, err := a.newExecutionLog()
	return append(account, execution...), err
}

// newAccountRole sets the role that API Gateway writes its logs with: one setting for the
// account and region.
func (a *api) newAccountRole() ([]pulumi.Resource, error) {
	if !a.cfg.ManageAccountRole {
		return nil, nil
	}
	account, err := apigateway.NewAccount(a.ctx, "logging", &apigateway.AccountArgs{CloudwatchRoleArn: a.up.iam.GatewayLogsRoleARN})
	return []pulumi.Resource{account}, err
}

// newExecutionLog makes the group of the execution log, whose name is API Gateway's (developer
// guide, "CloudWatch log formats for API Gateway"). API Gateway would make one that is kept for
// ever, so this one is there before the stage and goes after it.
func (a *api) newExecutionLog() ([]pulumi.Resource, error) {
	if a.cfg.LoggingLevel == "OFF" {
		return nil, nil
	}
	group, err := a.newLogGroup("execution", pulumi.Sprintf("API-Gateway-Execution-Logs_%s/%s", a.rest.ID(), a.cfg.Stage))
	return []pulumi.Resource{group}, err
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
