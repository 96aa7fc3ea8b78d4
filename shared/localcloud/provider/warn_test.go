package provider

import (
	"context"
	"net"
	"strings"
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/types/known/emptypb"
)

// journal is an engine that keeps what is written to its log.
type journal struct {
	pulumirpc.UnimplementedEngineServer
	entries []*pulumirpc.LogRequest
}

func (j *journal) Log(_ context.Context, entry *pulumirpc.LogRequest) (*emptypb.Empty, error) {
	j.entries = append(j.entries, entry)
	return &emptypb.Empty{}, nil
}

// serving listens on loopback until the test ends.
func serving(t *testing.T, register func(*grpc.Server)) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := grpc.NewServer()
	register(server)
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	t.Cleanup(func() { server.Stop(); <-done })
	return listener.Addr().String()
}

// attached is a provider as an engine sees it that has attached to it.
func attached(t *testing.T, s *Server, log string) pulumirpc.ResourceProviderClient {
	t.Helper()
	at := serving(t, func(server *grpc.Server) { pulumirpc.RegisterResourceProviderServer(server, s) })
	connection, err := grpc.NewClient(at, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { connection.Close() })
	client := pulumirpc.NewResourceProviderClient(connection)
	if _, err := client.Attach(t.Context(), &pulumirpc.PluginAttach{Address: log}); err != nil {
		t.Fatal(err)
	}
	return client
}

func TestADeprecatedPropertyWarnsOncePerResource(t *testing.T) {
	type args struct {
		Acl string `pulumi:"acl,optional"`
	}
	s := server(t, Resource[args]{Token: "aws:s3/bucketV2:BucketV2"})
	var first, second journal
	engine := attached(t, s, serving(t, func(server *grpc.Server) { pulumirpc.RegisterEngineServer(server, &first) }))
	other := attached(t, s, serving(t, func(server *grpc.Server) { pulumirpc.RegisterEngineServer(server, &second) }))
	const bucket = "urn:pulumi:local::events-storage::aws:s3/bucketV2:BucketV2::"
	check := func(client pulumirpc.ResourceProviderClient, name string, inputs map[string]any) {
		t.Helper()
		if _, err := client.Check(t.Context(), &pulumirpc.CheckRequest{Urn: bucket + name, News: properties(t, inputs)}); err != nil {
			t.Fatal(err)
		}
	}
	check(engine, "one", map[string]any{"acl": "private"})
	check(engine, "one", map[string]any{"acl": "private"})
	check(engine, "two", map[string]any{"acl": "private"})
	check(engine, "three", map[string]any{})
	if len(first.entries) != 2 || len(second.entries) != 0 {
		t.Fatalf("the engines were told %v and %v, want the first one word on each of two buckets", first.entries, second.entries)
	}
	check(other, "one", map[string]any{"acl": "private"})
	if len(second.entries) != 1 {
		t.Errorf("another deployment was told %v, want one warning", second.entries)
	}
	entry := first.entries[0]
	if entry.Severity != pulumirpc.LogSeverity_WARNING || entry.Urn != bucket+"one" ||
		!strings.Contains(entry.Message, "property acl is deprecated") || !strings.Contains(entry.Message, "Use the s3.BucketAclV2 resource instead") {
		t.Errorf("the warning is %v, want the SDK's text on the property", entry)
	}
}
