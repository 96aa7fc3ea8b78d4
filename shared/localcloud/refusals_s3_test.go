package main

import (
	"context"
	"encoding/xml"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// s3Refusals are those of the REST API (S3 API reference, "Error responses"), to the AWS
// SDK and, where nobody signs, to a plain HTTP client.
var s3Refusals = []refusal{
	{"an object that is not there", gets("events-staging", "nowhere", ""), 404, "NoSuchKey", "The specified key does not exist."},
	{"an object of a bucket that is not there", gets("events-nowhere", "there", ""), 404, "NoSuchBucket", "The specified bucket does not exist"},
	{"bytes that an object does not have", gets("events-staging", "there", "bytes=10-20"), 416, "InvalidRange", "The requested range is not satisfiable"},
	{"an object without a signature", func(ctx context.Context, a *account) error {
		return a.call(ctx, http.MethodGet, a.url+"/events-staging/there", "", inXML)
	}, 403, "AccessDenied", "Access Denied"},
	{"an object, by a role that may not", func(ctx context.Context, a *account) error {
		_, err := pathStyle(a.nobody).GetObject(ctx, &s3.GetObjectInput{Bucket: aws.String("events-staging"), Key: aws.String("there")})
		return err
	}, 403, "AccessDenied", "User: {session} is not authorized to perform: s3:GetObject on resource: arn:aws:s3:::events-staging/there because no identity-based policy allows the s3:GetObject action"},
	{"an object with a name of more than 1,024 bytes", stores(strings.Repeat("k", 1025), nil), 400, "KeyTooLongError", "Your key is too long"},
	{"an object with another checksum", stores("new", func(in *s3.PutObjectInput) { in.ContentMD5 = aws.String("1B2M2Y8AsgTpgAmY7PhCfg==") }), 400, "BadDigest", ""},
	{"an object that all may read", stores("new", func(in *s3.PutObjectInput) { in.ACL = types.ObjectCannedACLPublicRead }), 400, "AccessControlListNotSupported", "The bucket does not allow ACLs"},
	{"an object only if there is none", stores("there", func(in *s3.PutObjectInput) { in.IfNoneMatch = aws.String("*") }), 412, "PreconditionFailed",
		"At least one of the pre-conditions you specified did not hold"},
	{"an object only if it is as it was, and it is gone", stores("nowhere", func(in *s3.PutObjectInput) { in.IfMatch = aws.String(`"00"`) }), 404, "NoSuchKey", "The specified key does not exist."},
	{"an object copied to itself", func(ctx context.Context, a *account) error {
		_, err := a.s3().CopyObject(ctx, &s3.CopyObjectInput{Bucket: aws.String("events-staging"), Key: aws.String("there"), CopySource: aws.String("events-staging/there")})
		return err
	}, 400, "InvalidRequest", ""},
	{"a listing of fewer keys than none", func(ctx context.Context, a *account) error {
		_, err := a.s3().ListObjectsV2(ctx, &s3.ListObjectsV2Input{Bucket: aws.String("events-staging"), MaxKeys: aws.Int32(-1)})
		return err
	}, 400, "InvalidArgument", "Argument maxKeys must be an integer between 0 and 2147483647"},
	{"a bucket that is there", makesBucket("events-staging", region), 409, "BucketAlreadyOwnedByYou", ""},
	{"a bucket with a name that cannot be one", makesBucket("Events_Staging", region), 400, "InvalidBucketName", "The specified bucket is not valid."},
	{"a bucket in another region", makesBucket("events-other", "eu-west-1"), 400, "IllegalLocationConstraintException",
		"The eu-west-1 location constraint is incompatible for the region specific endpoint this request was sent to."},
	{"a bucket without a region", func(ctx context.Context, a *account) error {
		_, err := a.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("events-other")})
		return err
	}, 400, "IllegalLocationConstraintException", "The unspecified location constraint is incompatible for the region specific endpoint this request was sent to."},
	{"a call that is signed for another region", func(ctx context.Context, a *account) error {
		_, err := pathStyle(elsewhere(a.aws)).ListBuckets(ctx, nil)
		return err
	}, 400, "AuthorizationHeaderMalformed", "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'"},
	{"a bucket with objects, to be deleted", func(ctx context.Context, a *account) error {
		_, err := a.s3().DeleteBucket(ctx, &s3.DeleteBucketInput{Bucket: aws.String("events-staging")})
		return err
	}, 409, "BucketNotEmpty", "The bucket you tried to delete is not empty"},
	{"a policy where there is none", func(ctx context.Context, a *account) error {
		_, err := a.s3().GetBucketPolicy(ctx, &s3.GetBucketPolicyInput{Bucket: aws.String("events-staging")})
		return err
	}, 404, "NoSuchBucketPolicy", "The bucket policy does not exist"},
	{"a lifecycle where there is none", func(ctx context.Context, a *account) error {
		_, err := a.s3().GetBucketLifecycleConfiguration(ctx, &s3.GetBucketLifecycleConfigurationInput{Bucket: aws.String("events-staging")})
		return err
	}, 404, "NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"},
	{"tags where there are none", func(ctx context.Context, a *account) error {
		_, err := a.s3().GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: aws.String("events-staging")})
		return err
	}, 404, "NoSuchTagSet", "The TagSet does not exist"},
	{"a part of an upload that nobody began", func(ctx context.Context, a *account) error {
		_, err := a.s3().UploadPart(ctx, &s3.UploadPartInput{Bucket: aws.String("events-staging"), Key: aws.String("new"), UploadId: aws.String("none"),
			PartNumber: aws.Int32(1), Body: strings.NewReader("x")})
		return err
	}, 404, "NoSuchUpload", ""},
	{"a policy that lets all the world read", deploys("aws:s3/bucketPolicy:BucketPolicy", object{"bucket": "events-staging", "policy": `{"Version":"2012-10-17",
		"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::events-staging/*"}]}`}), 0, "AccessDenied", ""},
}

func (a *account) s3() *s3.Client { return pathStyle(a.aws) }

func pathStyle(as aws.Config) *s3.Client {
	return s3.NewFromConfig(as, func(o *s3.Options) { o.UsePathStyle = true })
}

func gets(bucket, key, bytes string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		in := &s3.GetObjectInput{Bucket: aws.String(bucket), Key: aws.String(key)}
		if bytes != "" {
			in.Range = aws.String(bytes)
		}
		_, err := a.s3().GetObject(ctx, in)
		return err
	}
}

func stores(key string, change func(*s3.PutObjectInput)) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		in := &s3.PutObjectInput{Bucket: aws.String("events-staging"), Key: aws.String(key), Body: strings.NewReader("x")}
		if change != nil {
			change(in)
		}
		_, err := a.s3().PutObject(ctx, in)
		return err
	}
}

func makesBucket(name, in string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		_, err := a.s3().CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String(name),
			CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(in)}})
		return err
	}
}

// inXML is the error of S3.
func inXML(_ *http.Response, body []byte) (string, string) {
	var text struct{ Code, Message string }
	_ = xml.Unmarshal(body, &text)
	return text.Code, text.Message
}
