// Command localcloud stands in for AWS on a laptop: a Pulumi provider for package aws,
// and what the resources of the six layers describe, running. `mage local:up` starts it;
// COVERAGE.md says what it honours, BOUNDS.md how much it holds, and package drills how to
// make it fail.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
)

const usage = `usage: localcloud serve --state DIR [flags]

Serves AWS's APIs for the six layers on the loopback address until it is interrupted.
`

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stderr))
}

// run returns the exit status: 0 after an interrupt, 1 when it cannot serve, 2 when the
// arguments are wrong.
func run(ctx context.Context, args []string, stderr io.Writer) int {
	options, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		return 2
	}
	// Pulumi's SDK makes the default logger one that says nothing as it is linked in.
	slog.SetDefault(slog.New(slog.NewTextHandler(stderr, nil)))
	if err := serve(ctx, options); err != nil {
		fmt.Fprintf(stderr, "local cloud: %v\n", err)
		return 1
	}
	return 0
}

// options are the command line.
type options struct {
	State        string // folder of everything that it keeps
	Port         int    // HTTP, every AWS API; 0 for a free one
	RedshiftPort int    // PostgreSQL protocol; 0 for a free one
	Region       string
	Account      string
	Build        string // what health reports, so that a newer build is noticed
}

func parse(args []string, stderr io.Writer) (options, error) {
	var o options
	flags := flag.NewFlagSet("localcloud serve", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage); flags.PrintDefaults() }
	flags.StringVar(&o.State, "state", "", "folder to keep everything in (required)")
	flags.IntVar(&o.Port, "port", 4566, "port of the AWS APIs, 0 for a free one")
	flags.IntVar(&o.RedshiftPort, "redshift-port", 5439, "port of Redshift, 0 for a free one")
	flags.StringVar(&o.Region, "region", "eu-central-1", "the region it is")
	flags.StringVar(&o.Account, "account", "000000000000", "the account it is")
	flags.StringVar(&o.Build, "build", "", "name of this build, for the health page")
	if len(args) == 0 || args[0] != "serve" {
		flags.Usage()
		return o, errors.New("the only command is serve")
	}
	if err := flags.Parse(args[1:]); err != nil {
		return o, err
	}
	if o.State == "" || flags.NArg() > 0 {
		flags.Usage()
		return o, errors.New("--state is required, and nothing else")
	}
	return o, nil
}
