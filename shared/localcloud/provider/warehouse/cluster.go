package warehouse

import (
	"context"
	"errors"
	"fmt"

	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/redshift"
)

// clusterArgs are the properties that are honoured. Those that place a cluster in time
// and space (windows, tracks, zones) are checked and kept; nothing here depends on them.
type clusterArgs struct {
	ClusterIdentifier                string            `pulumi:"clusterIdentifier"`
	DatabaseName                     string            `pulumi:"databaseName,optional"`
	MasterUsername                   string            `pulumi:"masterUsername,optional"`
	MasterPassword                   string            `pulumi:"masterPassword,optional"`
	ManageMasterPassword             bool              `pulumi:"manageMasterPassword,optional"`
	MasterPasswordSecretKMSKeyID     string            `pulumi:"masterPasswordSecretKmsKeyId,optional"`
	NodeType                         string            `pulumi:"nodeType"`
	NumberOfNodes                    int               `pulumi:"numberOfNodes,optional"`
	ClusterType                      string            `pulumi:"clusterType,optional"`
	Port                             int               `pulumi:"port,optional"`
	PubliclyAccessible               *bool             `pulumi:"publiclyAccessible"`
	Encrypted                        bool              `pulumi:"encrypted,optional"`
	ClusterSubnetGroupName           string            `pulumi:"clusterSubnetGroupName,optional"`
	ClusterParameterGroupName        string            `pulumi:"clusterParameterGroupName,optional"`
	VpcSecurityGroupIDs              []string          `pulumi:"vpcSecurityGroupIds"`
	IAMRoles                         []string          `pulumi:"iamRoles"`
	DefaultIAMRoleARN                string            `pulumi:"defaultIamRoleArn,optional"`
	EnhancedVpcRouting               bool              `pulumi:"enhancedVpcRouting,optional"`
	AutomatedSnapshotRetentionPeriod int               `pulumi:"automatedSnapshotRetentionPeriod,optional"`
	ManualSnapshotRetentionPeriod    int               `pulumi:"manualSnapshotRetentionPeriod,optional"`
	PreferredMaintenanceWindow       string            `pulumi:"preferredMaintenanceWindow,optional"`
	MaintenanceTrackName             string            `pulumi:"maintenanceTrackName,optional"`
	AllowVersionUpgrade              *bool             `pulumi:"allowVersionUpgrade"`
	ApplyImmediately                 bool              `pulumi:"applyImmediately,optional"`
	SkipFinalSnapshot                bool              `pulumi:"skipFinalSnapshot,optional"`
	FinalSnapshotIdentifier          string            `pulumi:"finalSnapshotIdentifier,optional"`
	Tags                             map[string]string `pulumi:"tags"`
}

func (a clusterArgs) plane() plane.Cluster {
	return plane.Cluster{
		Identifier: a.ClusterIdentifier, DatabaseName: a.DatabaseName, MasterUsername: a.MasterUsername,
		ManagePassword: a.ManageMasterPassword, SecretKMSKeyID: a.MasterPasswordSecretKMSKeyID,
		NodeType: a.NodeType, NumberOfNodes: a.NumberOfNodes, Port: a.Port, Encrypted: a.Encrypted,
		PubliclyAccessible: a.PubliclyAccessible == nil || *a.PubliclyAccessible, // pulumi-aws v6's default
		SubnetGroup:        a.ClusterSubnetGroupName, ParameterGroup: a.ClusterParameterGroupName,
		SecurityGroupIDs: a.VpcSecurityGroupIDs, IAMRoles: a.IAMRoles, DefaultIAMRole: a.DefaultIAMRoleARN,
		EnhancedVPCRouting: a.EnhancedVpcRouting, SnapshotDays: a.AutomatedSnapshotRetentionPeriod, Tags: a.Tags,
		ManualSnapshotDays: a.ManualSnapshotRetentionPeriod, MaintenanceWindow: a.PreferredMaintenanceWindow, MaintenanceTrack: a.MaintenanceTrackName,
		NoVersionUpgrade: a.AllowVersionUpgrade != nil && !*a.AllowVersionUpgrade,
	}.WithDefaults()
}

func (r resources) cluster() provider.Resource[clusterArgs] {
	return provider.Resource[clusterArgs]{
		Token: "aws:redshift/cluster:Cluster",
		Sets:  []string{"iamRoles", "vpcSecurityGroupIds"},
		Defaults: provider.Outputs{"databaseName": "dev", "numberOfNodes": 1, "port": 5439, "publiclyAccessible": true, "clusterParameterGroupName": "default.redshift-2.0",
			"automatedSnapshotRetentionPeriod": 1, "manualSnapshotRetentionPeriod": -1, "preferredMaintenanceWindow": plane.DefaultMaintenanceWindow,
			"maintenanceTrackName": "current", "allowVersionUpgrade": true},
		Untold:    []string{"applyImmediately", "skipFinalSnapshot", "finalSnapshotIdentifier", "masterPassword"},
		ReplaceOn: []string{"clusterIdentifier", "masterUsername", "clusterSubnetGroupName"},
		Kept: []string{"clusterParameterGroupName", "clusterSubnetGroupName", "databaseName", "defaultIamRoleArn", "enhancedVpcRouting", "iamRoles",
			"preferredMaintenanceWindow", "vpcSecurityGroupIds"},
		Rules: map[string]func(any) error{
			"clusterIdentifier":                provider.Text(plane.CheckIdentifier),
			"nodeType":                         provider.Text(plane.CheckNodeType),
			"databaseName":                     provider.Text(plane.CheckDatabaseName),
			"masterPassword":                   provider.Text(plane.CheckMasterPassword),
			"port":                             func(v any) error { n, _ := v.(float64); return plane.CheckPort(int(n)) },
			"encrypted":                        checkEncrypted,
			"automatedSnapshotRetentionPeriod": between(1, 35),
			"manualSnapshotRetentionPeriod":    between(-1, 3653),
			"clusterType":                      provider.Text(checkClusterType),
			"maintenanceTrackName":             provider.Text(checkTrack),
		},
		Validate: func(_ context.Context, a clusterArgs) error { return r.checkCluster(a) },
		Create: func(ctx context.Context, a clusterArgs) (string, provider.Outputs, error) {
			if err := r.checkPlace(a); err != nil {
				return "", nil, err
			}
			c, err := r.plane.CreateCluster(ctx, a.plane(), a.MasterPassword)
			return c.Identifier, r.clusterOutputs(c), err
		},
		Read: func(_ context.Context, id string, a clusterArgs) (provider.Outputs, provider.Outputs, bool, error) {
			c, err := r.plane.GetCluster(id)
			ok, err := absent.Found(err)
			return clusterInputs(c, a), r.clusterOutputs(c), ok, err
		},
		Update: func(ctx context.Context, _ string, old, a clusterArgs) (provider.Outputs, error) {
			if err := r.checkPlace(a); err != nil {
				return nil, err
			}
			if err := r.sameDatabase(a.plane()); err != nil {
				return nil, err
			}
			password := a.MasterPassword
			if password == old.MasterPassword {
				password = ""
			}
			c, err := r.plane.UpdateCluster(ctx, a.plane(), password)
			return r.clusterOutputs(c), err
		},
		Delete: func(ctx context.Context, id string, a clusterArgs) error {
			return absent.Gone(r.plane.DeleteCluster(ctx, id, a.SkipFinalSnapshot, a.FinalSnapshotIdentifier))
		},
	}
}

// sameDatabase refuses another name of the database. pulumi-aws plans an update for it,
// which sends nothing to Redshift and is planned again ever after.
func (r resources) sameDatabase(c plane.Cluster) error {
	now, err := r.plane.GetCluster(c.Identifier)
	if err == nil && now.DatabaseName != c.DatabaseName {
		return fmt.Errorf("databaseName: cluster %s has the database %q: AWS takes no other name for it, and pulumi-aws would update nothing: set it back, or replace the cluster",
			c.Identifier, now.DatabaseName)
	}
	return err
}

func checkEncrypted(v any) error {
	if encrypted, ok := v.(bool); ok && encrypted {
		return nil
	}
	return errors.New("must be true: Amazon Redshift does not create unencrypted clusters")
}

func checkClusterType(t string) error {
	if t != "single-node" && t != "multi-node" {
		return fmt.Errorf("must be single-node or multi-node, not %q", t)
	}
	return nil
}

func checkTrack(t string) error {
	if t != "current" && t != "trailing" {
		return fmt.Errorf("must be current or trailing, not %q", t)
	}
	return nil
}

// checkCluster is everything that can be refused before anything exists.
func (r resources) checkCluster(a clusterArgs) error {
	if a.ClusterType == "multi-node" && a.NumberOfNodes < 2 || a.ClusterType == "single-node" && a.NumberOfNodes > 1 {
		return fmt.Errorf("clusterType %s does not go with numberOfNodes %d", a.ClusterType, a.NumberOfNodes)
	}
	if err := plane.CheckFinalSnapshot(a.SkipFinalSnapshot, a.FinalSnapshotIdentifier); err != nil {
		return err
	}
	return r.plane.CheckCluster(a.plane(), a.MasterPassword)
}

func clusterInputs(c plane.Cluster, written clusterArgs) provider.Outputs {
	c = c.WithDefaults() // of one that an earlier version made
	in := provider.Outputs{
		"clusterIdentifier": c.Identifier, "databaseName": c.DatabaseName, "masterUsername": c.MasterUsername,
		"manageMasterPassword": c.ManagePassword, "masterPasswordSecretKmsKeyId": c.SecretKMSKeyID, "nodeType": c.NodeType,
		"numberOfNodes": c.NumberOfNodes, "port": c.Port, "publiclyAccessible": c.PubliclyAccessible, "encrypted": c.Encrypted,
		"clusterSubnetGroupName": c.SubnetGroup, "clusterParameterGroupName": c.ParameterGroup, "vpcSecurityGroupIds": provider.List(c.SecurityGroupIDs),
		"iamRoles": provider.List(c.IAMRoles), "defaultIamRoleArn": c.DefaultIAMRole, "enhancedVpcRouting": c.EnhancedVPCRouting,
		"automatedSnapshotRetentionPeriod": c.SnapshotDays, "manualSnapshotRetentionPeriod": c.ManualSnapshotDays,
		"preferredMaintenanceWindow": c.MaintenanceWindow, "maintenanceTrackName": c.MaintenanceTrack, "allowVersionUpgrade": !c.NoVersionUpgrade,
		"tags": provider.Object(c.Tags),
	}
	if written.ClusterType != "" { // numberOfNodes says it too
		in["clusterType"] = clusterKind(c)
	}
	return in
}

func clusterKind(c plane.Cluster) string {
	if c.NumberOfNodes > 1 {
		return "multi-node"
	}
	return "single-node"
}

// nodeRoles are the nodes as AWS shows them: one that is everything, or a leader and
// compute nodes.
func nodeRoles(n int) []any {
	if n < 2 {
		return []any{map[string]any{"nodeRole": "SHARED", "privateIpAddress": "10.0.0.10", "publicIpAddress": "127.0.0.1"}}
	}
	nodes := []any{map[string]any{"nodeRole": "LEADER", "privateIpAddress": "10.0.0.10", "publicIpAddress": "127.0.0.1"}}
	for i := range n {
		nodes = append(nodes, map[string]any{"nodeRole": fmt.Sprintf("COMPUTE-%d", i), "privateIpAddress": fmt.Sprintf("10.0.1.%d", i+10), "publicIpAddress": ""})
	}
	return nodes
}

func (r resources) clusterOutputs(c plane.Cluster) provider.Outputs {
	return provider.Outputs{
		"arn": c.ARN, "clusterIdentifier": c.Identifier, "clusterNamespaceArn": c.Namespace, "clusterNodes": nodeRoles(c.NumberOfNodes),
		"clusterParameterGroupName": c.ParameterGroup, "clusterSubnetGroupName": c.SubnetGroup, "clusterType": clusterKind(c),
		"clusterPublicKey": "", "clusterRevisionNumber": "local", "clusterVersion": "1.0", "databaseName": c.DatabaseName,
		"defaultIamRoleArn": c.DefaultIAMRole, "dnsName": c.Endpoint, "endpoint": r.plane.Address(c), "enhancedVpcRouting": c.EnhancedVPCRouting,
		"iamRoles": provider.List(c.IAMRoles), "kmsKeyId": "AWS_OWNED_KMS_KEY", "masterPasswordSecretArn": c.SecretARN,
		"masterPasswordSecretKmsKeyId": c.SecretKMSKeyID, "nodeType": c.NodeType, "numberOfNodes": c.NumberOfNodes, "port": c.Port,
		"publiclyAccessible": c.PubliclyAccessible, "automatedSnapshotRetentionPeriod": c.SnapshotDays,
		"preferredMaintenanceWindow": c.MaintenanceWindow, "availabilityZone": r.plane.AvailabilityZone(),
		"availabilityZoneRelocationEnabled": false, "aquaConfigurationStatus": "auto",
		"logging":      map[string]any{"enable": false},
		"snapshotCopy": map[string]any{"destinationRegion": ""}, "vpcSecurityGroupIds": provider.List(c.SecurityGroupIDs),
	}
}
