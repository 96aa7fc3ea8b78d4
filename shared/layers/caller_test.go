package layers

import (
	"context"
	"errors"
	"fmt"
	"testing"
)

// nothingRuns fails the test when a run in prod begins, or its error is not want.
func nothingRuns(t *testing.T, w *world, want string) {
	t.Helper()
	for _, op := range []Operation{Deploy, Preview, Destroy, Drift} {
		if _, err := w.o.Do(t.Context(), op); err == nil || err.Error() != want {
			t.Errorf("%s ends with %v, want %s", op, err, want)
		}
	}
	if ran := w.Ran(); len(ran) > 0 {
		t.Errorf("these ran: %v", ran)
	}
}

func TestNothingRunsOnAnotherAccount(t *testing.T) {
	w := newWorld(t)
	w.o.Environment = w.o.Manifest.Environments["prod"]
	w.o.Caller = func(context.Context) (Caller, error) { return Caller{Account: "999999999999"}, nil }
	nothingRuns(t, w, "stack prod is for account 222222222222, but the credentials are for 999999999999: set AWS_PROFILE or mend Pulumi.org.yaml")
	w.o.Caller = func(context.Context) (Caller, error) { return Caller{}, errors.New("no credentials") }
	nothingRuns(t, w, "ask AWS who is calling: no credentials; sign in, or set AWS_PROFILE")
}

func TestNothingRunsInAnotherRegion(t *testing.T) {
	w := newWorld(t)
	w.o.Environment = w.o.Manifest.Environments["prod"]
	w.write("projects/c/Pulumi.prod.yaml", "config:\n  aws:region: us-east-1\n")
	nothingRuns(t, w, "projects/c/Pulumi.prod.yaml sets aws:region to us-east-1, and stack prod is for eu-central-1: take it out, or mend Pulumi.org.yaml")
	w.write("projects/c/Pulumi.prod.yaml", "config:\n  aws:region: eu-central-1\n")
	if r, err := w.o.Do(t.Context(), Preview); err != nil || !r.OK {
		t.Errorf("a preview in the manifest's region ends with %v", err)
	}
}

func TestTheLocalCloudAsksNobody(t *testing.T) {
	w := newWorld(t)
	w.o.Caller = func(context.Context) (Caller, error) {
		t.Error("AWS is asked who is calling")
		return Caller{}, fmt.Errorf("no")
	}
	w.do(Deploy)
}
