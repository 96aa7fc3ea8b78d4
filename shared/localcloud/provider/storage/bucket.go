package storage

import (
	"context"
	"fmt"

	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/s3"
)

type bucketArgs struct {
	Bucket       string            `pulumi:"bucket,optional"`
	ForceDestroy bool              `pulumi:"forceDestroy,optional"`
	Tags         map[string]string `pulumi:"tags"`
}

func (r resources) bucket() provider.Resource[bucketArgs] {
	return provider.Resource[bucketArgs]{
		Token:     "aws:s3/bucketV2:BucketV2",
		Untold:    []string{"forceDestroy"},
		ReplaceOn: []string{"bucket"}, AutoName: "bucket", LowerName: true,
		Validate: func(_ context.Context, a bucketArgs) error {
			return plane.CheckBucket(a.Bucket, a.Tags)
		},
		Create: func(_ context.Context, a bucketArgs) (string, provider.Outputs, error) {
			_, err := r.plane.CreateBucket(a.Bucket, a.Tags)
			if err != nil {
				return "", nil, err
			}
			return a.Bucket, r.bucketOutputs(a.Bucket), nil
		},
		Read: func(_ context.Context, id string, _ bucketArgs) (provider.Outputs, provider.Outputs, bool, error) {
			b, err := r.plane.GetBucket(id)
			if ok, err := absent.Found(err); !ok {
				return nil, nil, false, err
			}
			return provider.Outputs{"bucket": id, "tags": b.Tags}, r.bucketOutputs(id), true, nil
		},
		Update: func(_ context.Context, id string, _, a bucketArgs) (provider.Outputs, error) {
			return r.bucketOutputs(id), r.plane.PutTags(id, a.Tags)
		},
		Delete: func(_ context.Context, id string, a bucketArgs) error {
			if a.ForceDestroy {
				if err := r.plane.EmptyBucket(id); err != nil {
					return absent.Gone(err)
				}
			}
			return absent.Gone(r.plane.DeleteBucket(id))
		},
	}
}

// bucketOutputs leaves empty what the split resources configure.
func (r resources) bucketOutputs(name string) provider.Outputs {
	region := r.plane.Region()
	return provider.Outputs{
		"arn":                      r.plane.ARN(name),
		"bucketDomainName":         name + ".s3.amazonaws.com",
		"bucketRegionalDomainName": fmt.Sprintf("%s.s3.%s.amazonaws.com", name, region),
		"hostedZoneId":             hostedZones[region],
		"region":                   region,
		"requestPayer":             "BucketOwner",
		"accelerationStatus":       "",
		"acl":                      "",
		"bucketPrefix":             "",
		"objectLockEnabled":        false,
		"objectLockConfiguration":  map[string]any{"objectLockEnabled": ""},
		"policy":                   "",
		"websiteDomain":            "",
		"websiteEndpoint":          "",
	}
}

// hostedZones are the Route 53 zones of S3's endpoints (AWS general reference, "Amazon
// S3 endpoints and quotas"), for the regions that the manifest is likely to name.
var hostedZones = map[string]string{
	"eu-central-1": "Z21DNDUVLTQW6Q", "eu-west-1": "Z1BKCTXD74EZPE", "us-east-1": "Z3AQBSTGFYJSTF", "us-west-2": "Z3BJ6K6RIION7M",
}
