package s3

import (
	"encoding/hex"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"strings"

	"github.com/johannesboyne/gofakes3"
)

// backend is the Service as gofakes3 wants one. Callers have been allowed to do what
// they ask before it is asked.
type backend struct{ *Service }

var (
	_ gofakes3.Backend          = backend{}
	_ gofakes3.MultipartBackend = backend{}
)

// foreign is an error of ours in gofakes3's clothes: it takes the HTTP status from a code
// of its own.
type foreign struct {
	*gofakes3.ErrorResponse
	alike gofakes3.ErrorCode
}

func (f foreign) ErrorCode() gofakes3.ErrorCode { return f.alike }

// alike are codes of gofakes3 by HTTP status.
var alike = map[int]gofakes3.ErrorCode{
	http.StatusBadRequest:     gofakes3.ErrInvalidArgument,
	http.StatusForbidden:      gofakes3.ErrRequestTimeTooSkewed,
	http.StatusNotFound:       gofakes3.ErrNoSuchKey,
	http.StatusConflict:       gofakes3.ErrBucketNotEmpty,
	http.StatusNotImplemented: gofakes3.ErrNotImplemented,

	http.StatusPreconditionFailed: gofakes3.ErrPreconditionFailed,
}

func theirs(err error) error {
	var e *Error
	if errors.As(err, &e) {
		return foreign{&gofakes3.ErrorResponse{Code: gofakes3.ErrorCode(e.Code), Message: e.Message}, alike[e.Status()]}
	}
	var known *gofakes3.ErrorResponse
	if errors.As(err, &known) {
		return known
	}
	return err
}

func (b backend) ListBuckets() ([]gofakes3.BucketInfo, error) {
	var all []gofakes3.BucketInfo
	for _, bucket := range b.Service.ListBuckets() {
		all = append(all, gofakes3.BucketInfo{Name: bucket.Name, CreationDate: gofakes3.NewContentTime(bucket.Created)})
	}
	return all, nil
}

func (b backend) BucketExists(name string) (bool, error) {
	_, err := b.bucket(name)
	return err == nil, nil
}

// CreateBucket is not asked: serveCreateBucket reads where the bucket is to be.
func (b backend) CreateBucket(string) error { return gofakes3.ErrNotImplemented }

func (b backend) DeleteBucket(name string) error {
	return theirs(b.Service.deleteBucket(b.kept.Apart(), name))
}

// ForceDeleteBucket is MinIO's; S3 has no such thing.
func (b backend) ForceDeleteBucket(string) error { return gofakes3.ErrNotImplemented }

// ListBucket is not asked: gofakes3 leaves some of what a listing asks for out of account
// (serveList).
func (b backend) ListBucket(string, *gofakes3.Prefix, gofakes3.ListBucketPage) (*gofakes3.ObjectList, error) {
	return nil, gofakes3.ErrNotImplemented
}

func (b backend) GetObject(bucket, key string, at *gofakes3.ObjectRangeRequest) (*gofakes3.Object, error) {
	r, f, err := b.objects.open(bucket, key)
	if err != nil {
		return nil, theirs(err)
	}
	object, err := objectFor(key, r)
	if err == nil {
		if object.Range, err = at.Range(r.Size); err != nil {
			err = gofakes3.ErrorMessage(gofakes3.ErrInvalidRange, "The requested range is not satisfiable")
		}
	}
	if err != nil {
		_ = f.Close() // it was only read
		return nil, theirs(err)
	}
	object.Contents = f
	if object.Range != nil {
		object.Contents = section{io.NewSectionReader(f, object.Range.Start, object.Range.Length), f}
	}
	return object, nil
}

type section struct {
	io.Reader
	file *os.File
}

func (s section) Close() error { return s.file.Close() }

func (b backend) HeadObject(bucket, key string) (*gofakes3.Object, error) {
	r, err := b.objects.stat(bucket, key)
	if err != nil {
		return nil, theirs(err)
	}
	object, err := objectFor(key, r)
	if err != nil {
		return nil, err
	}
	object.Contents = io.NopCloser(strings.NewReader(""))
	return object, nil
}

func objectFor(key string, r record) (*gofakes3.Object, error) {
	hash, err := hex.DecodeString(r.MD5)
	headers := map[string]string{"Last-Modified": r.Modified.Format(http.TimeFormat)}
	for k, v := range r.Headers {
		headers[k] = v
	}
	return &gofakes3.Object{Name: key, Size: r.Size, Hash: hash, Metadata: headers}, err
}

// remembered keeps those headers of a request that come back with the object; gofakes3
// hands over all that begin with X-Amz-, session tokens among them.
func remembered(headers map[string]string) map[string]string {
	kept := map[string]string{"Content-Type": "binary/octet-stream"}
	for name, value := range headers {
		switch {
		case name == "Content-Type", name == "Content-Disposition", name == "Content-Encoding",
			strings.HasPrefix(name, "X-Amz-Meta-"):
			kept[name] = value
		}
	}
	return kept
}

func (b backend) PutObject(bucket, key string, headers map[string]string, body io.Reader, size int64, conditions *gofakes3.PutConditions) (gofakes3.PutObjectResult, error) {
	_, err := b.put(bucket, key, remembered(headers), body, size, allowedBy(conditions))
	return gofakes3.PutObjectResult{}, theirs(err)
}

// allowedBy checks If-Match and If-None-Match when the index is written ("How to prevent
// object overwrites with conditional writes", S3 user guide).
func allowedBy(conditions *gofakes3.PutConditions) func(*record) error {
	if conditions == nil {
		return nil
	}
	return func(old *record) error {
		info := &gofakes3.ConditionalObjectInfo{Exists: old != nil}
		if old != nil {
			hash, err := hex.DecodeString(old.MD5)
			if err != nil {
				return err
			}
			info.Hash = hash
		}
		if conditions.IfMatch != nil && old == nil {
			return noSuchKey()
		}
		if gofakes3.CheckPutConditions(conditions, info) != nil {
			return errPrecondition()
		}
		return nil
	}
}

// CopyObject copies what is kept with the object too: a request cannot replace it.
func (b backend) CopyObject(fromBucket, fromKey, bucket, key string, _ map[string]string) (gofakes3.CopyObjectResult, error) {
	old, f, err := b.objects.open(fromBucket, fromKey)
	if err != nil {
		return gofakes3.CopyObjectResult{}, theirs(err)
	}
	defer f.Close()
	r, err := b.put(bucket, key, maps.Clone(old.Headers), f, old.Size, nil)
	return gofakes3.CopyObjectResult{ETag: `"` + r.MD5 + `"`, LastModified: gofakes3.NewContentTime(r.Modified)}, theirs(err)
}

func (b backend) DeleteObject(bucket, key string) (gofakes3.ObjectDeleteResult, error) {
	_, err := b.objects.delete(bucket, key, nil)
	return gofakes3.ObjectDeleteResult{}, theirs(err)
}

// DeleteMulti is not asked: each key is allowed on its own (deleteObjects).
func (b backend) DeleteMulti(string, ...string) (gofakes3.MultiDeleteResult, error) {
	return gofakes3.MultiDeleteResult{}, gofakes3.ErrNotImplemented
}

func (b backend) CreateMultipartUpload(bucket, key string, headers map[string]string) (gofakes3.UploadID, error) {
	return gofakes3.UploadID(b.uploads.create(bucket, key, remembered(headers))), nil
}

func (b backend) UploadPart(bucket, key string, id gofakes3.UploadID, number int, size int64, body io.Reader) (string, error) {
	sum, err := b.uploads.put(bucket, key, string(id), number, size, body)
	return `"` + sum + `"`, theirs(err)
}

func (b backend) AbortMultipartUpload(bucket, key string, id gofakes3.UploadID) error {
	aborted := b.uploads.abort(func(u *upload) bool { return u.id == string(id) && u.bucket == bucket && u.key == key })
	if aborted == 0 {
		return gofakes3.ErrNoSuchUpload
	}
	return nil
}

func (b backend) CompleteMultipartUpload(bucket, key string, id gofakes3.UploadID, input *gofakes3.CompleteMultipartUploadRequest) (gofakes3.VersionID, string, error) {
	r, err := b.complete(bucket, key, string(id), input.Parts)
	return "", `"` + r.MD5 + `"`, theirs(err)
}

// ListMultipartUploads answers in one page; a client that asks for less than there is
// gets more than it asked for.
func (b backend) ListMultipartUploads(bucket string, _ *gofakes3.UploadListMarker, prefix gofakes3.Prefix, limit int64) (*gofakes3.ListMultipartUploadsResult, error) {
	result := &gofakes3.ListMultipartUploadsResult{Bucket: bucket, Prefix: prefix.Prefix, MaxUploads: limit}
	for _, u := range b.uploads.list(bucket, prefix.Prefix) {
		result.Uploads = append(result.Uploads, gofakes3.ListMultipartUploadItem{Key: u.key, UploadID: gofakes3.UploadID(u.id),
			StorageClass: gofakes3.StorageStandard, Initiated: gofakes3.NewContentTime(u.initiated)})
	}
	return result, nil
}

// ListParts answers in one page: an upload has 10,000 parts at most.
func (b backend) ListParts(bucket, key string, id gofakes3.UploadID, marker int, limit int64) (*gofakes3.ListMultipartUploadPartsResult, error) {
	parts, err := b.uploads.parts(bucket, key, string(id))
	if err != nil {
		return nil, theirs(err)
	}
	result := &gofakes3.ListMultipartUploadPartsResult{Bucket: bucket, Key: key, UploadID: id, MaxParts: limit, PartNumberMarker: marker, StorageClass: gofakes3.StorageStandard}
	for number := marker + 1; number <= gofakes3.MaxUploadPartNumber; number++ {
		if p, there := parts[number]; there {
			result.Parts = append(result.Parts, gofakes3.ListMultipartUploadPartItem{PartNumber: number, Size: p.size,
				ETag: `"` + p.md5 + `"`, LastModified: gofakes3.NewContentTime(p.modified)})
		}
	}
	return result, nil
}
