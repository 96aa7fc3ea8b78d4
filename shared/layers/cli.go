package layers

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"pipeline/shared/command"
)

// cli is the Pulumi CLI with an environment of its own. It is the Automation API's
// PulumiCommand; the API's own one always hands on this process's environment, and
// with it the user's login and AWS profile.
type cli struct {
	path    string
	version semver.Version
	env     []string
	run     command.Runner
}

var _ auto.PulumiCommand = cli{}

// Version implements auto.PulumiCommand.
func (c cli) Version() semver.Version { return c.version }

// Run implements auto.PulumiCommand.
func (c cli) Run(ctx context.Context, workdir string, stdin io.Reader, out, errOut []io.Writer, env []string, args ...string) (string, string, int, error) {
	var stdout, stderr strings.Builder
	err := c.run.Run(ctx, command.Command{
		Name: c.path, Args: append([]string{"--non-interactive"}, args...), Dir: workdir,
		Env:    append(append(c.env[:len(c.env):len(c.env)], "PULUMI_AUTOMATION_API=true"), env...),
		Stdin:  stdin,
		Stdout: io.MultiWriter(append(out, &stdout)...),
		Stderr: io.MultiWriter(append(errOut, &stderr)...),
	})
	code := 0
	var failed *command.Error
	if errors.As(err, &failed) {
		code = failed.Code
	}
	return stdout.String(), stderr.String(), code, err
}
