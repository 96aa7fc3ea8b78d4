package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pipeline/shared/command"
	"pipeline/shared/command/commandtest"
)

// machine is a machine without anything: no program on PATH, no download, an empty
// cache.
func machine(t *testing.T) (Toolchain, *commandtest.World, *bytes.Buffer) {
	t.Helper()
	t.Setenv("CGO_ENABLED", "1")
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "go.work"), []byte("go 1.25.11\n\nuse ./x\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	world, talk := &commandtest.World{}, &bytes.Buffer{}
	return Toolchain{
		Root: root, Talk: talk, Run: world, Cache: filepath.Join(root, "cache"),
		LookPath: func(name string) (string, error) { return "", fmt.Errorf("%s: not on PATH", name) },
		Download: func(context.Context, string) error { return errors.New("get.pulumi.com: no such host") },
	}, world, talk
}

// has puts programs on PATH.
func has(tools *Toolchain, names ...string) {
	tools.LookPath = func(name string) (string, error) {
		if slices.Contains(names, name) {
			return "/usr/bin/" + name, nil
		}
		return "", fmt.Errorf("%s: not on PATH", name)
	}
}

// compiles makes go build write a program where it is told to.
func compiles(_ context.Context, c command.Command) error {
	out := c.Args[slices.Index(c.Args, "-o")+1]
	return errors.Join(os.MkdirAll(filepath.Dir(out), 0o755), os.WriteFile(out, []byte("program"), 0o755))
}

// canBuild stubs what a build asks go.
func canBuild(world *commandtest.World) {
	world.On("go env GOVERSION", commandtest.Prints("go1.26.1\n"))
	world.On("go env CGO_ENABLED CC", commandtest.Prints("1\ngcc\n"))
	world.On("go list", commandtest.Prints("a\nb\nc\n"))
	world.On("go build", compiles)
}

func TestAPulumiOnPATHServesFromTheOldestVersionOn(t *testing.T) {
	for version, serves := range map[string]bool{
		"v" + Oldest: true, "v3.250.0": true, "v3.999.1": true, "v3.205.0": false, "v4.0.0": false, "v3.206.0-alpha.1": false, "dev": false,
	} {
		tools, world, _ := machine(t)
		has(&tools, "pulumi")
		world.On("pulumi version", commandtest.Prints(version+"\n"))
		found, there, err := tools.Find(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if there != serves || (serves && found.Origin != "PATH") {
			t.Errorf("a Pulumi %s on PATH: found %+v %v, want %v", version, found, there, serves)
		}
	}
}

func TestADownloadIsDoneOnceAMachine(t *testing.T) {
	tools, _, _ := machine(t)
	killed := filepath.Join(tools.Cache, ".making-1")
	if err := os.MkdirAll(killed, 0o755); err != nil {
		t.Fatal(err)
	}
	downloads := 0
	tools.Download = func(_ context.Context, root string) error {
		downloads++
		return compiles(context.Background(), command.Command{Args: []string{"-o", filepath.Join(root, "bin", "pulumi")}})
	}
	for _, origin := range []string{"downloaded", "cache"} {
		p, err := tools.Pulumi(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if p.Origin != origin || p.Version != Version {
			t.Errorf("the CLI is %+v, want one of %s that is %s", p, Version, origin)
		}
	}
	if downloads != 1 {
		t.Errorf("%d downloads, want 1", downloads)
	}
	if _, err := os.Stat(killed); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("what a killed run left is still there: %v", err)
	}
}

func TestWithoutADownloadTheCLIIsBuiltFromPinnedModules(t *testing.T) {
	tools, world, talk := machine(t)
	has(&tools, "gcc")
	canBuild(world)
	p, err := tools.Pulumi(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p.Origin != "built" || !isProgram(p.Path) {
		t.Errorf("the CLI is %+v, want one that was built", p)
	}
	build := world.Ran()[len(world.Ran())-1]
	if !strings.Contains(build, "-mod=readonly") || !strings.Contains(build, "version.Version=v"+Version) {
		t.Errorf("it was built by %q, want pinned modules and the version in it", build)
	}
	if !strings.Contains(talk.String(), "get.pulumi.com: no such host") {
		t.Errorf("the talk does not say why there was no download: %s", talk)
	}
}

func TestAFailedBuildLeavesNothingBehindAndSaysWhatWasTried(t *testing.T) {
	tools, world, _ := machine(t)
	has(&tools, "gcc")
	canBuild(world)
	world.On("go build", commandtest.Fails(1, "go: downloading x v1\nx: verifying module: checksum mismatch\n"))
	_, err := tools.Pulumi(t.Context())
	for _, part := range []string{"no download of v" + Version, "no such host", "checksum mismatch"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("the error is %v, want %q in it", err, part)
		}
	}
	left, globErr := filepath.Glob(filepath.Join(tools.Cache, "*"))
	if globErr != nil || slices.ContainsFunc(left, func(p string) bool { return filepath.Base(p) != ".lock" }) {
		t.Errorf("left behind: %v (%v)", left, globErr)
	}
}

func TestTheLanguageHostIsBuiltWhenABarePulumiNeedsIt(t *testing.T) {
	tools, world, _ := machine(t)
	has(&tools, "gcc")
	canBuild(world)
	p, err := tools.WithLanguageHost(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if p.LanguageHost() == "" {
		t.Error("there is no language host beside the CLI")
	}
	built := len(world.Ran())
	if _, err := tools.WithLanguageHost(t.Context()); err != nil || len(world.Ran()) != built {
		t.Errorf("it is built again: %v, %v", world.Ran()[built:], err)
	}
}

func TestWhatIsMissingToBuildIsOneLineThatSaysWhatToDo(t *testing.T) {
	for _, missing := range []struct {
		what, goVersion, goEnv string
		programs               []string
		want                   string
	}{
		{"nothing", "go1.25.11", "1\ngcc", []string{"gcc"}, ""},
		{"a new Go", "go1.24.3", "1\ngcc", []string{"gcc"}, "this is Go 1.24.3 and Go 1.25.11 is needed"},
		{"a C compiler", "go1.26.0", "0\ngcc", nil, "no C compiler (gcc is not on PATH): install one"},
		{"another C compiler", "go1.26.0", "1\nclang -O2", []string{"gcc"}, "no C compiler (clang is not on PATH)"},
		{"C switched on", "go1.26.0", "0\ngcc", []string{"gcc"}, "go has C turned off"},
	} {
		tools, world, _ := machine(t)
		has(&tools, missing.programs...)
		world.On("go env GOVERSION", commandtest.Prints(missing.goVersion))
		world.On("go env CGO_ENABLED CC", commandtest.Prints(missing.goEnv))
		err := tools.CheckGo(t.Context())
		if err == nil {
			err = tools.CheckC(t.Context())
		}
		switch {
		case missing.want == "" && err != nil:
			t.Errorf("with %s missing: %v", missing.what, err)
		case missing.want != "" && (err == nil || !strings.HasPrefix(err.Error(), missing.want) || strings.Contains(err.Error(), "\n")):
			t.Errorf("with %s missing, the error is %v, want one line that begins with %q", missing.what, err, missing.want)
		}
	}
}

func TestWhatTheCompilerSaidIsKeptAndProgressIsNot(t *testing.T) {
	tools, world, _ := machine(t)
	world.On("go build", commandtest.Fails(1, "go: downloading x v1\nfmt\npipeline/shared/names\n# pipeline/projects/iam\nprojects/iam/role.go:3:1: undefined: x\n"))
	err := tools.Build(t.Context(), Build{What: "layer iam", Packages: []string{"./projects/iam"}, Output: "bin/"})
	if want := "build layer iam: # pipeline/projects/iam\nprojects/iam/role.go:3:1: undefined: x"; err == nil || err.Error() != want {
		t.Errorf("the error is\n%v\nwant\n%s", err, want)
	}
}

func TestTheProgressLineCountsPackagesAndDownloads(t *testing.T) {
	p := newProgress(&bytes.Buffer{}, "building x")
	defer p.done()
	p.setTotal(10)
	fmt.Fprint(p, "go: downloading a v1\ngo: downloading b v1\nfmt\ngithub.com/x/y\nstrc")
	fmt.Fprint(p, "onv\n")
	p.start = time.Now().Add(-83 * time.Second)
	if got, want := p.line(), "building x: 3 of 10 packages, 2 modules downloaded, 1m23s"; got != want {
		t.Errorf("the line is %q, want %q", got, want)
	}
}
