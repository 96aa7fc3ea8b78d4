package main

import (
	"context"
	"errors"
	"testing"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// lingering is a provider whose calls have something left to do when they are ended.
type lingering struct {
	pulumirpc.UnimplementedResourceProviderServer
	begun, stopped chan struct{}
	outlived       bool // the server
}

func (l *lingering) Create(ctx context.Context, _ *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	close(l.begun)
	<-ctx.Done()
	select {
	case <-l.stopped:
		l.outlived = true
	case <-time.After(100 * time.Millisecond):
	}
	return nil, errors.New("interrupted")
}

func TestACallOfTheEngineEndsBeforeThePlanesClose(t *testing.T) {
	l, err := take(0, "")
	if err != nil {
		t.Fatal(err)
	}
	p := &lingering{begun: make(chan struct{}), stopped: make(chan struct{})}
	s := engineServer(p)
	go func() { _ = s.Serve(l) }()
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	ended := make(chan error, 1)
	go func() {
		_, err := pulumirpc.NewResourceProviderClient(conn).Create(t.Context(), &pulumirpc.CreateRequest{})
		ended <- err
	}()
	<-p.begun
	s.Stop()
	close(p.stopped)
	if err := <-ended; err == nil {
		t.Error("a call that was ended has an answer")
	}
	if p.outlived {
		t.Error("a call goes on when the server has stopped")
	}
}
