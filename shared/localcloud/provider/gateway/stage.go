package gateway

import (
	"context"
	"fmt"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

type stageArgs struct {
	RestAPI           string            `pulumi:"restApi"`
	StageName         string            `pulumi:"stageName"`
	Deployment        string            `pulumi:"deployment"`
	Description       string            `pulumi:"description,optional"`
	Variables         map[string]string `pulumi:"variables"`
	AccessLogSettings *accessLogArgs    `pulumi:"accessLogSettings"`
	Tags              map[string]string `pulumi:"tags"`
}

type accessLogArgs struct {
	DestinationARN string `pulumi:"destinationArn"`
	Format         string `pulumi:"format"`
}

func (a stageArgs) plane() plane.Stage {
	out := plane.Stage{Name: a.StageName, DeploymentID: a.Deployment, Description: a.Description, Variables: a.Variables, Tags: a.Tags}
	if a.AccessLogSettings != nil {
		out.AccessLog = &plane.AccessLog{DestinationARN: a.AccessLogSettings.DestinationARN, Format: a.AccessLogSettings.Format}
	}
	return out
}

func (r resources) stage() provider.Resource[stageArgs] {
	return provider.Resource[stageArgs]{
		Token:     "aws:apigateway/stage:Stage",
		ReplaceOn: []string{"restApi", "stageName"},
		Rules: map[string]func(any) error{
			"stageName":         provider.Text(plane.CheckStageName),
			"accessLogSettings": checkAccessLog,
		},
		Create: func(_ context.Context, a stageArgs) (string, provider.Outputs, error) {
			_, err := r.plane.CreateStage(a.RestAPI, a.plane())
			return "ags-" + a.RestAPI + "-" + a.StageName, r.stageOutputs(a.RestAPI, a.StageName), err
		},
		Read: r.readStage,
		Update: func(_ context.Context, _ string, _, a stageArgs) (provider.Outputs, error) {
			return r.stageOutputs(a.RestAPI, a.StageName), r.plane.UpdateStage(a.RestAPI, a.plane())
		},
		Delete: func(_ context.Context, _ string, a stageArgs) error {
			return absent.Gone(r.plane.DeleteStage(a.RestAPI, a.StageName))
		},
	}
}

func checkAccessLog(v any) error {
	settings, _ := v.(map[string]any)
	format, known := settings["format"].(string)
	if !known {
		return nil
	}
	return plane.CheckAccessFormat(format)
}

func (r resources) stageOutputs(apiID, name string) provider.Outputs {
	acl, _ := r.plane.WebACLOf(r.plane.ARN(apiID) + "/stages/" + name) // none where there is no stage
	return provider.Outputs{
		"arn":          r.plane.ARN(apiID) + "/stages/" + name,
		"executionArn": r.plane.ExecutionARN(apiID) + "/" + name,
		"invokeUrl":    r.plane.InvokeURL(apiID, name),
		"webAclArn":    acl,
	}
}

func (r resources) readStage(_ context.Context, id string, a stageArgs) (provider.Outputs, provider.Outputs, bool, error) {
	apiID, name := a.RestAPI, a.StageName
	if importing(apiID) {
		p, err := parts(id, "ags", 2)
		if err != nil {
			return nil, nil, false, err
		}
		apiID, name = p[0], p[1]
	}
	stage, err := r.plane.GetStage(apiID, name)
	ok, err := absent.Found(err)
	inputs := provider.Outputs{"restApi": apiID, "stageName": name, "deployment": stage.DeploymentID, "accessLogSettings": nil,
		"description": stage.Description, "variables": provider.Object(stage.Variables), "tags": provider.Object(stage.Tags)}
	if stage.AccessLog != nil {
		inputs["accessLogSettings"] = map[string]any{"destinationArn": stage.AccessLog.DestinationARN, "format": stage.AccessLog.Format}
	}
	return inputs, r.stageOutputs(apiID, name), ok, err
}

type methodSettingsArgs struct {
	RestAPI    string        `pulumi:"restApi"`
	StageName  string        `pulumi:"stageName"`
	MethodPath string        `pulumi:"methodPath"`
	Settings   *settingsArgs `pulumi:"settings"`
}

type settingsArgs struct {
	MetricsEnabled       bool     `pulumi:"metricsEnabled,optional"`
	LoggingLevel         string   `pulumi:"loggingLevel,optional"`
	DataTraceEnabled     bool     `pulumi:"dataTraceEnabled,optional"`
	ThrottlingRateLimit  *float64 `pulumi:"throttlingRateLimit"`
	ThrottlingBurstLimit *int     `pulumi:"throttlingBurstLimit"`
}

// plane fills in what the AWS provider does: no log, no throttle of the stage's own.
func (a methodSettingsArgs) plane() plane.MethodSettings {
	out := plane.MethodSettings{LoggingLevel: "OFF", RateLimit: -1, BurstLimit: -1}
	if a.Settings == nil {
		return out
	}
	out.MetricsEnabled, out.DataTraceEnabled = a.Settings.MetricsEnabled, a.Settings.DataTraceEnabled
	if a.Settings.LoggingLevel != "" {
		out.LoggingLevel = a.Settings.LoggingLevel
	}
	if a.Settings.ThrottlingRateLimit != nil {
		out.RateLimit = *a.Settings.ThrottlingRateLimit
	}
	if a.Settings.ThrottlingBurstLimit != nil {
		out.BurstLimit = *a.Settings.ThrottlingBurstLimit
	}
	return out
}

func (r resources) methodSettings() provider.Resource[methodSettingsArgs] {
	put := func(a methodSettingsArgs) error {
		return r.plane.PutMethodSettings(a.RestAPI, a.StageName, a.MethodPath, a.plane())
	}
	return provider.Resource[methodSettingsArgs]{
		Token: "aws:apigateway/methodSettings:MethodSettings",
		Defaults: provider.Outputs{"settings": provider.Outputs{"dataTraceEnabled": false, "loggingLevel": "OFF", "metricsEnabled": false,
			"throttlingRateLimit": -1, "throttlingBurstLimit": -1}},
		ReplaceOn: []string{"restApi", "stageName", "methodPath"},
		Rules: map[string]func(any) error{"settings": func(v any) error {
			level, set := v.(map[string]any)["loggingLevel"].(string)
			if !set {
				return nil
			}
			return plane.CheckLoggingLevel(level)
		}},
		Create: func(_ context.Context, a methodSettingsArgs) (string, provider.Outputs, error) {
			return fmt.Sprintf("%s-%s-%s", a.RestAPI, a.StageName, a.MethodPath), nil, put(a)
		},
		Read: r.readMethodSettings,
		Update: func(_ context.Context, _ string, _, a methodSettingsArgs) (provider.Outputs, error) {
			return nil, put(a)
		},
		Delete: func(_ context.Context, _ string, a methodSettingsArgs) error {
			if _, err := r.plane.GetMethodSettings(a.RestAPI, a.StageName, a.MethodPath); err != nil {
				return absent.Gone(err)
			}
			return r.plane.DeleteMethodSettings(a.RestAPI, a.StageName, a.MethodPath)
		},
	}
}

func (r resources) readMethodSettings(_ context.Context, id string, a methodSettingsArgs) (provider.Outputs, provider.Outputs, bool, error) {
	p := []string{a.RestAPI, a.StageName, a.MethodPath}
	if importing(a.RestAPI) {
		var err error
		if p, err = parts(id, "", 3); err != nil {
			return nil, nil, false, err
		}
	}
	settings, err := r.plane.GetMethodSettings(p[0], p[1], p[2])
	ok, err := absent.Found(err)
	return provider.Outputs{"restApi": p[0], "stageName": p[1], "methodPath": p[2], "settings": map[string]any{
		"metricsEnabled": settings.MetricsEnabled, "loggingLevel": settings.LoggingLevel, "dataTraceEnabled": settings.DataTraceEnabled,
		"throttlingRateLimit": settings.RateLimit, "throttlingBurstLimit": settings.BurstLimit}}, nil, ok, err
}
