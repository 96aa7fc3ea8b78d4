package storage_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/provider/providertest"
	"pipeline/shared/localcloud/provider/storage"
	plane "pipeline/shared/localcloud/s3"
	"pipeline/shared/localcloud/store"
)

type object = providertest.Object

const (
	bucketType     = "aws:s3/bucketV2:BucketV2"
	ownershipType  = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
	blockType      = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
	encryptionType = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
	versioningType = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	lifecycleType  = "aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"
	policyType     = "aws:s3/bucketPolicy:BucketPolicy"
)

func world(t *testing.T) (*providertest.Engine, *plane.Service) {
	t.Helper()
	st, err := store.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	authority, err := iam.New(st, "000000000000", "eu-central-1", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	service, err := plane.New(filepath.Join(t.TempDir(), "s3"), st, authority, "000000000000", "eu-central-1", time.Now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = service.Close(), st.Close() })
	return providertest.New(t, "events-storage", storage.Kinds(service)), service
}

func encryption(algorithm string) object {
	return object{"bucket": "staging", "rules": []any{object{"applyServerSideEncryptionByDefault": object{"sseAlgorithm": algorithm}}}}
}

func rule(id string, more object) object {
	r := object{"id": id, "status": "Enabled", "filter": object{"prefix": "p/"}}
	for k, v := range more {
		r[k] = v
	}
	return r
}

func lifecycle(rules ...any) object { return object{"bucket": "staging", "rules": rules} }

func policy(statement string) object {
	return object{"bucket": "staging", "policy": `{"Version":"2012-10-17","Statement":[` + statement + `]}`}
}

const (
	tlsOnly = `{"Effect":"Deny","Principal":"*","Action":"s3:*","Resource":["arn:aws:s3:::staging","arn:aws:s3:::staging/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	public  = `{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::staging/*"}`
)

func TestANameThatIsMadeUpIsOneThatABucketMayHave(t *testing.T) {
	engine, _ := world(t)
	if m := engine.As("RawEvents").Create(bucketType, object{}); !strings.HasPrefix(m.ID, "rawevents-") {
		t.Errorf("the bucket of a resource RawEvents is %s, want rawevents- and a suffix", m.ID)
	}
}

// parts are the resources that configure a bucket, with a change of each.
var parts = []struct {
	token       string
	inputs      object
	changed     object
	has, hasNow func(plane.Bucket) bool
}{
	{ownershipType, object{"bucket": "staging", "rule": object{"objectOwnership": "BucketOwnerEnforced"}}, object{}, // no other is served
		func(b plane.Bucket) bool { return b.Ownership == "BucketOwnerEnforced" }, func(b plane.Bucket) bool { return b.Ownership == "BucketOwnerEnforced" }},
	{blockType, object{"bucket": "staging", "blockPublicAcls": true}, object{"blockPublicPolicy": true},
		func(b plane.Bucket) bool {
			return *b.PublicAccessBlock == plane.PublicAccessBlock{BlockPublicAcls: true}
		},
		func(b plane.Bucket) bool { return b.PublicAccessBlock.BlockPublicPolicy }},
	{encryptionType, encryption("AES256"),
		object{"rules": []any{object{"applyServerSideEncryptionByDefault": object{"sseAlgorithm": "AES256"}, "bucketKeyEnabled": true}}},
		func(b plane.Bucket) bool { return !b.Encryption.BucketKey }, func(b plane.Bucket) bool { return b.Encryption.BucketKey }},
	{versioningType, object{"bucket": "staging", "versioningConfiguration": object{"status": "Disabled"}},
		object{"versioningConfiguration": object{"status": "Suspended"}},
		func(b plane.Bucket) bool { return b.Versioning == "" }, func(b plane.Bucket) bool { return b.Versioning == "Suspended" }},
	{lifecycleType, lifecycle(rule("a", object{"expiration": object{"days": 14}})),
		object{"rules": []any{rule("a", object{"expiration": object{"days": 30}, "abortIncompleteMultipartUpload": object{"daysAfterInitiation": 7}})}},
		func(b plane.Bucket) bool { return b.Lifecycle[0].ExpirationDays == 14 && b.Lifecycle[0].Prefix == "p/" },
		func(b plane.Bucket) bool { return b.Lifecycle[0].ExpirationDays == 30 && b.Lifecycle[0].AbortDays == 7 }},
	{policyType, policy(tlsOnly), object{"policy": policy(strings.Replace(tlsOnly, "s3:*", "s3:PutObject", 1))["policy"]},
		func(b plane.Bucket) bool { return strings.Contains(b.Policy, "s3:*") }, func(b plane.Bucket) bool { return strings.Contains(b.Policy, "s3:PutObject") }},
}

func TestEachPartOfABucketLivesFromCreateToDelete(t *testing.T) {
	for _, p := range parts {
		t.Run(p.token, func(t *testing.T) {
			engine, service := world(t)
			bucket := engine.Create(bucketType, object{"bucket": "staging"})
			made := engine.Create(p.token, p.inputs)
			holds := func(what string, has func(plane.Bucket) bool) {
				t.Helper()
				if b, err := service.GetBucket("staging"); err != nil || !has(b) {
					t.Errorf("%s the bucket is %+v (%v)", what, b, err)
				}
			}
			holds("created,", p.has)
			if in, _, _ := engine.Read(made); fmt.Sprint(in) != fmt.Sprint(p.inputs) {
				t.Errorf("a refresh finds inputs\n%v, want those of the program\n%v", in, p.inputs)
			}
			made = engine.Update(made, p.changed)
			holds("updated,", p.hasNow)
			if got := engine.Replaces(made, object{"bucket": "other"}); got != "bucket" {
				t.Errorf("another bucket replaces for %q, want bucket", got)
			}
			engine.Delete(made)
			engine.Delete(bucket)
			engine.Delete(made)
			if engine.Exists(made) || engine.Exists(bucket) {
				t.Error("it is there after its bucket was deleted")
			}
		})
	}
}

func TestABucketHasAWSsAddresses(t *testing.T) {
	engine, _ := world(t)
	b := engine.Create(bucketType, object{"bucket": "staging", "tags": object{"layer": "storage"}})
	for key, want := range (object{"arn": "arn:aws:s3:::staging", "bucketRegionalDomainName": "staging.s3.eu-central-1.amazonaws.com", "region": "eu-central-1"}) {
		if b.Outputs[key] != want {
			t.Errorf("%s is %v, want %v", key, b.Outputs[key], want)
		}
	}
	if got := engine.Import(bucketType, "staging"); got["bucket"] != "staging" || got["tags"].(object)["layer"] != "storage" {
		t.Errorf("the imported bucket is %v", got)
	}
	if got := engine.Replaces(b, object{"bucket": "other"}); got != "bucket" {
		t.Errorf("another name replaces for %q, want bucket", got)
	}
	b = engine.Update(b, object{"tags": object{"layer": "other"}})
	if in, _, _ := engine.Read(b); in["tags"].(object)["layer"] != "other" {
		t.Errorf("a refresh finds %v", in)
	}
	if _, err := engine.TryCreate(bucketType, object{"bucket": "staging"}); err == nil || !strings.Contains(err.Error(), "BucketAlreadyOwnedByYou") {
		t.Errorf("a second bucket of the name is answered %v", err)
	}
}

func TestABucketWithObjectsGoesOnlyByForce(t *testing.T) {
	engine, service := world(t)
	b := engine.Create(bucketType, object{"bucket": "staging"})
	if err := service.PutObject(context.Background(), "staging", "k", nil, ""); err != nil {
		t.Fatal(err)
	}
	if err := engine.TryDelete(b); err == nil || !strings.Contains(err.Error(), "BucketNotEmpty") {
		t.Errorf("deleting a bucket with an object is answered %v", err)
	}
	b = engine.Update(b, object{"forceDestroy": true})
	engine.Delete(b)
}

func TestAPublicPolicyIsRefusedWhereTheBlockForbidsIt(t *testing.T) {
	engine, _ := world(t)
	engine.Create(bucketType, object{"bucket": "staging"})
	if _, err := engine.TryCreate(policyType, policy(public)); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("a public policy is answered %v", err)
	}
	if _, err := engine.TryCreate(policyType, object{"bucket": "other", "policy": policy(tlsOnly)["policy"]}); err == nil || !strings.Contains(err.Error(), "NoSuchBucket") {
		t.Errorf("a policy for no bucket is answered %v", err)
	}
}

func TestAPreviewRefusesWhatS3Would(t *testing.T) {
	engine, _ := world(t)
	engine.Refuses(bucketType, object{"bucket": "Staging"}, "InvalidBucketName")
	engine.Refuses(bucketType, object{"bucket": "staging", "tags": object{"aws:x": "y"}}, "InvalidTag")
	engine.Refuses(bucketType, object{"bucket": "staging", "versionings": []any{}}, "versionings: is not honoured")
	engine.Refuses(bucketType, object{"bucket": "staging", "objectLockEnabled": true}, "objectLockEnabled: is not honoured")
	engine.Refuses(ownershipType, object{"bucket": providertest.Unknown, "rule": object{"objectOwnership": "ObjectWriter"}}, "rule: NotImplemented")
	engine.Refuses(encryptionType, encryption("aws:kms"), "NotImplemented")
	engine.Refuses(encryptionType, object{"bucket": "staging", "rules": []any{}}, "want one rule")
	engine.Refuses(versioningType, object{"bucket": "staging", "versioningConfiguration": object{"status": "Enabled"}}, "NotImplemented")
	engine.Refuses(versioningType, object{"bucket": "staging", "versioningConfiguration": object{"status": "Disabled"}, "mfa": "x"}, "mfa: is not honoured")
	engine.Refuses(lifecycleType, lifecycle(), "want one or more")
	engine.Refuses(lifecycleType, lifecycle(rule("a", nil)), "At least one action")
	engine.Refuses(lifecycleType, lifecycle(rule("a", object{"status": "On"})), `rules[0].status: "On" failed to satisfy constraint`)
	engine.Refuses(lifecycleType, lifecycle(object{"id": "a", "status": "Enabled", "expiration": object{"days": 1}}), "rules[0].filter: is required")
	engine.Refuses(lifecycleType, lifecycle(rule("a", object{"expiration": object{"date": "2030-01-01"}})), "rules[0].expiration.date: is not honoured")
	engine.Refuses(lifecycleType, lifecycle(rule("a", object{"transitions": []any{object{"days": 1, "storageClass": "GLACIER"}}})), "transitions: is not honoured")
	engine.Refuses(policyType, object{"bucket": providertest.Unknown, "policy": "{}"}, "policy: MalformedPolicy")
	engine.Refuses(policyType, policy(strings.Replace(tlsOnly, "aws:SecureTransport", "aws:SourceVpc", 1)), `condition key "aws:SourceVpc"`)
}
