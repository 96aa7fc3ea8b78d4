package layers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
)

// Chosen says which layers a run is for.
type Chosen func(ctx context.Context, o *Orchestrator) ([]string, error)

// Named are layers by name, none meaning all.
func Named(names ...string) Chosen {
	return func(_ context.Context, o *Orchestrator) ([]string, error) { return o.Select(names...) }
}

// Main is one run as the command line asks for it: STACK names the environment and
// PARALLEL how many layers run at the same time.
// REPORT names a file for the report, - for stdout. The error knows the status that mage
// ends with.
func Main(ctx context.Context, op Operation, choose Chosen) error {
	o, err := Open(os.Stdout, os.Stderr)
	if err != nil {
		return exit{err, exitBadRequest}
	}
	if o.Parallel, err = parallel(os.Getenv("PARALLEL")); err != nil {
		return exit{err, exitBadRequest}
	}
	ctx, release := interruptible(ctx, o.notice)
	defer release()
	names, err := choose(ctx, o)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		fmt.Fprintf(o.Talk, "there is no layer to %s\n", op)
		return o.deliverNothing(op, os.Getenv("REPORT"))
	}
	if err := o.confirm(op, os.Stdin); err != nil {
		return err
	}
	if err := o.Current(ctx, op); err != nil {
		return err
	}
	report, err := o.Do(ctx, op, names...)
	if err != nil && ctx.Err() != nil {
		return exit{fmt.Errorf("%s of %s was interrupted before it began", op, o.Environment.Name), exitInterrupted}
	}
	if err != nil {
		return err
	}
	err = errors.Join(o.deliver(report, os.Getenv("REPORT")), report.Err())
	if err != nil && ctx.Err() != nil {
		return exit{err, exitInterrupted}
	}
	return err
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

// deliverNothing writes the report of a run that no layer was chosen for, where one was
// asked for.
func (o *Orchestrator) deliverNothing(op Operation, path string) error {
	if path == "" {
		return nil
	}
	return o.deliver(&Report{
		Version: reportVersion, Operation: op, Environment: o.Environment.Name, Started: o.Now().UTC(), OK: true, Layers: []LayerReport{},
	}, path)
}

// deliver prints the table, and writes the report to the file that was asked for; "-" is
// standard output, and the table then goes to standard error.
func (o *Orchestrator) deliver(r *Report, path string) error {
	fmt.Fprintln(o.Talk)
	switch path {
	case "":
		return r.WriteTable(o.Out)
	case "-":
		return errors.Join(r.WriteJSON(o.Out), r.WriteTable(o.Talk))
	}
	return errors.Join(r.WriteTable(o.Out), r.WriteFile(path))
}
