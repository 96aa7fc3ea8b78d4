package main

import (
	"testing"

	"pipeline/shared/pulumitest"
)

func TestEveryVariantRegistersWhatItsGoldenHolds(t *testing.T) {
	passwords := world("local", map[string]any{"users": []any{
		map[string]any{"name": "ada", "attributes": map[string]any{"email": "ada@example.com"}}, map[string]any{"name": "grace"}}})
	passwords.Secrets = map[string]any{"passwords": map[string]any{"ada": pulumitest.Password + "!"}}
	pulumitest.Goldens(t, deploy, map[string]pulumitest.World{
		"local":               world("local", nil),
		"prod":                world("prod", nil),
		"configured-password": passwords,
		"machine-only":        world("local", map[string]any{"users": []any{}, "authFlows": []string{"ALLOW_REFRESH_TOKEN_AUTH"}}),
		"no-machine-client":   world("local", map[string]any{"machineClient": false}),
	})
}

func TestThePageHasWhatTheLayerExportsAndWhatCanBeSet(t *testing.T) {
	pulumitest.Page(t, defaults())
}

func TestWhatEachEnvironmentSetsIsValid(t *testing.T) {
	pulumitest.Environments(t, deploy, world("local", nil))
}
