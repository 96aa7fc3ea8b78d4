package warehouse

import (
	"context"
	"maps"
	"slices"
	"strings"

	"pipeline/shared/localcloud/provider"
	plane "pipeline/shared/localcloud/redshift"
)

// managed is what pulumi-aws describes a group with when the program does not.
const managed = "Managed by Pulumi"

type subnetGroupArgs struct {
	Name        string            `pulumi:"name,optional"`
	Description *string           `pulumi:"description"`
	SubnetIDs   []string          `pulumi:"subnetIds"`
	Tags        map[string]string `pulumi:"tags"`
}

func (a subnetGroupArgs) plane() plane.SubnetGroup {
	return plane.SubnetGroup{Name: strings.ToLower(a.Name), Description: orManaged(a.Description), SubnetIDs: a.SubnetIDs, Tags: a.Tags}
}

// named adds the name of a group, unless the program has it in upper case.
func named(in provider.Outputs, name, written string) provider.Outputs {
	if name != strings.ToLower(written) {
		in["name"] = name
	}
	return in
}

func orManaged(description *string) string {
	if description == nil {
		return managed
	}
	return *description
}

func (r resources) subnetGroup() provider.Resource[subnetGroupArgs] {
	put := func(a subnetGroupArgs, replace bool) (string, provider.Outputs, error) {
		if _, err := r.vpcOf(a.SubnetIDs); err != nil {
			return "", nil, err
		}
		g, err := r.plane.PutSubnetGroup(a.plane(), replace)
		return g.Name, subnetGroupOutputs(g), err
	}
	return provider.Resource[subnetGroupArgs]{
		Token:     "aws:redshift/subnetGroup:SubnetGroup",
		Sets:      []string{"subnetIds"},
		Defaults:  provider.Outputs{"description": managed},
		ReplaceOn: []string{"name"}, AutoName: "name",
		Create: func(_ context.Context, a subnetGroupArgs) (string, provider.Outputs, error) {
			return put(a, false)
		},
		Read: func(_ context.Context, id string, a subnetGroupArgs) (provider.Outputs, provider.Outputs, bool, error) {
			g, err := r.plane.GetSubnetGroup(id)
			ok, err := absent.Found(err)
			in := provider.Outputs{"description": g.Description, "subnetIds": provider.List(g.SubnetIDs), "tags": provider.Object(g.Tags)}
			return named(in, g.Name, a.Name), subnetGroupOutputs(g), ok, err
		},
		Update: func(_ context.Context, id string, _, a subnetGroupArgs) (provider.Outputs, error) {
			if err := r.checkMove(id, a.SubnetIDs); err != nil {
				return nil, err
			}
			_, out, err := put(a, true)
			return out, err
		},
		Delete: func(_ context.Context, id string, _ subnetGroupArgs) error {
			return absent.Gone(r.plane.DeleteSubnetGroup(id))
		},
	}
}

func subnetGroupOutputs(g plane.SubnetGroup) provider.Outputs {
	return provider.Outputs{"arn": g.ARN, "name": g.Name, "description": g.Description, "subnetIds": provider.List(g.SubnetIDs)}
}

type parameterGroupArgs struct {
	Name        string            `pulumi:"name,optional"`
	Family      string            `pulumi:"family"`
	Description *string           `pulumi:"description"`
	Parameters  []parameterArgs   `pulumi:"parameters"`
	Tags        map[string]string `pulumi:"tags"`
}

type parameterArgs struct {
	Name  string `pulumi:"name"`
	Value string `pulumi:"value"`
}

func (a parameterGroupArgs) plane() plane.ParameterGroup {
	g := plane.ParameterGroup{Name: strings.ToLower(a.Name), Family: a.Family, Description: orManaged(a.Description), Tags: a.Tags,
		Parameters: map[string]string{}}
	for _, p := range a.Parameters {
		g.Parameters[p.Name] = p.Value
	}
	return g
}

func (r resources) parameterGroup() provider.Resource[parameterGroupArgs] {
	put := func(a parameterGroupArgs, replace bool) (string, provider.Outputs, error) {
		g, err := r.plane.PutParameterGroup(a.plane(), replace)
		return g.Name, parameterGroupOutputs(g), err
	}
	return provider.Resource[parameterGroupArgs]{
		Token:     "aws:redshift/parameterGroup:ParameterGroup",
		Sets:      []string{"parameters"},
		Defaults:  provider.Outputs{"description": managed},
		ReplaceOn: []string{"name", "family", "description"}, AutoName: "name",
		Validate: func(_ context.Context, a parameterGroupArgs) error {
			return plane.CheckParameters(a.plane().Parameters)
		},
		Create: func(_ context.Context, a parameterGroupArgs) (string, provider.Outputs, error) {
			return put(a, false)
		},
		Read: func(_ context.Context, id string, a parameterGroupArgs) (provider.Outputs, provider.Outputs, bool, error) {
			g, err := r.plane.GetParameterGroup(id)
			ok, err := absent.Found(err)
			return named(parameterGroupInputs(g, a), g.Name, a.Name), parameterGroupOutputs(g), ok, err
		},
		Update: func(_ context.Context, _ string, _, a parameterGroupArgs) (provider.Outputs, error) {
			_, out, err := put(a, true)
			return out, err
		},
		Delete: func(_ context.Context, id string, _ parameterGroupArgs) error {
			return absent.Gone(r.plane.DeleteParameterGroup(id))
		},
	}
}

func parameterGroupInputs(g plane.ParameterGroup, written parameterGroupArgs) provider.Outputs {
	var names []string
	for _, p := range written.Parameters {
		names = append(names, p.Name)
	}
	return provider.Outputs{"family": g.Family, "description": g.Description, "parameters": pairs(g.Parameters, names, "name", "value"),
		"tags": provider.Object(g.Tags)}
}

// pairs are parameters as a program has them: those that it wrote in its order, then the
// others by name.
func pairs(parameters map[string]string, written []string, name, value string) []any {
	all, rest := []any{}, maps.Clone(parameters)
	for _, key := range append(written, slices.Sorted(maps.Keys(parameters))...) {
		if v, left := rest[key]; left {
			all = append(all, map[string]any{name: key, value: v})
			delete(rest, key)
		}
	}
	return all
}

func parameterGroupOutputs(g plane.ParameterGroup) provider.Outputs {
	return provider.Outputs{"arn": g.ARN, "name": g.Name, "description": g.Description}
}
