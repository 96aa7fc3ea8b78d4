package tasks

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"text/tabwriter"

	"pipeline/shared/local"
)

// LocalDrill begins a drill of the local cloud with the arguments in the environment;
// list prints them all, off ends all.
func LocalDrill(ctx context.Context, name string) error {
	c, err := cloud()
	if err != nil {
		return err
	}
	drills, err := drill(ctx, c, name)
	if err != nil {
		return fmt.Errorf("%w; go tool mage local:drill list prints the drills", err)
	}
	return writeDrills(os.Stdout, drills, name == "list")
}

func drill(ctx context.Context, c local.Cloud, name string) ([]local.Drill, error) {
	switch name {
	case "list":
		return c.Drills(ctx)
	case "off":
		return c.EndDrills(ctx)
	}
	arguments, err := drillArguments(os.Getenv)
	if err != nil {
		return nil, err
	}
	return c.StartDrill(ctx, name, arguments)
}

// drillArguments are those that the environment has.
func drillArguments(env func(string) string) (map[string]any, error) {
	arguments := map[string]any{}
	for _, name := range []string{"stream", "action", "plane", "by"} {
		if value := env(strings.ToUpper(name)); value != "" {
			arguments[name] = value
		}
	}
	if text := env("COUNT"); text != "" {
		count, err := strconv.Atoi(text)
		if err != nil {
			return nil, fmt.Errorf("COUNT is %q, want a number", text)
		}
		arguments["count"] = count
	}
	return arguments, nil
}

// writeDrills writes all drills, or only those that go on.
func writeDrills(w io.Writer, drills []local.Drill, all bool) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	none := true
	for _, d := range drills {
		if all {
			fmt.Fprintf(table, "%s\t%s\t%s\n", d.Name, strings.ToUpper(strings.Join(d.Takes, " ")), d.Shows)
		}
		for _, what := range d.Active {
			none = false
			fmt.Fprintf(table, "on: %s\t%s\n", d.Name, what)
		}
	}
	if none && !all {
		fmt.Fprintln(table, "no drill goes on")
	}
	return table.Flush()
}
