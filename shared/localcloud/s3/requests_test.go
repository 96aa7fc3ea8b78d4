package s3

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/johannesboyne/gofakes3"

	"pipeline/shared/localcloud/iam"
)

func TestARequestThatS3RefusesChangesNothing(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a", "b c")
	w.refuses(t, "a b c", []refusedCall{
		{"PUT", "/staging/%ff%fe", [2]string{}, "x", 400, "InvalidURI"},
		{"PUT", "/staging/a", [2]string{"X-Amz-Copy-Source", "staging/a"}, "", 400, "InvalidRequest"},
		{"PUT", "/staging/d", [2]string{"X-Amz-Copy-Source", "staging/a?versionId=1"}, "", 400, "InvalidArgument"},
		{"PUT", "/staging/d", [2]string{"X-Amz-Content-Sha256", "STREAMING-NOTHING"}, "x", 400, "x-amz-content-sha256 must be"},
		{"PUT", "/staging/d?uploadId=u&partNumber=0", [2]string{}, "x", 400, "between 1 and 10000"},
		{"POST", "/staging/d?uploadId=u", [2]string{"X-Amz-Checksum-Crc32", "AAAAAA=="}, "x", 501, "X-Amz-Checksum-Crc32"},
		{"POST", "/staging?delete", [2]string{}, `<Delete><Object><Key>a</Key></Object><Object><Key>b c</Key><ETag>"0"</ETag></Object></Delete>`, 501, "ETag of an object"},
		{"DELETE", "/staging/a?uploadId=", [2]string{}, "", 404, "NoSuchUpload"},
		{"GET", "/staging/a?uploadId=", [2]string{}, "", 404, "NoSuchUpload"},
		{"PUT", "/staging/d?uploadId=&partNumber=1", [2]string{}, "x", 404, "NoSuchUpload"},
		{"GET", "/staging?list-type=3", [2]string{}, "", 400, "Invalid List Type"},
		{"GET", "/staging?encoding-type=base64", [2]string{}, "", 400, "Invalid Encoding Method"},
		{"GET", "/staging?max-keys=-1", [2]string{}, "", 400, "maxKeys must be an integer"},
		{"GET", "/staging?max-keys=ten", [2]string{}, "", 400, "max-keys not an integer"},
		{"GET", "/staging?list-type=2&continuation-token=", [2]string{}, "", 400, "continuation token provided is incorrect"},
		{"GET", "/staging?list-type=2&fetch-owner=true", [2]string{}, "", 501, "owners of objects"},
	})
}

// refusedCall is a request, and the status and text of its answer.
type refusedCall struct {
	method, path string
	header       [2]string
	body         string
	status       int
	want         string
}

// refuses tries calls, after all of which bucket staging has the keys that are left.
func (w *world) refuses(t *testing.T, left string, calls []refusedCall) {
	t.Helper()
	for _, c := range calls {
		headers := map[string]string{"Authorization": signature}
		if c.header[0] != "" {
			headers[c.header[0]] = c.header[1]
		}
		if status, body := w.fetch(t, c.method, c.path, headers, c.body); status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s with %v is answered %d %s, want %d with %s", c.method, c.path, c.header, status, body, c.status, c.want)
		}
	}
	all, err := w.ListObjects(t.Context(), "staging", "")
	must(t, err)
	if keysOf(all) != left {
		t.Errorf("what was refused was done: %s", keysOf(all))
	}
}

func TestAPresignedURLIsWholeAndOfNow(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	signed := func(hours int) string {
		return "/staging/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=k%2F20000101%2Feu-central-1%2Fs3%2Faws4_request&X-Amz-SignedHeaders=host&X-Amz-Expires=60&X-Amz-Signature=0&X-Amz-Date=" +
			w.now.UTC().Add(time.Duration(hours)*time.Hour).Format("20060102T150405Z")
	}
	for url, want := range map[string]string{
		signed(0):  "bytes of a",
		signed(1):  "Request is not valid yet",
		signed(-1): "Request has expired",
		strings.Replace(signed(0), "X-Amz-Signature=0&", "", 1):                "requires the X-Amz-Algorithm",
		strings.Replace(signed(0), "X-Amz-Algorithm=AWS4-HMAC-SHA256&", "", 1): "requires the X-Amz-Algorithm",
	} {
		if _, body := w.fetch(t, "GET", url, nil, ""); !strings.Contains(body, want) {
			t.Errorf("%s is answered %s, want %s", url, body, want)
		}
	}
}

func TestACustomersKeyIsInNoMessage(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	headers := map[string]string{"Authorization": signature, "X-Amz-Server-Side-Encryption-Customer-Key": "c2VjcmV0"}
	if status, body := w.fetch(t, "PUT", "/staging/a", headers, "x"); status != 501 || strings.Contains(body, "c2VjcmV0") {
		t.Errorf("it is answered %d %s", status, body)
	}
}

func TestABodyThatEndsEarlyIsTheClientsMistake(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	r := httptest.NewRequest("PUT", "/staging/a", io.MultiReader(strings.NewReader("ab"), broken{}))
	r.ContentLength = 10
	r.Header.Set("Content-Length", "10")
	r.Header.Set("Authorization", signature)
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, r)
	if rec.Code != 400 || !strings.Contains(rec.Body.String(), "IncompleteBody") {
		t.Errorf("it is answered %d %s", rec.Code, rec.Body)
	}
}

// broken is what the server reads of a connection that has ended.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestABucketCanBeNamedByTheHost(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "staging/a")
	for host, want := range map[string]int{"staging.localhost:4566": 200, "staging.s3.localhost": 200, "localhost:4566": 404, "s3.localhost": 404, "other.localhost": 404} {
		r := httptest.NewRequest("GET", "http://"+host+"/staging/a", nil)
		r.Header.Set("Authorization", signature)
		rec := httptest.NewRecorder()
		w.Handler().ServeHTTP(rec, r)
		if rec.Code != want {
			t.Errorf("key staging/a at host %s is answered %d %s, want %d", host, rec.Code, rec.Body, want)
		}
	}
}

func TestReadsAreAsS3ReadsTheirHeaders(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a") // holds "bytes of a"
	head, err := w.admin().HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: aws.String("staging"), Key: aws.String("a")})
	must(t, err)
	tag := strings.Trim(*head.ETag, `"`)
	for _, c := range []struct {
		name, value string
		status      int
		body        string
	}{
		{"Range", "bytes=-100", 206, "bytes of a"},
		{"Range", "bytes=-1", 206, "a"},
		{"Range", "bytes=-0", 416, "InvalidRange"},
		{"Range", "bytes=10-", 416, "InvalidRange"},
		{"Range", "bytes=a-b", 200, "bytes of a"},
		{"If-None-Match", tag, 304, ""},
		{"If-None-Match", `"` + tag + `"`, 304, ""},
		{"If-None-Match", "*", 304, ""},
		{"If-None-Match", `"0"`, 200, "bytes of a"},
	} {
		status, body := w.fetch(t, "GET", "/staging/a", map[string]string{"Authorization": signature, c.name: c.value}, "")
		if status != c.status || !strings.Contains(body, c.body) {
			t.Errorf("with %s: %s it is answered %d %q, want %d %q", c.name, c.value, status, body, c.status, c.body)
		}
	}
}

func TestMetadataComesBackAsItWasNamed(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	headers := map[string]string{"Authorization": signature, "x-amz-meta-colour": "red"}
	w.fetch(t, "PUT", "/staging/a", headers, "x")
	for _, method := range []string{"GET", "HEAD"} {
		r := httptest.NewRequest(method, "/staging/a", nil)
		r.Header.Set("Authorization", signature)
		rec := httptest.NewRecorder()
		w.Handler().ServeHTTP(rec, r)
		if got := rec.Header()["x-amz-meta-colour"]; len(got) != 1 || got[0] != "red" {
			t.Errorf("the headers of %s are %v", method, rec.Header())
		}
	}
}

func TestACopyKeepsWhatTheObjectCameWith(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a b", "a+b", "a?b")
	for source, want := range map[string]string{"staging/a+b": "bytes of a b", "staging/a%2Bb": "bytes of a+b", "staging/a%3Fb": "bytes of a?b"} {
		_, err := w.admin().CopyObject(t.Context(), &sdk.CopyObjectInput{Bucket: aws.String("staging"), Key: aws.String("to"), CopySource: &source,
			ContentType: aws.String("image/png")})
		must(t, err)
		got, err := w.admin().GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("staging"), Key: aws.String("to")})
		must(t, err)
		if body := text(t, got.Body, nil); body != want || *got.ContentType != "text/plain" {
			t.Errorf("the copy of %s holds %q and is %s, want %q and text/plain", source, body, *got.ContentType, want)
		}
	}
}

func TestTheCopyOfAnObjectIsAllowedByTheKeyThatIsRead(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a b", "a+b")
	as := w.role(t, "s3:*", "arn:aws:s3:::staging/a+b")
	caller, _ := iam.CallerFrom(as)
	keys, err := w.iam.AssumeRole(as, firehose, caller.Role)
	must(t, err)
	_, err = w.client(keys).CopyObject(t.Context(), &sdk.CopyObjectInput{Bucket: aws.String("staging"), Key: aws.String("a+b"), CopySource: aws.String("staging/a+b")})
	if got := code(err); got != "AccessDenied" {
		t.Errorf("a copy of \"a b\" by who may read a+b is answered %q", got)
	}
}

func TestAPartIsInAnObjectOnce(t *testing.T) {
	u := upload{parts: map[int]part{1: {size: minPart, md5: "m"}}}
	if _, err := u.choose([]gofakes3.CompletedPart{{PartNumber: 1, ETag: "m"}, {PartNumber: 1, ETag: "m"}}); code(err) != "InvalidPartOrder" {
		t.Errorf("a part that is there twice is answered %v", err)
	}
}

func TestAListingInURLEncodingHoldsEveryKey(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a b+c/ü", "\x01/\n")
	headers := map[string]string{"Authorization": signature}
	_, body := w.fetch(t, http.MethodGet, "/staging?list-type=2&encoding-type=url&delimiter=%2F", headers, "")
	for _, want := range []string{"<EncodingType>url</EncodingType>", "<Prefix>a%20b%2Bc/</Prefix>", "<Prefix>%01/</Prefix>", "<KeyCount>2</KeyCount>"} {
		if !strings.Contains(body, want) {
			t.Errorf("the listing is %s, without %s", body, want)
		}
	}
	if _, body := w.fetch(t, http.MethodGet, "/staging?max-keys=0", headers, ""); strings.Contains(body, "<Key>") || !strings.Contains(body, "<MaxKeys>0</MaxKeys>") {
		t.Errorf("a listing of no keys is %s", body)
	}
}
