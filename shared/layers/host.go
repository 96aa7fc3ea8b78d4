package layers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/constant"
	"github.com/pulumi/pulumi/sdk/v3/go/common/util/rpcutil"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"

	"pipeline/shared/command"
)

// host is what the Pulumi CLI talks to while it works on one layer: the language
// runtime that runs the layer's program, and the receiver of the engine's events.
//
// The Automation API serves the same two, but runs a Go function in this process
// where the layers are programs of their own; and Pulumi's own language host builds
// the program anew at every run, which costs seconds. So the program is built once
// and this host starts it, as Pulumi's host does with the option `binary`.
type host struct {
	pulumirpc.UnimplementedLanguageRuntimeServer
	pulumirpc.UnimplementedEventsServer

	program string   // path of the layer's built program
	dir     string   // where it runs: the layer's folder
	env     []string // its environment, before the engine's own part
	run     command.Runner
	output  io.Writer // what the program prints
	event   func(apitype.EngineEvent)
	// before is called before the program starts, and may keep it from that.
	before func(ctx context.Context) error
}

// serve answers on a free loopback port until close is called.
func (h *host) serve() (address string, closeHost func() error, err error) {
	stop := make(chan bool)
	handle, err := rpcutil.ServeWithOptions(rpcutil.ServeOptions{
		Cancel: stop,
		Init: func(s *grpc.Server) error {
			pulumirpc.RegisterLanguageRuntimeServer(s, h)
			pulumirpc.RegisterEventsServer(s, h)
			return nil
		},
		Options: rpcutil.TracingServerInterceptorOptions(nil),
	})
	if err != nil {
		return "", nil, fmt.Errorf("listen for the Pulumi engine: %w", err)
	}
	return fmt.Sprintf("127.0.0.1:%d", handle.Port), func() error { close(stop); return <-handle.Done }, nil
}

// Run starts the layer's program and returns when it has ended.
func (h *host) Run(ctx context.Context, req *pulumirpc.RunRequest) (*pulumirpc.RunResponse, error) {
	if err := h.before(ctx); err != nil {
		return &pulumirpc.RunResponse{Bail: true}, nil // the run says itself why the layer is skipped
	}
	env, err := programEnv(req)
	if err != nil {
		return nil, err
	}
	err = h.run.Run(ctx, command.Command{
		Name: h.program, Dir: h.dir, Env: append(h.env[:len(h.env):len(h.env)], env...), Stdout: h.output, Stderr: h.output,
	})
	var failed *command.Error
	switch {
	case err == nil:
		return &pulumirpc.RunResponse{}, nil
	case errors.As(err, &failed) && failed.Code == constant.ExitStatusLoggedError:
		// The program has told the engine why.
		return &pulumirpc.RunResponse{Bail: true}, nil
	case errors.As(err, &failed) && failed.Stderr != "":
		return &pulumirpc.RunResponse{Error: failed.Stderr}, nil
	default:
		return &pulumirpc.RunResponse{Error: err.Error()}, nil
	}
}

// programEnv is the part of a program's environment by which the SDK finds engine,
// project, stack and configuration.
func programEnv(req *pulumirpc.RunRequest) ([]string, error) {
	config, err := json.Marshal(req.GetConfig())
	if err != nil {
		return nil, err
	}
	secretKeys, err := json.Marshal(req.GetConfigSecretKeys())
	if err != nil {
		return nil, err
	}
	engine := ""
	if len(req.GetArgs()) > 0 {
		engine = req.GetArgs()[0] // the engine's address comes first when it is the client
	}
	return []string{
		pulumi.EnvOrganization + "=" + req.GetOrganization(),
		pulumi.EnvProject + "=" + req.GetProject(),
		pulumi.EnvStack + "=" + req.GetStack(),
		pulumi.EnvPulumiRootDirectory + "=" + req.GetInfo().GetRootDirectory(),
		pulumi.EnvConfig + "=" + string(config),
		pulumi.EnvConfigSecretKeys + "=" + string(secretKeys),
		pulumi.EnvDryRun + "=" + strconv.FormatBool(req.GetDryRun()),
		pulumi.EnvParallel + "=" + strconv.Itoa(int(req.GetParallel())),
		pulumi.EnvMonitor + "=" + req.GetMonitorAddress(),
		pulumi.EnvEngine + "=" + engine,
	}, nil
}

// GetRequiredPackages names none: the engine gets a provider's plugin when the first
// of its resources asks for it, with the version that the program's SDK names.
func (h *host) GetRequiredPackages(context.Context, *pulumirpc.GetRequiredPackagesRequest) (*pulumirpc.GetRequiredPackagesResponse, error) {
	return &pulumirpc.GetRequiredPackagesResponse{}, nil
}

func (h *host) GetRequiredPlugins(context.Context, *pulumirpc.GetRequiredPluginsRequest) (*pulumirpc.GetRequiredPluginsResponse, error) {
	return &pulumirpc.GetRequiredPluginsResponse{}, nil
}

func (h *host) GetPluginInfo(context.Context, *emptypb.Empty) (*pulumirpc.PluginInfo, error) {
	return &pulumirpc.PluginInfo{Version: "1.0.0"}, nil
}

// InstallDependencies has nothing to do: the program is built.
func (h *host) InstallDependencies(*pulumirpc.InstallDependenciesRequest, grpc.ServerStreamingServer[pulumirpc.InstallDependenciesResponse]) error {
	return nil
}

// StreamEvents receives the engine's events, in order.
func (h *host) StreamEvents(stream pulumirpc.Events_StreamEventsServer) error {
	for {
		req, err := stream.Recv()
		if err == io.EOF {
			return stream.SendAndClose(&emptypb.Empty{})
		}
		if err != nil {
			return err
		}
		var event apitype.EngineEvent
		if err := json.Unmarshal([]byte(req.GetEvent()), &event); err != nil {
			return fmt.Errorf("read an event of the Pulumi engine: %w", err)
		}
		h.event(event)
	}
}
