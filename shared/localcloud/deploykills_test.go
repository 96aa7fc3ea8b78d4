package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"

	"pipeline/shared/localcloud/provider/providertest"
)

// killed is the provider of a local cloud that is killed while it serves calls. A call that
// a kill interrupts is made again, of the next process, as the next deployment would.
type killed struct {
	pulumirpc.UnimplementedResourceProviderServer
	t       *testing.T
	path    *path
	victim  *process
	client  pulumirpc.ResourceProviderClient
	kills   int
	another func() bool // says whether the next call is to be interrupted
}

func (k *killed) start() {
	k.t.Helper()
	k.victim = launch(k.t, k.path)
	info := k.victim.ready(k.t)
	conn, err := grpc.NewClient(fmt.Sprintf("127.0.0.1:%d", info.ProviderPort), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { conn.Close() })
	k.client = pulumirpc.NewResourceProviderClient(conn)
}

// longestCall is about how long a call takes at most: a kill comes at some moment of it.
const longestCall = 15 * time.Millisecond

// interrupted makes a call, and kills the process meanwhile where another is to be killed.
func interrupted[In, Out any](ctx context.Context, k *killed, in In, call func(context.Context, In, ...grpc.CallOption) (Out, error)) (Out, error) {
	if k.another() {
		victim := k.victim
		time.AfterFunc(rand.N(longestCall), func() { _ = victim.cmd.Process.Kill() }) // the moment is the point
	}
	return call(ctx, in)
}

// again makes a call until a process has lived to answer it.
func again[Out any](k *killed, call func() (Out, error)) (Out, error) {
	for {
		out, err := call()
		if status.Code(err) != codes.Unavailable {
			return out, err
		}
		k.victim.kill()
		k.kills++
		k.start()
	}
}

func (k *killed) Check(ctx context.Context, in *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	return again(k, func() (*pulumirpc.CheckResponse, error) { return k.client.Check(ctx, in) })
}

func (k *killed) Diff(ctx context.Context, in *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	return again(k, func() (*pulumirpc.DiffResponse, error) { return k.client.Diff(ctx, in) })
}

func (k *killed) Read(ctx context.Context, in *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	return again(k, func() (*pulumirpc.ReadResponse, error) { return k.client.Read(ctx, in) })
}

func (k *killed) Create(ctx context.Context, in *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	return again(k, func() (*pulumirpc.CreateResponse, error) { return interrupted(ctx, k, in, k.client.Create) })
}

func (k *killed) Update(ctx context.Context, in *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	return again(k, func() (*pulumirpc.UpdateResponse, error) { return interrupted(ctx, k, in, k.client.Update) })
}

func (k *killed) Delete(ctx context.Context, in *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	return again(k, func() (*emptypb.Empty, error) { return interrupted(ctx, k, in, k.client.Delete) })
}

// TestADeploymentIsWholeAfterManyKills kills the local cloud at random moments of the calls
// that create, change and delete one of each resource type. Each thing is there as it was
// declared, and in the end nothing is left.
func TestADeploymentIsWholeAfterManyKills(t *testing.T) {
	k := &killed{t: t, path: &path{options: options{State: t.TempDir(), Port: freePort(t), RedshiftPort: freePort(t), Region: "eu-central-1", Account: "000000000000"}},
		another: func() bool { return rand.IntN(4) == 0 }}
	k.start()
	engine := func(d declaration) *providertest.Engine { return providertest.Over(t, k, "events").As(d.name) }
	made := world{}
	for _, d := range declarations {
		made[d.name] = engine(d).Create(d.token, d.inputs(made))
	}
	for _, d := range declarations {
		if d.changed != nil {
			made[d.name] = engine(d).Update(made[d.name], d.changed)
		}
		if engine(d).Differs(made[d.name], object{}) {
			t.Errorf("%s differs just after it was made", d.token)
		}
	}
	for _, d := range slices.Backward(declarations) {
		engine(d).Delete(made[d.name])
	}
	k.victim.kill()
	k.nothingIsLeft()
	t.Logf("%d kills", k.kills)
}

// nothingIsLeft looks at what the killed local cloud has on disk.
func (k *killed) nothingIsLeft() {
	k.t.Helper()
	c := &restarted{t: k.t, o: k.path.options}
	c.start()
	defer c.close()
	left, none := c.number(), newRestarted(k.t).number()
	delete(left, "gateway.account") // an account's settings stay
	if wrong := different(left, none); wrong != "" {
		k.t.Errorf("after everything is deleted there is %s", wrong)
	}
}
