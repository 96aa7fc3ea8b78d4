// Package outputs is the contract between layers: for each layer one struct of what it
// exports, with Export and Read side by side. A consumer cannot misspell an output, and
// a layer cannot forget one: Export fails when a field is not set.
package outputs

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/stack"
)

// fields are a layer's outputs by the key that they are exported under.
type fields map[string]*pulumi.StringOutput

// export exports every field, or fails naming the layer and the ones that are not set.
func (f fields) export(ctx *pulumi.Context, layer string) error {
	var unset []string
	for _, key := range slices.Sorted(maps.Keys(f)) {
		if f[key].OutputState == nil {
			unset = append(unset, key)
			continue
		}
		ctx.Export(key, *f[key])
	}
	if len(unset) > 0 {
		return fmt.Errorf("layer %s does not set its outputs %s", layer, strings.Join(unset, ", "))
	}
	return nil
}

// read fills every field from the layer's stack in the same environment. When that
// stack is not deployed, a preview goes on with unknown values and a warning, and
// anything else fails, naming the command that deploys it.
func (f fields) read(ctx *pulumi.Context, s *stack.Stack, layer string) error {
	name := s.Manifest.StackName(ctx.Organization(), layer, s.Environment.Name)
	up := upstream{ctx: ctx, layer: layer, stack: name, environment: s.Environment.Name}
	if err := up.open(); err != nil {
		return err
	}
	for key, field := range f {
		*field = up.output(key)
	}
	return nil
}

type upstream struct {
	ctx                       *pulumi.Context
	layer, stack, environment string
	ref                       *pulumi.StackReference // nil: there is no such stack
}

// open asks for the stack before it makes the reference, because a reference to a stack
// that does not exist fails a preview as well (pulumi/pulumi#19202).
func (u *upstream) open() error {
	args := struct {
		Name string `pulumi:"name"`
	}{u.stack}
	var found struct {
		Name string `pulumi:"name"`
	}
	err := u.ctx.Invoke("pulumi:pulumi:readStackOutputs", &args, &found)
	if err != nil && strings.Contains(err.Error(), "unknown stack") {
		return u.missing("it has no stack " + u.stack)
	}
	if err != nil {
		return fmt.Errorf("read the outputs of layer %s (stack %s): %w", u.layer, u.stack, err)
	}
	u.ref, err = pulumi.NewStackReference(u.ctx, u.stack, nil)
	return err
}

func (u *upstream) missing(why string) error {
	text := fmt.Sprintf("layer %s is not deployed: %s; deploy it with: %sgo tool mage deploy:%s",
		u.layer, why, stackVariable(u.environment), u.layer)
	if u.ctx.DryRun() {
		return u.ctx.Log.Warn(text+" (this preview goes on with unknown values)", nil)
	}
	return fmt.Errorf("%s", text)
}

func stackVariable(environment string) string { return "STACK=" + environment + " " }

func (u *upstream) output(key string) pulumi.StringOutput {
	if u.ref == nil {
		return unknown()
	}
	return u.ref.GetOutput(pulumi.String(key)).ApplyT(func(v any) (pulumi.StringOutput, error) {
		if text, ok := v.(string); ok {
			return pulumi.String(text).ToStringOutput(), nil
		}
		if v != nil {
			return pulumi.StringOutput{}, fmt.Errorf("output %s of stack %s is a %T, want a string", key, u.stack, v)
		}
		return unknown(), u.missing(fmt.Sprintf("its stack %s has no output %s", u.stack, key))
	}).(pulumi.StringOutput)
}

func unknown() pulumi.StringOutput {
	return pulumi.UnsafeUnknownOutput(nil).ApplyT(func(any) string { return "" }).(pulumi.StringOutput)
}
