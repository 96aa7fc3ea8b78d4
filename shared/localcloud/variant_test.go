package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"pipeline/shared/localcloud/provider/providertest"
)

// variant is a golden of a layer, deployed in a local cloud of its own.
type variant struct {
	cloud *restarted
	made  map[string]providertest.Made // by "type/name"
	// loader is the secret that layer warehouse would have made.
	loader string
}

var (
	accountOf = regexp.MustCompile(`:(\d{12}):`)
	roleOf    = regexp.MustCompile(`arn:aws:iam::\d{12}:role/([\w-]+)`)
	bucketOf  = regexp.MustCompile(`"arn:aws:s3:::([a-z0-9-]+)"`)
	secretOf  = regexp.MustCompile(`arn:aws:secretsmanager:[\w-]+:\d{12}:secret:[\w/-]+-AbCdEf`)
	mockOf    = regexp.MustCompile(`arn:aws:mock:::(aws:[\w/]+:\w+/[\w-]+)`)
)

// newVariant makes everything of a golden. It is in the order of names, so what needs
// something that is not there yet is tried again.
func newVariant(t *testing.T, path string) variant {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var g golden
	if err := json.Unmarshal(data, &g); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	v := variant{cloud: newUpstream(t, string(data)), made: map[string]providertest.Made{}}
	v.loader = v.cloud.engine("upstream-loader").Create("aws:secretsmanager/secret:Secret", object{"name": "upstream/loader"}).ID
	v.cloud.engine("upstream-loader").Create("aws:secretsmanager/secretVersion:SecretVersion", object{"secretId": v.loader, "secretString": aSecret})
	left := map[string]object{}
	for _, r := range g.Resources {
		if parts := strings.FieldsFunc(r.URN, func(c rune) bool { return c == '$' }); strings.Contains(r.URN, "aws:") {
			token, name, _ := strings.Cut(parts[len(parts)-1], "::")
			if all := strings.Split(r.URN, "::"); len(parts) == 1 {
				token, name = all[2], all[3]
			}
			left[token+"/"+name] = r.Inputs
		}
	}
	for len(left) > 0 {
		if done := len(v.made); v.round(left) != nil && len(v.made) == done {
			t.Fatalf("%s is not deployed: %v", path, v.round(left))
		}
	}
	return v
}

// newUpstream is a local cloud with the roles and buckets that a golden has from other
// layers.
func newUpstream(t *testing.T, text string) *restarted {
	t.Helper()
	c := &restarted{t: t, o: options{State: t.TempDir(), Region: "eu-central-1", Account: "000000000000"}}
	if found := accountOf.FindStringSubmatch(text); found != nil {
		c.o.Account = found[1]
	}
	c.start()
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	for _, role := range distinct(roleOf, text) {
		c.engine("upstream-"+role).Create("aws:iam/role:Role", object{"name": role, "assumeRolePolicy": aTrust})
		c.engine("upstream-"+role).Create("aws:iam/rolePolicy:RolePolicy", object{"name": "all", "role": role, "policy": aGrant})
	}
	if !strings.Contains(text, "aws:s3/bucketV2:BucketV2") {
		for _, bucket := range distinct(bucketOf, text) {
			c.engine("upstream-"+bucket).Create("aws:s3/bucketV2:BucketV2", object{"bucket": bucket})
		}
	}
	return c
}

func distinct(pattern *regexp.Regexp, text string) []string {
	var all []string
	seen := map[string]bool{}
	for _, found := range pattern.FindAllStringSubmatch(text, -1) {
		if !seen[found[1]] {
			all, seen[found[1]] = append(all, found[1]), true
		}
	}
	return all
}

// round makes what can be made now, and returns why the rest cannot.
func (v variant) round(left map[string]object) error {
	var refused error
	for id, inputs := range left {
		token := id[:strings.LastIndex(id, "/")]
		m, err := v.make(token, id, inputs)
		if err != nil {
			refused = errors.Join(refused, fmt.Errorf("%s: %w", id, err))
			continue
		}
		v.made[id] = m
		delete(left, id)
	}
	return refused
}

func (v variant) make(token, id string, inputs object) (providertest.Made, error) {
	real, err := v.real("", inputs)
	if err != nil {
		return providertest.Made{}, err
	}
	in := written(real).(object)
	if _, refused := v.cloud.engine(id).Check(token, in); refused != "" {
		return providertest.Made{}, errors.New(refused)
	}
	return v.cloud.engine(id).TryCreate(token, in)
}

// ids are the types whose ids stand in properties.
var ids = map[string]string{
	"restApi": "aws:apigateway/restApi:RestApi", "restApiId": "aws:apigateway/restApi:RestApi",
	"resourceId": "aws:apigateway/resource:Resource", "parentId": "aws:apigateway/resource:Resource",
	"authorizerId": "aws:apigateway/authorizer:Authorizer", "requestValidatorId": "aws:apigateway/requestValidator:RequestValidator",
	"deployment": "aws:apigateway/deployment:Deployment", "userPoolId": "aws:cognito/userPool:UserPool",
	"vpcId": "aws:ec2/vpc:Vpc", "gatewayId": "aws:ec2/internetGateway:InternetGateway",
	"routeTableId": "aws:ec2/routeTable:RouteTable", "routeTableIds": "aws:ec2/routeTable:RouteTable",
	"subnetId": "aws:ec2/subnet:Subnet", "subnetIds": "aws:ec2/subnet:Subnet",
	"securityGroupId": "aws:ec2/securityGroup:SecurityGroup", "securityGroupIds": "aws:ec2/securityGroup:SecurityGroup",
	"vpcSecurityGroupIds": "aws:ec2/securityGroup:SecurityGroup",
}

// hidden are values for those that a golden does not show.
var hidden = map[string]string{"secretString": aSecret, "password": "Correct-Horse-1", "adminUsername": "awsadmin", "sql": "CREATE USER loader PASSWORD 'Generated0Generated1'"}

// real is a value with what was made in the place of a mock's ids and ARNs.
func (v variant) real(property string, value any) (any, error) {
	switch value := value.(type) {
	case string:
		return v.text(property, value)
	case []any:
		list := []any{}
		for _, element := range value {
			real, err := v.real(property, element)
			if err != nil {
				return nil, err
			}
			list = append(list, real)
		}
		return list, nil
	case map[string]any:
		object := map[string]any{}
		for name, element := range value {
			real, err := v.real(name, element)
			if err != nil {
				return nil, err
			}
			object[name] = real
		}
		return object, nil
	}
	return value, nil
}

func (v variant) text(property, text string) (string, error) {
	switch mock := mockOf.FindStringSubmatch(text); {
	case text == "[secret]":
		return hidden[property], nil
	case mock != nil:
		arn, err := v.output(mock[1], "arn")
		return mockOf.ReplaceAllString(text, arn), err
	case ids[property] != "" && strings.HasSuffix(text, "-id"):
		return v.output(ids[property]+"/"+strings.TrimSuffix(text, "-id"), "id")
	case property == "parentId" && text == "":
		return v.output("aws:apigateway/restApi:RestApi/api", "rootResourceId")
	case text == "pl-s3":
		return v.output("aws:ec2/vpcEndpoint:VpcEndpoint/cluster-s3", "prefixListId")
	case property == "secretArn" && text == "arn:admin":
		if arn, err := v.output("aws:redshiftserverless/namespace:Namespace/cluster", "adminPasswordSecretArn"); err == nil {
			return arn, nil
		}
		return v.output("aws:redshift/cluster:Cluster/cluster", "masterPasswordSecretArn")
	}
	return secretOf.ReplaceAllString(text, v.loader), nil
}

func (v variant) output(id, name string) (string, error) {
	m, there := v.made[id]
	if !there {
		return "", fmt.Errorf("%s is not there yet", id)
	}
	if name == "id" {
		return m.ID, nil
	}
	return m.Outputs[name].(string), nil
}
