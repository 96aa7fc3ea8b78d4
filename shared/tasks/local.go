package tasks

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"pipeline/shared/command"
	"pipeline/shared/events"
	"pipeline/shared/local"
)

// cloud is the local cloud of this checkout.
func cloud() (local.Cloud, error) {
	o, err := open()
	if err != nil {
		return local.Cloud{}, err
	}
	return local.New(o.Manifest, o.Environment, o.Dir, os.Stderr)
}

// LocalUp builds the local cloud where that is needed and starts it.
func LocalUp(ctx context.Context) error {
	o, err := open()
	if err != nil {
		return err
	}
	running, err := o.CloudUp(ctx)
	if err != nil {
		return err
	}
	return printRunning(running)
}

// LocalDown stops the local cloud; what it holds stays.
func LocalDown(ctx context.Context) error {
	c, err := cloud()
	if err != nil {
		return err
	}
	ran, err := c.Down(ctx)
	if err != nil {
		return err
	}
	if ran {
		fmt.Fprintln(os.Stderr, "the local cloud has stopped; what it holds stays in", filepath.Join(c.Dir, "cloud"))
	} else {
		fmt.Fprintln(os.Stderr, "the local cloud was not running")
	}
	return nil
}

// LocalStatus says where the local cloud answers; one that does not run is an error.
func LocalStatus(ctx context.Context) error {
	c, err := cloud()
	if err != nil {
		return err
	}
	running, err := c.Status(ctx)
	if err != nil {
		return err
	}
	return printRunning(running)
}

func printRunning(r local.Runtime) error {
	_, err := fmt.Printf("running as process %d\nAWS APIs   %s\nwarehouse  127.0.0.1:%d (PostgreSQL protocol)\n", r.PID, r.URL(), r.RedshiftPort)
	for _, drill := range r.Drills {
		fmt.Println("drill     ", drill)
	}
	for _, alarm := range r.Alarms {
		fmt.Println("alarm     ", alarm)
	}
	return err
}

// LocalEnv prints shell commands after which a bare `pulumi up` in a project's folder,
// the AWS CLI and SDKs talk to the local cloud.
func LocalEnv(ctx context.Context) error {
	o, err := open()
	if err != nil {
		return err
	}
	if _, err := cloud(); err != nil {
		return err
	}
	text, err := o.Shell(ctx)
	if err != nil {
		return err
	}
	_, err = fmt.Print(text)
	return err
}

// logLines is how much of the local cloud's log is shown.
const logLines = 100

// LocalLogs prints the end of the local cloud's log.
func LocalLogs() error {
	c, err := cloud()
	if err != nil {
		return err
	}
	return c.Logs(os.Stdout, logLines)
}

// Send signs the configured user in and posts the example event.
func Send(ctx context.Context) error { return Post(ctx, "/events", "") }

// Post signs the configured user in and posts an event, JSON, a file or standard input
// (-), to a path of the API.
func Post(ctx context.Context, path, event string) error {
	text, err := events.Read(event, os.Stdin)
	if err != nil {
		return err
	}
	p, err := deployedPath(ctx)
	if err != nil {
		return err
	}
	return p.Send(ctx, path, text)
}

// Query prints the newest events.
func Query(ctx context.Context) error { return SQL(ctx, "") }

// SQL prints the rows of a statement.
func SQL(ctx context.Context, statement string) error {
	p, err := deployedPath(ctx)
	if err != nil {
		return err
	}
	return p.Query(ctx, statement)
}

// PSQL runs psql on the warehouse, on this terminal.
func PSQL(ctx context.Context) error {
	p, err := deployedPath(ctx)
	if err != nil {
		return err
	}
	return p.PSQL(ctx, command.OS{}, os.Stdin)
}

// deployedPath is the client of the path that is deployed in the environment.
func deployedPath(ctx context.Context) (events.Path, error) {
	o, err := open()
	if err != nil {
		return events.Path{}, err
	}
	return o.Events(ctx)
}
