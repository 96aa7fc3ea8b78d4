package tasks

import (
	"context"
	"io"
	"os"

	"pipeline/shared/bench"
	"pipeline/shared/command"
)

// Bench measures on this machine what the README says of speed. ONLY=path measures the
// deployed path of this checkout alone, and leaves a million events in its table.
func Bench(ctx context.Context) error {
	o, err := open()
	if err != nil {
		return err
	}
	o.Out, o.Talk = io.Discard, io.Discard
	b := bench.Bench{Layers: o, Run: command.OS{}, Out: os.Stdout, Talk: os.Stderr}
	if os.Getenv("ONLY") == "path" {
		return b.Path(ctx)
	}
	return b.All(ctx, os.Getenv("COLD") != "")
}
