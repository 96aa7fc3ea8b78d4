package main

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"pipeline/shared/pulumitest"
)

const (
	lifecycleType = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	policyType    = "aws:s3/bucketPolicy:BucketPolicy"
)

func world(set map[string]any) pulumitest.World {
	return pulumitest.World{Project: "events-storage", Settings: set}
}

func deployed(t *testing.T, set map[string]any) pulumitest.Result {
	t.Helper()
	r := world(set).Run(t, deploy)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return r
}

// days is the expiration of the lifecycle rule for a prefix, 0 when there is none.
func days(r pulumitest.Result, t *testing.T, prefix string) int {
	for _, rule := range r.One(t, lifecycleType).Inputs["rules"].ArrayValue() {
		o := rule.ObjectValue()
		if o["filter"].ObjectValue()["prefix"].StringValue() == prefix && o.HasValue("expiration") {
			return int(o["expiration"].ObjectValue()["days"].NumberValue())
		}
	}
	return 0
}

func TestStagedObjectsExpireAfterTheConfiguredDays(t *testing.T) {
	r := deployed(t, map[string]any{"stagingRetentionDays": 21})
	if got := days(r, t, "staging/"); got != 21 {
		t.Errorf("staged objects expire after %d days, want 21", got)
	}
	if got := days(r, t, "errors/"); got != 90 {
		t.Errorf("errors expire after %d days, want the default of 90", got)
	}
}

func TestEventsInS3NeverExpire(t *testing.T) {
	r := deployed(t, nil)
	for _, prefix := range []string{"events/", "backup/", ""} {
		if got := days(r, t, prefix); got != 0 {
			t.Errorf("objects below %q expire after %d days, want never", prefix, got)
		}
	}
}

func TestTheBucketIsClosedToThePublic(t *testing.T) {
	block := deployed(t, nil).One(t, "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock")
	for _, flag := range []resource.PropertyKey{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
		if !block.Inputs[flag].BoolValue() {
			t.Errorf("%s is off", flag)
		}
	}
}

func TestPlainHTTPIsDenied(t *testing.T) {
	text := deployed(t, nil).One(t, policyType).Inputs["policy"].StringValue()
	for _, want := range []string{`"Effect":"Deny"`, `"Bool":{"aws:SecureTransport":"false"}`, `/*"`} {
		if !strings.Contains(text, want) {
			t.Errorf("the bucket's policy lacks %s: %s", want, text)
		}
	}
}

func TestSettingsThatLoseEventsAreRefused(t *testing.T) {
	for rule, c := range map[string]struct {
		stack string
		set   map[string]any
		want  string
	}{
		"an expiry within Firehose's retries":  {"local", map[string]any{"stagingRetentionDays": 2}, "while Firehose still retries"},
		"errors that go before what succeeded": {"local", map[string]any{"errorRetentionDays": 13}, "below stagingRetentionDays (14)"},
		"force destroy where it is protected":  {"prod", map[string]any{"forceDestroy": true}, "Pulumi.org.yaml protects prod"},
	} {
		t.Run(rule, func(t *testing.T) {
			w := world(c.set)
			w.Stack = c.stack
			r := w.Run(t, deploy)
			if r.Err == nil || !strings.Contains(r.Err.Error(), c.want) {
				t.Errorf("the error is %v, want it to hold %q", r.Err, c.want)
			}
			if len(r.Resources) > 0 {
				t.Errorf("%d resources were made", len(r.Resources))
			}
		})
	}
}
