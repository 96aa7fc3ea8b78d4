package s3

import (
	"net/http"
	"slices"
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

func errPrecondition() error {
	return errorf("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
}
