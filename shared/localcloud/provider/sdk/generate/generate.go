// Package generate makes package sdk's table from the source of the pulumi-aws SDK. It
// reads source, not types by reflection, because only the source says which properties
// are deprecated and which lists are required.
package generate

import (
	"fmt"
	"go/ast"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"

	"pipeline/shared/localcloud/provider/property"
	"pipeline/shared/localcloud/provider/sdk"
)

// Table returns the resource types of the SDK in folder dir (its go/aws). honoured says,
// for each token, which properties the local cloud takes: objects among them are looked into.
func Table(dir string, honoured map[string]property.Type) (map[string]sdk.Resource, error) {
	table, sources := map[string]sdk.Resource{}, map[string]*source{}
	for token, ours := range honoured {
		folder, file, name, err := split(token)
		if err != nil {
			return nil, err
		}
		if sources[folder] == nil {
			sources[folder] = &source{types: map[string]*ast.TypeSpec{}, news: map[string]*ast.FuncDecl{}}
			if err := sources[folder].parse(filepath.Join(dir, folder, "pulumi*.go")); err != nil {
				return nil, err
			}
		}
		if err := sources[folder].parse(filepath.Join(dir, folder, file+".go")); err != nil {
			return nil, err
		}
		if table[token], err = sources[folder].resource(name, ours); err != nil {
			return nil, fmt.Errorf("%s: %w", token, err)
		}
	}
	return table, nil
}

// split cuts aws:s3/bucketV2:BucketV2 into folder s3, file bucketV2 and type BucketV2.
func split(token string) (folder, file, name string, err error) {
	parts := strings.FieldsFunc(token, func(r rune) bool { return r == ':' || r == '/' })
	if len(parts) != 4 {
		return "", "", "", fmt.Errorf("%s is no token of a resource type", token)
	}
	return parts[1], parts[2], parts[3], nil
}

// resource reads the type that a constructor makes, and the one of its arguments.
func (s *source) resource(name string, ours property.Type) (sdk.Resource, error) {
	r := sdk.Resource{Outputs: map[string]bool{}}
	state, args, constructor := s.types[name], s.types[strings.ToLower(name[:1])+name[1:]+"Args"], s.news["New"+name]
	if state == nil || args == nil || constructor == nil {
		return r, fmt.Errorf("the SDK has no %s, or not with arguments and a constructor", name)
	}
	for _, field := range fields(state) {
		if output := tag(field); output != "" {
			r.Outputs[output] = always(field)
		}
	}
	r.Deprecated = deprecated(state.Doc)
	r.Args = s.object(args, ours)
	r.Secrets = secretsOf(constructor)
	required := requiredBy(constructor)
	for _, field := range fields(args) {
		if f := r.Args.Fields[tag(field)]; required[field.Names[0].Name] {
			f.Required = true
			r.Args.Fields[tag(field)] = f
		}
	}
	return r, nil
}

var requiredArgument = regexp.MustCompile(`required argument '(\w+)'`)

// requiredBy are the Go fields without which a constructor fails.
func requiredBy(constructor *ast.FuncDecl) map[string]bool {
	names := map[string]bool{}
	ast.Inspect(constructor, func(n ast.Node) bool {
		if text, ok := n.(*ast.BasicLit); ok {
			if m := requiredArgument.FindStringSubmatch(text.Value); m != nil {
				names[m[1]] = true
			}
		}
		return true
	})
	return names
}

// secretsOf are the outputs that a constructor makes secret, by AdditionalSecretOutputs.
func secretsOf(constructor *ast.FuncDecl) []string {
	var names []string
	ast.Inspect(constructor, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if f, ok := call.Fun.(*ast.SelectorExpr); !ok || f.Sel.Name != "AdditionalSecretOutputs" {
			return true
		}
		ast.Inspect(call, func(n ast.Node) bool {
			if text, ok := n.(*ast.BasicLit); ok {
				names = append(names, strings.Trim(text.Value, `"`))
			}
			return true
		})
		return false
	})
	return names
}

// always says whether an output is of a plain type, so always present.
func always(field *ast.Field) bool {
	name := ""
	switch t := field.Type.(type) {
	case *ast.Ident:
		name = t.Name
	case *ast.SelectorExpr:
		name = t.Sel.Name
	}
	for _, suffix := range []string{"PtrOutput", "ArrayOutput", "MapOutput"} {
		if strings.HasSuffix(name, suffix) {
			return false
		}
	}
	return true
}

// object reads a struct's fields.
func (s *source) object(spec *ast.TypeSpec, ours property.Type) property.Type {
	t := property.Type{Kind: property.Object, Fields: map[string]property.Field{}}
	for _, field := range fields(spec) {
		if name := tag(field); name != "" {
			t.Fields[name] = property.Field{Type: s.value(field.Type, ours.Fields[name].Inner()),
				Required: !maybeAbsent(field.Type), Deprecated: deprecated(field.Doc)}
		}
	}
	return t
}

func maybeAbsent(expression ast.Expr) bool {
	switch expression.(type) {
	case *ast.StarExpr, *ast.ArrayType, *ast.MapType, *ast.InterfaceType:
		return true
	}
	return false
}

var plain = map[string]property.Kind{"string": property.String, "bool": property.Bool, "int": property.Int, "float64": property.Number}

// value reads a type. ours is what the local cloud's property has inside.
func (s *source) value(expression ast.Expr, ours property.Type) property.Type {
	switch e := expression.(type) {
	case *ast.StarExpr:
		return s.value(e.X, ours)
	case *ast.ArrayType:
		element := s.value(e.Elt, ours)
		return property.Type{Kind: property.List, Of: &element}
	case *ast.MapType:
		element := s.value(e.Value, ours)
		return property.Type{Kind: property.Map, Of: &element}
	case *ast.Ident:
		if kind, ok := plain[e.Name]; ok {
			return property.Type{Kind: kind}
		}
		return s.named(e.Name, ours)
	}
	return property.Type{Kind: property.Any}
}

// named reads a type that the SDK declares: an enumeration, or an object.
func (s *source) named(name string, ours property.Type) property.Type {
	spec := s.types[name]
	if spec == nil {
		return property.Type{Kind: property.Any}
	}
	if _, ok := spec.Type.(*ast.StructType); !ok {
		return s.value(spec.Type, ours)
	}
	if ours.Kind != property.Object {
		return property.Type{Kind: property.Any}
	}
	return s.object(spec, ours)
}

func tag(field *ast.Field) string {
	if field.Tag == nil {
		return ""
	}
	name, _, _ := strings.Cut(reflect.StructTag(strings.Trim(field.Tag.Value, "`")).Get("pulumi"), ",")
	return name
}
