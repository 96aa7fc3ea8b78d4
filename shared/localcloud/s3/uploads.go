package s3

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/johannesboyne/gofakes3"
)

// uploads are the multipart uploads in progress, their parts in files. gofakes3 would
// keep the parts in memory. They end with the process: a client begins again, as it
// must when S3 answers NoSuchUpload.
type uploads struct {
	dir string
	now func() time.Time

	mu   sync.Mutex
	byID map[string]*upload
}

type upload struct {
	id, bucket, key string
	headers         map[string]string
	initiated       time.Time
	parts           map[int]part
}

type part struct {
	file     string
	size     int64
	md5      string
	modified time.Time
}

// minPart is the size of the smallest part but the last, in bytes.
const minPart = 5 << 20

func (us *uploads) create(bucket, key string, headers map[string]string) string {
	us.mu.Lock()
	defer us.mu.Unlock()
	u := &upload{id: rand.Text(), bucket: bucket, key: key, headers: headers, initiated: us.now(), parts: map[int]part{}}
	us.byID[u.id] = u
	return u.id
}

// find needs us.mu.
func (us *uploads) find(bucket, key, id string) (*upload, error) {
	if u := us.byID[id]; u != nil && u.bucket == bucket && u.key == key {
		return u, nil
	}
	return nil, noSuchUpload()
}

func noSuchUpload() error {
	return errorf("NoSuchUpload", "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.")
}

// put writes one part, of size bytes, and returns its MD5.
func (us *uploads) put(bucket, key, id string, number int, size int64, body io.Reader) (string, error) {
	p, err := us.write(size, body)
	if err != nil {
		return "", err
	}
	us.mu.Lock()
	defer us.mu.Unlock()
	u, err := us.find(bucket, key, id)
	if err != nil {
		return "", errors.Join(err, os.Remove(p.file))
	}
	if replaced, was := u.parts[number]; was {
		err = os.Remove(replaced.file)
	}
	u.parts[number] = p
	return p.md5, err
}

func (us *uploads) write(size int64, body io.Reader) (part, error) {
	f, err := os.CreateTemp(us.dir, "")
	if err != nil {
		return part{}, fmt.Errorf("write a part: %w", err)
	}
	hash := md5.New()
	n, err := io.Copy(io.MultiWriter(f, hash), body)
	if err == nil && n != size {
		err = errorf("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header")
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return part{}, errors.Join(err, os.Remove(f.Name()))
	}
	return part{file: f.Name(), size: n, md5: hex.EncodeToString(hash.Sum(nil)), modified: us.now()}, nil
}

// take removes an upload for its completion, with the parts that the client lists.
func (us *uploads) take(bucket, key, id string, listed []gofakes3.CompletedPart) (*upload, []part, error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	u, err := us.find(bucket, key, id)
	if err != nil {
		return nil, nil, err
	}
	parts, err := u.choose(listed)
	if err == nil {
		delete(us.byID, id)
	}
	return u, parts, err
}

func (u *upload) choose(listed []gofakes3.CompletedPart) ([]part, error) {
	if len(listed) == 0 {
		return nil, malformedXML()
	}
	if !ascending(listed) {
		return nil, errorf("InvalidPartOrder", "The list of parts was not in ascending order. Parts must be ordered by part number.")
	}
	var parts []part
	for i, l := range listed {
		p, there := u.parts[l.PartNumber]
		switch {
		case !there || strings.Trim(l.ETag, `"`) != p.md5:
			return nil, errorf("InvalidPart", "One or more of the specified parts could not be found. The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.")
		case i < len(listed)-1 && p.size < minPart:
			return nil, errorf("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
		}
		parts = append(parts, p)
	}
	return parts, nil
}

// ascending is false also of a part that is there twice.
func ascending(listed []gofakes3.CompletedPart) bool {
	for i := 1; i < len(listed); i++ {
		if listed[i].PartNumber <= listed[i-1].PartNumber {
			return false
		}
	}
	return true
}

// discard removes the files of an upload that is no more.
func (u *upload) discard() error {
	var err error
	for _, p := range u.parts {
		err = errors.Join(err, os.Remove(p.file))
	}
	return err
}

// abort ends the uploads that are chosen.
func (us *uploads) abort(chosen func(*upload) bool) (aborted int) {
	us.mu.Lock()
	defer us.mu.Unlock()
	for id, u := range us.byID {
		if chosen(u) {
			_ = u.discard() // a file that stays is swept at the next start
			delete(us.byID, id)
			aborted++
		}
	}
	return aborted
}

// list returns the uploads of a bucket by key, then by age.
func (us *uploads) list(bucket, prefix string) []upload {
	us.mu.Lock()
	defer us.mu.Unlock()
	var all []upload
	for _, u := range us.byID {
		if u.bucket == bucket && strings.HasPrefix(u.key, prefix) {
			all = append(all, *u)
		}
	}
	slices.SortFunc(all, func(a, b upload) int {
		if c := strings.Compare(a.key, b.key); c != 0 {
			return c
		}
		return a.initiated.Compare(b.initiated)
	})
	return all
}

// parts returns the parts of an upload by number.
func (us *uploads) parts(bucket, key, id string) (map[int]part, error) {
	us.mu.Lock()
	defer us.mu.Unlock()
	u, err := us.find(bucket, key, id)
	if err != nil {
		return nil, err
	}
	return maps.Clone(u.parts), nil
}

func (s *Service) abortUploads(bucket string) {
	s.uploads.abort(func(u *upload) bool { return u.bucket == bucket })
}

// complete makes one object of the parts. Its ETag is the MD5 of all bytes, where S3's
// is one of the parts' MD5s: clients may not rely on either. One that fails can be tried
// again (botocore service model s3, CompleteMultipartUpload).
func (s *Service) complete(bucket, key, id string, listed []gofakes3.CompletedPart) (record, error) {
	u, parts, err := s.uploads.take(bucket, key, id, listed)
	if err != nil {
		return record{}, err
	}
	r, err := s.join(bucket, key, u, parts)
	if err != nil {
		s.uploads.giveBack(id, u)
		return r, err
	}
	_ = u.discard() // a file that stays is swept at the next start
	return r, nil
}

// join puts an object that holds the parts, one behind the other.
func (s *Service) join(bucket, key string, u *upload, parts []part) (record, error) {
	var files []io.Reader
	size := int64(0)
	for _, p := range parts {
		f, err := os.Open(filepath.Clean(p.file))
		if err != nil {
			return record{}, err
		}
		defer f.Close()
		files, size = append(files, f), size+p.size
	}
	return s.put(bucket, key, maps.Clone(u.headers), io.MultiReader(files...), size, nil)
}

// giveBack undoes take.
func (us *uploads) giveBack(id string, u *upload) {
	us.mu.Lock()
	defer us.mu.Unlock()
	us.byID[id] = u
}
