package main

import (
	"slices"
	"strings"
	"testing"

	"pipeline/shared/localcloud/provider"
	"pipeline/shared/localcloud/provider/providertest"
)

// Importing by what a person writes finds the inputs that the program has, but for those
// that AWS never tells: the next deployment has nothing to change.
func TestEachTypeIsImportedAsTheProgramHasIt(t *testing.T) {
	c := newRestarted(t)
	untold := provider.Untold(c.kinds...)
	made := world{}
	for _, d := range declarations {
		made[d.name] = c.engine(d.name).Create(d.token, d.inputs(made))
	}
	for _, d := range declarations {
		t.Run(d.token+" "+d.name, func(t *testing.T) {
			written := made[d.name].ID
			if d.importID != nil {
				written = d.importID(made)
			}
			engine := providertest.Over(t, c.provider, "events").As("imported-" + d.name)
			if slices.Contains(untold[d.token], "*") {
				if err := engine.TryImport(d.token, written); err == nil || !strings.Contains(err.Error(), "cannot import") {
					t.Errorf("the import is answered %v, want it refused", err)
				}
				return
			}
			found, program := engine.Imported(d.token, written), object{}
			for name, value := range made[d.name].Inputs {
				if !slices.Contains(untold[d.token], name) {
					program[name] = value
				}
			}
			if different := engine.Differences(found, program); len(different) > 0 {
				t.Errorf("the import finds %v, the program has %v: %v differ", found.Inputs, program, different)
			}
			if again := engine.Imported(d.token, written); again.ID != found.ID {
				t.Errorf("the import gives the ids %s and %s", found.ID, again.ID)
			}
			if in, _, there := engine.Read(found); !there {
				t.Errorf("a refresh does not find what was imported as %s, with %v", found.ID, in)
			}
		})
	}
}
