package main

import (
	"testing"

	"pipeline/shared/pulumitest"
)

func TestEveryVariantRegistersWhatItsGoldenHolds(t *testing.T) {
	prod := world(nil)
	prod.Stack = "prod"
	pulumitest.Goldens(t, deploy, map[string]pulumitest.World{
		"local": world(nil),
		"prod":  prod,
	})
}

func TestThePageHasWhatTheLayerExportsAndWhatCanBeSet(t *testing.T) {
	pulumitest.Page(t, defaults())
}

func TestWhatEachEnvironmentSetsIsValid(t *testing.T) {
	pulumitest.Environments(t, deploy, world(nil))
}
