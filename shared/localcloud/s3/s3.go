// Package s3 is the local cloud's S3: buckets on disk, with their configuration, for
// the planes (PutObject, GetObject, ListObjects) and for S3's clients (Handler). The
// REST protocol is gofakes3's; who may do what, and what is not served, is decided
// before a request reaches it.
//
// A signature is not verified, here as in every plane: a request is of whom its access
// key names, and a presigned URL ends when it says but is good for other methods too. What
// comes over the loopback interface counts as TLS (aws:SecureTransport). A bucket is named
// by the path, or by the host as <bucket>.localhost. The ETag of an upload in parts is the MD5 of its bytes,
// and checksums are checked on the way in and not kept.
package s3

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"sync"
	"time"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/iam/policy"
	"pipeline/shared/localcloud/store"
)

// Authority decides who may do what; *iam.Service is one.
type Authority interface {
	Check(ctx context.Context, a iam.Access) error
	Caller(accessKeyID, sessionToken string) (iam.Caller, bool)
	Exists(principalARN string) bool
}

// Service is the buckets of one account in one region.
type Service struct {
	authority Authority
	account   string
	region    string
	now       func() time.Time
	objects   *objects
	uploads   uploads
	kept      store.Collection[Bucket]

	mu      sync.RWMutex // held for writing while buckets come, change and go
	buckets map[string]*bucket
}

// bucket is a Bucket, ready to decide.
type bucket struct {
	Bucket
	policy *policy.Document // nil: it has none
}

// New opens the buckets under dir, whose configuration st keeps. Account and region are
// the local cloud's own.
func New(dir string, st *store.Store, authority Authority, account, region string, now func() time.Time) (*Service, error) {
	kept, err := store.NewCollection[Bucket](st, "s3/buckets")
	if err != nil {
		return nil, err
	}
	s := &Service{authority: authority, account: account, region: region, now: now, kept: kept, buckets: map[string]*bucket{}}
	if err := s.load(); err != nil {
		return nil, err
	}
	s.uploads = uploads{dir: filepath.Join(dir, "uploads"), now: now, byID: map[string]*upload{}}
	if s.objects, err = openObjects(dir); err != nil {
		return nil, err
	}
	for name := range s.buckets { // a deletion that was undone has taken the room for its objects
		err = errors.Join(err, s.objects.createBucket(name))
	}
	return s, err
}

func (s *Service) load() error {
	items, err := s.kept.List()
	if err != nil {
		return err
	}
	for _, item := range items {
		b, err := s.compile(item.Value)
		if err != nil {
			return err
		}
		s.buckets[item.Key] = b
	}
	return nil
}

// Close releases the files.
func (s *Service) Close() error { return s.objects.close() }

// ARN is the ARN of a bucket, or with "bucket/key" of an object.
func (s *Service) ARN(name string) string { return "arn:" + iam.Partition(s.region) + ":s3:::" + name }

// Region returns the region of all buckets.
func (s *Service) Region() string { return s.region }

// Object is one object of a bucket. Size is in bytes.
type Object struct {
	Key      string
	Size     int64
	Modified time.Time
	ETag     string // hexadecimal MD5, without quotes
}

// PutObject writes an object, replacing one of that key; once it returns the object is
// on disk. It is for planes; ctx says who calls.
func (s *Service) PutObject(ctx context.Context, bucket, key string, body []byte, contentType string) error {
	if err := s.allow(ctx, access{action: "s3:PutObject", bucket: bucket, key: key}); err != nil {
		return err
	}
	headers := map[string]string{"Content-Type": contentType}
	_, err := s.put(bucket, key, headers, bytesReader(body), int64(len(body)), nil)
	return err
}

// GetObject opens an object. The caller closes it.
func (s *Service) GetObject(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	if err := s.allow(ctx, access{action: "s3:GetObject", bucket: bucket, key: key}); err != nil {
		return nil, err
	}
	_, file, err := s.objects.open(bucket, key)
	if err != nil {
		return nil, s.hide(ctx, bucket, false, err)
	}
	return file, nil
}

// ListObjects returns all objects whose keys begin with prefix, in the order of keys.
func (s *Service) ListObjects(ctx context.Context, bucket, prefix string) ([]Object, error) {
	a := access{action: "s3:ListBucket", bucket: bucket, conditions: map[string]string{"s3:prefix": prefix}}
	if err := s.allow(ctx, a); err != nil {
		return nil, err
	}
	page, err := s.objects.list(bucket, listing{prefix: prefix})
	return page.objects, err
}

// put writes for a caller who has been allowed to.
func (s *Service) put(bucket, key string, headers map[string]string, body io.Reader, size int64, allowed func(old *record) error) (record, error) {
	b, err := s.bucket(bucket)
	if err != nil {
		return record{}, err
	}
	if len(key) > maxKey {
		return record{}, errKeyTooLong()
	}
	if b.Encryption != nil {
		headers["X-Amz-Server-Side-Encryption"] = b.Encryption.Algorithm
	}
	r := record{Headers: headers, Modified: s.now().UTC().Truncate(time.Second)}
	return s.objects.put(bucket, key, r, body, size, allowed)
}

// maxKey is the length of the longest key, in bytes.
const maxKey = 1024
