package pulumitest

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"sync"
	"unsafe"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// mocks answers as the engine and AWS would, and keeps what is registered.
type mocks struct {
	world     World
	mu        sync.Mutex
	resources []Resource
	outputs   resource.PropertyMap
}

func (m *mocks) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	if args.TypeToken == "pulumi:pulumi:StackReference" {
		return m.stackReference(args)
	}
	if args.TypeToken == exportsType {
		m.outputs = args.Inputs
		return "", nil, nil
	}
	m.mu.Lock()
	m.resources = append(m.resources, registered(m.world, args))
	m.mu.Unlock()
	state := args.Inputs.Copy()
	filled := map[string]any{"arn": fmt.Sprintf("arn:aws:mock:::%s/%s", args.TypeToken, args.Name)}
	if f := m.world.Outputs[args.TypeToken]; f != nil {
		maps.Copy(filled, f(args.Inputs))
	}
	for key, value := range resource.NewPropertyMapFromMap(filled) {
		if !state.HasValue(key) {
			state[key] = value
		}
	}
	return args.Name + "-id", state, nil
}

func registered(w World, args pulumi.MockResourceArgs) Resource {
	rpc := args.RegisterRPC
	var parent tokens.Type
	if urn := resource.URN(rpc.GetParent()); urn != "" && urn.QualifiedType() != resource.RootStackType {
		parent = urn.QualifiedType()
	}
	return Resource{
		Type: args.TypeToken, Name: args.Name, Inputs: args.Inputs,
		URN:     resource.NewURN(tokens.QName(w.Stack), tokens.PackageName(w.Project), parent, tokens.Type(args.TypeToken), args.Name),
		Options: Options{rpc.GetProtect(), rpc.GetDeleteBeforeReplace(), rpc.GetIgnoreChanges()},
		After:   rpc.GetDependencies(),
	}
}

// exportsType is a resource that stands for what the program exports: the mocks are told
// of every resource, but not of the stack's outputs.
const exportsType = "pulumitest:index:Exports"

// exporting registers what deploy exports, which the context keeps to itself.
func exporting(deploy func(*pulumi.Context) error) func(*pulumi.Context) error {
	return func(ctx *pulumi.Context) error {
		if err := deploy(ctx); err != nil {
			return err
		}
		field := reflect.ValueOf(ctx).Elem().FieldByName("state").Elem().FieldByName("exports")
		exports := reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface().(map[string]pulumi.Input)
		var res pulumi.CustomResourceState
		return ctx.RegisterResource(exportsType, "exports", pulumi.Map(exports), &res)
	}
}

func (m *mocks) stackReference(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	outputs, deployed := m.upstream(args.Inputs["name"].StringValue())
	if !deployed {
		return "", nil, fmt.Errorf("unknown stack %q", args.Inputs["name"].StringValue())
	}
	state := resource.PropertyMap{"name": args.Inputs["name"], "outputs": resource.NewObjectProperty(outputs)}
	return args.Inputs["name"].StringValue(), state, nil
}

// upstream finds the outputs of the stack "<organization>/<project>/<stack>".
func (m *mocks) upstream(name string) (resource.PropertyMap, bool) {
	parts := strings.Split(name, "/")
	if len(parts) != 3 || parts[2] != m.world.Stack {
		return nil, false
	}
	outputs, deployed := m.world.Upstream[parts[1]]
	values := resource.PropertyMap{}
	for key, value := range outputs {
		values[resource.PropertyKey(key)] = resource.NewStringProperty(value)
	}
	return values, deployed
}

// Call answers the functions that every program uses and the world's own; any other
// fails the run.
func (m *mocks) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	answer := map[string]any{}
	switch args.Token {
	case "aws:index/getRegion:getRegion":
		answer = map[string]any{"name": m.world.Region, "id": m.world.Region}
	case "aws:index/getCallerIdentity:getCallerIdentity":
		answer = map[string]any{"accountId": m.world.Account, "id": m.world.Account}
	case "aws:index/getPartition:getPartition":
		answer = map[string]any{"partition": "aws", "id": "aws", "dnsSuffix": "amazonaws.com"}
	case "aws:secretsmanager/getRandomPassword:getRandomPassword":
		answer = map[string]any{"id": "password", "randomPassword": Password}
	case "pulumi:pulumi:readStackOutputs":
		name := args.Args["name"].StringValue()
		if _, deployed := m.upstream(name); !deployed {
			return nil, fmt.Errorf("unknown stack %q", name)
		}
		answer["name"] = name
	default:
		f := m.world.Functions[args.Token]
		if f == nil {
			return nil, fmt.Errorf("the test's world has no function %s", args.Token)
		}
		var err error
		if answer, err = f(args.Args); err != nil {
			return nil, err
		}
	}
	return resource.NewPropertyMapFromMap(answer), nil
}
