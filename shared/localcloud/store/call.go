package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"go.etcd.io/bbolt"
)

// undoName is the bucket of what the call under way has overwritten: in it a bucket for
// each collection, in which a key has what was there before the call's first write to it.
var undoName = []byte("store/undo")

// What a key had before: nothing, or the value that follows.
const (
	wasAbsent  = '-'
	wasPresent = '+'
)

// call is several writes that are kept together or not at all.
type call struct {
	mu         sync.Mutex
	underWay   bool
	noted      bool // there is something to undo
	afterwards []func() error
	watch      func(after bool) error
}

// Begin begins a call: what is written until End or Conclude is undone by the next Open
// if neither is reached. There is one call at a time, and what others write meanwhile is
// part of it; where clients write, a plane uses Within or Apart. A call that could not be
// ended goes on. The context is the call's.
func (s *Store) Begin(ctx context.Context) context.Context {
	s.call.set(true)
	return context.WithValue(ctx, inCall{}, true)
}

type inCall struct{}

// End keeps what the call has written, and does what it has left for afterwards.
func (s *Store) End() error {
	if s.call.endEmpty() {
		return s.call.finish()
	}
	return s.end(func(*bbolt.Tx) error { return nil })
}

// Conclude is Put and End in one step.
func (c Collection[T]) Conclude(key string, value T) error {
	data, err := c.encode(key, value)
	if err != nil {
		return fmt.Errorf("put %s/%s: %w", c.name, key, err)
	}
	return c.store.end(func(tx *bbolt.Tx) error { return tx.Bucket(c.name).Put([]byte(key), data) })
}

// end ends the call with a last write.
func (s *Store) end(last func(*bbolt.Tx) error) error {
	err := s.update(true, func(tx *bbolt.Tx) error {
		s.call.set(false) // for who writes next
		if tx.Bucket(undoName) != nil {
			if err := tx.DeleteBucket(undoName); err != nil {
				return err
			}
		}
		return last(tx)
	})
	if err != nil {
		s.call.set(true)
		return fmt.Errorf("end a call: %w", err)
	}
	return s.call.finish()
}

// Apart is the collection for what clients do while a call runs: its writes are not undone
// with the call.
func (c Collection[T]) Apart() Collection[T] {
	c.apart = true
	return c
}

// Within is the collection for what a call or a client does: Apart unless ctx is a call's.
func (c Collection[T]) Within(ctx context.Context) Collection[T] {
	c.apart = ctx.Value(inCall{}) == nil
	return c
}

// Afterwards does f when the call is kept, or at once where there is none: what cannot be
// undone, such as deleting files. A kill may come before f.
func (s *Store) Afterwards(f func() error) error {
	s.call.mu.Lock()
	if s.call.underWay {
		s.call.afterwards = append(s.call.afterwards, f)
		f = func() error { return nil }
	}
	s.call.mu.Unlock()
	return f()
}

// Each calls f with every value as it is in the file.
func (s *Store) Each(f func(collection, key string, value []byte)) error {
	return s.db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(collection []byte, values *bbolt.Bucket) error {
			return values.ForEach(func(key, value []byte) error {
				f(string(collection), string(key), value)
				return nil
			})
		})
	})
}

// Watch has f called before and after each write of a call, for tests of what a kill and a
// full disk leave. A write before which f fails is not made.
func (s *Store) Watch(f func(after bool) error) { s.call.watch = f }

// update changes the file. watched is false for what is no part of a call.
func (s *Store) update(watched bool, f func(*bbolt.Tx) error) error {
	watch := s.call.watch
	if watch == nil || !watched {
		return s.db.Update(f)
	}
	if err := watch(false); err != nil {
		return err
	}
	return errors.Join(s.db.Update(f), watch(true))
}

func (c *call) set(underWay bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.underWay = underWay
}

// endEmpty ends a call that has written nothing.
func (c *call) endEmpty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.underWay = c.noted
	return !c.noted
}

// finish does what a call that has ended left for afterwards.
func (c *call) finish() (failed error) {
	c.mu.Lock()
	todo := c.afterwards
	c.noted, c.afterwards = false, nil
	c.mu.Unlock()
	for _, f := range todo {
		failed = errors.Join(failed, f())
	}
	return failed
}

// note remembers what a key has before it is written, if that is part of a call. A write
// that is not stays, also where the call has written that key.
func (c *call) note(tx *bbolt.Tx, collection []byte, key string, apart bool) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if apart || !c.underWay {
		return leave(tx, collection, key)
	}
	c.noted = true
	all, err := tx.CreateBucketIfNotExists(undoName)
	if err != nil {
		return err
	}
	images, err := all.CreateBucketIfNotExists(collection)
	if err != nil || images.Get([]byte(key)) != nil {
		return err
	}
	image := []byte{wasAbsent}
	if value := tx.Bucket(collection).Get([]byte(key)); value != nil {
		image = bytes.Join([][]byte{{wasPresent}, value}, nil)
	}
	return images.Put([]byte(key), image)
}

// leave has a key not undone.
func leave(tx *bbolt.Tx, collection []byte, key string) error {
	all := tx.Bucket(undoName)
	if all == nil || all.Bucket(collection) == nil {
		return nil
	}
	return all.Bucket(collection).Delete([]byte(key))
}

// undo gives the keys that an interrupted call has written what they had before it.
func (s *Store) undo() error {
	if !s.has(undoName) {
		return nil
	}
	return s.db.Update(func(tx *bbolt.Tx) error {
		all := tx.Bucket(undoName)
		err := all.ForEachBucket(func(collection []byte) error {
			into := tx.Bucket(collection)
			return all.Bucket(collection).ForEach(func(key, image []byte) error {
				if image[0] == wasAbsent {
					return into.Delete(key)
				}
				return into.Put(key, image[1:])
			})
		})
		if err != nil {
			return err
		}
		return tx.DeleteBucket(undoName)
	})
}
