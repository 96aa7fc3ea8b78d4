package main

import (
	"strings"
	"testing"

	"pipeline/shared/pulumitest"
)

func world(set map[string]any) pulumitest.World {
	return pulumitest.World{Project: "events-sample", Settings: set}
}

func TestTheLogIsKeptForTheConfiguredDays(t *testing.T) {
	r := world(map[string]any{"logRetentionDays": 7}).Run(t, deploy)
	log := r.One(t, "aws:cloudwatch/logGroup:LogGroup").Plain()
	if log["retentionInDays"] != 7.0 {
		t.Errorf("the log is kept for %v days, want 7", log["retentionInDays"])
	}
}

func TestAPeriodThatCloudWatchLogsDoesNotKnowIsRefused(t *testing.T) {
	r := world(map[string]any{"logRetentionDays": 8}).Run(t, deploy)
	if r.Err == nil || !strings.Contains(r.Err.Error(), "logRetentionDays is 8") {
		t.Errorf("the error is %v, want logRetentionDays named", r.Err)
	}
	if len(r.Resources) > 0 {
		t.Errorf("%d resources were made", len(r.Resources))
	}
}
