// Project storage owns the staging bucket. Owner: @events/storage.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }
