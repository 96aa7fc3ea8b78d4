package provider

import (
	"context"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/mapper"

	"pipeline/shared/localcloud/provider/property"
)

// Outputs are property values as plain Go: string, bool, numbers, []any and
// map[string]any.
type Outputs = map[string]any

// Kind is one resource type or function: a Resource[A] or a Function[A].
type Kind interface{ token() string }

// Resource is one resource type. Token, Create, Read and Delete are required; Update too,
// unless every property is in ReplaceOn.
type Resource[A any] struct {
	Token string // "aws:s3/bucketV2:BucketV2"

	// ReplaceOn names the properties whose change replaces the resource, by path without
	// indices ("name", "rules.days"); "*" is all.
	ReplaceOn []string
	// DeleteBeforeReplace deletes the old one first, as pulumi-aws does of few types. What
	// has a name of its program's in AutoName is deleted first anyway; where another name
	// is taken, the create fails as on AWS, unless the program says deleteBeforeReplace.
	DeleteBeforeReplace bool
	// AutoName is a property that, when absent, becomes the resource's name with a
	// random suffix, as the pulumi-aws provider does.
	AutoName string
	// LowerName makes that name lower-case and at most 63 characters long: a bucket's.
	LowerName bool
	// Kept are the properties that stay as they are when a program takes them out: those that
	// are Optional and Computed in the Terraform provider that pulumi-aws is made of.
	Kept []string

	// Rules check one property's value each, by top-level name, as soon as it is known.
	Rules map[string]func(value any) error
	// Validate checks the whole. It runs when nothing is unknown, so in a preview too
	// where that is so. It must not change anything.
	Validate func(ctx context.Context, args A) error

	Create func(ctx context.Context, args A) (id string, out Outputs, err error)
	// Read returns the inputs that AWS has, the empty ones too and nil for an object that is
	// not there, and the outputs. An input that it does not return is taken as written.
	Read func(ctx context.Context, id string, args A) (inputs, out Outputs, found bool, err error)
	// Import returns the id of a thing, and the inputs that Read needs to find it, from what
	// a person writes to import it. Without it that is the id.
	Import func(ctx context.Context, written string) (id string, inputs Outputs, found bool, err error)
	// Defaults are what AWS has where a program sets nothing, if that is not empty, false or
	// 0: an import and a refresh leave them out. Those of a list are its elements', in one.
	Defaults Outputs
	// Sets are the lists whose order means nothing, by path without indices: those of type
	// Set in the Terraform provider that pulumi-aws is made of.
	Sets []string
	// Untold are inputs that no reading tells, so no import finds.
	Untold []string
	Update func(ctx context.Context, id string, old, new A) (Outputs, error)
	Delete func(ctx context.Context, id string, args A) error
}

func (r Resource[A]) token() string { return r.Token }

// Function is one data source. Its arguments are checked like a resource's.
type Function[A any] struct {
	Token string // "aws:index/getRegion:getRegion"
	Call  func(ctx context.Context, args A) (Outputs, error)
}

func (f Function[A]) token() string { return f.Token }

// life is a Resource without its type parameter: what the server works with.
type life interface {
	Kind
	spec() spec
	honoured() property.Type
	validate(ctx context.Context, inputs resource.PropertyMap) error
	create(ctx context.Context, inputs resource.PropertyMap) (string, Outputs, error)
	imported(ctx context.Context, written string) (id string, inputs resource.PropertyMap, found bool, err error)
	read(ctx context.Context, id string, inputs resource.PropertyMap) (Outputs, Outputs, bool, error)
	update(ctx context.Context, id string, old, new resource.PropertyMap) (Outputs, error)
	delete(ctx context.Context, id string, inputs resource.PropertyMap) error
}

type spec struct {
	replaceOn           []string
	deleteBeforeReplace bool
	autoName            string
	lowerName           bool
	kept                []string
	rules               map[string]func(any) error
	whole               bool // there are rules about more than one property
	defaults            Outputs
	untold              []string
	sets                []string
}

func (r Resource[A]) spec() spec {
	return spec{r.ReplaceOn, r.DeleteBeforeReplace, r.AutoName, r.LowerName, r.Kept, r.Rules, r.Validate != nil, r.Defaults, r.Untold, r.Sets}
}

func (r Resource[A]) honoured() property.Type { return typeOf[A]() }

func (r Resource[A]) validate(ctx context.Context, inputs resource.PropertyMap) error {
	args, err := decode[A](inputs)
	if err != nil || r.Validate == nil {
		return err
	}
	return r.Validate(ctx, args)
}

func (r Resource[A]) create(ctx context.Context, inputs resource.PropertyMap) (string, Outputs, error) {
	if err := r.validate(ctx, inputs); err != nil {
		return "", nil, err
	}
	args, err := decode[A](inputs)
	if err != nil {
		return "", nil, err
	}
	return r.Create(ctx, args)
}

func (r Resource[A]) imported(ctx context.Context, written string) (string, resource.PropertyMap, bool, error) {
	if r.Import == nil {
		return written, resource.PropertyMap{}, true, nil
	}
	id, inputs, found, err := r.Import(ctx, written)
	return id, resource.NewPropertyMapFromMap(inputs), found, err
}

// read reads with what the state holds, which after an import is nothing.
func (r Resource[A]) read(ctx context.Context, id string, inputs resource.PropertyMap) (Outputs, Outputs, bool, error) {
	args, err := decode[A](inputs)
	if err != nil {
		return nil, nil, false, err
	}
	return r.Read(ctx, id, args)
}

func (r Resource[A]) update(ctx context.Context, id string, old, new resource.PropertyMap) (Outputs, error) {
	if r.Update == nil {
		return nil, fmt.Errorf("%s cannot be updated in place", r.Token)
	}
	if err := r.validate(ctx, new); err != nil {
		return nil, err
	}
	before, err := decode[A](old)
	if err != nil {
		return nil, err
	}
	after, err := decode[A](new)
	if err != nil {
		return nil, err
	}
	return r.Update(ctx, id, before, after)
}

func (r Resource[A]) delete(ctx context.Context, id string, inputs resource.PropertyMap) error {
	args, err := decode[A](inputs)
	if err != nil {
		return err
	}
	return r.Delete(ctx, id, args)
}

// function is a Function without its type parameter.
type function interface {
	Kind
	honoured() property.Type
	call(ctx context.Context, inputs resource.PropertyMap) (Outputs, []failure, error)
}

func (f Function[A]) honoured() property.Type { return typeOf[A]() }

func (f Function[A]) call(ctx context.Context, inputs resource.PropertyMap) (Outputs, []failure, error) {
	if failures := compare(inputs, f.honoured(), notHonoured); len(failures) > 0 {
		return nil, failures, nil
	}
	args, err := decode[A](inputs)
	if err != nil {
		return nil, nil, err
	}
	out, err := f.Call(ctx, args)
	return out, nil, err
}

// decode fills an A from inputs that compare has passed; an absent property is zero.
func decode[A any](inputs resource.PropertyMap) (A, error) {
	var args A
	plain := plainMap(inputs)
	err := mapper.New(&mapper.Opts{Tags: []string{"pulumi"}, IgnoreMissing: true}).Decode(plain, &args)
	if err != nil {
		return args, err
	}
	return args, nil
}
