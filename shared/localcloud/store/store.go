// Package store keeps what the local cloud must not forget: one bbolt file, a bucket
// for each collection, values as JSON. A Put that returned has been synced to disk. What
// holds secrets is a sealed collection, whose values are encrypted with a key that lies
// beside the file, for its owner alone.
//
// What the deployment engine asks for is a call, of several writes by several planes. One
// that a kill interrupts is undone when the store is opened again: see Begin.
package store

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"go.etcd.io/bbolt"
)

// Store is one open file. Only one process can hold it.
type Store struct {
	db   *bbolt.DB
	seal cipher.AEAD
	call call
}

// Open opens the file at path, making it and its key, path.key, if it is not there, and
// undoes the call that the last process did not end. It fails, rather than waits, when
// another process holds the file.
func Open(path string) (*Store, error) {
	_, err := os.Stat(path)
	isNew := errors.Is(err, fs.ErrNotExist)
	seal, err := OpenKey(path+".key", isNew)
	if err != nil {
		return nil, err
	}
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if errors.Is(err, bbolt.ErrTimeout) {
		return nil, fmt.Errorf("open %s: another local cloud is using this state", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	s := &Store{db: db, seal: seal}
	if err := s.undo(); err != nil {
		return nil, errors.Join(fmt.Errorf("undo what was interrupted in %s: %w", path, err), db.Close())
	}
	return s, nil
}

// Close releases the file.
func (s *Store) Close() error { return s.db.Close() }

// Collection is a set of values of one type, by key.
type Collection[T any] struct {
	store *Store
	name  []byte
	seal  cipher.AEAD // nil: its values are there in clear
	apart bool        // its writes are part of no call
}

// NewCollection returns the collection of that name, empty when it is new.
func NewCollection[T any](s *Store, name string) (Collection[T], error) {
	if !s.has([]byte(name)) {
		err := s.db.Update(func(tx *bbolt.Tx) error {
			_, err := tx.CreateBucketIfNotExists([]byte(name))
			return err
		})
		if err != nil {
			return Collection[T]{}, fmt.Errorf("collection %s: %w", name, err)
		}
	}
	return Collection[T]{store: s, name: []byte(name)}, nil
}

// has says whether the file has a bucket. To look costs less than to make it again: that
// would be a write to disk for each collection at every start.
func (s *Store) has(bucket []byte) (there bool) {
	_ = s.db.View(func(tx *bbolt.Tx) error {
		there = tx.Bucket(bucket) != nil
		return nil
	})
	return there
}

// NewSealedCollection returns the collection of that name, whose values are encrypted.
func NewSealedCollection[T any](s *Store, name string) (Collection[T], error) {
	c, err := NewCollection[T](s, name)
	c.seal = s.seal
	return c, err
}

// encode is a value as it is kept under key.
func (c Collection[T]) encode(key string, value T) ([]byte, error) {
	data, err := json.Marshal(value)
	if err != nil || c.seal == nil {
		return data, err
	}
	nonce := make([]byte, c.seal.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return c.seal.Seal(nonce, nonce, data, c.place(key)), nil
}

// decode is what encode made value of.
func (c Collection[T]) decode(key string, data []byte) (value T, err error) {
	if c.seal != nil {
		size := c.seal.NonceSize()
		if len(data) < size {
			return value, errors.New("it is not sealed")
		}
		if data, err = c.seal.Open(nil, data[:size], data[size:], c.place(key)); err != nil {
			return value, fmt.Errorf("it is not sealed with the key of this state: %w", err)
		}
	}
	return value, json.Unmarshal(data, &value)
}

// place keeps a sealed value from being moved under another name.
func (c Collection[T]) place(key string) []byte { return []byte(string(c.name) + "/" + key) }

// Put writes value under key, replacing what was there.
func (c Collection[T]) Put(key string, value T) error {
	data, err := c.encode(key, value)
	if err != nil {
		return fmt.Errorf("put %s/%s: %w", c.name, key, err)
	}
	if err := c.write(key, data); err != nil {
		return fmt.Errorf("put %s/%s: %w", c.name, key, err)
	}
	return nil
}

// write keeps data under key, nil for nothing.
func (c Collection[T]) write(key string, data []byte) error {
	return c.store.update(!c.apart, func(tx *bbolt.Tx) error { return c.change(tx, key, data) })
}

func (c Collection[T]) change(tx *bbolt.Tx, key string, data []byte) error {
	if err := c.store.call.note(tx, c.name, key, c.apart); err != nil {
		return err
	}
	if data == nil {
		return tx.Bucket(c.name).Delete([]byte(key))
	}
	return tx.Bucket(c.name).Put([]byte(key), data)
}

// Get returns the value under key, and whether there is one.
func (c Collection[T]) Get(key string) (value T, found bool, err error) {
	err = c.store.db.View(func(tx *bbolt.Tx) error {
		data := tx.Bucket(c.name).Get([]byte(key))
		if data == nil {
			return nil
		}
		found = true
		value, err = c.decode(key, data)
		return err
	})
	if err != nil {
		return value, false, fmt.Errorf("get %s/%s: %w", c.name, key, err)
	}
	return value, found, nil
}

// Delete removes the value under key. It is no error when there is none.
func (c Collection[T]) Delete(key string) error {
	if err := c.write(key, nil); err != nil {
		return fmt.Errorf("delete %s/%s: %w", c.name, key, err)
	}
	return nil
}

// Item is one value with its key.
type Item[T any] struct {
	Key   string
	Value T
}

// List returns every value, in the order of the keys' bytes.
func (c Collection[T]) List() ([]Item[T], error) {
	var items []Item[T]
	err := c.store.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(c.name).ForEach(func(key, data []byte) error {
			value, err := c.decode(string(key), data)
			if err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			items = append(items, Item[T]{Key: string(key), Value: value})
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", c.name, err)
	}
	return items, nil
}

// DeleteWhere removes the values that match, in one write.
func (c Collection[T]) DeleteWhere(match func(Item[T]) bool) error {
	items, err := c.List()
	items = slices.DeleteFunc(items, func(i Item[T]) bool { return !match(i) })
	if err != nil || len(items) == 0 {
		return err
	}
	err = c.store.update(!c.apart, func(tx *bbolt.Tx) error {
		for _, item := range items {
			if err := c.change(tx, item.Key, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("delete %d of %s: %w", len(items), c.name, err)
	}
	return nil
}
