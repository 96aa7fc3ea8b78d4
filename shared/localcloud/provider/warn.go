package provider

import (
	"context"
	"fmt"
	"log/slog"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/peer"
	"google.golang.org/protobuf/types/known/emptypb"

	"pipeline/shared/localcloud/provider/property"
)

// engines are the engines that have attached, by the address that they call from: that
// is how a call is known to be of one of them. There are at most as many as ports.
type engines struct {
	mu sync.Mutex
	by map[string]*engine
}

type engine struct {
	address string // of its log
	warned  map[resource.URN]bool
}

// Attach learns where the engine that calls has its log.
func (s *Server) Attach(ctx context.Context, req *pulumirpc.PluginAttach) (*emptypb.Empty, error) {
	s.engines.mu.Lock()
	defer s.engines.mu.Unlock()
	s.engines.by[caller(ctx)] = &engine{req.GetAddress(), map[resource.URN]bool{}}
	return &emptypb.Empty{}, nil
}

func caller(ctx context.Context) string {
	if p, ok := peer.FromContext(ctx); ok {
		return p.Addr.String()
	}
	return ""
}

// unwarned is the address of the log of the engine that calls, the first time for a URN.
func (e *engines) unwarned(ctx context.Context, urn resource.URN) (address string, ok bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	by := e.by[caller(ctx)]
	if by == nil || by.warned[urn] {
		return "", false
	}
	by.warned[urn] = true
	return by.address, true
}

// warn writes to the engine's log what is deprecated of what a program sets.
func (s *Server) warn(ctx context.Context, r request, news resource.PropertyMap) {
	warnings := deprecated(news, r.sdk.Args, "")
	if r.sdk.Deprecated != "" {
		warnings = append(warnings, fmt.Sprintf("resource type %s is deprecated: %s", r.token(), r.sdk.Deprecated))
	}
	if len(warnings) == 0 {
		return
	}
	address, ok := s.engines.unwarned(ctx, r.urn)
	if !ok {
		return
	}
	if err := tell(ctx, address, r.urn, warnings); err != nil {
		slog.Warn("the Pulumi engine did not take a warning", "error", err)
	}
}

func tell(ctx context.Context, address string, urn resource.URN, warnings []string) error {
	connection, err := grpc.NewClient(address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer connection.Close()
	for _, text := range warnings {
		_, err := pulumirpc.NewEngineClient(connection).Log(ctx, &pulumirpc.LogRequest{Severity: pulumirpc.LogSeverity_WARNING, Urn: string(urn), Message: text})
		if err != nil {
			return err
		}
	}
	return nil
}

// deprecated are the properties among inputs that the SDK says not to use, with its words.
func deprecated(inputs resource.PropertyMap, t property.Type, path string) []string {
	var warnings []string
	for _, key := range inputs.StableKeys() {
		field := t.Fields[string(key)]
		name := join(path, string(key))
		if field.Deprecated != "" {
			warnings = append(warnings, fmt.Sprintf("property %s is deprecated: %s", name, field.Deprecated))
		}
		value := bare(inputs[key])
		switch {
		case value.IsObject():
			warnings = append(warnings, deprecated(value.ObjectValue(), field.Type, name)...)
		case value.IsArray():
			warnings = append(warnings, deprecatedIn(value.ArrayValue(), field.Inner(), name)...)
		}
	}
	return warnings
}

func deprecatedIn(list []resource.PropertyValue, t property.Type, path string) []string {
	var warnings []string
	for i, value := range list {
		if value = bare(value); value.IsObject() {
			warnings = append(warnings, deprecated(value.ObjectValue(), t, fmt.Sprintf("%s[%d]", path, i))...)
		}
	}
	return warnings
}
