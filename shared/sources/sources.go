// Package sources tells cheaply whether what programs are built from has changed. To
// ask go costs half a second, most of it to read the same files again.
package sources

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

// steering are the variables that change what go builds from the same files.
var steering = []string{
	"GOFLAGS", "GOEXPERIMENT", "GOTOOLCHAIN", "GOARCH", "GOOS", "GOWORK",
	"CC", "CXX", "CGO_ENABLED", "CGO_CFLAGS", "CGO_LDFLAGS",
}

// Fingerprint names the state of everything that programs are built from: name, size
// and time of each source file in the files and folders of root that are named, the
// version of Go, and the variables that steer it. A name that begins with - leaves a
// folder out again.
func Fingerprint(root string, names ...string) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version())
	for _, name := range steering {
		fmt.Fprintln(sum, name, os.Getenv(name))
	}
	left := map[string]bool{}
	for _, name := range names {
		if folder, isLeft := strings.CutPrefix(name, "-"); isLeft {
			left[filepath.Join(root, folder)] = true
		}
	}
	add := func(path string, d fs.DirEntry, err error) error {
		switch {
		case left[path]:
			return fs.SkipDir
		case errors.Is(err, fs.ErrNotExist) || (err == nil && (d.IsDir() || !source(d.Name()))):
			return nil
		case err != nil:
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
	for _, name := range names {
		if strings.HasPrefix(name, "-") {
			continue
		}
		if err := filepath.WalkDir(filepath.Join(root, name), add); err != nil {
			return "", fmt.Errorf("look at the sources: %w", err)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// source says whether a program may be built from a file of this name; what a program
// embeds counts too, and so everything does that is not known to be something else.
func source(name string) bool {
	return !strings.HasSuffix(name, "_test.go") && !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "Pulumi.")
}
