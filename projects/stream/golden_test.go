package main

import (
	"testing"

	"pipeline/shared/pulumitest"
)

func TestEveryVariantRegistersWhatItsGoldenHolds(t *testing.T) {
	prod := world(nil)
	prod.Stack = "prod"
	s3 := world(object{"destination": "s3"})
	partitioned := world(object{"destination": "s3", "partitioning": object{}})
	delete(s3.Upstream, "events-warehouse")
	delete(partitioned.Upstream, "events-warehouse")
	pulumitest.Goldens(t, deploy, map[string]pulumitest.World{
		"local":          world(nil),
		"prod":           prod,
		"s3":             s3,
		"s3-partitioned": partitioned,
		"backup":         world(object{"backup": true}),
		"alarm-emails":   world(object{"alarmEmails": []string{"oncall@example.com"}}),
	})
}

func TestThePageHasWhatTheLayerExportsAndWhatCanBeSet(t *testing.T) {
	pulumitest.Page(t, defaults())
}

func TestWhatEachEnvironmentSetsIsValid(t *testing.T) {
	pulumitest.Environments(t, deploy, world(nil))
}
