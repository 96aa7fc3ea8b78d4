package local

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Variables are the environment in which Pulumi and AWS clients talk to the running
// local cloud and know nothing of the user's Pulumi login or AWS profile. It makes
// the folders and the passphrase that they name.
func (c Cloud) Variables(r Runtime) ([]string, error) {
	home, passphrase := filepath.Join(c.Dir, "pulumi"), passphrasePath(c.Dir)
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, err
	}
	backend, err := makeBackend(c.Dir)
	if err != nil {
		return nil, err
	}
	if _, err := Passphrase(c.Dir); err != nil {
		return nil, err
	}
	return []string{
		"PULUMI_BACKEND_URL=" + (&url.URL{Scheme: "file", Path: filepath.ToSlash(backend)}).String(),
		"PULUMI_HOME=" + home,
		"PULUMI_CONFIG_PASSPHRASE_FILE=" + passphrase,
		"PULUMI_DEBUG_PROVIDERS=aws:" + fmt.Sprint(r.ProviderPort),
		// Else the engine tries for seconds to download the real plugin.
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION=true",
		"PULUMI_SKIP_UPDATE_CHECK=true",
		// The secrets of a stack stay readable when its workspace was removed.
		"PULUMI_FALLBACK_TO_STATE_SECRETS_MANAGER=true",
		"AWS_ENDPOINT_URL=" + r.URL(),
		"AWS_ACCESS_KEY_ID=local",
		"AWS_SECRET_ACCESS_KEY=local",
		"AWS_REGION=" + c.Region,
		"AWS_DEFAULT_REGION=" + c.Region,
		"AWS_CONFIG_FILE=" + os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE=" + os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
	}, nil
}

// makeBackend makes the folder that Pulumi keeps its state in, with the mark of its layout.
// Pulumi would make the mark itself, and not at once: of several that begin together on a
// new folder one may read it half written, and fail.
func makeBackend(dir string) (string, error) {
	backend := filepath.Join(dir, "backend")
	if err := os.MkdirAll(filepath.Join(backend, ".pulumi"), 0o755); err != nil {
		return "", err
	}
	_, err := once(filepath.Join(backend, ".pulumi", "meta.yaml"), func() (string, error) { return "version: 1", nil })
	return backend, err
}

// Environ is this process's environment for a run against the local cloud: nothing
// of the user's AWS_* and PULUMI_* variables, and Variables instead.
func (c Cloud) Environ(r Runtime) ([]string, error) {
	variables, err := c.Variables(r)
	return append(withoutAWS(os.Environ()), variables...), err
}

func withoutAWS(env []string) []string {
	return slices.DeleteFunc(slices.Clone(env), foreign)
}

// foreign says whether a variable steers AWS clients or Pulumi.
func foreign(variable string) bool {
	return strings.HasPrefix(variable, "AWS_") || strings.HasPrefix(variable, "PULUMI_")
}

// Shell is Variables as commands for a POSIX shell, which also take the user's own
// variables away and put path, a list of folders, before PATH.
func (c Cloud) Shell(r Runtime, path ...string) (string, error) {
	variables, err := c.Variables(r)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if foreign(variable) && !slices.ContainsFunc(variables, func(v string) bool { return strings.HasPrefix(v, name+"=") }) {
			fmt.Fprintf(&out, "unset %s\n", name)
		}
	}
	for _, variable := range variables {
		name, value, _ := strings.Cut(variable, "=")
		fmt.Fprintf(&out, "export %s=%s\n", name, quote(value))
	}
	if len(path) > 0 {
		fmt.Fprintf(&out, "export PATH=%s:\"$PATH\"\n", quote(strings.Join(path, ":")))
	}
	return out.String(), nil
}

// quote makes a value one word of a POSIX shell.
func quote(value string) string {
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
