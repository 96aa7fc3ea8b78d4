package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"syscall"
	"time"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
)

// runtime says where a local cloud listens. It is the health page, and the file
// runtime.json in the state folder while the process lives.
type runtime struct {
	PID          int    `json:"pid"`
	Port         int    `json:"port"`
	RedshiftPort int    `json:"redshiftPort"`
	ProviderPort int    `json:"providerPort"`
	AdminPort    int    `json:"adminPort"` // health and drills, also while every connection of Port is taken
	Build        string `json:"build"`

	Drills []string `json:"drills,omitempty"` // that go on, on the health page
	Alarms []string `json:"alarms,omitempty"` // that have gone off, on the health page
}

// announcement is runtime.json: it also has the key to the drills, which is for whoever
// may read the state folder.
type announcement struct {
	runtime
	Key string `json:"key"`
}

// lifecycleInterval is how often expired objects are looked for. S3 does it once a day.
const lifecycleInterval = time.Hour

// maxGRPCMessage bounds what the Pulumi engine sends in one call, in bytes.
const maxGRPCMessage = 64 << 20

// The collector of garbage: how much the heap may grow before it runs, in per cent of
// what is live, and the memory from which on it runs more often, in bytes. Little is live,
// a few ten MB, so a laptop can spare that; with less the collector takes a quarter of the
// processor's time under load.
const (
	garbage = 300
	plenty  = 300 << 20
)

// serve runs the local cloud until ctx ends.
func serve(ctx context.Context, o options) (err error) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(garbage)
		debug.SetMemoryLimit(plenty)
	}
	if err := os.MkdirAll(o.State, 0o700); err != nil {
		return fmt.Errorf("make the state folder: %w", err)
	}
	listeners, err := listen(o)
	if err != nil {
		return err
	}
	defer listeners.close()
	remove := func() {} // what announces this process, when all that it holds is closed
	defer func() { remove() }()
	info, key := listeners.runtime(o.Build), rand.Text()
	cloud, err := open(o, "http://"+listeners.http.Addr().String(), info.RedshiftPort)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cloud.close()) }()

	working, stopWork := context.WithCancel(context.Background())
	expired := make(chan struct{})
	go func() {
		defer close(expired)
		cloud.buckets.Run(working, lifecycleInterval, func(err error) { slog.Warn("lifecycle of buckets", "error", err) })
	}()
	defer func() { stopWork(); <-expired }()

	failed := make(chan error, 4)
	web, admin := webServer(cloud, info, key, patient), adminServer(cloud, info, key, patient)
	engine := engineServer(cloud.provider)
	go func() { failed <- web.Serve(bounded(listeners.http, maxConnections)) }()
	go func() { failed <- admin.Serve(bounded(listeners.admin, maxAdmins)) }()
	go func() { failed <- engine.Serve(listeners.provider) }()
	go func() {
		failed <- cloud.redshift.Serve(cloud.drills.Delays.Redshift.Listener(bounded(listeners.redshift, maxSignIns)))
	}()

	announced, err := announce(o.State, announcement{info, key})
	if err != nil {
		return err
	}
	remove = announced
	select {
	case err = <-failed:
	case <-ctx.Done():
	}
	engine.Stop()
	admin.Close()
	closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if errors.Is(web.Shutdown(closing), context.DeadlineExceeded) {
		web.Close()
	}
	return err
}

// engineServer serves a provider to Pulumi engines. Its Stop ends the contexts of the calls
// under way, and waits for them: what they write to is closed next.
func engineServer(p pulumirpc.ResourceProviderServer) *grpc.Server {
	s := grpc.NewServer(grpc.MaxRecvMsgSize(maxGRPCMessage), grpc.MaxSendMsgSize(maxGRPCMessage), grpc.WaitForHandlers(true))
	pulumirpc.RegisterResourceProviderServer(s, p)
	return s
}

type listeners struct{ http, redshift, provider, admin net.Listener }

// listen takes the ports, all or none.
func listen(o options) (l listeners, err error) {
	defer func() {
		if err != nil {
			l.close()
		}
	}()
	if l.http, err = take(o.Port, "port"); err != nil {
		return l, err
	}
	if l.redshift, err = take(o.RedshiftPort, "redshiftPort"); err != nil {
		return l, err
	}
	if l.provider, err = take(0, ""); err != nil {
		return l, err
	}
	l.admin, err = take(0, "")
	return l, err
}

// take listens on a port of the loopback address. setting is the manifest's name for it.
func take(port int, setting string) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fmt.Errorf("port %d is taken: stop what listens there, or set another localCloud.%s in Pulumi.org.yaml", port, setting)
	}
	return l, err
}

func (l listeners) close() {
	for _, one := range []net.Listener{l.http, l.redshift, l.provider, l.admin} {
		if one != nil {
			one.Close()
		}
	}
}

func (l listeners) runtime(build string) runtime {
	port := func(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
	return runtime{PID: os.Getpid(), Port: port(l.http), RedshiftPort: port(l.redshift), ProviderPort: port(l.provider), AdminPort: port(l.admin), Build: build}
}

// announce writes runtime.json in one step and returns what removes it again.
func announce(state string, info announcement) (remove func(), err error) {
	data, err := json.Marshal(info)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(state, "runtime.json")
	if err := os.WriteFile(path+".new", data, 0o600); err != nil {
		return nil, fmt.Errorf("say where the local cloud listens: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, fmt.Errorf("say where the local cloud listens: %w", err)
	}
	return func() { os.Remove(path) }, nil
}
