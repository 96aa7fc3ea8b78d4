package store

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const keySize = 32 // AES-256

// OpenKey reads the key at path. It makes one, with mode 0600, only when nothing is
// sealed yet: a new key would open none of the old secrets.
func OpenKey(path string, mayCreate bool) (cipher.AEAD, error) {
	key, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) && mayCreate {
		key, err = makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key of the secrets: %w; restore it, or begin anew: remove the folder .local and deploy", err)
	}
	if err := onlyOwner(path); err != nil {
		return nil, err
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("key %s has %d bytes instead of %d: restore it, or delete the state", path, len(key), keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// makeKey writes a new key whole or not at all: a power cut must not leave half of one.
func makeKey(path string) ([]byte, error) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path+".new", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(key)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, err
	}
	if err := os.Rename(path+".new", path); err != nil {
		return nil, err
	}
	return key, syncDir(filepath.Dir(path))
}

// syncDir makes a new name in a folder last: a key that is gone after a power cut takes
// every secret with it.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func onlyOwner(path string) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if mode := info.Mode().Perm(); mode&0o077 != 0 {
		return fmt.Errorf("key %s is readable by others (mode %o): chmod 600 it", path, mode)
	}
	return nil
}
