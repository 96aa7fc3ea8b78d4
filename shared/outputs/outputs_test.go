package outputs_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/outputs"
	"pipeline/shared/pulumitest"
	"pipeline/shared/stack"
)

// readsStorage consumes the bucket's name, so that a failure to read it is not lost.
func readsStorage(got *string) func(*pulumi.Context) error {
	return func(ctx *pulumi.Context) error {
		s, err := stack.Load(ctx)
		if err != nil {
			return err
		}
		up, err := outputs.ReadStorage(ctx, s)
		if err != nil {
			return err
		}
		ctx.Export("seen", up.BucketName.ApplyT(func(name string) string {
			*got = name
			return name
		}))
		return nil
	}
}

func world(upstream map[string]map[string]string) pulumitest.World {
	return pulumitest.World{Project: "events-warehouse", Upstream: upstream}
}

func TestAnOutputIsReadFromTheUpstreamStack(t *testing.T) {
	var got string
	w := world(map[string]map[string]string{"events-storage": {"bucketName": "b", "bucketArn": "a"}})
	if r := w.Run(t, readsStorage(&got)); r.Err != nil || got != "b" {
		t.Errorf("the bucket is %q (%v), want b", got, r.Err)
	}
}

func TestAnUpstreamThatIsNotDeployedNamesTheCommand(t *testing.T) {
	for rule, upstream := range map[string]map[string]map[string]string{
		"no stack":         {},
		"no such output":   {"events-storage": {"bucketArn": "a"}},
		"an empty stack":   {"events-storage": {}},
		"another's output": {"events-iam": {"bucketName": "b"}},
	} {
		t.Run(rule, func(t *testing.T) {
			var got string
			r := world(upstream).Run(t, readsStorage(&got))
			want := "deploy it with: STACK=local go tool mage deploy:storage"
			if r.Err == nil || !strings.Contains(r.Err.Error(), want) || !strings.Contains(r.Err.Error(), "organization/events-storage/local") {
				t.Errorf("the error is %v, want stack and command in it", r.Err)
			}
		})
	}
}

func TestAPreviewGoesOnWithoutItsUpstream(t *testing.T) {
	got := "untouched"
	w := world(nil)
	w.Preview = true
	if r := w.Run(t, readsStorage(&got)); r.Err != nil || got != "untouched" {
		t.Errorf("a first preview gave %v and the value %q, want no error and no value", r.Err, got)
	}
}

func TestALayerCannotForgetAnOutput(t *testing.T) {
	r := pulumitest.World{Project: "events-storage"}.Run(t, func(ctx *pulumi.Context) error {
		return outputs.Storage{BucketName: pulumi.String("b").ToStringOutput()}.Export(ctx)
	})
	if r.Err == nil || !strings.Contains(r.Err.Error(), "layer storage does not set its outputs bucketArn") {
		t.Errorf("the error is %v, want bucketArn named", r.Err)
	}
}

func TestAnotherAccountOrRegionIsRefusedBeforeAnythingIsMade(t *testing.T) {
	load := func(ctx *pulumi.Context) error { _, err := stack.Load(ctx); return err }
	w := pulumitest.World{Project: "events-iam", Stack: "dev", Account: "999999999999"}
	if r := w.Run(t, load); r.Err == nil || !strings.Contains(r.Err.Error(), "stack dev is for account 111111111111, but the credentials are for 999999999999") {
		t.Errorf("the error is %v, want both accounts named", r.Err)
	}
	w = pulumitest.World{Project: "events-iam", Region: "us-east-1"}
	if r := w.Run(t, load); r.Err == nil || !strings.Contains(r.Err.Error(), "set AWS_REGION=eu-central-1") {
		t.Errorf("the error is %v, want the region to set", r.Err)
	}
}
