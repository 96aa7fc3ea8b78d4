package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// Outputs are what layers export, by layer and key. A layer that is not deployed has
// none.
type Outputs map[string]auto.OutputMap

// Outputs reads what layers export, none named meaning all. They may hold secrets in
// clear: mark them before showing them.
func (o *Orchestrator) Outputs(ctx context.Context, names ...string) (Outputs, error) {
	selected, err := o.Select(names...)
	if err != nil {
		return nil, err
	}
	r, err := o.reading(ctx)
	if err != nil {
		return nil, err
	}
	outputs := Outputs{}
	errs := map[string]error{}
	var nodes []node
	for _, name := range selected {
		nodes = append(nodes, node{name: name})
	}
	walk(nodes, o.Parallel, func(name string, g *gate) bool {
		g.pass()
		values, err := r.outputsOf(ctx, name)
		r.mu.Lock()
		defer r.mu.Unlock()
		outputs[name], errs[name] = values, err
		return true
	})
	for _, name := range selected {
		if errs[name] != nil {
			return nil, fmt.Errorf("read the outputs of layer %s: %w", name, errs[name])
		}
	}
	return outputs, nil
}

func (r *run) outputsOf(ctx context.Context, layer string) (auto.OutputMap, error) {
	dir, err := r.workspace(layer)
	if err != nil {
		return nil, err
	}
	ws, err := auto.NewLocalWorkspace(ctx, auto.Pulumi(r.pulumi), auto.WorkDir(dir))
	if err != nil {
		return nil, err
	}
	values, err := ws.StackOutputs(ctx, r.stack(layer))
	if err != nil && strings.Contains(err.Error(), "no stack named") {
		return nil, nil
	}
	if err != nil {
		return nil, errors.New(errorText(err.Error()))
	}
	return values, nil
}

// Value is one output as text. The error names the layer and says how to deploy it,
// or lists the outputs that there are.
func (o *Orchestrator) Value(outputs Outputs, layer, key string) (string, error) {
	values := outputs[layer]
	if len(values) == 0 {
		return "", fmt.Errorf("layer %s is not deployed in stack %s; deploy it with: %sgo tool mage deploy:%s",
			layer, o.Environment.Name, stackVariable(o.Manifest.DefaultEnvironment, o.Environment.Name), layer)
	}
	value, known := values[key]
	if !known {
		return "", fmt.Errorf("layer %s has no output %q: it has %s", layer, key, strings.Join(slices.Sorted(maps.Keys(values)), ", "))
	}
	return outputText(value.Value), nil
}

func outputText(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}

// masked stands for a secret that was not asked for.
const masked = "[secret]"

// Mask replaces secrets, unless they are to be shown.
func (o Outputs) Mask(show bool) Outputs {
	shown := Outputs{}
	for layer, values := range o {
		shown[layer] = auto.OutputMap{}
		for key, value := range values {
			if value.Secret && !show {
				value.Value = masked
			}
			shown[layer][key] = value
		}
	}
	return shown
}

// WriteOutputs writes outputs in a format: table, json or shell.
func (o *Orchestrator) WriteOutputs(outputs Outputs, format string) error {
	switch format {
	case "", "table":
		return o.outputTable(outputs)
	case "json":
		plain := map[string]map[string]any{}
		for layer, values := range outputs {
			plain[layer] = map[string]any{}
			for key, value := range values {
				plain[layer][key] = value.Value
			}
		}
		e := json.NewEncoder(o.Out)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(plain)
	case "shell":
		return o.outputShell(outputs)
	default:
		return fmt.Errorf("unknown format %q: there are table, json and shell", format)
	}
}

// eachOutput visits outputs in the order of the manifest and of the keys.
func (o *Orchestrator) eachOutput(outputs Outputs, visit func(layer, key, value string)) {
	for _, layer := range o.Manifest.LayerNames() {
		for _, key := range slices.Sorted(maps.Keys(outputs[layer])) {
			visit(layer, key, outputText(outputs[layer][key].Value))
		}
	}
}

func (o *Orchestrator) outputTable(outputs Outputs) error {
	t := tabwriter.NewWriter(o.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "LAYER\tOUTPUT\tVALUE")
	o.eachOutput(outputs, func(layer, key, value string) { fmt.Fprintf(t, "%s\t%s\t%s\n", layer, key, value) })
	return t.Flush()
}

// outputShell writes for example: export GATEWAY_API_GATEWAY_URL='https://...'.
func (o *Orchestrator) outputShell(outputs Outputs) error {
	o.eachOutput(outputs, func(layer, key, value string) {
		quoted := "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
		fmt.Fprintf(o.Out, "export %s_%s=%s\n", shellName(layer), shellName(key), quoted)
	})
	return nil
}

// shellName is a key in capitals with an underscore between its words.
func shellName(key string) string {
	var name strings.Builder
	small := false
	for _, c := range key {
		switch {
		case c >= 'A' && c <= 'Z' && small:
			name.WriteByte('_')
			name.WriteRune(c)
		case c >= 'a' && c <= 'z':
			name.WriteRune(c - 'a' + 'A')
		case c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
			name.WriteRune(c)
		default:
			name.WriteByte('_')
		}
		small = c >= 'a' && c <= 'z'
	}
	return name.String()
}
