// Project gateway owns the REST API that applications post events to. Owner: @events/api.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }
