package s3

import (
	"context"
	"errors"

	"pipeline/shared/localcloud/iam"
)

// access is one call to allow.
type access struct {
	action     string
	bucket     string // empty: all buckets
	key        string
	conditions map[string]string
	anonymous  bool
}

// allow says whether the caller in ctx may do it: NoSuchBucket, AccessDenied or nil.
func (s *Service) allow(ctx context.Context, a access) error {
	request := iam.Access{Action: a.action, Resource: s.ARN("*"), Conditions: a.conditions, Anonymous: a.anonymous}
	if a.bucket != "" {
		b, err := s.bucket(a.bucket)
		if a.action == "s3:CreateBucket" {
			b, err = &bucket{}, nil // of one that is there, nobody asks its policy
		}
		if err != nil {
			return err
		}
		request.Resource = s.ARN(a.bucket)
		if a.key != "" {
			request.Resource += "/" + a.key
		}
		// A public policy of a restricted bucket lets nobody in who is not of the account.
		if b.policy != nil && !(a.anonymous && b.restricted() && b.policy.Public()) {
			request.Policy = b.policy
		}
	}
	err := s.authority.Check(ctx, request)
	if err != nil && a.anonymous {
		return errorf("AccessDenied", "Access Denied")
	}
	return denied(err)
}

func (b *bucket) restricted() bool {
	return b.PublicAccessBlock != nil && b.PublicAccessBlock.RestrictPublicBuckets
}

// denied is a denial in S3's words.
func denied(err error) error {
	var d *iam.Denied
	if errors.As(err, &d) {
		return &Error{Code: "AccessDenied", Message: d.Error(), cause: d}
	}
	return err
}

// hide makes AccessDenied of a missing key for who may not list the bucket, as S3 does:
// that a key is not there is something a listing would tell.
func (s *Service) hide(ctx context.Context, bucket string, anonymous bool, err error) error {
	var e *Error
	if !errors.As(err, &e) || e.Code != "NoSuchKey" {
		return err
	}
	if refused := s.allow(ctx, access{action: "s3:ListBucket", bucket: bucket, anonymous: anonymous}); refused != nil {
		return refused
	}
	return err
}

func (s *Service) bucket(name string) (*bucket, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if b := s.buckets[name]; b != nil {
		return b, nil
	}
	return nil, noSuchBucket()
}
