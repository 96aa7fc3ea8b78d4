package layers

import (
	"errors"
	"strings"
	"testing"
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
		var status interface{ ExitStatus() int }
		if !errors.As(err, &status) || status.ExitStatus() != 2 || !strings.Contains(err.Error(), ask.want) {
			t.Errorf("%+v ends with %v, want status 2", ask, err)
		}
	}
}
