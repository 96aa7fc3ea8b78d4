package secrets

import (
	"context"
	"crypto/rand"
	"math/big"
	"strings"
)

// RandomPassword says what a generated password is made of. The zero value is AWS's
// default: 32 characters with at least one of every type (botocore service model
// secretsmanager, GetRandomPassword).
type RandomPassword struct {
	Length             int // characters; 0 is 32
	ExcludeCharacters  string
	ExcludeLowercase   bool
	ExcludeUppercase   bool
	ExcludeNumbers     bool
	ExcludePunctuation bool
	IncludeSpace       bool
	AnyType            bool // without it the password has one character of each type at least
}

const (
	lowercase   = "abcdefghijklmnopqrstuvwxyz"
	uppercase   = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	numbers     = "0123456789"
	punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"
)

// GetRandomPassword makes a password. Nobody keeps it.
func (s *Service) GetRandomPassword(ctx context.Context, in RandomPassword) (string, error) {
	if err := s.authorize(ctx, "GetRandomPassword", "*"); err != nil {
		return "", err
	}
	if in.Length == 0 {
		in.Length = 32
	}
	types := in.types()
	switch {
	case in.Length < 1 || in.Length > 4096:
		return "", errInvalidParameter("PasswordLength must be 1 to 4096, not %d", in.Length)
	case len(types) == 0:
		return "", errInvalidParameter("no character is left to make a password of")
	case !in.AnyType && in.Length < len(types):
		return "", errInvalidParameter("a password of %d characters cannot have one of each of %d types", in.Length, len(types))
	}
	return in.make(types)
}

// types returns the characters of each included type that are not excluded.
func (in RandomPassword) types() []string {
	var types []string
	for _, t := range []struct {
		characters string
		excluded   bool
	}{
		{lowercase, in.ExcludeLowercase},
		{uppercase, in.ExcludeUppercase},
		{numbers, in.ExcludeNumbers},
		{punctuation, in.ExcludePunctuation},
		{" ", !in.IncludeSpace},
	} {
		left := strings.Map(func(r rune) rune {
			if strings.ContainsRune(in.ExcludeCharacters, r) {
				return -1
			}
			return r
		}, t.characters)
		if !t.excluded && left != "" {
			types = append(types, left)
		}
	}
	return types
}

// make takes one character of each type, the rest of all, and shuffles.
func (in RandomPassword) make(types []string) (string, error) {
	password := make([]byte, in.Length)
	all := strings.Join(types, "")
	for i := range password {
		from := all
		if i < len(types) && !in.AnyType {
			from = types[i]
		}
		n, err := below(len(from))
		if err != nil {
			return "", err
		}
		password[i] = from[n]
	}
	for i := len(password) - 1; i > 0; i-- {
		j, err := below(i + 1)
		if err != nil {
			return "", err
		}
		password[i], password[j] = password[j], password[i]
	}
	return string(password), nil
}

// below returns a number in [0, n), every one as likely as the others.
func below(n int) (int, error) {
	v, err := rand.Int(rand.Reader, big.NewInt(int64(n)))
	if err != nil {
		return 0, err
	}
	return int(v.Int64()), nil
}
