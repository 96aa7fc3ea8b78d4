package layers

import (
	"context"
	"slices"
	"testing"
)

func TestOnlyOnTheLocalCloudIsGarbageLeftLying(t *testing.T) {
	t.Setenv("GOGC", "")
	t.Setenv("GOMEMLIMIT", "")
	w := newWorld(t)
	cloud := func(context.Context) ([]string, error) { return nil, nil }
	for name, want := range map[string]bool{"local": true, "prod": false} {
		w.o.Environment = w.o.Manifest.Environments[name]
		env, err := w.o.environ(t.Context(), cloud)
		if err != nil {
			t.Fatal(err)
		}
		if got := slices.Contains(env, "GOGC=off") && slices.Contains(env, "GOMEMLIMIT=512MiB"); got != want {
			t.Errorf("in %s garbage is left lying: %v, want %v", name, got, want)
		}
	}
}
