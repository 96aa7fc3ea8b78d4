package local

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"

	"pipeline/shared/manifest"
)

// The test's own program plays the local cloud when it is started with its arguments.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "serve" {
		os.Exit(serve(os.Args[2:]))
	}
	os.Exit(m.Run())
}

// serve is a local cloud with nothing but its health address. With FAKE_FAILS set it
// says that and ends; with FAKE_BUSY it answers no request at its main port.
func serve(args []string) int {
	if text := os.Getenv("FAKE_FAILS"); text != "" {
		fmt.Fprintf(os.Stderr, "starting\n%s\n", text)
		return 1
	}
	flag := func(name string) string { return args[slices.Index(args, name)+1] }
	listener, err := net.Listen("tcp", "127.0.0.1:"+flag("--port"))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	admin, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	port := func(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }
	self, _ := json.Marshal(Runtime{PID: os.Getpid(), Port: port(listener), AdminPort: port(admin), RedshiftPort: 1, ProviderPort: 2, Build: flag("--build")})
	http.HandleFunc("/_localcloud/health", func(w http.ResponseWriter, _ *http.Request) { w.Write(self) })
	http.HandleFunc("/_localcloud/drills/", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("X-Localcloud-Key") != "the key" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		if r.URL.Path != "/_localcloud/drills/deny" {
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprint(w, `{"message":"there is no such drill"}`)
			return
		}
		body, _ := io.ReadAll(r.Body)
		json.NewEncoder(w).Encode([]Drill{{Name: "deny", Active: []string{r.Method + " " + string(body)}}})
	})
	http.HandleFunc("/environ", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, strings.Join(os.Environ(), "\n")) })
	if os.Getenv("FAKE_BUSY") == "" {
		go http.Serve(listener, nil)
	}
	go http.Serve(admin, nil)
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	path := filepath.Join(flag("--state"), "runtime.json")
	withKey := bytes.Replace(self, []byte(`"key":""`), []byte(`"key":"the key"`), 1)
	if err := os.WriteFile(path+".new", withKey, 0o600); err != nil {
		return 1
	}
	if err := os.Rename(path+".new", path); err != nil {
		return 1
	}
	<-stop
	return 0
}

// fake is a cloud in a folder of its own whose program is this test. It is stopped
// when the test ends.
func fake(t *testing.T) (Cloud, *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "localcloud")
	copyProgram(t, program)
	talk := &bytes.Buffer{}
	c := Cloud{Dir: dir, Binary: program, Region: "eu-central-1", AccountID: "000000000000", Talk: talk}
	t.Cleanup(func() {
		if _, err := c.Down(context.Background()); err != nil {
			t.Errorf("stop the fake: %v", err)
		}
	})
	return c, talk
}

func copyProgram(t *testing.T, to string) {
	t.Helper()
	text, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, text, 0o755); err != nil {
		t.Fatal(err)
	}
}

// changeProgram puts a program with another build ID in the place of the one at path.
func changeProgram(t *testing.T, path string) {
	t.Helper()
	id, err := exec.Command("go", "tool", "buildid", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	old := bytes.TrimSpace(id)
	changed := append(bytes.Clone(old[:len(old)-1]), old[len(old)-1]^1)
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes.ReplaceAll(text, old, changed), 0o755); err != nil {
		t.Fatal(err)
	}
}

// go build touches a program that is up to date.
func TestATouchedProgramIsNotANewOne(t *testing.T) {
	c, _ := fake(t)
	first := up(t, c)
	if err := os.Chtimes(c.Binary, time.Time{}, time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if second := up(t, c); second.PID != first.PID {
		t.Error("the local cloud was restarted, though its program is the same")
	}
}

func up(t *testing.T, c Cloud) Runtime {
	t.Helper()
	r, err := c.Up(t.Context())
	if err != nil {
		t.Fatalf("up: %v", err)
	}
	return r
}

func TestUpTwiceIsOneLocalCloud(t *testing.T) {
	c, _ := fake(t)
	if first, second := up(t, c), up(t, c); first.PID != second.PID {
		t.Errorf("the second up has process %d, the first %d", second.PID, first.PID)
	}
}

// A client that holds every connection to the main port is no reason to lose what is in
// flight.
func TestABusyLocalCloudIsNotStartedAgain(t *testing.T) {
	t.Setenv("FAKE_BUSY", "1")
	c, _ := fake(t)
	first := up(t, c)
	if second := up(t, c); second.PID != first.PID {
		t.Errorf("the second up has process %d, the first %d", second.PID, first.PID)
	}
	if _, err := c.StartDrill(t.Context(), "deny", nil); err != nil {
		t.Errorf("a drill: %v", err)
	}
}

func TestUpStartsADeadLocalCloudAgain(t *testing.T) {
	c, _ := fake(t)
	first := up(t, c)
	if err := syscall.Kill(first.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone := func() (bool, error) { return ended(first.PID), nil }
	if err := c.wait(t.Context(), stopTimeout, gone); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Status(t.Context()); !errors.Is(err, ErrNotRunning) {
		t.Errorf("status of a dead local cloud is %v, want %v", err, ErrNotRunning)
	}
	if second := up(t, c); second.PID == first.PID {
		t.Errorf("the second up has the process %d that died", first.PID)
	}
}

func TestALocalCloudThatDiedAwakesAndOneThatHoldsNothingDoesNot(t *testing.T) {
	c, _ := fake(t)
	if _, err := c.Awake(t.Context(), c.Up); !errors.Is(err, ErrNotRunning) {
		t.Errorf("a local cloud that holds nothing: %v, want %v", err, ErrNotRunning)
	}
	first := up(t, c)
	if same, err := c.Awake(t.Context(), c.Up); err != nil || same.PID != first.PID {
		t.Errorf("a running local cloud is process %d (%v), want %d", same.PID, err, first.PID)
	}
	if err := syscall.Kill(first.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	gone := func() (bool, error) { return ended(first.PID), nil }
	if err := c.wait(t.Context(), stopTimeout, gone); err != nil {
		t.Fatal(err)
	}
	second, err := c.Awake(t.Context(), c.Up)
	if err != nil || second.PID == first.PID {
		t.Fatalf("a local cloud that died awakes as process %d: %v", second.PID, err)
	}
	if _, err := c.Status(t.Context()); err != nil {
		t.Errorf("it does not answer: %v", err)
	}
}

func TestUpRestartsALocalCloudWhoseProgramChanged(t *testing.T) {
	c, talk := fake(t)
	first := up(t, c)
	changeProgram(t, c.Binary)
	second := up(t, c)
	if second.PID == first.PID || !ended(first.PID) {
		t.Errorf("process %d still runs the old program", first.PID)
	}
	if !strings.Contains(talk.String(), "restarting the local cloud") {
		t.Errorf("the restart is not mentioned: %q", talk)
	}
}

func TestALocalCloudThatFailsToStartSaysWhyInOneLine(t *testing.T) {
	c, _ := fake(t)
	t.Setenv("FAKE_FAILS", "port 4566 is taken")
	_, err := c.Up(t.Context())
	if want := "the local cloud did not start: port 4566 is taken"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %q", err, want)
	}
	t.Setenv("FAKE_FAILS", "unexpected fault address 0x7f\nfatal error: fault\n[signal SIGBUS: bus error]\n\ngoroutine 1:\nmain.main()\n\tmain.go:1 +0x158")
	_, err = c.Up(t.Context())
	if want := "the local cloud did not start: fatal error: fault (log: " + c.LogPath() + ")"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %q", err, want)
	}
}

func TestAPortOfAnotherCheckoutIsNamed(t *testing.T) {
	other, _ := fake(t)
	theirs := up(t, other)
	c, _ := fake(t)
	c.Port = theirs.Port
	_, err := c.Up(t.Context())
	if err == nil || !strings.Contains(err.Error(), "another checkout") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error is %v, want one line that names another checkout", err)
	}
	if _, err := other.Status(t.Context()); err != nil {
		t.Errorf("the other local cloud was harmed: %v", err)
	}
}

func TestDownIsDownAndSaysWhetherOneRan(t *testing.T) {
	c, _ := fake(t)
	r := up(t, c)
	if ran, err := c.Down(t.Context()); err != nil || !ran {
		t.Errorf("down: ran %v, error %v; want true and none", ran, err)
	}
	if !ended(r.PID) {
		t.Errorf("process %d is still there", r.PID)
	}
	if ran, err := c.Down(t.Context()); err != nil || ran {
		t.Errorf("second down: ran %v, error %v; want false and none", ran, err)
	}
}

func TestDownStopsALocalCloudWhoseCheckoutHasMoved(t *testing.T) {
	c, _ := fake(t)
	r := up(t, c)
	moved := c
	moved.Dir = c.Dir + "-moved"
	if err := os.Rename(c.Dir, moved.Dir); err != nil {
		t.Fatal(err)
	}
	if ran, err := moved.Down(t.Context()); err != nil || !ran {
		t.Errorf("down: ran %v, error %v; want true and none", ran, err)
	}
	if !ended(r.PID) {
		t.Errorf("process %d is still there", r.PID)
	}
}

func TestDownLeavesAForeignProcessAlone(t *testing.T) {
	c, _ := fake(t)
	if err := os.MkdirAll(c.stateDir(), 0o755); err != nil {
		t.Fatal(err)
	}
	recorded, _ := json.Marshal(Runtime{PID: os.Getpid(), Port: 1})
	if err := os.WriteFile(c.runtimePath(), recorded, 0o644); err != nil {
		t.Fatal(err)
	}
	// This process: were it signalled, the test would end here.
	if ran, err := c.Down(t.Context()); err != nil || ran {
		t.Errorf("down: ran %v, error %v; want false and none", ran, err)
	}
}

func TestNoVariableOfTheUserReachesALocalRun(t *testing.T) {
	c, _ := fake(t)
	t.Setenv("AWS_PROFILE", "production")
	t.Setenv("AWS_SESSION_TOKEN", "secret")
	t.Setenv("PULUMI_ACCESS_TOKEN", "secret")
	r := up(t, c)
	env, err := c.Environ(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, variable := range env {
		name, value, _ := strings.Cut(variable, "=")
		if name == "AWS_PROFILE" || name == "AWS_SESSION_TOKEN" || name == "PULUMI_ACCESS_TOKEN" || value == "secret" {
			t.Errorf("%s reaches a local run", variable)
		}
	}
	shell, err := c.Shell(r, "/some/bin")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"unset AWS_PROFILE\n", "unset PULUMI_ACCESS_TOKEN\n", "export AWS_ENDPOINT_URL='" + r.URL() + "'\n", "export PATH='/some/bin':\"$PATH\"\n"} {
		if !strings.Contains(shell, want) {
			t.Errorf("local:env lacks %q:\n%s", want, shell)
		}
	}
}

// Pulumi writes the mark in two steps, which is no good for several at a time.
func TestPulumiFindsTheMarkOfItsBackend(t *testing.T) {
	dir := t.TempDir()
	for range 2 {
		if _, err := (Cloud{Dir: dir}).Variables(Runtime{}); err != nil {
			t.Fatal(err)
		}
		mark, err := os.ReadFile(filepath.Join(dir, "backend", ".pulumi", "meta.yaml"))
		if err != nil || strings.TrimSpace(string(mark)) != "version: 1" {
			t.Fatalf("the mark is %q (%v)", mark, err)
		}
	}
}

func TestPassphraseAndSaltAreMadeOnceAndForTheirOwnerAlone(t *testing.T) {
	dir := t.TempDir()
	type result struct{ passphrase, salt string }
	results := make(chan result, 4)
	for range cap(results) {
		go func() {
			passphrase, err := Passphrase(dir)
			if err != nil {
				t.Error(err)
			}
			salt, err := Salt(dir)
			if err != nil {
				t.Error(err)
			}
			results <- result{passphrase, salt}
		}()
	}
	first := <-results
	for range cap(results) - 1 {
		if other := <-results; other != first {
			t.Errorf("two runs have %v and %v", first, other)
		}
	}
	info, err := os.Stat(passphrasePath(dir))
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 || len(first.passphrase) < 40 {
		t.Errorf("the passphrase has %d characters and mode %v, want 32 bytes and 0600", len(first.passphrase), info.Mode().Perm())
	}
}

// Pulumi checks a passphrase by decrypting what follows the salt.
func TestTheSaltIsOfThePassphrase(t *testing.T) {
	dir := t.TempDir()
	text, err := Salt(dir)
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitN(text, ":", 3)
	salt, err := base64.StdEncoding.DecodeString(parts[1])
	if err != nil || parts[0] != "v1" {
		t.Fatalf("the salt is %q (%v)", text, err)
	}
	passphrase, err := Passphrase(dir)
	if err != nil {
		t.Fatal(err)
	}
	check, err := config.NewSymmetricCrypterFromPassphrase(passphrase, salt).DecryptValue(t.Context(), parts[2])
	if err != nil || check != "pulumi" {
		t.Errorf("what follows the salt is %q (%v), want pulumi", check, err)
	}
}

func TestAStackOnAWSHasNoLocalCloud(t *testing.T) {
	m := &manifest.Manifest{Environments: map[string]manifest.Environment{
		"local": {Name: "local", LocalCloud: &manifest.LocalCloud{Port: 4566, RedshiftPort: 5439}},
		"dev":   {Name: "dev"},
	}}
	_, err := New(m, m.Environments["dev"], t.TempDir(), os.Stderr)
	if want := "stack dev is on AWS: the local cloud is for local; leave out STACK, or set it to one of these"; err == nil || err.Error() != want {
		t.Errorf("error is %v, want %q", err, want)
	}
}

func TestADrillIsAskedForWithTheKeyOfRuntimeJSON(t *testing.T) {
	c, _ := fake(t)
	if _, err := c.StartDrill(t.Context(), "deny", nil); !errors.Is(err, ErrNotRunning) {
		t.Errorf("a drill without a local cloud: %v, want %v", err, ErrNotRunning)
	}
	up(t, c)
	drills, err := c.StartDrill(t.Context(), "deny", map[string]any{"count": 2, "action": "s3:PutObject"})
	if err != nil || len(drills) != 1 || drills[0].Active[0] != `POST {"action":"s3:PutObject","count":2}` {
		t.Errorf("the local cloud was asked %v: %v", drills, err)
	}
	if _, err := c.StartDrill(t.Context(), "other", nil); err == nil || err.Error() != "there is no such drill" {
		t.Errorf("an unknown drill: %v", err)
	}
}
