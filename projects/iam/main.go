// Project iam owns every role and every policy. Owner: @events/security.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }
