package s3

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
)

func TestAConditionalWriteIsDecidedWhenItIsWritten(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	put := func(key string, in sdk.PutObjectInput) string {
		in.Bucket, in.Key, in.Body = aws.String("staging"), &key, strings.NewReader("new")
		_, err := w.admin().PutObject(context.Background(), &in)
		return code(err)
	}
	if got := put("a", sdk.PutObjectInput{IfNoneMatch: aws.String("*")}); got != "PreconditionFailed" {
		t.Errorf("a second object of a key is answered %q", got)
	}
	if got := put("b", sdk.PutObjectInput{IfNoneMatch: aws.String("*")}); got != "" {
		t.Errorf("a first object of a key is answered %q", got)
	}
	if got := put("a", sdk.PutObjectInput{IfMatch: aws.String(`"00"`)}); got != "PreconditionFailed" {
		t.Errorf("another ETag is answered %q", got)
	}
	if got := put("c", sdk.PutObjectInput{IfMatch: aws.String(`"00"`)}); got != "NoSuchKey" {
		t.Errorf("the ETag of an object that is not there is answered %q", got)
	}
}

func TestAConditionalReadIsOfWhatWasThere(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	head, err := w.admin().HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: aws.String("staging"), Key: aws.String("a")})
	must(t, err)
	before := aws.Time(head.LastModified.Add(-time.Second))
	for _, c := range []struct {
		in   sdk.GetObjectInput
		want string
	}{
		{sdk.GetObjectInput{IfMatch: head.ETag}, ""},
		{sdk.GetObjectInput{IfMatch: aws.String("*")}, ""},
		{sdk.GetObjectInput{IfMatch: aws.String(`"00"`)}, "PreconditionFailed"},
		{sdk.GetObjectInput{IfUnmodifiedSince: head.LastModified}, ""},
		{sdk.GetObjectInput{IfUnmodifiedSince: before}, "PreconditionFailed"},
		{sdk.GetObjectInput{IfMatch: head.ETag, IfUnmodifiedSince: before}, ""},
	} {
		c.in.Bucket, c.in.Key = aws.String("staging"), aws.String("a")
		out, err := w.admin().GetObject(t.Context(), &c.in)
		if err == nil {
			out.Body.Close()
		}
		if got := code(err); got != c.want {
			t.Errorf("a read if the ETag is %q, unmodified since %v, is answered %q, want %q", aws.ToString(c.in.IfMatch), c.in.IfUnmodifiedSince, got, c.want)
		}
	}
}

func TestAConditionThatIsNotLookedAtIsRefused(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	ctx, c, bucket, key := t.Context(), w.admin(), aws.String("staging"), aws.String("a")
	upload, err := c.CreateMultipartUpload(ctx, &sdk.CreateMultipartUploadInput{Bucket: bucket, Key: key})
	must(t, err)
	for what, call := range map[string]func() error{
		"a deletion with an ETag": func() error {
			_, err := c.DeleteObject(ctx, &sdk.DeleteObjectInput{Bucket: bucket, Key: key, IfMatch: aws.String(`"00"`)})
			return err
		},
		"a copy only if there is none": func() error {
			_, err := c.CopyObject(ctx, &sdk.CopyObjectInput{Bucket: bucket, Key: key, CopySource: aws.String("staging/a"), IfNoneMatch: aws.String("*")})
			return err
		},
		"an upload only if there is none": func() error {
			_, err := c.CompleteMultipartUpload(ctx, &sdk.CompleteMultipartUploadInput{Bucket: bucket, Key: key, UploadId: upload.UploadId, IfNoneMatch: aws.String("*")})
			return err
		},
	} {
		if got := code(call()); got != "NotImplemented" {
			t.Errorf("%s is answered %q", what, got)
		}
	}
}
