package outputs

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// Warehouse is what layer warehouse exports: where the events table is and who may load it.
type Warehouse struct {
	JDBCURL           pulumi.StringOutput // jdbc:redshift://host:port/database
	Database          pulumi.StringOutput // that the events table is in
	Table             pulumi.StringOutput // with its schema: public.events
	Columns           pulumi.StringOutput // the table's columns that Firehose loads, with commas
	LoaderSecretARN   pulumi.StringOutput // {"username", "password"} of the user that may INSERT
	AdminSecretARN    pulumi.StringOutput // the secret that Redshift manages
	ClusterIdentifier pulumi.StringOutput // for the Data API; empty when serverless
	WorkgroupName     pulumi.StringOutput // for the Data API; empty when provisioned
}

func (o *Warehouse) fields() fields {
	return fields{
		"jdbcUrl":           &o.JDBCURL,
		"database":          &o.Database,
		"table":             &o.Table,
		"columns":           &o.Columns,
		"loaderSecretArn":   &o.LoaderSecretARN,
		"adminSecretArn":    &o.AdminSecretARN,
		"clusterIdentifier": &o.ClusterIdentifier,
		"workgroupName":     &o.WorkgroupName,
	}
}

// Export exports o from layer warehouse.
func (o Warehouse) Export(ctx *pulumi.Context) error { return o.fields().export(ctx, "warehouse") }

// ReadWarehouse reads what layer warehouse exported in the same environment.
func ReadWarehouse(ctx *pulumi.Context, s *stack.Stack) (Warehouse, error) {
	var o Warehouse
	err := o.fields().read(ctx, s, "warehouse")
	return o, err
}
