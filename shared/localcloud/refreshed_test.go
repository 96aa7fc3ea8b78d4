package main

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"pipeline/shared/localcloud/provider"
	"pipeline/shared/localcloud/provider/providertest"
)

// later are outputs that another resource changes after the one that has them is made.
var later = map[string][]string{
	"aws:cognito/userPool:UserPool": {"domain", "estimatedNumberOfUsers"},
	"aws:apigateway/stage:Stage":    {"webAclArn"},
}

// unchanged fails where a refresh finds inputs or outputs that the deployment did not leave.
func unchanged(t *testing.T, engine *providertest.Engine, m providertest.Made) {
	t.Helper()
	inputs, outputs, there := engine.Read(m)
	if !there {
		t.Errorf("a refresh does not find %s %s", m.Token, m.ID)
		return
	}
	for _, name := range later[m.Token] {
		outputs[name] = m.Outputs[name]
	}
	asItWas(t, m.Token+" inputs", m.Inputs, inputs)
	asItWas(t, m.Token+" outputs", m.Outputs, outputs)
}

func asItWas(t *testing.T, what string, was, now object) {
	t.Helper()
	for name := range merged(was, now) {
		if text(t, was[name]) != text(t, now[name]) {
			t.Errorf("%s: a refresh just after the deployment finds %s %v, want %v", what, name, now[name], was[name])
		}
	}
}

func text(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func merged(all ...object) object {
	both := object{}
	for _, m := range all {
		for name, value := range m {
			both[name] = value
		}
	}
	return both
}

func TestARefreshAfterADeploymentFindsWhatTheProgramWrote(t *testing.T) {
	c := newRestarted(t)
	made := c.everything()
	for _, d := range declarations {
		unchanged(t, c.engine(d.name), made[d.name])
		if d.changed == nil {
			continue
		}
		m := c.engine(d.name).Update(made[d.name], d.changed)
		unchanged(t, c.engine(d.name), m)
	}
}

// Every variant of every layer, as its tests wrote it down, is deployed for real.
func TestARefreshAndAnImportOfEachVariantFindWhatTheProgramWrote(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("..", "..", "projects", "*", "testdata", "*.golden.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no goldens of the layers (%v)", err)
	}
	untold := provider.Untold(anyCloud(t).kinds...)
	for _, path := range files {
		layer := filepath.Base(filepath.Dir(filepath.Dir(path)))
		t.Run(layer+" "+strings.TrimSuffix(filepath.Base(path), ".golden.json"), func(t *testing.T) {
			v := newVariant(t, path)
			for id, m := range v.made {
				unchanged(t, v.cloud.engine(id), m)
				importsAs(t, v.cloud.engine("imported-"+id), m, importID(m), untold[m.Token])
			}
		})
	}
}
