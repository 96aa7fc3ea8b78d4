package story

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// isolated PROGRAM ARGUMENT... runs a program where every address is this machine's own:
// in a network namespace whose loopback interface has a route to the whole internet. A
// call that would leave the machine is refused at once there, because nobody listens,
// and isolated fails, saying where it went. Addresses of 127.0.0.0/8 and ::1 are fine.
func isolated() {
	if os.Getenv(insideVariable) != "" {
		os.Exit(inside())
	}
	os.Exit(enter())
}

// insideVariable tells isolated that it is in the namespace.
const insideVariable = "STORY_ISOLATED"

// enter runs isolated again, in namespaces of its own, and returns its exit status.
func enter() int {
	self := exec.Command("/proc/self/exe", os.Args[1:]...)
	self.Args[0] = "isolated"
	self.Env = append(os.Environ(), insideVariable+"=1")
	self.Stdin, self.Stdout, self.Stderr = os.Stdin, os.Stdout, os.Stderr
	self.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNET,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}},
		AmbientCaps: []uintptr{unix.CAP_NET_ADMIN, unix.CAP_NET_RAW},
	}
	return status(self.Run())
}

func status(err error) int {
	var ended *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &ended) && ended.ExitCode() > 0:
		return ended.ExitCode()
	}
	fmt.Fprintln(os.Stderr, "isolated:", err)
	return 1
}

// inside makes the network, runs the program and says what it sent beyond loopback.
func inside() int {
	for _, words := range [][]string{
		{"link", "set", "lo", "up"},
		{"route", "add", "local", "0.0.0.0/0", "dev", "lo"},
		{"-6", "route", "add", "local", "::/0", "dev", "lo"},
	} {
		if out, err := exec.Command("ip", words...).CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "isolated: ip %v: %v: %s\n", words, err, out)
			return 1
		}
	}
	w, err := watch()
	if err != nil {
		return status(err)
	}
	os.Unsetenv(insideVariable)
	child := exec.Command(os.Args[1], os.Args[2:]...)
	child.Stdin, child.Stdout, child.Stderr = os.Stdin, os.Stdout, os.Stderr
	result := status(child.Run())
	sent, err := w.end()
	if err != nil {
		return status(err)
	}
	for _, packet := range sent {
		fmt.Fprintln(os.Stderr, "isolated: sent beyond loopback:", packet)
	}
	if len(sent) > 0 {
		return 1
	}
	return result
}

// wire is what is sent beyond loopback.
type wire struct {
	socket int
	done   chan struct{}
	sent   []string // each destination once
}

// watch sees every packet of the loopback interface whose destination is not a loopback
// address: the kernel drops the others (filter).
func watch() (*wire, error) {
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, int(toNetwork(unix.ETH_P_ALL)))
	if err != nil {
		return nil, fmt.Errorf("watch the network: %w", err)
	}
	if err := attach(socket); err != nil {
		return nil, err
	}
	w := &wire{socket: socket, done: make(chan struct{})}
	go w.read()
	return w, nil
}

// toNetwork is a number in the network's order of bytes.
func toNetwork(n uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, n))
}

// last is a packet to an address for documentation, by which end knows that what was
// sent before has been read.
var last = netip.MustParseAddrPort("192.0.2.1:9")

// attach lets the socket see packets for other than 127.0.0.0/8 and ::1. Their bytes
// begin with the IP header.
func attach(socket int) error {
	const see, drop = 13, 14 // where the program ends
	program := []bpf.Instruction{
		bpf.LoadAbsolute{Off: 0, Size: 1}, // version and length of the header
		bpf.JumpIf{Cond: bpf.JumpGreaterOrEqual, Val: 6 << 4, SkipTrue: 2},
		bpf.LoadAbsolute{Off: 16, Size: 1}, // IPv4's destination
		bpf.JumpIf{Cond: bpf.JumpEqual, Val: 127, SkipTrue: drop - 4, SkipFalse: see - 4},
	}
	for i, word := range []uint32{0, 0, 0, 1} { // ::1
		at := len(program)
		program = append(program,
			bpf.LoadAbsolute{Off: 24 + uint32(4*i), Size: 4}, // IPv6's destination
			bpf.JumpIf{Cond: bpf.JumpNotEqual, Val: word, SkipTrue: uint8(see - at - 2)})
	}
	program = append(program, bpf.Jump{Skip: drop - 13}, bpf.RetConstant{Val: snap}, bpf.RetConstant{Val: 0})
	assembled, err := bpf.Assemble(program)
	if err != nil {
		return err
	}
	raw := make([]unix.SockFilter, len(assembled))
	for i, ins := range assembled {
		raw[i] = unix.SockFilter{Code: ins.Op, Jt: ins.Jt, Jf: ins.Jf, K: ins.K}
	}
	return unix.SetsockoptSockFprog(socket, unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: uint16(len(raw)), Filter: &raw[0]})
}

// snap is how much of a packet is read, in bytes.
const snap = 128

func (w *wire) read() {
	defer close(w.done)
	packet := make([]byte, snap)
	seen := map[string]bool{}
	for {
		n, _, err := unix.Recvfrom(w.socket, packet, 0)
		if err != nil {
			return
		}
		to := destination(packet[:n])
		if to == "udp "+last.String() {
			return
		}
		if !seen[to] {
			seen[to] = true
			w.sent = append(w.sent, to)
		}
	}
}

// destination is protocol, address and port of an IP packet. Refusals are packets too:
// they go to a port that the system chose, or are of protocol 1, ICMP.
func destination(packet []byte) string {
	var protocol byte
	var address, payload []byte
	if packet[0]>>4 == 4 {
		protocol, address, payload = packet[9], packet[16:20], packet[4*int(packet[0]&15):]
	} else {
		protocol, address, payload = packet[6], packet[24:40], packet[40:]
	}
	to, _ := netip.AddrFromSlice(address)
	names := map[byte]string{unix.IPPROTO_TCP: "tcp", unix.IPPROTO_UDP: "udp"}
	if names[protocol] == "" || len(payload) < 4 {
		return fmt.Sprintf("protocol %d %s", protocol, to)
	}
	return fmt.Sprintf("%s %s", names[protocol], netip.AddrPortFrom(to, binary.BigEndian.Uint16(payload[2:])))
}

// end is what was sent until now.
func (w *wire) end() ([]string, error) {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return nil, err
	}
	defer unix.Close(socket)
	if err := unix.Sendto(socket, []byte{0}, 0, &unix.SockaddrInet4{Addr: last.Addr().As4(), Port: int(last.Port())}); err != nil {
		return nil, fmt.Errorf("end watching the network: %w", err)
	}
	<-w.done
	return w.sent, unix.Close(w.socket)
}
