package main

import (
	"testing"

	"pipeline/shared/pulumitest"
)

func TestEveryVariantRegistersWhatItsGoldenHolds(t *testing.T) {
	prod := world(nil)
	prod.Stack = "prod"
	pulumitest.Goldens(t, deploy, map[string]pulumitest.World{
		"local":   world(nil), // a single and a batch route
		"prod":    prod,
		"machine": world(route(map[string]any{"path": "/machine/events", "action": "batch", "auth": "scopes"})),
		"open":    world(route(map[string]any{"auth": "none"})),
		"retired": world(route(map[string]any{"retired": true})),
		"waf":     world(map[string]any{"wafLimit": 2000}),
	})
}

func TestThePageHasWhatTheLayerExportsAndWhatCanBeSet(t *testing.T) {
	pulumitest.Page(t, defaults())
}

func TestWhatEachEnvironmentSetsIsValid(t *testing.T) {
	pulumitest.Environments(t, deploy, world(nil))
}
