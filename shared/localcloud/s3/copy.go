package s3

import (
	"encoding/xml"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// checkCopy is for the object that is copied from.
func (s *Service) checkCopy(r *http.Request, t target) error {
	from, err := sourceOf(r)
	if err != nil {
		return err
	}
	if err := s.allow(r.Context(), access{action: "s3:GetObject", bucket: from.bucket, key: from.key, anonymous: t.anonymous}); err != nil {
		return err
	}
	found, err := s.objects.stat(from.bucket, from.key)
	if err != nil {
		return s.hide(r.Context(), from.bucket, t.anonymous, err)
	}
	if tag := strings.Trim(r.Header.Get("X-Amz-Copy-Source-If-Match"), `"`); tag != "" && tag != found.MD5 {
		return errPrecondition()
	}
	part := r.URL.Query().Has("uploadId")
	if !part && r.Header.Get("X-Amz-Copy-Source-Range") != "" {
		return notServed("header X-Amz-Copy-Source-Range of a copy that is no part")
	}
	if !part && from.bucket == t.bucket && from.key == t.key {
		return errorf("InvalidRequest", "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.")
	}
	return nil
}

// sourceOf is the object that a request copies.
func sourceOf(r *http.Request) (target, error) {
	given := r.Header.Get("X-Amz-Copy-Source")
	source, err := url.QueryUnescape(given)
	from := targetOf(source)
	if err != nil || strings.Contains(given, "?") || from.level() != "object" { // ? is before a version
		return from, errorf("InvalidArgument", "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
	}
	return from, nil
}

// copyPartResult is UploadPartCopy's answer (botocore service model s3).
type copyPartResult struct {
	XMLName      xml.Name `xml:"CopyPartResult"`
	ETag         string
	LastModified string
}

// serveCopyPart makes a part of an upload of an object that is there, or of a range of it:
// so do clients copy what is large.
func (s *Service) serveCopyPart(w http.ResponseWriter, r *http.Request, t target) error {
	from, err := sourceOf(r)
	if err != nil {
		return err
	}
	found, f, err := s.objects.open(from.bucket, from.key)
	if err != nil {
		return err
	}
	defer f.Close()
	first, size, err := copyRange(r.Header.Get("X-Amz-Copy-Source-Range"), found.Size)
	if err != nil {
		return err
	}
	query := r.URL.Query()
	number, err := strconv.Atoi(query.Get("partNumber"))
	if err != nil {
		return errorf("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
	}
	sum, err := s.uploads.put(t.bucket, t.key, query.Get("uploadId"), number, size, io.NewSectionReader(f, first, size))
	if err != nil {
		return err
	}
	writeXML(w, http.StatusOK, copyPartResult{ETag: `"` + sum + `"`, LastModified: s.now().UTC().Format(time.RFC3339)})
	return nil
}

var sourceRange = regexp.MustCompile(`^bytes=(\d+)-(\d+)$`)

// copyRange is where a range of an object begins, and its size; without a range the whole.
func copyRange(given string, whole int64) (first, size int64, err error) {
	if given == "" {
		return 0, whole, nil
	}
	found := sourceRange.FindStringSubmatch(given)
	if found == nil {
		return 0, 0, errorf("InvalidArgument", "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy")
	}
	first, errFirst := strconv.ParseInt(found[1], 10, 64)
	last, errLast := strconv.ParseInt(found[2], 10, 64)
	if errFirst != nil || errLast != nil || first > last || last >= whole {
		return 0, 0, errorf("InvalidArgument", "Range specified is not valid for source object of size: %d", whole)
	}
	return first, last - first + 1, nil
}
