package load

import (
	"io"
	"net"
	"syscall"
	"unsafe"
)

// past is a connection whose reads and writes go past Go's scheduler, which has a thread
// look every 20 µs whether a system call lasts (runtime.sysmon): a third of what this
// client took. None of them lasts, for they wait in Go's poller and never in the system.
func past(conn net.Conn) (io.ReadWriter, error) {
	raw, err := conn.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil, err
	}
	return &direct{
		reading: half{wait: raw.Read, number: syscall.SYS_READ},
		writing: half{wait: raw.Write, number: syscall.SYS_WRITE},
	}, nil
}

type direct struct{ reading, writing half }

func (d *direct) Read(p []byte) (int, error) {
	n, err := d.reading.call(p)
	if n == 0 && err == nil && len(p) > 0 {
		err = io.EOF
	}
	return n, err
}

func (d *direct) Write(p []byte) (int, error) {
	for done := 0; ; {
		n, err := d.writing.call(p[done:])
		if done += n; err != nil || done == len(p) {
			return done, err
		}
	}
}

// half is one direction.
type half struct {
	wait   func(func(fd uintptr) (done bool)) error
	number uintptr

	p     []byte // of the call under way
	n     int
	errno syscall.Errno
	try   func(fd uintptr) bool
}

func (h *half) call(p []byte) (int, error) {
	if h.try == nil {
		h.try = h.once // bound once: it would be garbage of every call
	}
	h.p = p
	if err := h.wait(h.try); err != nil {
		return 0, err
	}
	if h.errno != 0 {
		return 0, h.errno
	}
	return h.n, nil
}

// once is false where the call would wait.
func (h *half) once(fd uintptr) bool {
	for {
		n, _, errno := syscall.RawSyscall(h.number, fd, uintptr(unsafe.Pointer(unsafe.SliceData(h.p))), uintptr(len(h.p)))
		h.n, h.errno = int(n), errno
		if errno != syscall.EINTR {
			return errno != syscall.EAGAIN
		}
	}
}
