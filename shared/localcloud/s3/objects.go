package s3

import (
	"bytes"
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/bbolt"
)

// objects keeps objects: the bytes of each in a file of its own under a random name, and
// an index from key to file. The file is complete and synced before the index names it,
// so that a reader, and whoever restarts after a kill, sees all of an object or none.
type objects struct {
	dir   string
	index *bbolt.DB // a bucket of the index for each bucket, object keys to records
}

// record is an object in the index.
type record struct {
	File     string // name under dir/data
	Size     int64
	MD5      string // hexadecimal
	Modified time.Time
	Headers  map[string]string // that come back with the object
}

func openObjects(dir string) (*objects, error) {
	for _, sub := range []string{"data", "new", "uploads"} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("open the objects in %s: %w", dir, err)
		}
	}
	index, err := bbolt.Open(filepath.Join(dir, "index.db"), 0o600, &bbolt.Options{Timeout: time.Second})
	if err != nil {
		return nil, fmt.Errorf("open the index of objects in %s: %w", dir, err)
	}
	o := &objects{dir: dir, index: index}
	return o, o.sweep()
}

func (o *objects) close() error { return o.index.Close() }

func (o *objects) data(file string) string { return filepath.Join(o.dir, "data", file[:2], file) }

func bytesReader(b []byte) io.Reader { return bytes.NewReader(b) }

// put writes body, of size bytes, and names it in the index. allowed, unless nil, may
// refuse when it sees what is there under that key (nil: nothing).
func (o *objects) put(bucket, key string, r record, body io.Reader, size int64, allowed func(old *record) error) (record, error) {
	if err := o.write(&r, body, size); err != nil {
		return r, err
	}
	var replaced *record
	err := o.update(bucket, func(b *bbolt.Bucket) (err error) {
		if replaced, err = get(b, key); err != nil {
			return err
		}
		if allowed != nil {
			if err := allowed(replaced); err != nil {
				return err
			}
		}
		value, err := json.Marshal(r)
		if err != nil {
			return err
		}
		return b.Put([]byte(key), value)
	})
	if err != nil {
		return r, errors.Join(err, os.Remove(o.data(r.File)))
	}
	if replaced != nil {
		return r, o.forget(*replaced)
	}
	return r, nil
}

// write makes the object's file and fills in what only its bytes tell.
func (o *objects) write(r *record, body io.Reader, size int64) error {
	f, err := os.CreateTemp(filepath.Join(o.dir, "new"), "")
	if err != nil {
		return fmt.Errorf("write an object: %w", err)
	}
	defer os.Remove(f.Name()) // fails once it has been moved, as it should
	hash := md5.New()
	r.Size, err = io.Copy(io.MultiWriter(f, hash), body)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if r.Size != size {
		return errorf("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	}
	r.MD5, r.File = hex.EncodeToString(hash.Sum(nil)), rand.Text()
	return moveSynced(f.Name(), o.data(r.File))
}

// moveSynced renames and sees to it that the new name is on disk.
func moveSynced(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Rename(from, to); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(to))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// forget removes a file that the index names no more. A reader that has it open keeps
// reading it.
func (o *objects) forget(r record) error {
	if err := os.Remove(o.data(r.File)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// stat returns the record of an object, or NoSuchKey.
func (o *objects) stat(bucket, key string) (record, error) {
	var r *record
	err := o.view(bucket, func(b *bbolt.Bucket) (err error) {
		r, err = get(b, key)
		return err
	})
	if err == nil && r == nil {
		err = noSuchKey()
	}
	if err != nil {
		return record{}, err
	}
	return *r, nil
}

// open returns an object and its file. An object that is replaced between the two is
// looked up again.
func (o *objects) open(bucket, key string) (record, *os.File, error) {
	for {
		r, err := o.stat(bucket, key)
		if err != nil {
			return r, nil, err
		}
		f, err := os.Open(o.data(r.File))
		if !errors.Is(err, fs.ErrNotExist) {
			return r, f, err
		}
		if again, err := o.stat(bucket, key); err == nil && again.File == r.File {
			return r, nil, fmt.Errorf("object %s/%s: its file %s is lost", bucket, key, o.data(r.File))
		}
	}
}

// delete removes an object if allowed, unless nil, lets it. It is no error when there
// is none.
func (o *objects) delete(bucket, key string, allowed func(old record) bool) (deleted bool, err error) {
	var old *record
	err = o.update(bucket, func(b *bbolt.Bucket) (err error) {
		if old, err = get(b, key); err != nil || old == nil {
			return err
		}
		if deleted = allowed == nil || allowed(*old); !deleted {
			return nil
		}
		return b.Delete([]byte(key))
	})
	if err != nil || !deleted {
		return false, err
	}
	return true, o.forget(*old)
}

func get(b *bbolt.Bucket, key string) (*record, error) {
	value := b.Get([]byte(key))
	if value == nil {
		return nil, nil
	}
	r := new(record)
	return r, json.Unmarshal(value, r)
}

func (o *objects) view(bucket string, f func(*bbolt.Bucket) error) error {
	return o.index.View(func(tx *bbolt.Tx) error { return in(tx, bucket, f) })
}

func (o *objects) update(bucket string, f func(*bbolt.Bucket) error) error {
	return o.index.Update(func(tx *bbolt.Tx) error { return in(tx, bucket, f) })
}

func in(tx *bbolt.Tx, bucket string, f func(*bbolt.Bucket) error) error {
	b := tx.Bucket([]byte(bucket))
	if b == nil {
		return noSuchBucket()
	}
	return f(b)
}

// createBucket makes room for a bucket's objects. It is no error when there is some.
func (o *objects) createBucket(bucket string) error {
	if o.view(bucket, func(*bbolt.Bucket) error { return nil }) == nil {
		return nil
	}
	return o.index.Update(func(tx *bbolt.Tx) error {
		_, err := tx.CreateBucketIfNotExists([]byte(bucket))
		return err
	})
}

// deleteBucket removes a bucket's room, or is BucketNotEmpty. It is no error when there
// is none.
func (o *objects) deleteBucket(bucket string) error {
	return o.index.Update(func(tx *bbolt.Tx) error {
		if tx.Bucket([]byte(bucket)) == nil {
			return nil
		}
		return in(tx, bucket, func(b *bbolt.Bucket) error {
			if k, _ := b.Cursor().First(); k != nil {
				return errorf("BucketNotEmpty", "The bucket you tried to delete is not empty")
			}
			return tx.DeleteBucket([]byte(bucket))
		})
	})
}

// sweep removes the files that no index names: of objects that were being written, or
// had been replaced, when the process ended.
func (o *objects) sweep() error {
	named := map[string]bool{}
	err := o.index.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error {
			return b.ForEach(func(_, value []byte) error {
				var r record
				err := json.Unmarshal(value, &r)
				named[r.File] = true
				return err
			})
		})
	})
	if err != nil {
		return fmt.Errorf("read the index of objects in %s: %w", o.dir, err)
	}
	for _, sub := range []string{"data", "new", "uploads"} {
		err = errors.Join(err, filepath.WalkDir(filepath.Join(o.dir, sub), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || named[d.Name()] {
				return err
			}
			return os.Remove(path)
		}))
	}
	return err
}
