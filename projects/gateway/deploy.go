package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/outputs"
	"pipeline/shared/stack"
)

func deploy(ctx *pulumi.Context) error {
	s, err := stack.Load(ctx)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(ctx)
	if err != nil {
		return err
	}
	up, err := readUpstream(ctx, s)
	if err != nil {
		return err
	}
	api, err := newAPI(ctx, s, cfg, up)
	if err != nil {
		return err
	}
	stage, err := api.newStage()
	if err != nil {
		return err
	}
	return outputs.Gateway{URL: stage.InvokeUrl, APIID: api.rest.ID().ToStringOutput(), Stage: stage.StageName}.Export(ctx)
}

// upstream is what this layer reads of the others.
type upstream struct {
	iam    outputs.IAM
	stream outputs.Stream
	auth   outputs.Auth
}

func readUpstream(ctx *pulumi.Context, s *stack.Stack) (up upstream, err error) {
	if up.iam, err = outputs.ReadIAM(ctx, s); err != nil {
		return up, err
	}
	if up.stream, err = outputs.ReadStream(ctx, s); err != nil {
		return up, err
	}
	up.auth, err = outputs.ReadAuth(ctx, s)
	return up, err
}
