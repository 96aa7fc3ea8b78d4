//go:build !linux

package story

import (
	"fmt"
	"os"
)

// isolated needs Linux's network namespaces.
func isolated() {
	fmt.Fprintln(os.Stderr, "isolated: only Linux has network namespaces")
	os.Exit(1)
}
