package story

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// patterns are secrets that are known by their form alone.
var patterns = map[string]*regexp.Regexp{
	"a signed token":  regexp.MustCompile(`eyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{20,}`),
	"temporary keys":  regexp.MustCompile(`(?i)aws_secret_access_key=[^*'<;]`),
	"a private key":   regexp.MustCompile(`-----BEGIN ([A-Z]+ )?PRIVATE KEY`),
	"a session token": regexp.MustCompile(`(?i);token=[^*'<;]`),
}

// leaks fails when a file below the given ones holds a secret of the deployment in
// clear, or in one of the usual codings: the passwords that it generated, the machine
// client's secret, the passphrase of Pulumi's secrets, tokens, temporary keys. It says
// which and where, and never the secret.
func leaks(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	secrets, err := deployedSecrets(ctx)
	if err != nil {
		return err
	}
	found := 0
	for _, root := range args {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() || mayHold(path) {
				return err
			}
			content, err := content(path)
			for _, name := range leaked(content, secrets) {
				found++
				fmt.Printf("%s holds %s\n", path, name)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if found > 0 {
		return fmt.Errorf("%d secrets are there in clear", found)
	}
	fmt.Printf("none of %d secrets is there in clear\n", len(secrets))
	return nil
}

// keys are files that are there to hold a secret, for their owner alone.
var keys = []string{".local/passphrase", ".local/cloud/secrets.key", ".local/cloud/store.db.key", ".local/cloud/redshift/certificate.key"}

// mayHold says whether a file is not searched: keys, and programs.
func mayHold(path string) bool {
	path = filepath.ToSlash(path)
	if slices.Contains(keys, path) {
		info, err := os.Stat(path)
		return err == nil && info.Mode().Perm() == 0o600
	}
	return strings.HasPrefix(path, ".local/bin/")
}

func content(path string) ([]byte, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) || !bytes.HasPrefix(data, []byte{0x1f, 0x8b}) {
		return data, nil // a file may go while it is searched
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return io.ReadAll(unpacked)
}

// leaked names the secrets that are in a text.
func leaked(text []byte, secrets map[string]string) (names []string) {
	for name, secret := range secrets {
		for _, form := range forms(secret) {
			if bytes.Contains(text, []byte(form)) {
				names = append(names, name)
				break
			}
		}
	}
	for name, pattern := range patterns {
		if pattern.Match(text) {
			names = append(names, name)
		}
	}
	return names
}

// forms are a secret as it is, and as files and command lines write it.
func forms(secret string) []string {
	inJSON, _ := json.Marshal(secret) // a string
	return []string{secret, string(inJSON[1 : len(inJSON)-1]), url.QueryEscape(secret),
		base64.StdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret))}
}

// deployedSecrets are the secrets of what is deployed, by what they are.
func deployedSecrets(ctx context.Context) (map[string]string, error) {
	_, machine, err := machineClient(ctx)
	if err != nil {
		return nil, err
	}
	passphrase, err := os.ReadFile(".local/passphrase")
	if err != nil {
		return nil, err
	}
	all := map[string]string{"the machine client's secret": machine.secret, "the passphrase": strings.TrimSpace(string(passphrase))}
	vault := secretsmanager.NewFromConfig(account())
	list, err := vault.ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
	if err != nil {
		return nil, err
	}
	for _, one := range list.SecretList {
		value, err := vault.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: one.ARN})
		if err != nil {
			return nil, err
		}
		all["the password in "+aws.ToString(one.Name)] = password(aws.ToString(value.SecretString))
	}
	return all, nil
}

// password is that of a secret, which is it or a JSON object with it.
func password(secret string) string {
	var object struct{ Password string }
	if json.Unmarshal([]byte(secret), &object) == nil && object.Password != "" {
		return object.Password
	}
	return secret
}

// lookEvery is how often processes looks.
const lookEvery = 100 * time.Millisecond

// processes writes each command line that this machine runs to a file, until it is
// killed.
func processes(_ context.Context, args []string) error {
	if len(args) != 1 {
		return errUsage
	}
	out, err := os.OpenFile(args[0], os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	seen := map[string]bool{}
	for range time.Tick(lookEvery) {
		lines, _ := filepath.Glob("/proc/[0-9]*/cmdline")
		for _, name := range lines {
			line, err := os.ReadFile(name)
			if err != nil || seen[string(line)] {
				continue // it has ended
			}
			seen[string(line)] = true
			if _, err := fmt.Fprintln(out, strings.ReplaceAll(string(line), "\x00", " ")); err != nil {
				return err
			}
		}
	}
	return nil
}
