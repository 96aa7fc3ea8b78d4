package store_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pipeline/shared/localcloud/store"
)

func open(t *testing.T, path string) (*store.Store, store.Collection[string]) {
	t.Helper()
	s, err := store.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := store.NewSealedCollection[string](s, "secrets")
	if err != nil {
		t.Fatal(err)
	}
	return s, c
}

func TestASealedValueIsNotInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, c := open(t, path)
	if err := c.Put("one", "correct horse"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || bytes.Contains(data, []byte("correct horse")) {
		t.Fatalf("the file holds a sealed value in clear (%v)", err)
	}
	if info, err := os.Stat(path + ".key"); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key's file is %v (%v), want one for its owner alone", info, err)
	}
	s, c = open(t, path)
	defer s.Close()
	if value, found, err := c.Get("one"); value != "correct horse" || !found || err != nil {
		t.Errorf("after a restart the value is %q, %v, %v", value, found, err)
	}
	if items, err := c.List(); len(items) != 1 || items[0].Value != "correct horse" || err != nil {
		t.Errorf("after a restart the values are %v, %v", items, err)
	}
}

func TestAStoreWithoutItsKeyIsNotOpened(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, _ := open(t, path)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path + ".key"); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Open(path); err == nil || !strings.Contains(err.Error(), path+".key") {
		t.Errorf("without its key the store opens (%v), want an error that names the key", err)
	}
}
