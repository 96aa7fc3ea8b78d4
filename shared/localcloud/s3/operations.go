package s3

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// operation is one of S3's: the action that it takes, and the query parameters that it
// honours. serve is nil where gofakes3 serves it.
type operation struct {
	action string
	query  []string
	serve  func(*Service, http.ResponseWriter, *http.Request, target) error
}

// target is what a request is about.
type target struct {
	bucket, key string
	anonymous   bool
}

// level is "service", "bucket" or "object".
func (t target) level() string {
	switch {
	case t.bucket == "":
		return "service"
	case t.key == "":
		return "bucket"
	}
	return "object"
}

// operations are those that are served, by method, level and subresource. Whatever else
// a request asks for is NotImplemented. It is filled by init, since serving refers to it.
var operations map[string]operation

func init() {
	responses := []string{"response-content-type", "response-content-language", "response-expires",
		"response-cache-control", "response-content-disposition", "response-content-encoding"}
	operations = map[string]operation{
		"GET service":                  {action: "s3:ListAllMyBuckets"},
		"PUT bucket":                   {action: "s3:CreateBucket", serve: (*Service).serveCreateBucket},
		"HEAD bucket":                  {action: "s3:ListBucket", serve: (*Service).serveHeadBucket},
		"DELETE bucket":                {action: "s3:DeleteBucket"},
		"GET bucket":                   {action: "s3:ListBucket", query: []string{"list-type", "prefix", "delimiter", "max-keys", "marker", "continuation-token", "start-after", "encoding-type", "fetch-owner"}, serve: (*Service).serveList},
		"POST bucket?delete":           {serve: (*Service).serveDeleteObjects},
		"GET bucket?uploads":           {action: "s3:ListBucketMultipartUploads", query: []string{"prefix", "max-uploads", "encoding-type"}},
		"GET bucket?location":          {action: "s3:GetBucketLocation", serve: (*Service).serveLocation},
		"GET bucket?versioning":        {action: "s3:GetBucketVersioning", serve: (*Service).serveVersioning},
		"GET bucket?policy":            {action: "s3:GetBucketPolicy", serve: (*Service).servePolicy},
		"GET bucket?policyStatus":      {action: "s3:GetBucketPolicyStatus", serve: (*Service).servePolicyStatus},
		"GET bucket?encryption":        {action: "s3:GetEncryptionConfiguration", serve: (*Service).serveEncryption},
		"GET bucket?publicAccessBlock": {action: "s3:GetBucketPublicAccessBlock", serve: (*Service).servePublicAccessBlock},
		"GET bucket?ownershipControls": {action: "s3:GetBucketOwnershipControls", serve: (*Service).serveOwnership},
		"GET bucket?lifecycle":         {action: "s3:GetLifecycleConfiguration", serve: (*Service).serveLifecycle},
		"GET bucket?tagging":           {action: "s3:GetBucketTagging", serve: (*Service).serveTagging},
		"GET object":                   {action: "s3:GetObject", query: responses},
		"HEAD object":                  {action: "s3:GetObject", query: responses},
		"PUT object":                   {action: "s3:PutObject"},
		"DELETE object":                {action: "s3:DeleteObject"},
		"POST object?uploads":          {action: "s3:PutObject"},
		"PUT object?uploadId":          {action: "s3:PutObject", query: []string{"partNumber"}},
		"POST object?uploadId":         {action: "s3:PutObject"},
		"DELETE object?uploadId":       {action: "s3:AbortMultipartUpload"},
		"GET object?uploadId":          {action: "s3:ListMultipartUploadParts", query: []string{"max-parts", "part-number-marker"}},
	}
}

// Served returns the operations of S3 that are served ("GET bucket?policy"), for the
// documentation.
func Served() []string { return slices.Sorted(maps.Keys(operations)) }

// everywhere are query parameters of every operation: the SDKs' name of it, and those
// of a presigned URL.
var everywhere = names("x-id", "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires",
	"X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Content-Sha256")

func names(list ...string) map[string]bool {
	m := map[string]bool{}
	for _, n := range list {
		m[n] = true
	}
	return m
}

// find returns the operation that a request asks for, if all of it is served.
func find(method string, t target, query url.Values) (operation, error) {
	name := method + " " + t.level()
	op, known := operations[name]
	subresource := ""
	for q := range query {
		if with, found := operations[name+"?"+q]; found {
			op, known, subresource = with, true, q
		}
	}
	if subresource == "uploadId" && query.Get("uploadId") == "" { // else gofakes3 takes it for none
		return op, noSuchUpload()
	}
	if !known {
		return op, notServed("%s of a %s", method, t.level())
	}
	allowed := names(op.query...)
	for q := range query {
		if q != subresource && !allowed[q] && !everywhere[q] {
			return op, notServed("query parameter %q of %s", q, name)
		}
	}
	return op, nil
}

// headers are the x-amz- headers that are honoured, or may be left out of account; a
// list is of the values that are.
var headers = map[string][]string{
	"X-Amz-Checksum-Algorithm":         nil,
	"X-Amz-Checksum-Mode":              nil,
	"X-Amz-Content-Sha256":             nil,
	"X-Amz-Copy-Source":                nil,
	"X-Amz-Copy-Source-If-Match":       nil,
	"X-Amz-Copy-Source-Range":          nil,
	"X-Amz-Date":                       nil,
	"X-Amz-Decoded-Content-Length":     nil,
	"X-Amz-Expected-Bucket-Owner":      nil,
	"X-Amz-Object-Ownership":           {"BucketOwnerEnforced"},
	"X-Amz-Metadata-Directive":         {"COPY"},
	"X-Amz-Sdk-Checksum-Algorithm":     nil,
	"X-Amz-Security-Token":             nil,
	"X-Amz-Server-Side-Encryption":     {"AES256"},
	"X-Amz-Storage-Class":              {"STANDARD"},
	"X-Amz-Te":                         nil,
	"X-Amz-Trailer":                    nil,
	"X-Amz-User-Agent":                 nil,
	"X-Amz-Bucket-Region":              nil,
	"X-Amz-Optional-Object-Attributes": nil,
}

// unkept are headers of an object that S3 keeps and this does not.
var unkept = []string{"Cache-Control", "Content-Language", "Expires", "X-Amz-Website-Redirect-Location"}

// spelt is a header for a message. A customer's key is not for messages.
func spelt(name, value string) string {
	if strings.Contains(name, "Customer-Key") {
		return name
	}
	return name + ": " + value
}

// checkHeaders refuses what a request asks for in headers and would not get.
func (s *Service) checkHeaders(r *http.Request) error {
	for name, values := range r.Header {
		if !strings.HasPrefix(name, "X-Amz-") || strings.HasPrefix(name, "X-Amz-Meta-") || checksums[name] != nil {
			continue
		}
		if name == "X-Amz-Acl" {
			if values[0] == "bucket-owner-full-control" {
				continue
			}
			return errorf("AccessControlListNotSupported", "The bucket does not allow ACLs")
		}
		honoured, known := headers[name]
		if !known || honoured != nil && honoured[0] != values[0] {
			return notServed("header %s", spelt(name, values[0]))
		}
	}
	if r.Method == http.MethodPut || r.Method == http.MethodPost {
		for _, name := range unkept {
			if r.Header.Get(name) != "" {
				return notServed("header %s", name)
			}
		}
	}
	if err := checkConditions(r); err != nil {
		return err
	}
	if owner := r.Header.Get("X-Amz-Expected-Bucket-Owner"); owner != "" && owner != s.account {
		return errorf("AccessDenied", "Access Denied")
	}
	return nil
}
