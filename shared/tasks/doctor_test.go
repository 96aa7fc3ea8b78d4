package tasks

import (
	"bytes"
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"pipeline/shared/command/commandtest"
	"pipeline/shared/layers"
	"pipeline/shared/manifest"
	"pipeline/shared/toolchain"
)

// patient is an orchestrator for AWS on a machine of which a test says what is there.
func patient(t *testing.T) (*layers.Orchestrator, *commandtest.World) {
	t.Helper()
	m, err := manifest.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	w := &commandtest.World{}
	return &layers.Orchestrator{
		Manifest: m, Environment: m.Environments["dev"], Dir: t.TempDir(), Run: w, Talk: &bytes.Buffer{},
		Tools: toolchain.Toolchain{
			Root: m.Root, Run: w, Cache: t.TempDir(),
			LookPath: func(name string) (string, error) { return filepath.Join("/usr/bin", name), nil },
		},
	}, w
}

func TestTheDoctorSaysHowToMendEachThing(t *testing.T) {
	o, w := patient(t)
	w.On("go env GOVERSION", commandtest.Prints("go1.20.0"))
	w.On("git version", commandtest.Fails(127, "not found"))
	w.On("git rev-parse", commandtest.Prints("origin/main"))
	w.On("git fetch", commandtest.Prints(""))
	w.On("git rev-list", commandtest.Prints("3"))
	w.On("pulumi version", commandtest.Prints("v"+toolchain.Version))
	w.On("pulumi --non-interactive stack ls", commandtest.Fails(255, "error: no such bucket"))
	o.Caller = func(context.Context) (layers.Caller, error) { return layers.Caller{}, errors.New("no credentials") }
	for _, sick := range []struct {
		look func(context.Context, *layers.Orchestrator) (string, error)
		mend string
	}{
		{compilers, "install it from https://go.dev/dl"},
		{git, "install it"},
		{account, "sign in, or set AWS_PROFILE"},
		{checkout, "git pull first, or set BEHIND=allow"},
		{state, "no such bucket"},
		{state, "mend backend in Pulumi.org.yaml"},
	} {
		if _, err := sick.look(t.Context(), o); err == nil || !strings.Contains(err.Error(), sick.mend) {
			t.Errorf("the error is %v, want %q in it", err, sick.mend)
		}
	}
}

func TestTheDoctorFailsWhenOneThingIsToBeMended(t *testing.T) {
	o, _ := patient(t)
	fine := func(context.Context, *layers.Orchestrator) (string, error) { return "there", nil }
	sick := func(context.Context, *layers.Orchestrator) (string, error) { return "", errors.New("missing: get it") }
	var out bytes.Buffer
	if err := examine(t.Context(), o, []examination{{"a", fine}, {"b", sick}}, &out); err == nil || err.Error() != "1 of 2 checks failed" {
		t.Errorf("the error is %v", err)
	}
	if want := "ok    a            there\nMEND  b            missing: get it\n"; out.String() != want {
		t.Errorf("the doctor says\n%swant\n%s", out.String(), want)
	}
}
