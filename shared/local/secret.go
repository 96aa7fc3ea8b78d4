package local

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/config"
)

func passphrasePath(dir string) string { return filepath.Join(dir, "passphrase") }

// Passphrase is the passphrase of the local stacks' secrets, made at the first call.
// Its file, in dir, is for its owner alone.
func Passphrase(dir string) (string, error) {
	return once(passphrasePath(dir), func() (string, error) {
		secret := make([]byte, 32)
		_, err := rand.Read(secret)
		return base64.StdEncoding.EncodeToString(secret), err
	})
}

// Salt is what Pulumi stores as encryptionsalt in the settings of each local stack: a
// salt, and a text encrypted by the key that comes of passphrase and salt, by which
// Pulumi recognises a wrong passphrase.
//
// All local stacks have the same one. Pulumi makes the key anew for every salt that it
// meets, its own and those of the stacks that a layer reads, and takes a fifth of a
// second for each: with salts of their own that is most of a run that changes nothing.
func Salt(dir string) (string, error) {
	passphrase, err := Passphrase(dir)
	if err != nil {
		return "", err
	}
	return once(filepath.Join(dir, "salt"), func() (string, error) {
		salt := make([]byte, 8)
		if _, err := rand.Read(salt); err != nil {
			return "", err
		}
		check, err := config.NewSymmetricCrypterFromPassphrase(passphrase, salt).EncryptValue(context.Background(), "pulumi")
		return "v1:" + base64.StdEncoding.EncodeToString(salt) + ":" + check, err
	})
}

// once is the text of the file at path, which makeText makes when there is none. Of two
// that make it at the same time one wins, and both return its text.
func once(path string, makeText func() (string, error)) (string, error) {
	text, err := os.ReadFile(path)
	if err == nil || !errors.Is(err, os.ErrNotExist) {
		return strings.TrimSpace(string(text)), err
	}
	made, err := makeText()
	if err != nil {
		return "", err
	}
	dir := filepath.Dir(path)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	temp, err := os.CreateTemp(dir, ".making-") // mode 0600
	if err != nil {
		return "", fmt.Errorf("make %s: %w", filepath.Base(path), err)
	}
	defer os.Remove(temp.Name())
	_, err = temp.WriteString(made)
	if err := errors.Join(err, temp.Close()); err != nil {
		return "", err
	}
	// A link fails where there is a file by now; a rename would replace it.
	if err := os.Link(temp.Name(), path); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	text, err = os.ReadFile(path)
	return strings.TrimSpace(string(text)), err
}
