package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"pipeline/shared/pulumitest"
)

const (
	clusterType   = "aws:redshift/cluster:Cluster"
	ingressType   = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	subnetType    = "aws:ec2/subnet:Subnet"
	parameterType = "aws:redshift/parameterGroup:ParameterGroup"
	statementType = "aws:redshiftdata/statement:Statement"
	versionType   = "aws:secretsmanager/secretVersion:SecretVersion"
	endpointType  = "aws:ec2/vpcEndpoint:VpcEndpoint"
)

type object = map[string]any

func world(set object) pulumitest.World {
	return pulumitest.World{
		Project: "events-warehouse", Settings: set,
		Upstream: map[string]map[string]string{
			"events-iam":     {"gatewayRoleArn": "-", "gatewayLogsRoleArn": "-", "deliveryRoleArn": "-", "warehouseRoleArn": "arn:aws:iam::000000000000:role/events-local-warehouse"},
			"events-storage": {"bucketName": "staging", "bucketArn": "arn:aws:s3:::staging"},
		},
		Outputs: map[string]func(resource.PropertyMap) map[string]any{
			clusterType: func(resource.PropertyMap) map[string]any {
				return object{"endpoint": "events-local.abc.eu-central-1.redshift.localhost:5439", "masterPasswordSecretArn": "arn:admin"}
			},
			"aws:redshiftserverless/namespace:Namespace": func(resource.PropertyMap) map[string]any {
				return object{"adminPasswordSecretArn": "arn:admin"}
			},
			"aws:redshiftserverless/workgroup:Workgroup": func(resource.PropertyMap) map[string]any {
				return object{"endpoints": []any{object{"address": "events-local.000000000000.eu-central-1.redshift-serverless.localhost", "port": 5439.0}}}
			},
			endpointType: func(resource.PropertyMap) map[string]any { return object{"prefixListId": "pl-s3"} },
			versionType: func(resource.PropertyMap) map[string]any {
				return object{"versionId": "4c1e4c9d-3b51-4a67-9b3e-1a2b3c4d5e6f"}
			},
		},
		Functions: map[string]func(resource.PropertyMap) (map[string]any, error){
			"aws:index/getAvailabilityZones:getAvailabilityZones": func(in resource.PropertyMap) (map[string]any, error) {
				names := []any{"eu-central-1-ham-1a", "eu-central-1a", "eu-central-1b", "eu-central-1c"}
				if fmt.Sprint(in.Mappable()["filters"]) == "[map[name:opt-in-status values:[opt-in-not-required]]]" {
					names = names[1:]
				}
				return object{"id": "zones", "names": names, "zoneIds": []any{}, "groupNames": []any{}}, nil
			},
		},
	}
}

func deployed(t *testing.T, set object) pulumitest.Result {
	t.Helper()
	r := world(set).Run(t, deploy)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	return r
}

func blocks(r pulumitest.Result) []string {
	var all []string
	for _, rule := range r.All(ingressType) {
		all = append(all, rule.Plain()["cidrIpv4"].(string))
	}
	slices.Sort(all)
	return all
}

func TestOnlyFirehoseAndTheConfiguredBlocksReachTheCluster(t *testing.T) {
	if got := blocks(deployed(t, nil)); !slices.Equal(got, []string{"35.158.127.160/27"}) {
		t.Errorf("by default the cluster admits %v, want Firehose in eu-central-1", got)
	}
	r := deployed(t, object{"adminCidrs": []string{"203.0.113.0/24"}, "firehoseCidr": "198.51.100.0/27"})
	if got := blocks(r); !slices.Equal(got, []string{"198.51.100.0/27", "203.0.113.0/24"}) {
		t.Errorf("as configured the cluster admits %v", got)
	}
	for _, rule := range r.All(ingressType) {
		if in := rule.Plain(); in["fromPort"] != 5439.0 || in["toPort"] != 5439.0 || in["ipProtocol"] != "tcp" {
			t.Errorf("rule %s opens %v-%v/%v, want 5439/tcp", rule.Name, in["fromPort"], in["toPort"], in["ipProtocol"])
		}
	}
}

func TestARuleKeepsItsNameWhenAnotherBlockIsTakenOut(t *testing.T) {
	named := func(r pulumitest.Result) string {
		for _, rule := range r.All(ingressType) {
			if rule.Plain()["cidrIpv4"] == "198.51.100.0/24" {
				return rule.Name
			}
		}
		return "missing"
	}
	both := named(deployed(t, object{"adminCidrs": []string{"203.0.113.0/24", "198.51.100.0/24"}}))
	if alone := named(deployed(t, object{"adminCidrs": []string{"198.51.100.0/24"}})); alone != both {
		t.Errorf("the rule is %s beside another and %s alone: AWS would be asked for one that is there", both, alone)
	}
}

func TestARegionWhoseFirehoseBlockIsUnknownIsRefused(t *testing.T) {
	if _, err := firehoseBlock("ap-southeast-6", config{}); err == nil || !strings.Contains(err.Error(), "events-warehouse:firehoseCidr") {
		t.Errorf("the error is %v, want one that names the setting", err)
	}
	if block, err := firehoseBlock("ap-southeast-6", config{FirehoseCIDR: "198.51.100.0/27"}); err != nil || block != "198.51.100.0/27" {
		t.Errorf("with a configured block: %q, %v", block, err)
	}
}

func TestTheClusterIsWhatFirehoseCanReachAndAReviewerPasses(t *testing.T) {
	r := deployed(t, nil)
	in := r.One(t, clusterType).Plain()
	want := object{"nodeType": "ra3.large", "numberOfNodes": 1.0, "encrypted": true, "publiclyAccessible": true, "manageMasterPassword": true,
		"clusterIdentifier": "events-local", "port": 5439.0, "clusterParameterGroupName": "events-local", "automatedSnapshotRetentionPeriod": 7.0}
	for property, value := range want {
		if in[property] != value {
			t.Errorf("%s is %v, want %v", property, in[property], value)
		}
	}
	if _, set := in["masterPassword"]; set {
		t.Error("the admin has a password of ours: Redshift manages it")
	}
	if got := fmt.Sprint(r.One(t, parameterType).Plain()["parameters"]); got != "[map[name:require_ssl value:true]]" {
		t.Errorf("parameters are %s", got)
	}
	if n := len(r.All(subnetType)); n != 2 {
		t.Errorf("there are %d subnets, want 2", n)
	}
}

func TestNoSubnetIsInALocalZone(t *testing.T) {
	for _, subnet := range deployed(t, nil).All(subnetType) {
		if zone := subnet.Plain()["availabilityZone"]; zone == "eu-central-1-ham-1a" {
			t.Errorf("%s is in %s, a Local Zone that the account has opted in to", subnet.Name, zone)
		}
	}
}

func TestTheClusterWaitsForItsWayToTheInternet(t *testing.T) {
	for typ, set := range map[string]object{clusterType: nil, "aws:redshiftserverless/workgroup:Workgroup": {"zones": 3, "serverless": object{}}} {
		r := deployed(t, set)
		if way := r.Named(t, "aws:ec2/route:Route", "cluster-out"); !slices.Contains(r.One(t, typ).After, string(way.URN)) {
			t.Errorf("%s waits for %v, and not for %s", typ, r.One(t, typ).After, way.URN)
		}
	}
}

func TestAFinalSnapshotIsTakenUnlessTheSettingSaysOtherwise(t *testing.T) {
	if in := deployed(t, nil).One(t, clusterType).Plain(); in["skipFinalSnapshot"] != false || in["finalSnapshotIdentifier"] != "events-local-final" {
		t.Errorf("by default: skip %v, snapshot %v", in["skipFinalSnapshot"], in["finalSnapshotIdentifier"])
	}
	if in := deployed(t, object{"finalSnapshot": "before-resize"}).One(t, clusterType).Plain(); in["finalSnapshotIdentifier"] != "before-resize" {
		t.Errorf("the snapshot is %v, want the configured name", in["finalSnapshotIdentifier"])
	}
	in := deployed(t, object{"skipFinalSnapshot": true}).One(t, clusterType).Plain()
	if _, named := in["finalSnapshotIdentifier"]; in["skipFinalSnapshot"] != true || named {
		t.Errorf("skipped: skip %v, snapshot %v", in["skipFinalSnapshot"], in["finalSnapshotIdentifier"])
	}
}

func TestEnhancedRoutingLetsCopyReachTheStagingBucketAlone(t *testing.T) {
	if got := deployed(t, nil).All(endpointType); len(got) != 0 {
		t.Errorf("there are %d endpoints without enhanced routing", len(got))
	}
	policy := deployed(t, object{"enhancedVpcRouting": true}).One(t, endpointType).Plain()["policy"].(string)
	var document struct{ Statement []struct{ Resource []string } }
	if err := json.Unmarshal([]byte(policy), &document); err != nil || !slices.Equal(document.Statement[0].Resource, []string{"arn:aws:s3:::staging", "arn:aws:s3:::staging/*"}) {
		t.Errorf("the endpoint's policy is %s (%v)", policy, err)
	}
}

func TestWithEnhancedRoutingTheClusterReachesS3AndNothingElse(t *testing.T) {
	const egressType = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	if got := deployed(t, nil).All(egressType); len(got) != 0 {
		t.Errorf("without it the security group lets out %v", got)
	}
	in := deployed(t, object{"enhancedVpcRouting": true}).One(t, egressType).Plain()
	if in["prefixListId"] != "pl-s3" || in["fromPort"] != 443.0 || in["toPort"] != 443.0 || in["cidrIpv4"] != nil {
		t.Errorf("the security group lets out %v, want 443 to S3's prefix list", in)
	}
}

func TestNoPasswordIsInAStatement(t *testing.T) {
	r := deployed(t, nil)
	if value := r.One(t, versionType).Inputs["secretString"]; !value.IsSecret() || !strings.Contains(value.SecretValue().Element.StringValue(), pulumitest.Password) {
		t.Errorf("the loader's secret is %v", value)
	}
	var call string
	for _, st := range r.All(statementType) {
		sql := st.Plain()["sql"].(string)
		if strings.Contains(sql, pulumitest.Password) || strings.Contains(sql, "${") {
			t.Errorf("statement %s is %s", st.Name, sql)
		}
		if strings.HasPrefix(sql, "CALL public.sp_ensure_user(") {
			call = sql
		}
	}
	if !strings.Contains(call, "'loader', 'sha256|") {
		t.Errorf("the loader is made by %q, want a hash", call)
	}
}

func TestTheLoadersHashIsTheSameForTheSameSecret(t *testing.T) {
	secret := `{"username":"loader","password":"` + pulumitest.Password + `"}`
	first, err := hashOf("loader", &secret, "v1")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := hashOf("loader", &secret, "v1"); again != first {
		t.Error("the hash of one secret changes: every deployment would run the statement again")
	}
	if other, _ := hashOf("loader", &secret, "v2"); other == first {
		t.Error("another version has the same salt")
	}
}

func TestALoaderWhoIsDeployedStaysWhoHeIs(t *testing.T) {
	secret := `{"username":"loader","password":"` + pulumitest.Password + `"}`
	_, err := hashOf("loader2", &secret, "v1")
	if err == nil || !strings.Contains(err.Error(), `loaderUser is "loader2", but the loader's secret is that of user "loader"`) {
		t.Errorf("the error is %v, want one that names both users", err)
	}
	if err != nil && strings.Contains(err.Error(), pulumitest.Password) {
		t.Error("the error repeats the password")
	}
}

func TestSettingsThatAWSOrAReviewerWouldRefuseAreRefused(t *testing.T) {
	for rule, c := range map[string]struct {
		stack string
		set   object
		want  string
	}{
		"a node type that AWS no longer makes": {"local", object{"nodeType": "dc2.large"}, "AWS makes no new clusters of it"},
		"an unknown node type":                 {"local", object{"nodeType": "ra9.large"}, "want one of ra3.16xlarge"},
		"too few nodes":                        {"local", object{"nodeType": "ra3.4xlarge"}, "want 2 or more"},
		"a loader who is the admin":            {"local", object{"loaderUser": "awsadmin"}, "must not be able to do more than INSERT"},
		"the whole world":                      {"local", object{"adminCidrs": []string{"0.0.0.0/0"}}, "may reach the cluster"},
		"a block twice":                        {"local", object{"adminCidrs": []string{"203.0.113.0/24", "203.0.113.0/24"}}, "has 203.0.113.0/24, which is admitted already"},
		"Firehose's block":                     {"local", object{"adminCidrs": []string{"35.158.127.160/27"}}, "has 35.158.127.160/27, which is admitted already"},
		"a database in capitals":               {"local", object{"database": "Events"}, "lower case"},
		"a wrong VPC":                          {"local", object{"vpcCidr": "10.0.0.1/16"}, "want an IPv4 block"},
		"snapshots for no day":                 {"local", object{"snapshotDays": 0}, "want 1 to 35"},
		"a capacity between two":               {"local", object{"zones": 3, "serverless": object{"baseCapacity": 12}}, "want 4, a multiple of 8"},
		"a limit that AWS does not take":       {"local", object{"zones": 3, "serverless": object{"baseCapacity": 4, "maxCapacity": 4}}, "maxCapacity is 4, want 8 or more and not below baseCapacity (4)"},
		"a workgroup in two zones":             {"local", object{"serverless": object{}}, "needs subnets in three"},
		"more zones than there are":            {"local", object{"zones": 4}, "region eu-central-1 has 3"},
		"a snapshot with two hyphens":          {"local", object{"finalSnapshot": "a--b"}, "single hyphens"},
		"no recovery where it is protected":    {"prod", object{"secretRecoveryDays": 0}, "lose the loader's password, and Pulumi.org.yaml protects prod"},
		"no snapshot where it is protected":    {"prod", object{"skipFinalSnapshot": true}, "Pulumi.org.yaml protects prod"},
	} {
		t.Run(rule, func(t *testing.T) {
			w := world(c.set)
			w.Stack = c.stack
			if r := w.Run(t, deploy); r.Err == nil || !strings.Contains(r.Err.Error(), c.want) {
				t.Errorf("the error is %v, want it to hold %q", r.Err, c.want)
			}
		})
	}
}

func TestSubnetsDivideTheBlock(t *testing.T) {
	if got := subnetBlocks("10.42.0.0/16", 3); !slices.Equal(got, []string{"10.42.0.0/19", "10.42.32.0/19", "10.42.64.0/19"}) {
		t.Errorf("subnets are %v", got)
	}
}

func TestServerlessMakesAPublicWorkgroupAndRunsTheSchemaInIt(t *testing.T) {
	r := deployed(t, object{"zones": 3, "serverless": object{"maxCapacity": 16}})
	if name := r.One(t, "aws:redshiftserverless/namespace:Namespace").Plain()["namespaceName"]; name == deployed(t, nil).One(t, clusterType).Plain()["clusterIdentifier"] {
		t.Errorf("namespace and cluster are both named %v, and so are the secrets that Redshift makes for them", name)
	}
	if n := len(r.All(clusterType)); n != 0 {
		t.Errorf("there are %d clusters beside the workgroup", n)
	}
	in := r.One(t, "aws:redshiftserverless/workgroup:Workgroup").Plain()
	if in["baseCapacity"] != 8.0 || in["maxCapacity"] != 16.0 || in["publiclyAccessible"] != true || len(in["subnetIds"].([]any)) != 3 {
		t.Errorf("the workgroup is %v", in)
	}
	if got := fmt.Sprint(in["configParameters"]); got != "[map[parameterKey:require_ssl parameterValue:true]]" {
		t.Errorf("its parameters are %s", got)
	}
	for _, st := range r.All(statementType) {
		if in := st.Plain(); in["workgroupName"] != "events-local-serverless" || in["clusterIdentifier"] != nil || in["secretArn"] != "arn:admin" {
			t.Errorf("statement %s runs at %v, %v as %v", st.Name, in["workgroupName"], in["clusterIdentifier"], in["secretArn"])
		}
	}
}
