package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"pipeline/shared/command"
	"pipeline/shared/layers"
	"pipeline/shared/manifest"
)

// clone measures the time from a clean clone to the first row that a query returns:
// with the caches of this machine, as a second clone finds them, or with cold with
// empty ones. The clone's local cloud listens beside the one that is up.
func (b Bench) clone(ctx context.Context, cold bool) (err error) {
	dir, err := os.MkdirTemp("", "clone-")
	if err != nil {
		return err
	}
	env := os.Environ()
	what := "this machine's caches"
	if cold {
		what = "empty caches"
		env = append(env, "GOCACHE="+filepath.Join(dir, "gocache"), "GOMODCACHE="+filepath.Join(dir, "gomodcache"),
			"XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "GOFLAGS=-modcacherw")
	}
	checkout := filepath.Join(dir, "checkout")
	in := func(dir, name string, args ...string) (string, error) {
		fmt.Fprintln(b.Talk, name, strings.Join(args, " "))
		return command.Output(ctx, b.Run, command.Command{Name: name, Args: args, Dir: dir, Env: env})
	}
	defer func() {
		_, down := in(checkout, "go", "tool", "mage", "local:down")
		err = errors.Join(err, down, os.RemoveAll(dir))
	}()
	began := time.Now()
	if _, err := in(dir, "git", "clone", "--quiet", b.Layers.Manifest.Root, checkout); err != nil {
		return err
	}
	if err := otherPorts(checkout); err != nil {
		return err
	}
	if _, err := in(checkout, "go", "tool", "mage", "deploy:all"); err != nil {
		return err
	}
	deployed := time.Since(began)
	if _, err := in(checkout, "go", "tool", "mage", "events:send"); err != nil {
		return err
	}
	for {
		rows, err := in(checkout, "go", "tool", "mage", "events:query")
		if err != nil {
			return err
		}
		if strings.Contains(rows, "myfirstgame") {
			break
		}
	}
	fmt.Fprintf(b.Out, "clean clone to first row   %5.1f s with %s (deploy:all %.1f s of it)\n", time.Since(began).Seconds(), what, deployed.Seconds())
	if cold {
		return nil // the layers' programs would be compiled again, into this machine's caches
	}
	other, err := b.at(checkout)
	if err != nil {
		return err
	}
	return errors.Join(other.path(ctx), other.first(ctx))
}

// at is the bench of another checkout, where everything may be destroyed.
func (b Bench) at(checkout string) (Bench, error) {
	m, err := manifest.Load(filepath.Join(checkout, manifest.FileName))
	if err != nil {
		return b, err
	}
	env, err := m.Environment(b.Layers.Environment.Name)
	b.Layers = layers.New(m, env, io.Discard, io.Discard)
	return b, err
}

var (
	portLine     = regexp.MustCompile(`(?m)^(\s+port:) .*$`)
	redshiftLine = regexp.MustCompile(`(?m)^(\s+redshiftPort:) .*$`)
)

// otherPorts makes the clone's manifest listen where the checkout's local cloud does not.
func otherPorts(checkout string) error {
	path := filepath.Join(checkout, manifest.FileName)
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, line := range []*regexp.Regexp{portLine, redshiftLine} {
		if !line.Match(text) {
			return fmt.Errorf("%s has no line like %s", path, line)
		}
		port, err := freePort()
		if err != nil {
			return err
		}
		text = line.ReplaceAll(text, fmt.Appendf(nil, "$1 %d", port))
	}
	return os.WriteFile(path, text, 0o644)
}

// freePort is a port of the loopback address that nobody has at the moment.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
