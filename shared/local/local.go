// Package local starts, finds and stops the local cloud, the program that stands in
// for AWS in stack local, and says what environment makes Pulumi and AWS clients
// talk to it and to nothing else.
//
// Everything it makes is under one folder, .local at the repository's root:
//
//	bin/         built programs
//	cloud/       the local cloud's state, and runtime.json while it runs
//	logs/        its log, and one a layer
//	backend/     Pulumi's state, instead of the user's login
//	pulumi/      PULUMI_HOME, instead of the user's
//	passphrase   of Pulumi's secrets, generated; salt beside it
//	stacks/      the workspaces that the layers are deployed from
package local

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"pipeline/shared/manifest"
)

// Folder is the folder, at the repository's root, of everything local.
const Folder = ".local"

// Cloud is the local cloud of one checkout, running or not.
type Cloud struct {
	Dir          string // everything local: see the package comment
	Binary       string // the built program
	Region       string
	AccountID    string
	Port         int // HTTP
	RedshiftPort int // PostgreSQL protocol
	Talk         io.Writer
}

// New is the local cloud of an environment. An environment on AWS has none, which is
// an error.
func New(m *manifest.Manifest, env manifest.Environment, dir string, talk io.Writer) (Cloud, error) {
	if env.LocalCloud == nil {
		return Cloud{}, fmt.Errorf("stack %s is on AWS: the local cloud is for %s; leave out STACK, or set it to one of these",
			env.Name, strings.Join(localEnvironments(m), ", "))
	}
	return Cloud{
		Dir: dir, Binary: filepath.Join(dir, "bin", "localcloud"), Region: env.Region, AccountID: env.AccountID,
		Port: env.LocalCloud.Port, RedshiftPort: env.LocalCloud.RedshiftPort, Talk: talk,
	}, nil
}

func localEnvironments(m *manifest.Manifest) []string {
	var names []string
	for name, env := range m.Environments {
		if env.LocalCloud != nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// LogPath is the local cloud's log.
func (c Cloud) LogPath() string { return filepath.Join(c.Dir, "logs", "localcloud.log") }

func (c Cloud) stateDir() string    { return filepath.Join(c.Dir, "cloud") }
func (c Cloud) runtimePath() string { return filepath.Join(c.stateDir(), "runtime.json") }
