package warehouse

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/provider/providertest"
	"pipeline/shared/localcloud/redshift"
	"pipeline/shared/localcloud/s3"
	"pipeline/shared/localcloud/secrets"
	"pipeline/shared/localcloud/store"
)

const (
	clusterType   = "aws:redshift/cluster:Cluster"
	subnetsType   = "aws:redshift/subnetGroup:SubnetGroup"
	parameterType = "aws:redshift/parameterGroup:ParameterGroup"
	statementType = "aws:redshiftdata/statement:Statement"
)

// world is an engine over planes that are real, with a VPC of one public subnet.
type world struct {
	*providertest.Engine
	plane                 *redshift.Service
	secrets               *secrets.Service
	public                string // a subnet with a way to the internet
	private               string
	security              string // a security group
	elsewhere, elsewheres string // a subnet and a security group of another VPC
	zones                 []any  // subnets in three zones
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func newWorld(t *testing.T) *world {
	t.Helper()
	dir := t.TempDir()
	st := must[*store.Store](t)(store.Open(filepath.Join(dir, "store.db")))
	t.Cleanup(func() { _ = st.Close() })
	roles := must[*iam.Service](t)(iam.New(st, "000000000000", "eu-central-1", time.Now))
	nets := must[*network.Service](t)(network.New(st, "000000000000", "eu-central-1"))
	vault := must[*secrets.Service](t)(secrets.New(secrets.Config{Store: st, KeyFile: filepath.Join(dir, "key"), Account: "000000000000", Region: "eu-central-1", IAM: roles, Now: time.Now}))
	buckets := must[*s3.Service](t)(s3.New(filepath.Join(dir, "s3"), st, roles, "000000000000", "eu-central-1", time.Now))
	t.Cleanup(func() { _ = buckets.Close() })
	plane := must[*redshift.Service](t)(redshift.New(redshift.Config{Store: st, Dir: filepath.Join(dir, "redshift"), Account: "000000000000", Region: "eu-central-1",
		Port: 15439, Now: time.Now, IAM: roles, Callers: roles, Objects: buckets, Secrets: vault}))
	t.Cleanup(func() {
		if err := plane.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	w := &world{Engine: providertest.New(t, "warehouse", Kinds(plane, nets)), plane: plane, secrets: vault}
	w.build(t, nets)
	return w
}

func (w *world) build(t *testing.T, nets *network.Service) {
	t.Helper()
	vpc := must[network.VPC](t)(nets.CreateVPC(network.VPC{CIDR: "10.0.0.0/16"}))
	gateway := must[network.InternetGateway](t)(nets.CreateInternetGateway(network.InternetGateway{VPCID: vpc.ID}))
	table := must[network.RouteTable](t)(nets.CreateRouteTable(network.RouteTable{VPCID: vpc.ID}))
	if err := nets.CreateRoute(table.ID, network.Route{DestinationCIDR: "0.0.0.0/0", GatewayID: gateway.ID}); err != nil {
		t.Fatal(err)
	}
	w.public = must[network.Subnet](t)(nets.CreateSubnet(network.Subnet{VPCID: vpc.ID, CIDR: "10.0.0.0/24", AvailabilityZone: "eu-central-1a"})).ID
	w.private = must[network.Subnet](t)(nets.CreateSubnet(network.Subnet{VPCID: vpc.ID, CIDR: "10.0.1.0/24", AvailabilityZone: "eu-central-1b"})).ID
	if _, err := nets.Associate(table.ID, w.public); err != nil {
		t.Fatal(err)
	}
	w.security = vpc.DefaultSecurityGroupID
	third := must[network.Subnet](t)(nets.CreateSubnet(network.Subnet{VPCID: vpc.ID, CIDR: "10.0.2.0/24", AvailabilityZone: "eu-central-1c"})).ID
	w.zones = []any{w.public, w.private, third}
	other := must[network.VPC](t)(nets.CreateVPC(network.VPC{CIDR: "10.1.0.0/16"}))
	w.elsewhere = must[network.Subnet](t)(nets.CreateSubnet(network.Subnet{VPCID: other.ID, CIDR: "10.1.0.0/24"})).ID
	w.elsewheres = other.DefaultSecurityGroupID
}

func clusterInputs1(more providertest.Object) providertest.Object {
	in := providertest.Object{"clusterIdentifier": "events", "databaseName": "events", "masterUsername": "awsadmin",
		"manageMasterPassword": true, "nodeType": "ra3.large", "encrypted": true, "publiclyAccessible": true, "skipFinalSnapshot": true}
	for key, value := range more {
		in[key] = value
	}
	return in
}

func TestAClustersLife(t *testing.T) {
	w := newWorld(t)
	group := w.Create(subnetsType, providertest.Object{"subnetIds": []any{w.public}})
	parameters := w.Create(parameterType, providertest.Object{"family": "redshift-2.0", "parameters": []any{map[string]any{"name": "require_ssl", "value": "true"}}})
	c := w.Create(clusterType, clusterInputs1(providertest.Object{"clusterSubnetGroupName": group.ID, "clusterParameterGroupName": parameters.ID,
		"vpcSecurityGroupIds": []any{w.security}}))
	endpoint, _ := c.Outputs["endpoint"].(string)
	if !strings.HasPrefix(endpoint, "events.") || !strings.HasSuffix(endpoint, ".eu-central-1.redshift.localhost:15439") {
		t.Errorf("endpoint is %q", endpoint)
	}
	arn, _ := c.Outputs["masterPasswordSecretArn"].(string)
	value := must[string](t)(w.secrets.SecretValue(context.Background(), arn))
	if !strings.Contains(value, `"username":"awsadmin"`) {
		t.Errorf("the managed secret holds %s", value)
	}
	if _, err := w.TryUpdate(c, providertest.Object{"databaseName": "other"}); w.Replaces(c, providertest.Object{"databaseName": "other"}) != "" || err == nil ||
		!strings.Contains(err.Error(), `has the database "events"`) {
		t.Errorf("another database, which pulumi-aws would update in vain: %v", err)
	}
	if got := w.Replaces(c, providertest.Object{"masterUsername": "other"}); got != "masterUsername" {
		t.Errorf("another admin replaces by %q", got)
	}
	if w.DeletesFirst(c, providertest.Object{"masterUsername": "other"}) {
		t.Error("a cluster is deleted before its replacement, which pulumi-aws makes first: its identifier is taken")
	}
	if got := w.Replaces(c, providertest.Object{"nodeType": "ra3.xlplus"}); got != "" {
		t.Errorf("another node type replaces by %q", got)
	}
	if got := w.Update(c, providertest.Object{"nodeType": "ra3.xlplus", "numberOfNodes": 2}); got.Outputs["clusterType"] != "multi-node" {
		t.Errorf("two nodes are %v", got.Outputs["clusterType"])
	}
	if err := w.TryDelete(group); err == nil || !strings.Contains(err.Error(), "is used by cluster events") {
		t.Errorf("deleting a subnet group in use: %v", err)
	}
	if in := w.Import(clusterType, "events"); in["nodeType"] != "ra3.xlplus" || in["manageMasterPassword"] != true {
		t.Errorf("an import finds %v", in)
	}
	w.Delete(c)
	w.Delete(group)
	w.Delete(parameters)
}

func TestWhatAWSRefusesOfAClusterIsRefusedAtPreview(t *testing.T) {
	w := newWorld(t)
	for _, test := range []struct {
		inputs providertest.Object
		text   string
	}{
		{providertest.Object{"nodeType": "dc2.large"}, "Invalid node type: dc2.large"},
		{providertest.Object{"encrypted": false}, "must be true"},
		{providertest.Object{"port": 5500.0}, "5431-5455 or 8191-8215"},
		{providertest.Object{"clusterIdentifier": "Events--x"}, "not a valid identifier"},
		{providertest.Object{"databaseName": "Events"}, "Database name must begin"},
		{providertest.Object{"masterPassword": "short"}, "not a valid password"},
		{providertest.Object{"masterPassword": "Password1234"}, "must not be specified when ManageMasterPassword"},
		{providertest.Object{"manageMasterPassword": false}, "Must specify either"},
		{providertest.Object{"skipFinalSnapshot": false}, "FinalClusterSnapshotIdentifier is required"},
		{providertest.Object{"clusterType": "multi-node"}, "does not go with numberOfNodes"},
		{providertest.Object{"nodeType": "ra3.4xlarge"}, "between 2 and 128"},
		{providertest.Object{"automatedSnapshotRetentionPeriod": 36.0}, "between 1 and 35"},
		{providertest.Object{"defaultIamRoleArn": "arn:aws:iam::000000000000:role/x"}, "not associated with the cluster"},
		{providertest.Object{"snapshotIdentifier": "x"}, "is not honoured by the local cloud"},
	} {
		w.Refuses(clusterType, clusterInputs1(test.inputs), test.text)
	}
	w.Refuses(parameterType, providertest.Object{"family": "redshift-2.0", "parameters": []any{map[string]any{"name": "no_such", "value": "1"}}}, "Could not find parameter")
}

func TestAPublicClusterNeedsAWayToTheInternetAndGroupsThatExist(t *testing.T) {
	w := newWorld(t)
	group := w.Create(subnetsType, providertest.Object{"subnetIds": []any{w.private}})
	_, err := w.TryCreate(clusterType, clusterInputs1(providertest.Object{"clusterSubnetGroupName": group.ID}))
	if err == nil || !strings.Contains(err.Error(), "InvalidVPCNetworkStateFault") {
		t.Errorf("a public cluster in a private subnet: %v", err)
	}
	_, err = w.TryCreate(clusterType, clusterInputs1(providertest.Object{"vpcSecurityGroupIds": []any{"sg-0"}}))
	if err == nil || !strings.Contains(err.Error(), "InvalidGroup.NotFound") {
		t.Errorf("a security group that does not exist: %v", err)
	}
	_, err = w.TryCreate(clusterType, clusterInputs1(providertest.Object{"clusterParameterGroupName": "nope"}))
	if err == nil || !strings.Contains(err.Error(), "ClusterParameterGroupNotFound") {
		t.Errorf("a parameter group that does not exist: %v", err)
	}
}

func TestAStatementRunsItsSQLOnceAndFailsInRedshiftsWords(t *testing.T) {
	w := newWorld(t)
	c := w.Create(clusterType, clusterInputs1(nil))
	inputs := func(sql string) providertest.Object {
		return providertest.Object{"clusterIdentifier": "events", "database": "events", "secretArn": c.Outputs["masterPasswordSecretArn"], "sql": sql}
	}
	s := w.Create(statementType, inputs("CREATE TABLE t (a int)"))
	if got := w.Replaces(s, inputs("CREATE TABLE t2 (a int)")); got != "sql" {
		t.Errorf("other SQL replaces by %q", got)
	}
	if _, err := w.TryCreate(statementType, inputs("CREATE TABLE t (a int)")); err == nil || !strings.Contains(err.Error(), `Relation "t" already exists`) {
		t.Errorf("SQL that fails: %v", err)
	}
	if _, err := w.TryCreate(statementType, inputs("SELECT 1; SELECT 2")); err == nil || !strings.Contains(err.Error(), "ValidationException") {
		t.Errorf("several statements: %v", err)
	}
	w.Delete(s)
	if got := must[[]redshift.Cluster](t)(w.plane.Clusters()); len(got) != 1 {
		t.Errorf("there are %d clusters", len(got))
	}
}

func TestAStatementThatDoesNotEndIsGivenUp(t *testing.T) {
	w := newWorld(t)
	c := w.Create(clusterType, clusterInputs1(nil))
	endless := statementArgs{ClusterIdentifier: "events", Database: "events", SecretARN: c.Outputs["masterPasswordSecretArn"].(string),
		SQL: "SELECT count(*) FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b"}
	hasty := resources{plane: w.plane, patience: 10 * time.Millisecond}
	if _, err := hasty.run(t.Context(), endless); err == nil || !strings.Contains(err.Error(), "timeout while waiting for state to become 'FINISHED'") {
		t.Errorf("a statement without end: %v", err)
	}
}

func TestAClusterStaysInItsVPC(t *testing.T) {
	w := newWorld(t)
	group := w.Create(subnetsType, providertest.Object{"subnetIds": []any{w.public}})
	place := providertest.Object{"clusterSubnetGroupName": group.ID, "vpcSecurityGroupIds": []any{w.security}}
	c := w.Create(clusterType, clusterInputs1(place))
	if _, err := w.TryUpdate(group, providertest.Object{"subnetIds": []any{w.elsewhere}}); err == nil || !strings.Contains(err.Error(), "not in the same Vpc") {
		t.Errorf("a subnet group that moves to another VPC: %v", err)
	}
	if _, err := w.TryUpdate(c, providertest.Object{"vpcSecurityGroupIds": []any{w.elsewheres}}); err == nil || !strings.Contains(err.Error(), "does not exist in VPC") {
		t.Errorf("a security group of another VPC: %v", err)
	}
	w.Update(group, providertest.Object{"subnetIds": []any{w.public, w.private}})
}

func TestAWorkgroupsLife(t *testing.T) {
	w := newWorld(t)
	n := w.Create("aws:redshiftserverless/namespace:Namespace", providertest.Object{"namespaceName": "events", "dbName": "events",
		"adminUsername": "awsadmin", "manageAdminPassword": true})
	inputs := providertest.Object{"workgroupName": "events", "namespaceName": n.ID, "baseCapacity": 8.0, "publiclyAccessible": true, "subnetIds": w.zones,
		"securityGroupIds": []any{w.security}, "configParameters": []any{map[string]any{"parameterKey": "require_ssl", "parameterValue": "true"}}}
	few := providertest.Object{"workgroupName": "few", "namespaceName": n.ID, "subnetIds": []any{w.public}}
	if _, err := w.TryCreate("aws:redshiftserverless/workgroup:Workgroup", few); err == nil || !strings.Contains(err.Error(), "three availability zones") {
		t.Errorf("a workgroup in one zone: %v", err)
	}
	g := w.Create("aws:redshiftserverless/workgroup:Workgroup", inputs)
	endpoint := g.Outputs["endpoints"].([]any)[0].(map[string]any)
	if endpoint["address"] != "events.000000000000.eu-central-1.redshift-serverless.localhost" || endpoint["port"] != 15439.0 {
		t.Errorf("the endpoint is %v", endpoint)
	}
	if _, err := w.TryUpdate(n, providertest.Object{"adminUsername": "other"}); err == nil || !strings.Contains(err.Error(), "not honoured by the local cloud") {
		t.Errorf("another admin: %v", err)
	}
	if w.DeletesFirst(n, providertest.Object{"dbName": "other"}) || w.DeletesFirst(g, providertest.Object{"namespaceName": "other"}) {
		t.Error("what is serverless is deleted before its replacement, which pulumi-aws makes first: its name is taken")
	}
	st := w.Create(statementType, providertest.Object{"workgroupName": "events", "database": "events", "secretArn": n.Outputs["adminPasswordSecretArn"], "sql": "CREATE TABLE t (a int)"})
	if err := w.TryDelete(n); err == nil || !strings.Contains(err.Error(), "ConflictException") {
		t.Errorf("deleting a namespace in use: %v", err)
	}
	w.Refuses("aws:redshiftserverless/workgroup:Workgroup", providertest.Object{"workgroupName": "events", "namespaceName": "events", "baseCapacity": 9.0}, "Base capacity")
	w.Delete(st)
	w.Delete(g)
	w.Delete(n)
}
