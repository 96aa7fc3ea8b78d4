package s3

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"pipeline/shared/localcloud/iam"
)

func TestTheSDKWritesListsAndReadsObjects(t *testing.T) {
	w := newWorld(t)
	ctx, c := context.Background(), w.admin()
	_, err := c.CreateBucket(ctx, &sdk.CreateBucketInput{Bucket: aws.String("staging"),
		CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: region}})
	must(t, err)
	for _, key := range []string{"a/1", "a/2", "b"} {
		_, err := c.PutObject(ctx, &sdk.PutObjectInput{Bucket: aws.String("staging"), Key: &key,
			Body: strings.NewReader("0123456789"), ContentType: aws.String("text/plain"), Metadata: map[string]string{"colour": "red"}})
		must(t, err)
	}
	list, err := c.ListObjectsV2(ctx, &sdk.ListObjectsV2Input{Bucket: aws.String("staging"), Delimiter: aws.String("/")})
	must(t, err)
	if len(list.Contents) != 1 || *list.Contents[0].Key != "b" || len(list.CommonPrefixes) != 1 || *list.CommonPrefixes[0].Prefix != "a/" {
		t.Errorf("the listing is %+v", list)
	}
	got, err := c.GetObject(ctx, &sdk.GetObjectInput{Bucket: aws.String("staging"), Key: aws.String("b"), Range: aws.String("bytes=2-4")})
	must(t, err)
	if body := text(t, got.Body, nil); body != "234" || *got.ContentType != "text/plain" || got.Metadata["colour"] != "red" || got.ServerSideEncryption != "AES256" {
		t.Errorf("the object is %q, %+v", body, got)
	}
	_, err = c.CopyObject(ctx, &sdk.CopyObjectInput{Bucket: aws.String("staging"), Key: aws.String("c"), CopySource: aws.String("staging/a%2F1")})
	must(t, err)
	deleted, err := c.DeleteObjects(ctx, &sdk.DeleteObjectsInput{Bucket: aws.String("staging"),
		Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("a/1")}, {Key: aws.String("not there")}}}})
	must(t, err)
	if len(deleted.Deleted) != 2 || len(deleted.Errors) != 0 {
		t.Errorf("deleting answers %+v", deleted)
	}
	all, err := w.ListObjects(ctx, "staging", "")
	must(t, err)
	if keysOf(all) != "a/2 b c" {
		t.Errorf("the bucket holds %s", keysOf(all))
	}
}

func TestAListingInPagesMissesNothing(t *testing.T) {
	w := newWorld(t)
	keys := []string{"a", "b/1", "b/2", "b/3", "c/1", "c0", "d", "e/1", "e/2"}
	w.staging(t, keys...)
	for _, delimiter := range []string{"", "/"} {
		whole := w.pages(t, delimiter, 1000)
		for size := int32(1); size <= 4; size++ {
			if got := w.pages(t, delimiter, size); !slices.Equal(got, whole) {
				t.Errorf("with delimiter %q and pages of %d there are %v, want %v", delimiter, size, got, whole)
			}
		}
	}
	if got := w.pages(t, "/", 2); !slices.Equal(got, []string{"a", "b/", "c/", "c0", "d", "e/"}) {
		t.Errorf("grouped, there are %v", got)
	}
}

func (w *world) pages(t *testing.T, delimiter string, size int32) []string {
	t.Helper()
	in := &sdk.ListObjectsV2Input{Bucket: aws.String("staging"), MaxKeys: &size}
	if delimiter != "" {
		in.Delimiter = &delimiter
	}
	var all []string
	pages := sdk.NewListObjectsV2Paginator(w.admin(), in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(context.Background())
		must(t, err)
		if n := len(page.Contents) + len(page.CommonPrefixes); n > int(size) {
			t.Errorf("a page of %d has %d", size, n)
		}
		for _, o := range page.Contents {
			all = append(all, *o.Key)
		}
		for _, p := range page.CommonPrefixes {
			all = append(all, *p.Prefix)
		}
	}
	slices.Sort(all)
	return all
}

func TestAnUploadInPartsIsOneObject(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	ctx, c := context.Background(), w.admin()
	bucket, key := aws.String("staging"), aws.String("big")
	up, err := c.CreateMultipartUpload(ctx, &sdk.CreateMultipartUploadInput{Bucket: bucket, Key: key, ContentType: aws.String("text/plain")})
	must(t, err)
	parts := [][]byte{bytes.Repeat([]byte("x"), minPart), []byte("end")}
	var done []types.CompletedPart
	for i, body := range parts {
		number := aws.Int32(int32(i + 1))
		p, err := c.UploadPart(ctx, &sdk.UploadPartInput{Bucket: bucket, Key: key, UploadId: up.UploadId, PartNumber: number, Body: bytes.NewReader(body)})
		must(t, err)
		done = append(done, types.CompletedPart{ETag: p.ETag, PartNumber: number})
	}
	complete := func(parts ...types.CompletedPart) error {
		_, err := c.CompleteMultipartUpload(ctx, &sdk.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: up.UploadId,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}})
		return err
	}
	wrong := types.CompletedPart{ETag: aws.String(`"x"`), PartNumber: aws.Int32(1)}
	if got := code(complete(done[1], done[0])); got != "InvalidPartOrder" {
		t.Errorf("parts out of order are answered %s", got)
	}
	if got := code(complete(wrong)); got != "InvalidPart" {
		t.Errorf("a part with another ETag is answered %s", got)
	}
	must(t, complete(done...))
	r, err := w.GetObject(ctx, "staging", "big")
	if got := text(t, r, err); got != string(parts[0])+"end" {
		t.Errorf("the object has %d bytes", len(got))
	}
	if got := code(complete(done...)); got != "NoSuchUpload" {
		t.Errorf("completing twice is answered %s", got)
	}
}

// Clients copy what is large in parts.
func TestAPartIsCopiedFromARangeOfAnObject(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	ctx, c := context.Background(), w.admin()
	bucket, key := aws.String("staging"), aws.String("copy")
	whole := strings.Repeat("x", minPart) + "end of it"
	must(t, w.PutObject(ctx, "staging", "a/b c", []byte(whole), ""))
	up, err := c.CreateMultipartUpload(ctx, &sdk.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	must(t, err)
	part := func(number int32, span, tag string) (types.CompletedPart, error) {
		in := &sdk.UploadPartCopyInput{Bucket: bucket, Key: key, UploadId: up.UploadId, PartNumber: aws.Int32(number), CopySource: aws.String("staging/a/b%20c")}
		if span != "" {
			in.CopySourceRange = aws.String(span)
		}
		if tag != "" {
			in.CopySourceIfMatch = aws.String(tag)
		}
		out, err := c.UploadPartCopy(ctx, in)
		if err != nil {
			return types.CompletedPart{}, err
		}
		return types.CompletedPart{ETag: out.CopyPartResult.ETag, PartNumber: aws.Int32(number)}, nil
	}
	first, err := part(1, fmt.Sprintf("bytes=0-%d", minPart-1), "")
	must(t, err)
	second, err := part(2, fmt.Sprintf("bytes=%d-%d", minPart, len(whole)-4), "")
	must(t, err)
	for _, refused := range []struct{ span, tag, code string }{
		{"bytes=0-", "", "InvalidArgument"}, {fmt.Sprintf("bytes=0-%d", len(whole)), "", "InvalidArgument"}, {"bytes=2-1", "", "InvalidArgument"},
		{"", `"00"`, "PreconditionFailed"},
	} {
		if _, err := part(3, refused.span, refused.tag); code(err) != refused.code {
			t.Errorf("a part of %q if it is %q is answered %q, want %s", refused.span, refused.tag, code(err), refused.code)
		}
	}
	_, err = c.CompleteMultipartUpload(ctx, &sdk.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: up.UploadId,
		MultipartUpload: &types.CompletedMultipartUpload{Parts: []types.CompletedPart{first, second}}})
	must(t, err)
	r, err := w.GetObject(ctx, "staging", "copy")
	if got := text(t, r, err); got != whole[:len(whole)-3] {
		t.Errorf("the copy has %d bytes, want %d", len(got), len(whole)-3)
	}
}

func TestAForgottenUploadIsAbortedAfterItsDays(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	must(t, w.PutLifecycle("staging", []LifecycleRule{{ID: "abort", Enabled: true, AbortDays: 7}}))
	ctx := context.Background()
	up, err := w.admin().CreateMultipartUpload(ctx, &sdk.CreateMultipartUploadInput{Bucket: aws.String("staging"), Key: aws.String("k")})
	must(t, err)
	part := func(number int) error {
		_, err := w.uploads.put("staging", "k", *up.UploadId, number, 1, strings.NewReader("x"))
		return err
	}
	must(t, part(1))
	w.now = w.now.AddDate(0, 0, 6)
	_, err = w.Expire(ctx)
	must(t, err)
	must(t, part(2))
	w.now = w.now.AddDate(0, 0, 3)
	_, err = w.Expire(ctx)
	must(t, err)
	if got := code(part(3)); got != "NoSuchUpload" {
		t.Errorf("after nine days a part is answered %q", got)
	}
}

func TestWhoSignsIsWhoAsks(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a", "b")
	roleCtx := w.role(t, "s3:GetObject", "arn:aws:s3:::staging/a")
	caller, _ := iam.CallerFrom(roleCtx)
	keys, err := w.iam.AssumeRole(roleCtx, firehose, caller.Role)
	must(t, err)
	get := func(c *sdk.Client, key string) string {
		_, err := c.GetObject(context.Background(), &sdk.GetObjectInput{Bucket: aws.String("staging"), Key: &key})
		return code(err)
	}
	expired := keys
	expired.SessionToken = "another"
	cases := []struct {
		rule   string
		client *sdk.Client
		key    string
		want   string
	}{
		{"any keys are the administrator's", w.admin(), "a", ""},
		{"temporary keys are the role's", w.client(keys), "a", ""},
		{"which may not do more", w.client(keys), "b", "AccessDenied"},
		{"temporary keys with another token are nobody's", w.client(expired), "a", "ExpiredToken"},
		{"no keys are anonymous", w.client(iam.Credentials{}), "a", "AccessDenied"},
	}
	for _, c := range cases {
		if got := get(c.client, c.key); got != c.want {
			t.Errorf("%s: reading %s is answered %q, want %q", c.rule, c.key, got, c.want)
		}
	}
}

func TestAnonymousReadersNeedAPolicyAndAnOpenBlock(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	public := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::staging/*"}]}`
	read := func() string {
		_, err := w.client(iam.Credentials{}).GetObject(context.Background(), &sdk.GetObjectInput{Bucket: aws.String("staging"), Key: aws.String("a")})
		return code(err)
	}
	if got := code(w.PutPolicy("staging", public)); got != "AccessDenied" {
		t.Errorf("a public policy on a bucket that blocks it is answered %q", got)
	}
	must(t, w.PutPublicAccessBlock("staging", &PublicAccessBlock{RestrictPublicBuckets: true}))
	must(t, w.PutPolicy("staging", public))
	if got := read(); got != "AccessDenied" {
		t.Errorf("a restricted bucket answers anonymous readers %q", got)
	}
	must(t, w.PutPublicAccessBlock("staging", nil))
	if got := read(); got != "" {
		t.Errorf("an open bucket answers anonymous readers %q", got)
	}
}

func TestAPresignedURLEndsWithItsTime(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	signed, err := sdk.NewPresignClient(w.admin()).PresignGetObject(context.Background(),
		&sdk.GetObjectInput{Bucket: aws.String("staging"), Key: aws.String("a")}, sdk.WithPresignExpires(time.Hour))
	must(t, err)
	if status, body := w.fetch(t, "GET", signed.URL, nil, ""); status != 200 || body != "bytes of a" {
		t.Errorf("a presigned URL answers %d %s", status, body)
	}
	if status, body := w.fetch(t, "GET", strings.Replace(signed.URL, region, "us-east-1", 1), nil, ""); status != 400 || !strings.Contains(body, "the region &#39;us-east-1&#39; is wrong") {
		t.Errorf("a URL that is signed for another region answers %d %s", status, body)
	}
	w.now = w.now.Add(2 * time.Hour)
	if status, body := w.fetch(t, "GET", signed.URL, nil, ""); status != 403 || !strings.Contains(body, "Request has expired") {
		t.Errorf("an expired URL answers %d %s", status, body)
	}
}

// here is the configuration of a new bucket.
const here = "<CreateBucketConfiguration><LocationConstraint>" + region + "</LocationConstraint></CreateBucketConfiguration>"

const signature = "AWS4-HMAC-SHA256 Credential=test/20261122/eu-central-1/s3/aws4_request, SignedHeaders=host, Signature=00"

func (w *world) fetch(t *testing.T, method, url string, headers map[string]string, body string) (int, string) {
	t.Helper()
	if strings.HasPrefix(url, "/") {
		url = w.url + url
	}
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	must(t, err)
	for k, v := range headers {
		r.Header.Set(k, v)
	}
	response, err := http.DefaultClient.Do(r)
	must(t, err)
	defer response.Body.Close()
	if response.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("%s %s lets browsers of other origins in", method, url)
	}
	data, err := io.ReadAll(response.Body)
	must(t, err)
	return response.StatusCode, string(data)
}

func TestWhatIsNotServedIsNamed(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	w.refuses(t, "a", []refusedCall{
		{"GET", "/staging?acl", [2]string{}, "", 501, "acl"},
		{"PUT", "/staging?acl", [2]string{}, "", 501, "acl"},
		{"PUT", "/staging?versioning", [2]string{}, "", 501, "versioning"},
		{"GET", "/staging?versions", [2]string{}, "", 501, "versions"},
		{"GET", "/staging/a?tagging", [2]string{}, "", 501, "tagging"},
		{"GET", "/staging/a?versionId=1", [2]string{}, "", 501, "versionId"},
		{"PUT", "/staging/a?retention", [2]string{}, "", 501, "retention"},
		{"POST", "/staging", [2]string{}, "", 501, "POST of a bucket"},
		{"PATCH", "/staging/a", [2]string{}, "", 501, "PATCH of a object"},
		{"PUT", "/staging/b", [2]string{"X-Amz-Storage-Class", "GLACIER"}, "", 501, "X-Amz-Storage-Class: GLACIER"},
		{"PUT", "/staging/b", [2]string{"X-Amz-Server-Side-Encryption", "aws:kms"}, "", 501, "X-Amz-Server-Side-Encryption: aws:kms"},
		{"PUT", "/staging/b", [2]string{"X-Amz-Tagging", "a=b"}, "", 501, "X-Amz-Tagging"},
		{"PUT", "/staging/b", [2]string{"X-Amz-Metadata-Directive", "REPLACE"}, "", 501, "X-Amz-Metadata-Directive: REPLACE"},
		{"PUT", "/staging/b", [2]string{"Cache-Control", "no-cache"}, "", 501, "Cache-Control"},
		{"PUT", "/staging/b", [2]string{"X-Amz-Acl", "public-read"}, "", 400, "AccessControlListNotSupported"},
		{"GET", "/staging/a", [2]string{"X-Amz-Expected-Bucket-Owner", "111111111111"}, "", 403, "AccessDenied"},
		{"GET", "/staging/a", [2]string{"Origin", "https://evil.example"}, "", 403, "AccessForbidden"},
		{"OPTIONS", "/staging/a", [2]string{"Origin", "https://evil.example"}, "", 403, "AccessForbidden"},
		{"GET", "/staging/a", [2]string{"Authorization", "AWS test:signature"}, "", 400, "Please use AWS4-HMAC-SHA256"},
		{"PUT", "/staging/b", [2]string{"X-Amz-Copy-Source", "staging"}, "", 400, "sourcebucket/sourcekey"},
		{"PUT", "/staging/b", [2]string{"X-Amz-Copy-Source", "staging/none"}, "", 404, "NoSuchKey"},
		{"GET", "/other/a", [2]string{}, "", 404, "NoSuchBucket"},
		{"GET", "/staging/none", [2]string{}, "", 404, "NoSuchKey"},
		{"DELETE", "/staging", [2]string{}, "", 409, "BucketNotEmpty"},
		{"PUT", "/staging", [2]string{}, here, 409, "BucketAlreadyOwnedByYou"},
		{"GET", "/staging?policy", [2]string{}, "", 404, "NoSuchBucketPolicy"},
		{"GET", "/staging?lifecycle", [2]string{}, "", 404, "NoSuchLifecycleConfiguration"},
		{"GET", "/staging?tagging", [2]string{}, "", 404, "NoSuchTagSet"},
	})
}

func TestBytesThatAreNotTheClientsAreRefused(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	const unsigned = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"
	chunked := func(trailer string) string {
		return "5\r\nhello\r\n6;chunk-signature=0\r\n world\r\n0\r\n" + trailer + "\r\n"
	}
	cases := []struct {
		rule    string
		headers map[string]string
		body    string
		want    string // error code, or the object
	}{
		{"a right CRC32", map[string]string{"X-Amz-Checksum-Crc32": "DUoRhQ=="}, "hello world", "hello world"},
		{"a wrong CRC32", map[string]string{"X-Amz-Checksum-Crc32": "AAAAAA=="}, "hello world", "BadDigest"},
		{"a right CRC32C", map[string]string{"X-Amz-Checksum-Crc32c": "yZRlqg=="}, "hello world", "hello world"},
		{"a right CRC64NVME", map[string]string{"X-Amz-Checksum-Crc64nvme": "jSnVw/bqjr4="}, "hello world", "hello world"},
		{"a wrong SHA256", map[string]string{"X-Amz-Checksum-Sha256": "x"}, "hello world", "BadDigest"},
		{"a wrong payload hash", map[string]string{"X-Amz-Content-Sha256": strings.Repeat("0", 64)}, "hello world", "XAmzContentSHA256Mismatch"},
		{"a wrong MD5", map[string]string{"Content-Md5": "AAAAAAAAAAAAAAAAAAAAAA=="}, "hello world", "BadDigest"},
		{"chunks", map[string]string{"X-Amz-Content-Sha256": unsigned}, chunked(""), "hello world"},
		{"chunks with a right trailer", map[string]string{"X-Amz-Content-Sha256": unsigned, "X-Amz-Trailer": "x-amz-checksum-crc32"}, chunked("x-amz-checksum-crc32:DUoRhQ==\r\n"), "hello world"},
		{"chunks with a wrong trailer", map[string]string{"X-Amz-Content-Sha256": unsigned, "X-Amz-Trailer": "x-amz-checksum-crc32"}, chunked("x-amz-checksum-crc32:AAAAAA==\r\n"), "BadDigest"},
		{"chunks without the trailer announced", map[string]string{"X-Amz-Content-Sha256": unsigned, "X-Amz-Trailer": "x-amz-checksum-crc32"}, chunked(""), "BadDigest"},
		{"chunks that end early", map[string]string{"X-Amz-Content-Sha256": unsigned}, "5\r\nhel", "IncompleteBody"},
		{"chunks without a size", map[string]string{"X-Amz-Content-Sha256": unsigned}, "hello world", "IncompleteBody"},
	}
	for _, c := range cases {
		c.headers["Authorization"] = signature
		c.headers["X-Amz-Decoded-Content-Length"] = "11"
		status, body := w.fetch(t, "PUT", "/staging/k", c.headers, c.body)
		got, _ := w.GetObject(context.Background(), "staging", "k")
		if status == 200 {
			body = text(t, got, nil)
			must(t, w.EmptyBucket("staging"))
		} else if got != nil {
			t.Errorf("%s: refused, and written", c.rule)
		}
		if !strings.Contains(body, c.want) {
			t.Errorf("%s: answered %d %s, want %s", c.rule, status, body, c.want)
		}
	}
}

func TestAnObjectLargerThanS3TakesIsRefusedBeforeItIsRead(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	r := httptest.NewRequest("PUT", "/staging/k", unreadable{})
	r.ContentLength = maxPut + 1
	r.Header.Set("Authorization", signature)
	rec := httptest.NewRecorder()
	w.Handler().ServeHTTP(rec, r)
	if !strings.Contains(rec.Body.String(), "EntityTooLarge") {
		t.Errorf("it is answered %d %s", rec.Code, rec.Body)
	}
}

type unreadable struct{}

func (unreadable) Read([]byte) (int, error) { panic("the body is read") }

func TestTheConfigurationOfABucketCanBeRead(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	must(t, w.PutTags("staging", map[string]string{"layer": "storage"}))
	must(t, w.PutLifecycle("staging", []LifecycleRule{{ID: "all", Enabled: true, Prefix: "p/", ExpirationDays: 14, AbortDays: 7}}))
	must(t, w.PutPolicy("staging", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:DeleteBucket","Resource":"arn:aws:s3:::staging"}]}`))
	ctx, c, bucket := context.Background(), w.admin(), aws.String("staging")
	encryption, err := c.GetBucketEncryption(ctx, &sdk.GetBucketEncryptionInput{Bucket: bucket})
	must(t, err)
	if rules := encryption.ServerSideEncryptionConfiguration.Rules; rules[0].ApplyServerSideEncryptionByDefault.SSEAlgorithm != "AES256" {
		t.Errorf("the encryption is %+v", rules)
	}
	block, err := c.GetPublicAccessBlock(ctx, &sdk.GetPublicAccessBlockInput{Bucket: bucket})
	must(t, err)
	if b := block.PublicAccessBlockConfiguration; !*b.BlockPublicAcls || !*b.BlockPublicPolicy || !*b.IgnorePublicAcls || !*b.RestrictPublicBuckets {
		t.Errorf("the block is %+v", b)
	}
	ownership, err := c.GetBucketOwnershipControls(ctx, &sdk.GetBucketOwnershipControlsInput{Bucket: bucket})
	must(t, err)
	if ownership.OwnershipControls.Rules[0].ObjectOwnership != "BucketOwnerEnforced" {
		t.Errorf("the ownership is %+v", ownership.OwnershipControls)
	}
	lifecycle, err := c.GetBucketLifecycleConfiguration(ctx, &sdk.GetBucketLifecycleConfigurationInput{Bucket: bucket})
	must(t, err)
	if r := lifecycle.Rules[0]; *r.ID != "all" || r.Status != "Enabled" || *r.Filter.Prefix != "p/" || *r.Expiration.Days != 14 || *r.AbortIncompleteMultipartUpload.DaysAfterInitiation != 7 {
		t.Errorf("the lifecycle is %+v", r)
	}
	tags, err := c.GetBucketTagging(ctx, &sdk.GetBucketTaggingInput{Bucket: bucket})
	must(t, err)
	if *tags.TagSet[0].Key != "layer" || *tags.TagSet[0].Value != "storage" {
		t.Errorf("the tags are %+v", tags.TagSet)
	}
	policy, err := c.GetBucketPolicy(ctx, &sdk.GetBucketPolicyInput{Bucket: bucket})
	must(t, err)
	status, err := c.GetBucketPolicyStatus(ctx, &sdk.GetBucketPolicyStatusInput{Bucket: bucket})
	must(t, err)
	if !strings.Contains(*policy.Policy, "s3:DeleteBucket") || *status.PolicyStatus.IsPublic {
		t.Errorf("the policy is %s, public %v", *policy.Policy, *status.PolicyStatus.IsPublic)
	}
	location, err := c.GetBucketLocation(ctx, &sdk.GetBucketLocationInput{Bucket: bucket})
	must(t, err)
	if location.LocationConstraint != region {
		t.Errorf("the location is %q", location.LocationConstraint)
	}
}

func TestEachDeletedKeyIsAllowedOnItsOwn(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "mine/a", "b")
	roleCtx := w.role(t, "s3:DeleteObject", "arn:aws:s3:::staging/mine/*")
	caller, _ := iam.CallerFrom(roleCtx)
	keys, err := w.iam.AssumeRole(roleCtx, firehose, caller.Role)
	must(t, err)
	out, err := w.client(keys).DeleteObjects(context.Background(), &sdk.DeleteObjectsInput{Bucket: aws.String("staging"),
		Delete: &types.Delete{Objects: []types.ObjectIdentifier{{Key: aws.String("mine/a")}, {Key: aws.String("b")}}}})
	must(t, err)
	if len(out.Deleted) != 1 || *out.Deleted[0].Key != "mine/a" || len(out.Errors) != 1 || *out.Errors[0].Code != "AccessDenied" {
		t.Errorf("deleting answers %+v", out)
	}
}

func FuzzChunks(f *testing.F) {
	f.Add("5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAAAA==\r\n\r\n")
	f.Add("ffffffffffffffff\r\n")
	f.Fuzz(func(t *testing.T, body string) {
		r, err := http.NewRequest("PUT", "http://x/b/k", strings.NewReader(body))
		must(t, err)
		r.Header.Set("X-Amz-Content-Sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
		r.Header.Set("X-Amz-Decoded-Content-Length", "5")
		must(t, verifyBody(r, false))
		data, _ := io.ReadAll(r.Body)
		if len(data) > len(body) {
			t.Errorf("%d bytes are read of %d", len(data), len(body))
		}
	})
}
