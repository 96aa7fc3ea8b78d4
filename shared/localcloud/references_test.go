package main

import (
	"context"
	"maps"
	"strings"
	"testing"
)

// A thing that refers to another which is not there, or does not serve, is not made; AWS
// says why.
func TestAReferenceToWhatDoesNotServeIsRefused(t *testing.T) {
	c := newRestarted(t)
	made := c.everything()
	const strangers = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	stranger := c.engine("stranger").Create("aws:iam/role:Role", object{"name": "stranger", "assumeRolePolicy": strangers}).Outputs["arn"]
	const nobody = "arn:aws:iam::000000000000:role/nobody"
	toBucket := func(role any) object {
		return object{"name": "other", "extendedS3Configuration": object{"bucketArn": made.out("bucket", "arn"), "roleArn": role}}
	}
	for rule, r := range map[string]struct {
		like    string
		changed object
		want    string
	}{
		"a stream's role that does not exist":            {"stream", toBucket(nobody), "Firehose is unable to assume role " + nobody},
		"a stream's role that does not trust Firehose":   {"stream", toBucket(stranger), "Firehose is unable to assume role"},
		"an account's role that does not exist":          {"account", object{"cloudwatchRoleArn": nobody}, "BadRequestException"},
		"an account's role that does not trust the API":  {"account", object{"cloudwatchRoleArn": stranger}, "BadRequestException"},
		"a policy of a role that does not exist":         {"grant", object{"role": "nobody"}, "NoSuchEntity"},
		"a log stream of a group that does not exist":    {"log", object{"logGroupName": "/nothing"}, "ResourceNotFoundException"},
		"a version of a secret that does not exist":      {"value", object{"secretId": "arn:aws:secretsmanager:eu-central-1:000000000000:secret:nothing-AbCdEf"}, "ResourceNotFoundException"},
		"a bucket's policy without the bucket":           {"policy", object{"bucket": "nothing"}, "NoSuchBucket"},
		"a subnet of a network that does not exist":      {"subnet-a", object{"vpcId": "vpc-0"}, "InvalidVpcID.NotFound"},
		"a subnet group of a subnet that does not exist": {"subnets", object{"name": "other", "subnetIds": []any{"subnet-0"}}, "subnet-0"},
		"a cluster in a group that does not exist":       {"cluster", object{"clusterIdentifier": "other", "clusterSubnetGroupName": "nothing"}, "nothing"},
		"a workgroup of a namespace that does not exist": {"workgroup", object{"workgroupName": "other", "namespaceName": "nothing"}, "ResourceNotFoundException"},
		"a user of a pool that does not exist":           {"user", object{"userPoolId": "eu-central-1_Nothing00"}, "ResourceNotFoundException"},
		"a stage of a deployment that does not exist":    {"stage", object{"stageName": "other", "deployment": "nothin"}, "Deployment id does not exist"},
		"a subscription to a topic that does not exist":  {"subscription", object{"topic": "arn:aws:sns:eu-central-1:000000000000:nothing"}, "NotFound"},
	} {
		t.Run(rule, func(t *testing.T) {
			inputs := maps.Clone(made[r.like].Inputs)
			maps.Copy(inputs, r.changed)
			engine := c.engine(strings.ReplaceAll(rule, " ", "-"))
			if _, refused := engine.Check(made[r.like].Token, inputs); strings.Contains(refused, r.want) {
				return // already in a preview
			}
			if _, err := engine.TryCreate(made[r.like].Token, inputs); err == nil || !strings.Contains(err.Error(), r.want) {
				t.Errorf("it is answered %v, want %q", err, r.want)
			}
		})
	}
}

// A thing that others need is not deleted.
func TestAThingInUseIsNotDeleted(t *testing.T) {
	c := newRestarted(t)
	made := c.everything()
	if err := c.buckets.PutObject(context.Background(), "staging", "errors/kept.json", []byte("{}"), "application/json"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"bucket":     "BucketNotEmpty",
		"users":      "domain configured that should be deleted first",
		"role":       "DeleteConflict",
		"subnets":    "is used by cluster events",
		"parameters": "is used by cluster events",
		"namespace":  "workgroup",
		"vpc":        "DependencyViolation",
		"routes":     "DependencyViolation",
		"deployment": "BadRequestException",
		"guard":      "WAFAssociatedItemException",
	} {
		if err := c.engine(name).TryDelete(made[name]); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("deleting %s %s, which is in use, is answered %v, want %q", made[name].Token, name, err, want)
		}
		if !c.engine(name).Exists(made[name]) {
			t.Errorf("%s is gone", name)
		}
	}
}
