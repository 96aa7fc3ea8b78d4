package main

import (
	"testing"

	"pipeline/shared/pulumitest"
)

func TestEveryVariantRegistersWhatItsGoldenHolds(t *testing.T) {
	prod := world(nil)
	prod.Stack = "prod"
	serverlessProd := world(object{"zones": 3, "serverless": object{}})
	serverlessProd.Stack = "prod"
	pulumitest.Goldens(t, deploy, map[string]pulumitest.World{
		"local":            world(nil),
		"prod":             prod,
		"serverless":       world(object{"zones": 3, "serverless": object{"maxCapacity": 64}}),
		"serverless-prod":  serverlessProd,
		"opened-cidrs":     world(object{"adminCidrs": []string{"203.0.113.0/24", "198.51.100.7/32"}}),
		"enhanced-routing": world(object{"enhancedVpcRouting": true}),
	})
}

func TestThePageHasWhatTheLayerExportsAndWhatCanBeSet(t *testing.T) {
	pulumitest.Page(t, defaults())
}

func TestWhatEachEnvironmentSetsIsValid(t *testing.T) {
	pulumitest.Environments(t, deploy, world(nil))
}
