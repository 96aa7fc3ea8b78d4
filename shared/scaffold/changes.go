package scaffold

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// changes are files to write, by their path from the root: all of them or none.
type changes struct {
	root  string
	texts map[string][]byte
	old   map[string][]byte // what a file held that is changed
}

func (c *changes) path(name string) string { return filepath.Join(c.root, filepath.FromSlash(name)) }

func (c *changes) read(name string) ([]byte, error) { return os.ReadFile(c.path(name)) }

// create adds a file that must not be there yet.
func (c *changes) create(name string, text []byte) error {
	if _, err := os.Lstat(c.path(name)); !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%s is there already: remove it, or take another name for the layer", name)
	}
	c.change(name, text)
	return nil
}

// change adds a file, unless it holds the text already.
func (c *changes) change(name string, text []byte) {
	if old, err := c.read(name); bytes.Equal(old, text) && (err == nil || text == nil) {
		return
	}
	if c.texts == nil {
		c.texts, c.old = map[string][]byte{}, map[string][]byte{}
	}
	c.texts[name] = text
}

func (c *changes) names() []string { return slices.Sorted(maps.Keys(c.texts)) }

// write writes every file, and takes all back when one cannot be written.
func (c *changes) write() error {
	for _, name := range c.names() {
		old, err := c.read(name)
		if err == nil {
			c.old[name] = old
		}
		if err := os.MkdirAll(filepath.Dir(c.path(name)), 0o755); err != nil {
			return c.undo(err)
		}
		if err := os.WriteFile(c.path(name), c.texts[name], 0o644); err != nil {
			return c.undo(err)
		}
	}
	return nil
}

// undo takes back what write did, and returns why.
func (c *changes) undo(why error) error {
	for _, name := range c.names() {
		var err error
		if old, was := c.old[name]; was {
			err = os.WriteFile(c.path(name), old, 0o644)
		} else if err = os.Remove(c.path(name)); errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		if err != nil {
			why = errors.Join(why, fmt.Errorf("and %s could not be taken back: %w", name, err))
		}
		os.Remove(filepath.Dir(c.path(name))) // fails where there is something left
	}
	return why
}
