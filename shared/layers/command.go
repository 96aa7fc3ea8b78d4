package layers

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
)

// Chosen says which layers a run is for.
type Chosen func(ctx context.Context, o *Orchestrator) ([]string, error)

// Named are layers by name, none meaning all.
func Named(names ...string) Chosen {
	return func(_ context.Context, o *Orchestrator) ([]string, error) { return o.Select(names...) }
}

// Main is one run as the command line asks for it: STACK names the environment,
// PARALLEL how many layers run at the same time, REPORT a file for the JSON report;
// asJSON puts the report on stdout and the table on stderr.
func Main(ctx context.Context, op Operation, asJSON bool, choose Chosen) error {
	o, err := Open(os.Stdout, os.Stderr)
	if err != nil {
		return err
	}
	if o.Parallel, err = parallel(os.Getenv("PARALLEL")); err != nil {
		return err
	}
	ctx, release := interruptible(ctx, o.notice)
	defer release()
	names, err := choose(ctx, o)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Fprintf(o.Talk, "there is no layer to %s\n", op)
		return nil
	}
	if err := o.confirm(op, os.Stdin); err != nil {
		return err
	}
	if err := o.current(ctx, op); err != nil {
		return err
	}
	report, err := o.Do(ctx, op, names...)
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%s of %s was interrupted before it began", op, o.Environment.Name)
	}
	if err != nil {
		return err
	}
	return errors.Join(o.deliver(report, asJSON, os.Getenv("REPORT")), report.Err())
}

// parallel reads how many layers may run at the same time.
func parallel(text string) (int, error) {
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("PARALLEL is %q: it must be a number of layers, at least 1", text)
	}
	return n, nil
}

// deliver writes the report where it was asked for.
func (o *Orchestrator) deliver(r *Report, asJSON bool, path string) error {
	var table io.Writer = o.Out
	var errs []error
	if asJSON {
		table = o.Talk
		errs = append(errs, r.WriteJSON(o.Out))
	}
	fmt.Fprintln(o.Talk)
	errs = append(errs, r.WriteTable(table))
	if path != "" {
		errs = append(errs, r.WriteFile(path))
	}
	return errors.Join(errs...)
}
