// Command gateway is layer gateway: the REST API that applications post events to.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }
