package story

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// What a person gets wrong, on a repository where nothing is deployed.
func TestMistakesAreAnsweredInOneLine(t *testing.T) {
	r := newRepository(t, t.TempDir())
	port := strings.TrimSuffix(strings.TrimPrefix(r.health, "http://127.0.0.1:"), "/_localcloud/health")

	t.Run("an unknown environment", func(t *testing.T) {
		r.fails(t, "STACK=lokal go tool mage deploy:all", `unknown stack "lokal": Pulumi.org.yaml has dev, local, prod`)
	})
	t.Run("an unknown layer", func(t *testing.T) {
		r.fails(t, "go tool mage output warehose x", `unknown layer "warehose": Pulumi.org.yaml has iam, storage, auth, warehouse, stream, gateway`)
	})
	t.Run("a malformed manifest", func(t *testing.T) {
		r.edit(t, "Pulumi.org.yaml", "defaultEnvironment: local", "defaultEnvironment: lokal")
		defer r.edit(t, "Pulumi.org.yaml", "defaultEnvironment: lokal", "defaultEnvironment: local")
		r.fails(t, "go tool mage deploy:all", `Pulumi.org.yaml:5: unknown environment "lokal"`)
	})
	t.Run("no C compiler", func(t *testing.T) {
		r.fails(t, "PATH="+without(t, "go", "git")+" CC= go tool mage deploy:all", "C compiler")
	})
	t.Run("a port that is taken", func(t *testing.T) {
		n, err := strconv.Atoi(port)
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: n})
		if err != nil {
			t.Fatal(err)
		}
		defer l.Close()
		r.fails(t, "go tool mage local:up", "port "+port+" is taken")
	})
	t.Run("an upstream that is not deployed", func(t *testing.T) {
		r.fails(t, "go tool mage deploy:gateway", "layer iam is not deployed")
	})
}

// without is a PATH on which there are only the given programs.
func without(t *testing.T, programs ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range programs {
		path, err := exec.LookPath(name)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}
