package main

import (
	"net"
	"net/http"
	"syscall"
	"time"

	"golang.org/x/net/netutil"
)

const (
	// maxConnections bounds the HTTP connections that are open at the same time; more
	// wait until one ends. One that waits for a request takes about 20 KiB.
	maxConnections = 12_000
	// maxSignIns bounds connections to Redshift. It admits 500 and tells the others so;
	// beyond this bound they are not even told.
	maxSignIns = 1000
	// maxAdmins bounds connections to the port for health and drills.
	maxAdmins = 100
	// fewest connections are admitted anywhere, however few files there are: clients keep one
	// open that they do not use.
	fewest = 10
	// ownFiles are the file descriptors that are not for HTTP connections.
	ownFiles = 1024 + maxSignIns
)

// patience is how long a client may take.
type patience struct {
	header time.Duration // for a request's header
	call   time.Duration // for the body of a call or a form; the gateway has its own
	object time.Duration // for the body of an object, and for reading any answer
	idle   time.Duration // between two requests
}

var patient = patience{header: 10 * time.Second, call: time.Minute, object: 10 * time.Minute, idle: 2 * time.Minute}

// webServer serves the front door to clients that may be slow, or worse.
func webServer(cloud *cloud, info runtime, key string, p patience) *http.Server {
	return server(frontDoor(cloud, info, key, p.call), p)
}

// adminServer serves what local:up and local:drill ask.
func adminServer(cloud *cloud, info runtime, key string, p patience) *http.Server {
	return server(loopbackOnly(cloud.admin(info, key, p.call).ServeHTTP), p)
}

func server(h http.Handler, p patience) *http.Server {
	return &http.Server{
		Handler:           h,
		ReadHeaderTimeout: p.header,
		ReadTimeout:       p.object,
		WriteTimeout:      p.object,
		IdleTimeout:       p.idle,
		MaxHeaderBytes:    64 << 10,
	}
}

// bounded is l with at most so many connections as the process may have files for.
func bounded(l net.Listener, most int) net.Listener {
	var files syscall.Rlimit // Go raised it to the hard limit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil {
		most = admitted(most, files.Cur)
	}
	return netutil.LimitListener(l, most)
}

// admitted is how many connections, of most, a process takes that may have so many files.
func admitted(most int, files uint64) int {
	if files >= ownFiles+uint64(most) {
		return most
	}
	return max(most/100, int(files)-ownFiles, fewest)
}
