package tasks

import (
	"maps"
	"strings"
	"testing"

	"pipeline/shared/local"
)

func TestADrillTakesItsArgumentsFromTheEnvironment(t *testing.T) {
	env := map[string]string{"COUNT": "3", "PLANE": "s3", "BY": "2s", "HOME": "/"}
	got, err := drillArguments(func(name string) string { return env[name] })
	want := map[string]any{"count": 3, "plane": "s3", "by": "2s"}
	if err != nil || !maps.Equal(got, want) {
		t.Errorf("arguments are %v (%v), want %v", got, err, want)
	}
	env["COUNT"] = "many"
	if _, err := drillArguments(func(name string) string { return env[name] }); err == nil || err.Error() != `COUNT is "many", want a number` {
		t.Errorf("the error of a bad count is %v", err)
	}
}

func TestTheListOfDrillsShowsWhatGoesOn(t *testing.T) {
	drills := []local.Drill{
		{Name: "deny", Takes: []string{"action", "count"}, Shows: "calls are denied", Active: []string{"2 left of s3:putobject"}},
		{Name: "clock", Takes: []string{"by"}, Shows: "another time"},
	}
	var all, active strings.Builder
	if err := writeDrills(&all, drills, true); err != nil {
		t.Fatal(err)
	}
	if err := writeDrills(&active, drills, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"deny", "ACTION COUNT", "calls are denied", "on: deny", "2 left of s3:putobject", "clock", "another time"} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("the list lacks %q:\n%s", want, all.String())
		}
	}
	if got := active.String(); got != "on: deny  2 left of s3:putobject\n" {
		t.Errorf("after a start it prints %q", got)
	}
}
