package store_test

import (
	"path/filepath"
	"testing"

	"pipeline/shared/localcloud/store"
)

// reopened is the store as a process finds it after the last one was killed.
func reopened(t *testing.T, s *store.Store, path string) (*store.Store, store.Collection[string]) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return open(t, path)
}

func has(t *testing.T, c store.Collection[string], want map[string]string) {
	t.Helper()
	items, err := c.List()
	if err != nil || len(items) != len(want) {
		t.Fatalf("the collection has %v (%v), want %v", items, err, want)
	}
	for _, item := range items {
		if want[item.Key] != item.Value {
			t.Errorf("%s is %q, want %q", item.Key, item.Value, want[item.Key])
		}
	}
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestACallThatWasNotEndedIsUndone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, c := open(t, path)
	must(t, c.Put("changed", "before"), c.Put("deleted", "before"))
	s.Begin(t.Context())
	must(t, c.Put("changed", "once"), c.Put("changed", "twice"), c.Delete("deleted"), c.Put("made", "new"))
	s, c = reopened(t, s, path)
	has(t, c, map[string]string{"changed": "before", "deleted": "before"})
	must(t, c.Put("changed", "after"))
	s, c = reopened(t, s, path)
	defer s.Close()
	has(t, c, map[string]string{"changed": "after", "deleted": "before"})
}

func TestACallThatWasEndedIsKept(t *testing.T) {
	for rule, end := range map[string]func(*store.Store, store.Collection[string]) error{
		"by End":      func(s *store.Store, c store.Collection[string]) error { return s.End() },
		"by Conclude": func(_ *store.Store, c store.Collection[string]) error { return c.Conclude("last", "new") },
	} {
		t.Run(rule, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "store.db")
			s, c := open(t, path)
			s.Begin(t.Context())
			must(t, c.Put("made", "new"), c.Put("last", "new"), end(s, c), c.Put("later", "new"))
			s, c = reopened(t, s, path)
			defer s.Close()
			has(t, c, map[string]string{"made": "new", "last": "new", "later": "new"})
		})
	}
}

func TestWhatIsWrittenApartFromACallIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, c := open(t, path)
	must(t, c.Put("user", "before"))
	call := s.Begin(t.Context())
	must(t, c.Within(call).Put("secret of the call", "new"), c.Within(t.Context()).Put("secret of a client", "new"), c.Put("user", "in the call"), c.Apart().Put("user", "by the user"), c.Apart().Put("token", "new"), c.Put("made", "new"))
	s, c = reopened(t, s, path)
	defer s.Close()
	has(t, c, map[string]string{"user": "by the user", "token": "new", "secret of a client": "new"})
}

func TestDeleteWhereIsOneWriteAndUndoneWithTheCall(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store.db")
	s, c := open(t, path)
	all := map[string]string{"a": "0", "b": "1", "c": "2"}
	for key, value := range all {
		must(t, c.Put(key, value))
	}
	s.Begin(t.Context())
	writes := 0
	s.Watch(func(bool) error { writes++; return nil })
	must(t, c.DeleteWhere(func(i store.Item[string]) bool { return i.Value == "1" || i.Value == "2" }))
	must(t, c.DeleteWhere(func(store.Item[string]) bool { return false }))
	has(t, c, map[string]string{"a": "0"})
	if writes != 2 { // before and after
		t.Errorf("to delete two values takes %d writes, want one", writes/2)
	}
	s, c = reopened(t, s, path)
	defer s.Close()
	has(t, c, all)
}

func TestWhatCannotBeUndoneIsDoneWhenTheCallIsKept(t *testing.T) {
	s, c := open(t, filepath.Join(t.TempDir(), "store.db"))
	defer s.Close()
	done := 0
	f := func() error { done++; return nil }
	s.Begin(t.Context())
	must(t, s.Afterwards(f))
	if done != 0 {
		t.Error("it is done while the call can still be undone")
	}
	must(t, c.Conclude("last", "new"))
	if done != 1 {
		t.Errorf("it is done %d times when the call is kept, want once", done)
	}
	must(t, s.Afterwards(f))
	if done != 2 {
		t.Error("without a call it is not done at once")
	}
}
