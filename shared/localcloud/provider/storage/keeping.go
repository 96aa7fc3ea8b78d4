package storage

import (
	"cmp"
	"context"
	"fmt"

	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/s3"
)

type encryptionArgs struct {
	Bucket string               `pulumi:"bucket"`
	Rules  []encryptionRuleArgs `pulumi:"rules"`
}

type encryptionRuleArgs struct {
	ApplyServerSideEncryptionByDefault *encryptionDefaultArgs `pulumi:"applyServerSideEncryptionByDefault"`
	BucketKeyEnabled                   bool                   `pulumi:"bucketKeyEnabled,optional"`
}

type encryptionDefaultArgs struct {
	SseAlgorithm string `pulumi:"sseAlgorithm"`
}

func (a encryptionArgs) plane() (*plane.Encryption, error) {
	if len(a.Rules) != 1 || a.Rules[0].ApplyServerSideEncryptionByDefault == nil {
		return nil, fmt.Errorf("rules: want one rule, with applyServerSideEncryptionByDefault")
	}
	e := &plane.Encryption{Algorithm: a.Rules[0].ApplyServerSideEncryptionByDefault.SseAlgorithm, BucketKey: a.Rules[0].BucketKeyEnabled}
	return e, e.Check()
}

func (r resources) encryption() provider.Resource[encryptionArgs] {
	return of(r.plane, part[encryptionArgs]{
		bucket: func(a encryptionArgs) string { return a.Bucket },
		put: func(b string, a encryptionArgs) error {
			e, err := a.plane()
			if err != nil {
				return err
			}
			return r.plane.PutEncryption(b, e)
		},
		remove: func(b string) error { return r.plane.PutEncryption(b, nil) },
		read: func(b plane.Bucket) (provider.Outputs, bool) {
			rule := map[string]any{"applyServerSideEncryptionByDefault": map[string]any{"sseAlgorithm": b.Encryption.Algorithm},
				"bucketKeyEnabled": b.Encryption.BucketKey}
			return provider.Outputs{"rules": []any{rule}}, true
		},
	}, provider.Resource[encryptionArgs]{
		Token:    "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
		Sets:     []string{"rules"},
		Defaults: provider.Outputs{"rules": []any{map[string]any{"bucketKeyEnabled": false}}},

		Validate: func(_ context.Context, a encryptionArgs) error { _, err := a.plane(); return err },
	})
}

type versioningArgs struct {
	Bucket                  string               `pulumi:"bucket"`
	VersioningConfiguration versioningStatusArgs `pulumi:"versioningConfiguration"`
}

type versioningStatusArgs struct {
	Status string `pulumi:"status"`
}

func (r resources) versioning() provider.Resource[versioningArgs] {
	return of(r.plane, part[versioningArgs]{
		bucket: func(a versioningArgs) string { return a.Bucket },
		put: func(b string, a versioningArgs) error {
			return r.plane.PutVersioning(b, a.VersioningConfiguration.Status)
		},
		remove: func(b string) error { return r.plane.PutVersioning(b, "Suspended") },
		read: func(b plane.Bucket) (provider.Outputs, bool) {
			return provider.Outputs{"versioningConfiguration": map[string]any{"status": cmp.Or(b.Versioning, "Disabled")}}, true
		},
	}, provider.Resource[versioningArgs]{
		Token: "aws:s3/bucketVersioningV2:BucketVersioningV2",
		Validate: func(_ context.Context, a versioningArgs) error {
			return plane.CheckVersioning(a.VersioningConfiguration.Status)
		},
	})
}

type lifecycleArgs struct {
	Bucket string              `pulumi:"bucket"`
	Rules  []lifecycleRuleArgs `pulumi:"rules"`
}

type lifecycleRuleArgs struct {
	ID         string               `pulumi:"id"`
	Status     string               `pulumi:"status"`
	Filter     *lifecycleFilterArgs `pulumi:"filter"`
	Expiration *expirationArgs      `pulumi:"expiration"`
	Abort      *abortArgs           `pulumi:"abortIncompleteMultipartUpload"`
}

type lifecycleFilterArgs struct {
	Prefix string `pulumi:"prefix,optional"`
}

type expirationArgs struct {
	Days int `pulumi:"days,optional"`
}

type abortArgs struct {
	DaysAfterInitiation int `pulumi:"daysAfterInitiation,optional"`
}

func (a lifecycleArgs) plane() ([]plane.LifecycleRule, error) {
	var rules []plane.LifecycleRule
	for i, r := range a.Rules {
		if r.Filter == nil {
			return nil, fmt.Errorf("rules[%d].filter: is required; prefix \"\" means all objects", i)
		}
		rule := plane.LifecycleRule{ID: r.ID, Enabled: r.Status == "Enabled", Prefix: r.Filter.Prefix}
		if r.Expiration != nil {
			rule.ExpirationDays = r.Expiration.Days
		}
		if r.Abort != nil {
			rule.AbortDays = r.Abort.DaysAfterInitiation
		}
		rules = append(rules, rule)
	}
	return rules, plane.CheckLifecycle(rules)
}

func (r resources) lifecycle() provider.Resource[lifecycleArgs] {
	return of(r.plane, part[lifecycleArgs]{
		bucket: func(a lifecycleArgs) string { return a.Bucket },
		put: func(b string, a lifecycleArgs) error {
			rules, err := a.plane()
			if err != nil {
				return err
			}
			return r.plane.PutLifecycle(b, rules)
		},
		remove: func(b string) error { return r.plane.PutLifecycle(b, nil) },
		read: func(b plane.Bucket) (provider.Outputs, bool) {
			return provider.Outputs{"rules": lifecycleInputs(b.Lifecycle)}, len(b.Lifecycle) > 0
		},
		outputs: provider.Outputs{"expectedBucketOwner": "", "transitionDefaultMinimumObjectSize": "all_storage_classes_128K"},
	}, provider.Resource[lifecycleArgs]{
		Token: "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2",

		Validate: func(_ context.Context, a lifecycleArgs) error {
			rules, err := a.plane()
			if err == nil && len(rules) == 0 {
				err = fmt.Errorf("rules: want one or more")
			}
			return err
		},
	})
}

func lifecycleInputs(rules []plane.LifecycleRule) []any {
	var in []any
	for _, r := range rules {
		rule := map[string]any{"id": r.ID, "status": "Disabled", "filter": map[string]any{"prefix": r.Prefix},
			"expiration": nil, "abortIncompleteMultipartUpload": nil}
		if r.Enabled {
			rule["status"] = "Enabled"
		}
		if r.ExpirationDays > 0 {
			rule["expiration"] = map[string]any{"days": r.ExpirationDays}
		}
		if r.AbortDays > 0 {
			rule["abortIncompleteMultipartUpload"] = map[string]any{"daysAfterInitiation": r.AbortDays}
		}
		in = append(in, rule)
	}
	return in
}
