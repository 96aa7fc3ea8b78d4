// Project warehouse owns the Redshift cluster, its network and its schema. Owner:
// @events/analytics.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }
