package layers

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/magefile/mage/mg"
)

// Mage ends with the status of an error that has one.
func TestWhatDoesNotExistHasAStatusOfItsOwn(t *testing.T) {
	for _, ask := range []struct{ stack, parallel, layer, want string }{
		{"lokal", "", "iam", "unknown stack"},
		{"local", "none", "iam", "PARALLEL"},
		{"local", "", "aim", "unknown layer"},
	} {
		t.Setenv("STACK", ask.stack)
		t.Setenv("PARALLEL", ask.parallel)
		err := Main(t.Context(), Deploy, Named(ask.layer))
		if err == nil || mg.ExitStatus(err) != 2 || !strings.Contains(err.Error(), ask.want) {
			t.Errorf("%+v ends with %v, want status 2", ask, err)
		}
	}
}

func TestAnUnknownOperationHasThatStatus(t *testing.T) {
	if op, err := ParseOperation("drift"); op != Drift || err != nil {
		t.Errorf("drift is %q (%v)", op, err)
	}
	_, err := ParseOperation("deplyo")
	if err == nil || mg.ExitStatus(err) != 2 || !strings.Contains(err.Error(), "deploy preview destroy drift") {
		t.Errorf("deplyo ends with %v, want status 2 and what there is", err)
	}
}

func TestABackendThatDoesNotAnswerIsNoUnknownName(t *testing.T) {
	chosen := func(context.Context, *Orchestrator) ([]string, error) {
		return nil, errors.New("list the stacks: no answer")
	}
	if err := Main(t.Context(), Deploy, chosen); err == nil || mg.ExitStatus(err) != 1 {
		t.Errorf("a run whose layers cannot be told ends with status %d (%v), want 1", mg.ExitStatus(err), err)
	}
}
