package provider

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"pipeline/shared/localcloud/provider/sdk"
	"pipeline/shared/localcloud/store"
)

// Server answers the Pulumi engine.
type Server struct {
	pulumirpc.UnimplementedResourceProviderServer
	version   string
	region    string
	lives     map[string]life
	functions map[string]function
	memory    *memory
	engines   engines
	operation sync.Mutex // control-plane calls run one at a time, so that they read each other's effects: an SQL statement holds up the others
}

// New returns the provider of the given kinds. version is the pulumi-aws version whose
// place it takes; region is the only one it serves; in kept it remembers what it did.
func New(version, region string, kept *store.Store, kinds ...[]Kind) (*Server, error) {
	memory, err := newMemory(kept)
	if err != nil {
		return nil, err
	}
	s := &Server{version: version, region: region, memory: memory, engines: engines{by: map[string]*engine{}}, lives: map[string]life{}, functions: map[string]function{}}
	for _, kind := range slices.Concat(kinds...) {
		switch k := kind.(type) {
		case life:
			if s.lives[k.token()] != nil {
				return nil, fmt.Errorf("two resources for %s", k.token())
			}
			s.lives[k.token()] = k
		case function:
			if s.functions[k.token()] != nil {
				return nil, fmt.Errorf("two functions for %s", k.token())
			}
			s.functions[k.token()] = k
		}
	}
	return s, nil
}

func (s *Server) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: s.version}, nil
}

func (s *Server) Cancel(context.Context, *emptypb.Empty) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

// GetSchema refuses, for pulumi would take what it has for its own words ("it looks like
// GetSchema is not implemented"): only the code that an import writes needs it.
func (s *Server) GetSchema(context.Context, *pulumirpc.GetSchemaRequest) (*pulumirpc.GetSchemaResponse, error) {
	return nil, status.Error(codes.Unimplemented, "the local cloud writes no code of what is imported: import with --generate-code=false")
}

// CheckConfig refuses a region that the local cloud is not in and any provider setting
// that it would ignore.
func (s *Server) CheckConfig(_ context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	config, err := unmarshal(req.GetNews())
	if err != nil {
		return nil, err
	}
	response := &pulumirpc.CheckResponse{Inputs: req.GetNews()}
	for _, key := range config.StableKeys() {
		value := bare(config[key])
		switch {
		case key == "version" || internal(key):
		case key == "skipCredentialsValidation" || key == "skipRegionValidation":
			// The SDK sets them for each provider that a program makes; nothing differs by them.
		case key == "region":
			if value.IsString() && value.StringValue() != s.region {
				response.Failures = append(response.Failures, &pulumirpc.CheckFailure{Property: "region",
					Reason: fmt.Sprintf("is %q, but this local cloud is in %q (Pulumi.org.yaml says which)", value.StringValue(), s.region)})
			}
		default:
			response.Failures = append(response.Failures, &pulumirpc.CheckFailure{Property: string(key),
				Reason: "provider setting " + notHonoured})
		}
	}
	return response, nil
}

func (s *Server) DiffConfig(context.Context, *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
}

func (s *Server) Configure(context.Context, *pulumirpc.ConfigureRequest) (*pulumirpc.ConfigureResponse, error) {
	return &pulumirpc.ConfigureResponse{AcceptSecrets: true, SupportsPreview: true}, nil
}

// request is what one call of the engine is about.
type request struct {
	life
	urn        resource.URN
	sdk        sdk.Resource
	properties []resource.PropertyMap
}

// request finds the resource type of a URN, or says that there is none, and unpacks the
// properties of the call.
func (s *Server) request(urn string, properties ...*structpb.Struct) (request, error) {
	r := request{urn: resource.URN(urn)}
	if r.life = s.lives[string(r.urn.Type())]; r.life == nil {
		return r, status.Errorf(codes.Unimplemented,
			"the local cloud does not serve resource type %s (%q of project %s)", r.urn.Type(), r.urn.Name(), r.urn.Project())
	}
	var err error
	if r.sdk, err = sdk.Lookup(r.token()); err != nil {
		return r, err
	}
	for _, p := range properties {
		m, err := unmarshal(p)
		if err != nil {
			return r, err
		}
		r.properties = append(r.properties, m)
	}
	return r, nil
}

func (s *Server) Invoke(ctx context.Context, req *pulumirpc.InvokeRequest) (*pulumirpc.InvokeResponse, error) {
	f := s.functions[req.GetTok()]
	if f == nil {
		return nil, status.Errorf(codes.Unimplemented, "the local cloud does not serve function %s", req.GetTok())
	}
	args, err := unmarshal(req.GetArgs())
	if err != nil {
		return nil, err
	}
	out, failures, err := f.call(ctx, args)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", req.GetTok(), err)
	}
	if len(failures) > 0 {
		return &pulumirpc.InvokeResponse{Failures: checkFailures(failures)}, nil
	}
	result, err := marshal(resource.NewPropertyMapFromMap(out))
	return &pulumirpc.InvokeResponse{Return: result}, err
}

func checkFailures(failures []failure) []*pulumirpc.CheckFailure {
	var list []*pulumirpc.CheckFailure
	for _, f := range failures {
		list = append(list, &pulumirpc.CheckFailure{Property: f.Property, Reason: f.Reason})
	}
	return list
}

var rpcOptions = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, SkipNulls: true}

func unmarshal(s *structpb.Struct) (resource.PropertyMap, error) {
	if s == nil {
		return resource.PropertyMap{}, nil
	}
	return plugin.UnmarshalProperties(s, rpcOptions)
}

func marshal(m resource.PropertyMap) (*structpb.Struct, error) {
	return plugin.MarshalProperties(m, rpcOptions)
}
