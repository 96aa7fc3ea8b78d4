package cognito

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/json"
	"errors"
	"time"
)

// sealer hands the state of a sign-in to the client, who can neither read nor change it
// and brings it back: sessions, secret blocks, cookies. Its key lives as long as the
// process.
type sealer struct {
	aead     cipher.AEAD
	decoyKey []byte // for users who are not there
	now      func() time.Time
}

func newSealer(now func() time.Time) (*sealer, error) {
	block, err := aes.NewCipher(random(32))
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &sealer{aead: aead, decoyKey: random(32), now: now}, err
}

type envelope[T any] struct {
	Expires time.Time
	Value   T
}

var (
	errSealExpired = errors.New("expired")
	errSealBroken  = errors.New("not sealed here")
)

// seal returns value for a purpose, good for as long as valid.
func seal[T any](s *sealer, purpose string, value T, valid time.Duration) (string, error) {
	clear, err := json.Marshal(envelope[T]{Expires: s.now().Add(valid), Value: value})
	if err != nil {
		return "", err
	}
	nonce := random(s.aead.NonceSize())
	return base64.StdEncoding.EncodeToString(s.aead.Seal(nonce, nonce, clear, []byte(purpose))), nil
}

// unseal returns what seal was given, for the same purpose only.
func unseal[T any](s *sealer, purpose, sealed string) (value T, err error) {
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(raw) < s.aead.NonceSize() {
		return value, errSealBroken
	}
	nonce, box := raw[:s.aead.NonceSize()], raw[s.aead.NonceSize():]
	clear, err := s.aead.Open(nil, nonce, box, []byte(purpose))
	if err != nil {
		return value, errSealBroken
	}
	var e envelope[T]
	if err := json.Unmarshal(clear, &e); err != nil {
		return value, errSealBroken
	}
	if !s.now().Before(e.Expires) {
		return value, errSealExpired
	}
	return e.Value, nil
}
