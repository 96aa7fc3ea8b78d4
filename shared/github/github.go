// Package github makes what GitHub reads from the manifest: who reviews what
// (CODEOWNERS), and the workflows that test, preview, deploy and look for drift.
package github

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"pipeline/shared/manifest"
)

// Files are the files by their path from the repository's root, with slashes; nil is
// one that has not to be there.
func Files(m *manifest.Manifest) (map[string][]byte, error) {
	files, err := workflows(m)
	if err != nil {
		return nil, err
	}
	files[".github/CODEOWNERS"] = codeowners(m)
	return files, nil
}

// Old are the paths of the files that are not as the manifest says.
func Old(m *manifest.Manifest) ([]string, error) {
	files, err := Files(m)
	if err != nil {
		return nil, err
	}
	var old []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		text, err := os.ReadFile(filepath.Join(m.Root, filepath.FromSlash(name)))
		if err != nil && !os.IsNotExist(err) {
			return nil, err
		}
		if !bytes.Equal(text, files[name]) {
			old = append(old, name)
		}
	}
	return old, nil
}

// Write writes the files that are not as the manifest says, and returns their paths.
func Write(m *manifest.Manifest) ([]string, error) {
	files, err := Files(m)
	if err != nil {
		return nil, err
	}
	old, err := Old(m)
	if err != nil {
		return nil, err
	}
	for _, name := range old {
		if err := write(filepath.Join(m.Root, filepath.FromSlash(name)), files[name]); err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
	}
	return old, nil
}

func write(path string, text []byte) error {
	if text == nil {
		return os.Remove(path)
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, text, 0o644)
}
