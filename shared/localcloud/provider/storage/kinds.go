// Package storage is S3 in the provider: buckets and the resources that configure them,
// over the s3 plane.
package storage

import (
	"context"
	"errors"

	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/s3"
)

// Kinds lists the resource types of S3.
func Kinds(s *plane.Service) []provider.Kind {
	r := resources{s}
	return []provider.Kind{r.bucket(), r.ownershipControls(), r.publicAccessBlock(), r.encryption(), r.versioning(),
		r.lifecycle(), r.policy()}
}

// resources makes resource types over one plane.
type resources struct{ plane *plane.Service }

// part is a resource that configures a part of a bucket. Its id is the bucket's name.
type part[A any] struct {
	bucket func(A) string
	put    func(bucket string, a A) error
	remove func(bucket string) error
	// read returns the inputs that the bucket has, and whether the part is there.
	read    func(plane.Bucket) (provider.Outputs, bool)
	outputs provider.Outputs
}

// of completes a resource by the life of a part.
func of[A any](s *plane.Service, p part[A], k provider.Resource[A]) provider.Resource[A] {
	k.ReplaceOn = []string{"bucket"}
	k.Create = func(_ context.Context, a A) (string, provider.Outputs, error) {
		return p.bucket(a), p.outputs, p.put(p.bucket(a), a)
	}
	k.Read = func(_ context.Context, id string, _ A) (provider.Outputs, provider.Outputs, bool, error) {
		b, err := s.GetBucket(id)
		if ok, err := absent.Found(err); !ok {
			return nil, nil, false, err
		}
		in, there := p.read(b)
		if there {
			in["bucket"] = id
		}
		return in, p.outputs, there, nil
	}
	k.Update = func(_ context.Context, id string, _, a A) (provider.Outputs, error) {
		return p.outputs, p.put(id, a)
	}
	k.Delete = func(_ context.Context, id string, _ A) error { return absent.Gone(p.remove(id)) }
	return k
}

// absent are the errors that say that the bucket is not there, and so nothing of it.
var absent provider.Absent = func(err error) bool {
	var e *plane.Error
	return errors.As(err, &e) && e.Code == "NoSuchBucket"
}
