package main

import (
	"net"
	"syscall"

	"golang.org/x/net/netutil"
)

const (
	// maxConnections bounds the HTTP connections that are open at the same time; more
	// wait until one ends. One that waits for a request takes about 20 KiB.
	maxConnections = 12_000
	// maxSignIns bounds connections to Redshift. It admits 500 and tells the others so;
	// beyond this bound they are not even told.
	maxSignIns = 1000
	// ownFiles are the file descriptors that are not for HTTP connections.
	ownFiles = 1024 + maxSignIns
)

// bounded is l with at most so many connections as the process may have files for.
func bounded(l net.Listener, most int) net.Listener {
	var files syscall.Rlimit // Go raised it to the hard limit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &files); err == nil && files.Cur < ownFiles+uint64(most) {
		most = max(most/100, int(files.Cur)-ownFiles)
	}
	return netutil.LimitListener(l, most)
}
