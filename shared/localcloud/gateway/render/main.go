// Command render prints what an API Gateway mapping template makes of an event, and the
// overrides that it sets: `go tool mage gateway:render <template> <event.json>`.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"pipeline/shared/localcloud/gateway/mapping"
)

func main() { os.Exit(run(context.Background(), os.Args[1:], os.Stdout, os.Stderr)) }

func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	if len(args) != 2 {
		fmt.Fprintln(stderr, "usage: render <template> <event.json>")
		return 2
	}
	if err := mapping.RenderFile(ctx, args[0], args[1], stdout); err != nil {
		fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}
