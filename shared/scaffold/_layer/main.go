// Project sample owns its log, until it owns more. Owner: @events/sample.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }
