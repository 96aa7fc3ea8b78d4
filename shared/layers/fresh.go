package layers

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// fresh says whether every program is there and was built from the sources as they are:
// asking go costs half a second, most of it to read the same files again. sources is
// their fingerprint.
func (o *Orchestrator) fresh(packages []string, sources string) bool {
	for _, p := range packages {
		stamp, err := os.ReadFile(o.stamp(p))
		if err != nil || string(stamp) != sources {
			return false
		}
		if _, err := os.Stat(filepath.Join(o.binDir(), filepath.Base(p))); err != nil {
			return false
		}
	}
	return true
}

// built remembers what programs were built from.
func (o *Orchestrator) built(packages []string, sources string) error {
	errs := []error{os.MkdirAll(o.binDir(), 0o755)}
	for _, p := range packages {
		errs = append(errs, os.WriteFile(o.stamp(p), []byte(sources), 0o644))
	}
	return errors.Join(errs...)
}

// stamp is the file that holds the fingerprint a program was built from.
func (o *Orchestrator) stamp(pkg string) string {
	return filepath.Join(o.binDir(), "."+filepath.Base(pkg)+".sources")
}

// fingerprint names the state of everything that programs are built from: name, size
// and time of each source file, the version of Go, and the variables that steer it.
func (o *Orchestrator) fingerprint() (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version())
	for _, name := range []string{"GOFLAGS", "GOEXPERIMENT", "GOTOOLCHAIN", "GOARCH", "GOOS", "CC", "CXX", "CGO_ENABLED", "CGO_CFLAGS", "CGO_LDFLAGS"} {
		fmt.Fprintln(sum, name, os.Getenv(name))
	}
	add := func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || (err == nil && (d.IsDir() || !source(d.Name()))) {
			return nil
		}
		if err != nil {
			return err
		}
		info, err := d.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(sum, path, info.Size(), info.ModTime().UnixNano())
		return err
	}
	for _, top := range []string{"go.work", "go.work.sum", "projects", "shared"} {
		if err := filepath.WalkDir(filepath.Join(o.Manifest.Root, top), add); err != nil {
			return "", fmt.Errorf("look at the sources: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// source says whether a program may be built from a file of this name.
func source(name string) bool {
	return !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, ".md") && !strings.HasPrefix(name, ".") &&
		!strings.HasPrefix(name, "Pulumi.")
}
