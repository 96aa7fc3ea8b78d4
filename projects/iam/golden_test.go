package main

import (
	"testing"

	"pipeline/shared/pulumitest"
)

func TestEveryVariantRegistersWhatItsGoldenHolds(t *testing.T) {
	prod := world()
	prod.Stack = "prod"
	pulumitest.Goldens(t, deploy, map[string]pulumitest.World{
		"local": world(),
		"prod":  prod,
		"extra-roles": world(map[string]any{
			"name":                "replay",
			"assumePolicy":        `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}}`,
			"inlinePolicy":        `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::events-local-staging-000000000000-eu-central-1/errors/*"}}`,
			"forceDetachPolicies": true,
		}),
	})
}

func TestThePageHasWhatTheLayerExportsAndWhatCanBeSet(t *testing.T) {
	pulumitest.Page(t, config{})
}

func TestWhatEachEnvironmentSetsIsValid(t *testing.T) {
	pulumitest.Environments(t, deploy, world())
}
