package s3

import (
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// conditions are the headers that make a request depend on what is there, and the methods
// for which that is looked at. A copy or a part is written whatever is there.
var conditions = map[string][]string{
	"If-Match":            {http.MethodGet, http.MethodHead, http.MethodPut},
	"If-Modified-Since":   {http.MethodGet, http.MethodHead},
	"If-None-Match":       {http.MethodGet, http.MethodHead, http.MethodPut},
	"If-Unmodified-Since": {http.MethodGet, http.MethodHead},
}

func checkConditions(r *http.Request) error {
	copied := r.Method == http.MethodPut && (r.Header.Get("X-Amz-Copy-Source") != "" || r.URL.Query().Has("uploadId"))
	for name, methods := range conditions {
		if r.Header.Get(name) != "" && (copied || !slices.Contains(methods, r.Method)) {
			return notServed("header %s of this request", name)
		}
	}
	return nil
}

// checkUnchanged is for a read of what has to be as it was. An ETag that is the same is
// enough, whatever the date ("GetObject", S3 API reference).
func checkUnchanged(r *http.Request, found record) error {
	tag, since := strings.Trim(r.Header.Get("If-Match"), `"`), r.Header.Get("If-Unmodified-Since")
	latest, err := http.ParseTime(since)
	switch {
	case tag == "*", tag == found.MD5, tag == "" && (err != nil || !found.Modified.Truncate(time.Second).After(latest)):
		return nil
	}
	return errPrecondition()
}

var byteRange = regexp.MustCompile(`^bytes=(\d+-\d*|-\d+)$`)

// normalise writes a read's headers as gofakes3 wants them: an ETag has quotes, and an
// end of the object that is longer than the object is all of it. A range that is none is
// left out of account, as S3 does.
func normalise(r *http.Request, found record) {
	if tag := r.Header.Get("If-None-Match"); tag == "*" || strings.Trim(tag, `"`) == found.MD5 {
		r.Header.Set("If-None-Match", `"`+found.MD5+`"`)
	}
	at := r.Header.Get("Range")
	if !byteRange.MatchString(at) && !strings.Contains(at, ",") {
		r.Header.Del("Range")
	}
	if end, ok := strings.CutPrefix(at, "bytes=-"); ok {
		if n, err := strconv.ParseInt(end, 10, 64); err == nil && n > found.Size {
			r.Header.Set("Range", "bytes=-"+strconv.FormatInt(found.Size, 10))
		}
	}
}

func errPrecondition() error {
	return errorf("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
}
