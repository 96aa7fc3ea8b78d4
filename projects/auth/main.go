// Project auth owns who may post events: the user pool, its users and clients. Owner:
// @events/identity.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }
