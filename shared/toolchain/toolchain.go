// Package toolchain finds or makes the programs that a deployment needs: the Pulumi
// CLI, and everything that is built from this repository.
//
// The Pulumi CLI is, in this order:
//
//  1. the one on PATH, where its version serves (Oldest and above, below 4);
//  2. the pinned one in the user's cache folder, put there by an earlier run;
//  3. the pinned one, downloaded by the Automation API's installer;
//  4. the pinned one, built from the Go modules in the folders pulumi and
//     language-go beside this file, whose go.sum pins every byte by checksum.
//
// (4) is there for machines that reach a Go module proxy and nothing else. The
// language host of the pinned CLI is in no published module; the one of sdk v3.66.0
// is, and the CLI works with it.
package toolchain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"pipeline/shared/command"
	"pipeline/shared/lockfile"
)

// Version is the pinned version of the Pulumi CLI: that of the SDK in go.mod.
const Version = "3.250.0"

// Oldest is the oldest Pulumi CLI that serves: the first that streams its engine's
// events to whoever started it (--event-log tcp://...), which the live lines need.
const Oldest = "3.206.0"

// product names this repository's folder in the user's cache folder.
const product = "pipeline"

// languageHost is the program that the CLI starts for a project of runtime go.
const languageHost = "pulumi-language-go"

// Pulumi is a Pulumi CLI that serves.
type Pulumi struct {
	Path    string // of the program
	Version string // without the v
	Origin  string // PATH, cache, downloaded or built
}

// LanguageHost is the path of the language host for Go beside the CLI or on PATH,
// empty where there is none. Layers do not need it; a bare `pulumi up` does.
func (p Pulumi) LanguageHost() string {
	beside := filepath.Join(filepath.Dir(p.Path), languageHost)
	if resolved, err := filepath.EvalSymlinks(p.Path); err == nil {
		beside = filepath.Join(filepath.Dir(resolved), languageHost)
	}
	if isProgram(beside) {
		return beside
	}
	found, err := exec.LookPath(languageHost)
	if err != nil {
		return ""
	}
	return found
}

// Toolchain finds and makes programs.
type Toolchain struct {
	Root string    // of the repository
	Talk io.Writer // progress, in words
	Run  command.Runner

	// Cache is the folder for the pinned CLI; empty: the user's cache folder.
	Cache string
	// LookPath finds a program on PATH; nil: that which is no Shim.
	LookPath func(name string) (string, error)
	// Download puts the pinned CLI under root/bin; nil: the Automation API's installer.
	Download func(ctx context.Context, root string) error
}

// Pulumi returns a Pulumi CLI that serves, making one where there is none.
func (t Toolchain) Pulumi(ctx context.Context) (Pulumi, error) {
	if found, ok := t.onPath(ctx); ok {
		return found, nil
	}
	if found, ok, err := t.cached(); ok || err != nil {
		return found, err
	}
	return t.make(ctx)
}

// Find is Pulumi without making one: the CLI there is, if any.
func (t Toolchain) Find(ctx context.Context) (Pulumi, bool, error) {
	if found, ok := t.onPath(ctx); ok {
		return found, true, nil
	}
	return t.cached()
}

// onPath is the CLI on PATH, if its version serves.
func (t Toolchain) onPath(ctx context.Context) (Pulumi, bool) {
	path, err := t.lookPath("pulumi")
	if err != nil {
		return Pulumi{}, false
	}
	version, err := t.versionOf(ctx, path)
	if err != nil || !serves(version) {
		return Pulumi{}, false
	}
	return Pulumi{Path: path, Version: version, Origin: "PATH"}, true
}

func (t Toolchain) lookPath(name string) (string, error) {
	if t.LookPath != nil {
		return t.LookPath(name)
	}
	return lookPath(name)
}

// Shim is in the text of every `pulumi` that only calls another one: made of itself, it
// would call itself for ever.
const Shim = "Made by go tool mage local:env"

// lookPath is exec.LookPath for what is no shim.
func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil || !isShim(path) {
		return path, err
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path := filepath.Join(dir, name)
		if filepath.IsAbs(path) && isProgram(path) && !isShim(path) {
			return path, nil
		}
	}
	return "", &exec.Error{Name: name, Err: exec.ErrNotFound}
}

// shimBytes is where a shim says what it is.
const shimBytes = 512

func isShim(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false
	}
	defer file.Close()
	text, _ := io.ReadAll(io.LimitReader(file, shimBytes))
	return strings.Contains(string(text), Shim)
}

func (t Toolchain) versionOf(ctx context.Context, path string) (string, error) {
	env := append(os.Environ(), "PULUMI_SKIP_UPDATE_CHECK=true")
	out, err := command.Output(ctx, t.Run, command.Command{Name: path, Args: []string{"version"}, Env: env})
	return strings.TrimPrefix(out, "v"), err
}

// serves says whether a CLI of this version can be used.
func serves(version string) bool {
	v, err := semver.ParseTolerant(version)
	if err != nil {
		return false
	}
	oldest := semver.MustParse(Oldest)
	return v.GE(oldest) && v.Major == oldest.Major
}

// cached is the pinned CLI in the cache folder, if it is there. Its folder appears
// there complete or not at all.
func (t Toolchain) cached() (Pulumi, bool, error) {
	dir, err := t.cacheDir()
	if err != nil {
		return Pulumi{}, false, err
	}
	path := filepath.Join(dir, Version, "bin", "pulumi")
	return Pulumi{Path: path, Version: Version, Origin: "cache"}, isProgram(path), nil
}

// cacheDir is the folder that holds one folder a version.
func (t Toolchain) cacheDir() (string, error) {
	if t.Cache != "" {
		return t.Cache, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a folder for the Pulumi CLI: %w; set HOME or XDG_CACHE_HOME", err)
	}
	return filepath.Join(dir, product, "pulumi"), nil
}

// WithLanguageHost is Pulumi with the language host for Go, which a bare `pulumi up` in
// a project's folder needs; the layers' own runs do not. Where the CLI has none beside
// it, one is built into the cache folder.
func (t Toolchain) WithLanguageHost(ctx context.Context) (Pulumi, error) {
	p, err := t.Pulumi(ctx)
	if err != nil || p.LanguageHost() != "" {
		return p, err
	}
	if p.Origin == "PATH" {
		return p, fmt.Errorf("the Pulumi CLI at %s has no %s beside it: install Pulumi whole, or take that one off PATH", p.Path, languageHost)
	}
	unlock, err := lockfile.Lock(ctx, filepath.Join(filepath.Dir(p.Path), ".lock"), nil)
	if err != nil {
		return p, err
	}
	defer unlock()
	if p.LanguageHost() != "" {
		return p, nil
	}
	temp := filepath.Join(filepath.Dir(p.Path), ".making-"+languageHost)
	if err := t.buildLanguageHost(ctx, temp); err != nil {
		return p, err
	}
	return p, os.Rename(temp, filepath.Join(filepath.Dir(p.Path), languageHost))
}

// make downloads or builds the pinned CLI into the cache folder. Two at once wait
// for each other, and the second finds what the first made.
func (t Toolchain) make(ctx context.Context) (Pulumi, error) {
	dir, err := t.cacheDir()
	if err != nil {
		return Pulumi{}, err
	}
	unlock, err := lockfile.Lock(ctx, filepath.Join(dir, ".lock"), func() {
		fmt.Fprintln(t.Talk, "another run is getting the Pulumi CLI; waiting for it")
	})
	if err != nil {
		return Pulumi{}, err
	}
	defer unlock()
	if found, ok, err := t.cached(); ok || err != nil {
		return found, err
	}
	// What a killed run left; the lock says that nobody is at it.
	left, err := filepath.Glob(filepath.Join(dir, ".making-*"))
	if err != nil {
		return Pulumi{}, err
	}
	for _, folder := range left {
		if err := os.RemoveAll(folder); err != nil {
			return Pulumi{}, fmt.Errorf("remove what an earlier run left: %w", err)
		}
	}
	temp, err := os.MkdirTemp(dir, ".making-")
	if err != nil {
		return Pulumi{}, fmt.Errorf("make a folder for the Pulumi CLI: %w", err)
	}
	defer os.RemoveAll(temp)
	origin, err := t.fill(ctx, temp)
	if err != nil {
		return Pulumi{}, err
	}
	if err := errors.Join(os.Chmod(temp, 0o755), os.Rename(temp, filepath.Join(dir, Version))); err != nil {
		return Pulumi{}, fmt.Errorf("put the Pulumi CLI in its place: %w", err)
	}
	made, _, err := t.cached()
	made.Origin = origin
	return made, err
}

// fill puts the pinned CLI into root/bin, and says how.
func (t Toolchain) fill(ctx context.Context, root string) (origin string, err error) {
	fmt.Fprintf(t.Talk, "downloading the Pulumi CLI v%s, once on this machine\n", Version)
	download := t.Download
	if download == nil {
		download = install
	}
	failed := download(ctx, root)
	if failed == nil {
		return "downloaded", nil
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	fmt.Fprintf(t.Talk, "no download (%s): building it from Go modules, once on this machine; this takes minutes\n", firstLine(failed.Error()))
	if err := t.CheckGo(ctx); err != nil {
		return "", err
	}
	if err := t.buildPulumi(ctx, filepath.Join(root, "bin")); err != nil {
		return "", fmt.Errorf("there is no Pulumi CLI from v%s on PATH, no download of v%s (%s), and no build: %w", Oldest, Version, firstLine(failed.Error()), err)
	}
	return "built", nil
}

// install runs the Automation API's installer, after a short look whether the
// download's host answers: the installer itself tries for minutes.
func install(ctx context.Context, root string) error {
	if err := reachable(ctx); err != nil {
		return err
	}
	_, err := auto.InstallPulumiCommand(ctx, &auto.PulumiCommandOptions{
		Version: semver.MustParse(Version), Root: root,
	})
	if err != nil {
		// Half a download must not be mistaken for a CLI by the build that follows.
		return errors.Join(err, os.RemoveAll(filepath.Join(root, "bin")))
	}
	return nil
}

func isProgram(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (info.Mode()&0o111 != 0 || runtime.GOOS == "windows")
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return line
}
