package layers

import (
	"errors"
	"os"
	"path/filepath"
)

// fresh says whether every program is there and was built from the sources as they are;
// state is their fingerprint.
func (o *Orchestrator) fresh(packages []string, state string) bool {
	for _, p := range packages {
		stamp, err := os.ReadFile(o.stamp(p))
		if err != nil || string(stamp) != state {
			return false
		}
		if _, err := os.Stat(filepath.Join(o.binDir(), filepath.Base(p))); err != nil {
			return false
		}
	}
	return true
}

// built remembers what programs were built from.
func (o *Orchestrator) built(packages []string, state string) error {
	errs := []error{os.MkdirAll(o.binDir(), 0o755)}
	for _, p := range packages {
		errs = append(errs, os.WriteFile(o.stamp(p), []byte(state), 0o644))
	}
	return errors.Join(errs...)
}

// stamp is the file that holds the fingerprint a program was built from.
func (o *Orchestrator) stamp(pkg string) string {
	return filepath.Join(o.binDir(), "."+filepath.Base(pkg)+".sources")
}
