package warehouse

import (
	"cmp"
	"context"
	"fmt"

	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/redshift"
)

type namespaceArgs struct {
	NamespaceName               string            `pulumi:"namespaceName"`
	DBName                      string            `pulumi:"dbName,optional"`
	AdminUsername               string            `pulumi:"adminUsername,optional"`
	AdminUserPassword           string            `pulumi:"adminUserPassword,optional"`
	ManageAdminPassword         bool              `pulumi:"manageAdminPassword,optional"`
	AdminPasswordSecretKMSKeyID string            `pulumi:"adminPasswordSecretKmsKeyId,optional"`
	IAMRoles                    []string          `pulumi:"iamRoles"`
	DefaultIAMRoleARN           string            `pulumi:"defaultIamRoleArn,optional"`
	Tags                        map[string]string `pulumi:"tags"`
}

func (a namespaceArgs) plane() plane.Namespace {
	return plane.Namespace{Name: a.NamespaceName, DatabaseName: a.DBName, AdminUsername: a.AdminUsername, ManagePassword: a.ManageAdminPassword,
		SecretKMSKeyID: a.AdminPasswordSecretKMSKeyID, IAMRoles: a.IAMRoles, DefaultIAMRole: a.DefaultIAMRoleARN, Tags: a.Tags}
}

func (r resources) namespace() provider.Resource[namespaceArgs] {
	return provider.Resource[namespaceArgs]{
		Token:     "aws:redshiftserverless/namespace:Namespace",
		Sets:      []string{"iamRoles"},
		ReplaceOn: []string{"namespaceName", "dbName"},
		Rules: map[string]func(any) error{
			"dbName": provider.Text(plane.CheckDatabaseName), "adminUserPassword": provider.Text(plane.CheckMasterPassword),
		},
		Validate: func(_ context.Context, a namespaceArgs) error {
			return plane.CheckNamespace(a.plane(), a.AdminUserPassword)
		},
		Create: func(ctx context.Context, a namespaceArgs) (string, provider.Outputs, error) {
			n, err := r.plane.CreateNamespace(ctx, a.plane(), a.AdminUserPassword)
			return n.Name, namespaceOutputs(n), err
		},
		Defaults: provider.Outputs{"dbName": "dev", "adminUsername": "admin"},
		Untold:   []string{"adminUserPassword"},
		Read: func(_ context.Context, id string, _ namespaceArgs) (provider.Outputs, provider.Outputs, bool, error) {
			n, err := r.plane.GetNamespace(id)
			ok, err := absent.Found(err)
			return namespaceInputs(n), namespaceOutputs(n), ok, err
		},
		Update: func(ctx context.Context, _ string, old, a namespaceArgs) (provider.Outputs, error) {
			if err := r.sameAdmin(a.plane()); err != nil {
				return nil, err
			}
			password := a.AdminUserPassword
			if password == old.AdminUserPassword {
				password = ""
			}
			n, err := r.plane.UpdateNamespace(ctx, a.plane(), password)
			return namespaceOutputs(n), err
		},
		Delete: func(ctx context.Context, id string, _ namespaceArgs) error {
			return absent.Gone(r.plane.DeleteNamespace(ctx, id))
		},
	}
}

// sameAdmin refuses another admin, whom AWS would make of the one that there is.
func (r resources) sameAdmin(n plane.Namespace) error {
	now, err := r.plane.GetNamespace(n.Name)
	if meant := cmp.Or(n.AdminUsername, "admin"); err == nil && now.AdminUsername != meant {
		return fmt.Errorf("adminUsername: the change of a namespace's admin, here %s to %s, is not honoured by the local cloud", now.AdminUsername, meant)
	}
	return err
}

func namespaceInputs(n plane.Namespace) provider.Outputs {
	return provider.Outputs{"namespaceName": n.Name, "dbName": n.DatabaseName, "adminUsername": n.AdminUsername,
		"manageAdminPassword": n.ManagePassword, "adminPasswordSecretKmsKeyId": n.SecretKMSKeyID, "iamRoles": provider.List(n.IAMRoles),
		"defaultIamRoleArn": n.DefaultIAMRole, "tags": provider.Object(n.Tags)}
}

func namespaceOutputs(n plane.Namespace) provider.Outputs {
	return provider.Outputs{"arn": n.ARN, "namespaceId": n.ID, "namespaceName": n.Name, "dbName": n.DatabaseName, "adminUsername": n.AdminUsername,
		"adminPasswordSecretArn": n.SecretARN, "adminPasswordSecretKmsKeyId": n.SecretKMSKeyID, "iamRoles": provider.List(n.IAMRoles),
		"kmsKeyId": "AWS_OWNED_KMS_KEY", "logExports": []any{}}
}

type workgroupArgs struct {
	WorkgroupName      string            `pulumi:"workgroupName"`
	NamespaceName      string            `pulumi:"namespaceName"`
	BaseCapacity       int               `pulumi:"baseCapacity,optional"`
	MaxCapacity        int               `pulumi:"maxCapacity,optional"`
	ConfigParameters   []configArgs      `pulumi:"configParameters"`
	SubnetIDs          []string          `pulumi:"subnetIds"`
	SecurityGroupIDs   []string          `pulumi:"securityGroupIds"`
	PubliclyAccessible bool              `pulumi:"publiclyAccessible,optional"`
	EnhancedVpcRouting bool              `pulumi:"enhancedVpcRouting,optional"`
	Port               int               `pulumi:"port,optional"`
	Tags               map[string]string `pulumi:"tags"`
}

type configArgs struct {
	Key   string `pulumi:"parameterKey"`
	Value string `pulumi:"parameterValue"`
}

func (a workgroupArgs) plane() plane.Workgroup {
	w := plane.Workgroup{Name: a.WorkgroupName, Namespace: a.NamespaceName, BaseCapacity: a.BaseCapacity, MaxCapacity: a.MaxCapacity,
		ConfigParameters: map[string]string{}, SubnetIDs: a.SubnetIDs, SecurityGroupIDs: a.SecurityGroupIDs,
		PubliclyAccessible: a.PubliclyAccessible, EnhancedVPCRouting: a.EnhancedVpcRouting, Port: a.Port, Tags: a.Tags}
	for _, p := range a.ConfigParameters {
		w.ConfigParameters[p.Key] = p.Value
	}
	return w.WithDefaults()
}

func (r resources) workgroup() provider.Resource[workgroupArgs] {
	put := func(a workgroupArgs, replace bool) (string, provider.Outputs, error) {
		if err := r.checkZones(a); err != nil {
			return "", nil, err
		}
		w, err := r.plane.PutWorkgroup(a.plane(), replace)
		return w.Name, r.workgroupOutputs(w), err
	}
	return provider.Resource[workgroupArgs]{
		Token:     "aws:redshiftserverless/workgroup:Workgroup",
		Sets:      []string{"configParameters", "securityGroupIds", "subnetIds"},
		ReplaceOn: []string{"workgroupName", "namespaceName"}, Kept: []string{"baseCapacity", "configParameters", "securityGroupIds", "subnetIds"},
		Rules: map[string]func(any) error{
			"baseCapacity": func(v any) error { n, _ := v.(float64); return plane.CheckCapacity(int(n)) },
			"port":         func(v any) error { n, _ := v.(float64); return plane.CheckPort(int(n)) },
		},
		Validate: func(_ context.Context, a workgroupArgs) error {
			return plane.CheckWorkgroup(a.plane())
		},
		Create: func(_ context.Context, a workgroupArgs) (string, provider.Outputs, error) {
			return put(a, false)
		},
		Defaults: provider.Outputs{"baseCapacity": 128, "port": 5439},
		Read: func(_ context.Context, id string, a workgroupArgs) (provider.Outputs, provider.Outputs, bool, error) {
			w, err := r.plane.GetWorkgroup(id)
			ok, err := absent.Found(err)
			return workgroupInputs(w, a), r.workgroupOutputs(w), ok, err
		},
		Update: func(_ context.Context, _ string, _, a workgroupArgs) (provider.Outputs, error) {
			_, out, err := put(a, true)
			return out, err
		},
		Delete: func(_ context.Context, id string, _ workgroupArgs) error {
			return absent.Gone(r.plane.DeleteWorkgroup(id))
		},
	}
}

func workgroupInputs(w plane.Workgroup, written workgroupArgs) provider.Outputs {
	var keys []string
	for _, p := range written.ConfigParameters {
		keys = append(keys, p.Key)
	}
	return provider.Outputs{"workgroupName": w.Name, "namespaceName": w.Namespace, "baseCapacity": w.BaseCapacity, "maxCapacity": w.MaxCapacity,
		"configParameters": pairs(w.ConfigParameters, keys, "parameterKey", "parameterValue"), "subnetIds": provider.List(w.SubnetIDs),
		"securityGroupIds": provider.List(w.SecurityGroupIDs), "publiclyAccessible": w.PubliclyAccessible, "enhancedVpcRouting": w.EnhancedVPCRouting,
		"port": w.Port, "tags": provider.Object(w.Tags)}
}

func (r resources) workgroupOutputs(w plane.Workgroup) provider.Outputs {
	host, port := r.plane.WorkgroupAddress(w)
	return provider.Outputs{
		"arn": w.ARN, "workgroupId": w.ID, "workgroupName": w.Name, "namespaceName": w.Namespace, "baseCapacity": w.BaseCapacity,
		"configParameters": pairs(w.ConfigParameters, nil, "parameterKey", "parameterValue"), "port": w.Port, "subnetIds": provider.List(w.SubnetIDs), "securityGroupIds": provider.List(w.SecurityGroupIDs),
		"pricePerformanceTarget": map[string]any{"enabled": false}, "trackName": "current",
		"endpoints": []any{map[string]any{"address": host, "port": port, "vpcEndpoints": []any{}}},
	}
}
