// Package store keeps what the local cloud must not forget: one bbolt file, a bucket
// for each collection, values as JSON. A Put that returned has been synced to disk.
package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"go.etcd.io/bbolt"
)

// Store is one open file. Only one process can hold it.
type Store struct{ db *bbolt.DB }

// Open opens the file at path, making it if it is not there. It fails, rather than
// waits, when another process holds the file.
func Open(path string) (*Store, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: time.Second})
	if errors.Is(err, bbolt.ErrTimeout) {
		return nil, fmt.Errorf("open %s: another local cloud is using this state", path)
	}
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", path, err)
	}
	return &Store{db: db}, nil
}

// Close releases the file.
func (s *Store) Close() error { return s.db.Close() }

// Collection is a set of values of one type, by key.
type Collection[T any] struct {
	db   *bbolt.DB
	name []byte
}

// NewCollection returns the collection of that name, empty when it is new.
func NewCollection[T any](s *Store, name string) (Collection[T], error) {
	err := s.db.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists([]byte(name))
		return err
	})
	if err != nil {
		return Collection[T]{}, fmt.Errorf("collection %s: %w", name, err)
	}
	return Collection[T]{db: s.db, name: []byte(name)}, nil
}

// Put writes value under key, replacing what was there.
func (c Collection[T]) Put(key string, value T) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("put %s/%s: %w", c.name, key, err)
	}
	err = c.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(c.name).Put([]byte(key), data) })
	if err != nil {
		return fmt.Errorf("put %s/%s: %w", c.name, key, err)
	}
	return nil
}

// Get returns the value under key, and whether there is one.
func (c Collection[T]) Get(key string) (value T, found bool, err error) {
	err = c.db.View(func(tx *bbolt.Tx) error {
		data := tx.Bucket(c.name).Get([]byte(key))
		if data == nil {
			return nil
		}
		found = true
		return json.Unmarshal(data, &value)
	})
	if err != nil {
		return value, false, fmt.Errorf("get %s/%s: %w", c.name, key, err)
	}
	return value, found, nil
}

// Delete removes the value under key. It is no error when there is none.
func (c Collection[T]) Delete(key string) error {
	err := c.db.Update(func(tx *bbolt.Tx) error { return tx.Bucket(c.name).Delete([]byte(key)) })
	if err != nil {
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
	err := c.db.View(func(tx *bbolt.Tx) error {
		return tx.Bucket(c.name).ForEach(func(key, data []byte) error {
			item := Item[T]{Key: string(key)}
			if err := json.Unmarshal(data, &item.Value); err != nil {
				return fmt.Errorf("%s: %w", key, err)
			}
			items = append(items, item)
			return nil
		})
	})
	if err != nil {
		return nil, fmt.Errorf("list %s: %w", c.name, err)
	}
	return items, nil
}
