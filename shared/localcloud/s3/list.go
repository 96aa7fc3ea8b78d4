package s3

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// listResult is the answer of both versions of the call ("ListObjects" and
// "ListObjectsV2", S3 API reference).
type listResult struct {
	XMLName      xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name         string
	Prefix       string
	Delimiter    string `xml:",omitempty"`
	EncodingType string `xml:",omitempty"`
	MaxKeys      int
	IsTruncated  bool

	Marker     *string `xml:",omitempty"` // version 1
	NextMarker string  `xml:",omitempty"` // version 1, with a delimiter

	KeyCount              *int   `xml:",omitempty"` // version 2, as what follows
	StartAfter            string `xml:",omitempty"`
	ContinuationToken     string `xml:",omitempty"`
	NextContinuationToken string `xml:",omitempty"`

	Contents       []listedObject
	CommonPrefixes []listedGroup
}

type listedObject struct {
	Key          string
	LastModified string
	ETag         string
	Size         int64
	StorageClass string
}

type listedGroup struct{ Prefix string }

// maxKeys is how many keys and groups an answer has at most.
const maxKeys = 1000

func (s *Service) serveList(w http.ResponseWriter, r *http.Request, t target) error {
	query := r.URL.Query()
	if err := checkList(query); err != nil {
		return err
	}
	limit, err := keyLimit(query)
	if err != nil {
		return err
	}
	after, err := listAfter(query)
	if err != nil {
		return err
	}
	var p page
	if limit > 0 {
		l := listing{prefix: query.Get("prefix"), delimiter: query.Get("delimiter"), after: after, limit: limit}
		if p, err = s.objects.list(t.bucket, l); err != nil {
			return err
		}
	}
	writeXML(w, http.StatusOK, listed(t.bucket, query, limit, p))
	return nil
}

// checkList refuses what would be left out of account.
func checkList(query url.Values) error {
	switch {
	case query.Has("list-type") && query.Get("list-type") != "2":
		return errorf("InvalidArgument", "Invalid List Type specified in Query")
	case query.Has("encoding-type") && query.Get("encoding-type") != "url":
		return errorf("InvalidArgument", "Invalid Encoding Method specified in Request")
	case query.Get("fetch-owner") == "true":
		return notServed("the owners of objects")
	}
	return nil
}

func keyLimit(query url.Values) (int, error) {
	given := query.Get("max-keys")
	if given == "" {
		return maxKeys, nil
	}
	limit, err := strconv.ParseInt(given, 10, 32)
	switch {
	case err != nil:
		return 0, errorf("InvalidArgument", "Provided max-keys not an integer or within integer range")
	case limit < 0:
		return 0, errorf("InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647")
	}
	return int(min(limit, maxKeys)), nil
}

// listAfter is the key to go on after. A token is the last key of the page before.
func listAfter(query url.Values) (string, error) {
	if query.Get("list-type") != "2" {
		return query.Get("marker"), nil
	}
	if !query.Has("continuation-token") {
		return query.Get("start-after"), nil
	}
	key, err := base64.URLEncoding.DecodeString(query.Get("continuation-token"))
	if err != nil || len(key) == 0 {
		return "", errorf("InvalidArgument", "The continuation token provided is incorrect")
	}
	return string(key), nil
}

func listed(bucket string, query url.Values, limit int, p page) listResult {
	text := func(s string) string { return s }
	if query.Has("encoding-type") {
		text = urlEncoded
	}
	out := listResult{Name: bucket, Prefix: text(query.Get("prefix")), Delimiter: text(query.Get("delimiter")),
		EncodingType: query.Get("encoding-type"), MaxKeys: limit, IsTruncated: p.next != ""}
	for _, o := range p.objects {
		out.Contents = append(out.Contents, listedObject{Key: text(o.Key), LastModified: o.Modified.Format("2006-01-02T15:04:05.000Z"),
			ETag: `"` + o.ETag + `"`, Size: o.Size, StorageClass: "STANDARD"})
	}
	for _, group := range p.groups {
		out.CommonPrefixes = append(out.CommonPrefixes, listedGroup{text(group)})
	}
	if query.Get("list-type") == "2" {
		count := p.size()
		out.KeyCount, out.StartAfter, out.ContinuationToken = &count, text(query.Get("start-after")), query.Get("continuation-token")
		out.NextContinuationToken = base64.URLEncoding.EncodeToString([]byte(p.next))
		return out
	}
	marker := text(query.Get("marker"))
	out.Marker = &marker
	if query.Get("delimiter") != "" {
		out.NextMarker = text(p.next)
	}
	return out
}

// urlEncoded writes a key so that XML can hold each of its bytes, and every decoder of
// URLs reads it.
func urlEncoded(key string) string {
	return strings.NewReplacer("+", "%20", "%2F", "/").Replace(url.QueryEscape(key))
}
