package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/outputs"
	"pipeline/shared/stack"
)

// deploy makes the network, the cluster, the loader and the schema.
func deploy(ctx *pulumi.Context) error {
	s, err := stack.Load(ctx)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(ctx, s.Environment.Protected)
	if err != nil {
		return err
	}
	iam, err := outputs.ReadIAM(ctx, s)
	if err != nil {
		return err
	}
	storage, err := outputs.ReadStorage(ctx, s)
	if err != nil {
		return err
	}
	net, err := newClusterNetwork(ctx, s, "cluster", cfg, storage.BucketARN)
	if err != nil {
		return err
	}
	w, err := newWarehouse(ctx, s, "cluster", cfg, net, iam.WarehouseRoleARN)
	if err != nil {
		return err
	}
	user, err := newLoader(ctx, s, cfg)
	if err != nil {
		return err
	}
	migrated, err := migrate(ctx, cfg, w, user)
	if err != nil {
		return err
	}
	return export(ctx, w, user, migrated)
}

// export says where the table is once it is there: what reads these outputs may load it.
func export(ctx *pulumi.Context, w warehouse, user loader, migrated pulumi.Resource) error {
	after := func(value pulumi.StringInput) pulumi.StringOutput {
		ready := pulumi.All(value, migrated.(pulumi.CustomResource).ID())
		return ready.ApplyT(func(all []any) string { return all[0].(string) }).(pulumi.StringOutput)
	}
	return outputs.Warehouse{
		JDBCURL:           after(pulumi.Sprintf("jdbc:redshift://%s/%s", w.Endpoint, w.Database)),
		Database:          w.Database,
		Table:             after(pulumi.String(eventsTable)),
		Columns:           pulumi.String(loadedColumns).ToStringOutput(),
		LoaderSecretARN:   user.SecretARN,
		AdminSecretARN:    w.AdminSecretARN,
		ClusterIdentifier: orEmpty(w.ClusterIdentifier),
		WorkgroupName:     orEmpty(w.WorkgroupName),
	}.Export(ctx)
}

// orEmpty is the name of what there is, and empty for what there is not.
func orEmpty(name pulumi.StringPtrInput) pulumi.StringOutput {
	if name == nil {
		return pulumi.String("").ToStringOutput()
	}
	return name.ToStringPtrOutput().Elem()
}
