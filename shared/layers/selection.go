package layers

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"pipeline/shared/manifest"
)

// Some checks names with commas between them, and adds the layers around them: with is
// empty, upstream, downstream or both. No name is an error: it is more likely a variable
// that is not set than all layers.
func (o *Orchestrator) Some(names, with string) ([]string, error) {
	named := strings.FieldsFunc(names, func(c rune) bool { return c == ',' || c == ' ' })
	if len(named) == 0 {
		return nil, badRequest("no layer is named: name some, with commas between them, or use deploy:all, preview:all, destroy:all or drift:all")
	}
	selected, err := o.Select(named...)
	if err != nil {
		return nil, err
	}
	switch with {
	case "":
		return selected, nil
	case "upstream", "downstream", "both":
		return o.around(selected, with != "downstream", with != "upstream"), nil
	default:
		return nil, badRequest("unknown WITH=%s: there are upstream, downstream and both", with)
	}
}

// around is the layers with those upstream or downstream of them, in the manifest's order.
func (o *Orchestrator) around(selected []string, up, down bool) []string {
	if len(selected) == 0 {
		return nil
	}
	all := graph(o.Manifest, o.Manifest.LayerNames())
	return slices.DeleteFunc(o.Manifest.LayerNames(), func(name string) bool {
		if slices.Contains(selected, name) {
			return false
		}
		for _, n := range all {
			above := up && slices.Contains(selected, n.name) && slices.Contains(n.after, name)
			below := down && n.name == name && slices.ContainsFunc(n.after, func(a string) bool { return slices.Contains(selected, a) })
			if above || below {
				return false
			}
		}
		return true
	})
}

// grounded refuses to deploy layers that read others which are neither deployed nor
// about to be: nothing is made of a layer that cannot be finished.
func (r *run) grounded(ctx context.Context, selected []string) error {
	var upstream []string
	for _, name := range selected {
		layer, err := r.manifest.Layer(name)
		if err != nil {
			return err
		}
		for _, up := range layer.DependsOn {
			if !slices.Contains(selected, up) && !slices.Contains(upstream, up) {
				upstream = append(upstream, up)
			}
		}
	}
	if len(upstream) == 0 {
		return nil
	}
	known, err := r.stacks(ctx)
	if err != nil {
		return err
	}
	for _, up := range upstream {
		if s, there := known[up]; !there || s.ResourceCount == nil || *s.ResourceCount == 0 {
			return fmt.Errorf("layer %s is not deployed, and %s needs it: deploy it first, with: %sgo tool mage deploy:%s",
				up, strings.Join(selected, ", "), stackVariable(r.manifest.DefaultEnvironment, r.env.Name), up)
		}
	}
	return nil
}

// needed refuses to destroy layers that others, which stay, were deployed from.
func (r *run) needed(ctx context.Context, selected []string) error {
	var downstream []string
	for _, name := range r.around(selected, false, true) {
		if !slices.Contains(selected, name) {
			downstream = append(downstream, name)
		}
	}
	if len(downstream) == 0 {
		return nil
	}
	known, err := r.stacks(ctx)
	if err != nil {
		return err
	}
	var deployed []string
	for _, name := range downstream {
		if s, there := known[name]; there && s.ResourceCount != nil && *s.ResourceCount > 0 {
			deployed = append(deployed, name)
		}
	}
	if len(deployed) == 0 {
		return nil
	}
	return fmt.Errorf("%s cannot be destroyed while %s is deployed from it: destroy %s too, with: %sgo tool mage layers destroy %s",
		strings.Join(selected, ", "), strings.Join(deployed, ", "), them(len(deployed)),
		stackVariable(r.manifest.DefaultEnvironment, r.env.Name), strings.Join(append(selected, deployed...), ","))
}

// held refuses to destroy layers with protected resources before anything is gone: Pulumi
// would refuse too, when what is downstream of them is destroyed already.
func (r *run) held(ctx context.Context, selected []string) error {
	if r.env.LocalCloud != nil && !r.env.Protected {
		return nil
	}
	known, err := r.stacks(ctx)
	if err != nil {
		return err
	}
	there := slices.DeleteFunc(slices.Clone(selected), func(name string) bool { _, is := known[name]; return !is })
	states, err := r.states(ctx, there)
	if err != nil {
		return err
	}
	holding := slices.DeleteFunc(there, func(name string) bool { return !states[name].protects() })
	if len(holding) == 0 {
		return nil
	}
	return fmt.Errorf("%s cannot be destroyed: what must not be lost is in there, protected. Take protected out of environment %s in %s, deploy, then destroy",
		strings.Join(holding, ", "), r.env.Name, manifest.FileName)
}

func them(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}
