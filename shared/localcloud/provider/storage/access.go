package storage

import (
	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/s3"
)

type ownershipControlsArgs struct {
	Bucket string            `pulumi:"bucket"`
	Rule   ownershipRuleArgs `pulumi:"rule"`
}

type ownershipRuleArgs struct {
	ObjectOwnership string `pulumi:"objectOwnership"`
}

func (r resources) ownershipControls() provider.Resource[ownershipControlsArgs] {
	return of(r.plane, part[ownershipControlsArgs]{
		bucket: func(a ownershipControlsArgs) string { return a.Bucket },
		put:    func(b string, a ownershipControlsArgs) error { return r.plane.PutOwnership(b, a.Rule.ObjectOwnership) },
		remove: func(b string) error { return r.plane.PutOwnership(b, "") },
		read: func(b plane.Bucket) (provider.Outputs, bool) {
			return provider.Outputs{"rule": map[string]any{"objectOwnership": b.Ownership}}, b.Ownership != ""
		},
	}, provider.Resource[ownershipControlsArgs]{
		Token: "aws:s3/bucketOwnershipControls:BucketOwnershipControls",

		Rules: map[string]func(any) error{"rule": func(v any) error {
			ownership, _ := v.(map[string]any)["objectOwnership"].(string)
			return plane.CheckOwnership(ownership)
		}},
	})
}

type publicAccessBlockArgs struct {
	Bucket                string `pulumi:"bucket"`
	BlockPublicAcls       bool   `pulumi:"blockPublicAcls,optional"`
	BlockPublicPolicy     bool   `pulumi:"blockPublicPolicy,optional"`
	IgnorePublicAcls      bool   `pulumi:"ignorePublicAcls,optional"`
	RestrictPublicBuckets bool   `pulumi:"restrictPublicBuckets,optional"`
}

func (r resources) publicAccessBlock() provider.Resource[publicAccessBlockArgs] {
	return of(r.plane, part[publicAccessBlockArgs]{
		bucket: func(a publicAccessBlockArgs) string { return a.Bucket },
		put: func(b string, a publicAccessBlockArgs) error {
			return r.plane.PutPublicAccessBlock(b, &plane.PublicAccessBlock{BlockPublicAcls: a.BlockPublicAcls,
				BlockPublicPolicy: a.BlockPublicPolicy, IgnorePublicAcls: a.IgnorePublicAcls, RestrictPublicBuckets: a.RestrictPublicBuckets})
		},
		remove: func(b string) error { return r.plane.PutPublicAccessBlock(b, nil) },
		read: func(b plane.Bucket) (provider.Outputs, bool) {
			if b.PublicAccessBlock == nil {
				return nil, false
			}
			return provider.Outputs{"blockPublicAcls": b.PublicAccessBlock.BlockPublicAcls, "blockPublicPolicy": b.PublicAccessBlock.BlockPublicPolicy,
				"ignorePublicAcls": b.PublicAccessBlock.IgnorePublicAcls, "restrictPublicBuckets": b.PublicAccessBlock.RestrictPublicBuckets}, true
		},
	}, provider.Resource[publicAccessBlockArgs]{
		Token: "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
	})
}

type policyArgs struct {
	Bucket string `pulumi:"bucket"`
	Policy string `pulumi:"policy"`
}

func (r resources) policy() provider.Resource[policyArgs] {
	return of(r.plane, part[policyArgs]{
		bucket: func(a policyArgs) string { return a.Bucket },
		put:    func(b string, a policyArgs) error { return r.plane.PutPolicy(b, a.Policy) },
		remove: func(b string) error { return r.plane.PutPolicy(b, "") },
		read: func(b plane.Bucket) (provider.Outputs, bool) {
			return provider.Outputs{"policy": b.Policy}, b.Policy != ""
		},
	}, provider.Resource[policyArgs]{
		Token: "aws:s3/bucketPolicy:BucketPolicy",
		Rules: map[string]func(any) error{"policy": func(v any) error { return plane.CheckPolicy(v.(string)) }},
	})
}
