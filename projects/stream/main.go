// Project stream owns the delivery stream, its logs and its alarms. Owner: @events/streaming.
package main

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

func main() { pulumi.Run(deploy) }
