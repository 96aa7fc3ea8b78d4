package cognito

import (
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// PasswordPolicy is what a pool asks of a password.
type PasswordPolicy struct {
	MinimumLength                 int // 6 to 99 characters
	RequireLowercase              bool
	RequireUppercase              bool
	RequireNumbers                bool
	RequireSymbols                bool
	TemporaryPasswordValidityDays int // 1 to 365
}

// DefaultPasswordPolicy is that of a pool which sets none.
var DefaultPasswordPolicy = PasswordPolicy{MinimumLength: 8, RequireLowercase: true, RequireUppercase: true,
	RequireNumbers: true, RequireSymbols: true, TemporaryPasswordValidityDays: 7}

// WithDefaults returns the policy with AWS's own numbers where it has none.
func (p PasswordPolicy) WithDefaults() PasswordPolicy {
	if p.MinimumLength == 0 {
		p.MinimumLength = DefaultPasswordPolicy.MinimumLength
	}
	if p.TemporaryPasswordValidityDays == 0 {
		p.TemporaryPasswordValidityDays = DefaultPasswordPolicy.TemporaryPasswordValidityDays
	}
	return p
}

// Check says what AWS would not accept.
func (p PasswordPolicy) Check() error {
	if p.MinimumLength < 6 || p.MinimumLength > 99 {
		return errInvalidParameter("the minimum length of a password is 6 to 99, not %d", p.MinimumLength)
	}
	if p.TemporaryPasswordValidityDays < 1 || p.TemporaryPasswordValidityDays > 365 {
		return errInvalidParameter("a temporary password is valid for 1 to 365 days, not %d", p.TemporaryPasswordValidityDays)
	}
	return nil
}

// symbols are the special characters that Cognito counts.
const symbols = "^$*.[]{}()?\"!@#%&/\\,><':;|_~`=+- "

// maxPassword is the longest password, in characters (botocore service model, PasswordType).
const maxPassword = 256

// allows says what is wrong with a password, in AWS's words.
func (p PasswordPolicy) allows(password string) error {
	switch {
	case utf8.RuneCountInString(password) > maxPassword || strings.TrimSpace(password) != password || password == "":
		return errInvalidParameter("1 validation error detected: Value at 'password' failed to satisfy constraint: " +
			`Member must satisfy regular expression pattern: ^[\S]+.*[\S]+$`)
	case utf8.RuneCountInString(password) < p.MinimumLength:
		return errPassword("Password not long enough")
	case p.RequireUppercase && !strings.ContainsFunc(password, unicode.IsUpper):
		return errPassword("Password must have uppercase characters")
	case p.RequireLowercase && !strings.ContainsFunc(password, unicode.IsLower):
		return errPassword("Password must have lowercase characters")
	case p.RequireNumbers && !strings.ContainsFunc(password, unicode.IsDigit):
		return errPassword("Password must have numeric characters")
	case p.RequireSymbols && !strings.ContainsAny(password, symbols):
		return errPassword("Password must have symbol characters")
	}
	return nil
}

// attempts locks a user out for a while after five wrong passwords in a row, for twice
// as long each time: Cognito's lockout of 1 second to 15 minutes ("Lockout behavior for
// failed sign-in attempts" in its developer guide). A quarter of an hour without any
// attempt starts it anew.
type attempts struct {
	now    func() time.Time
	mu     sync.Mutex
	failed map[string]failures
}

type failures struct {
	count int
	until time.Time
	last  time.Time // of an attempt, also one that was not looked at
}

const (
	freeAttempts = 5
	longestLock  = 15 * time.Minute
	quiet        = 15 * time.Minute
)

func newAttempts(now func() time.Time) *attempts {
	return &attempts{now: now, failed: map[string]failures{}}
}

// locked says whether the user with this key has to wait.
func (a *attempts) locked(key string) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	f, ok := a.failed[key]
	switch now := a.now(); {
	case !ok:
	case f.until.Sub(now) > longestLock: // the clock was set back
		delete(a.failed, key)
	case now.Before(f.until):
		f.last = now
		a.failed[key] = f
		return errNotAuthorized("Password attempts exceeded")
	case now.Sub(f.last) >= quiet:
		delete(a.failed, key)
	}
	return nil
}

// note counts a wrong password, and forgets them all after a right one.
func (a *attempts) note(key string, right bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if right {
		delete(a.failed, key)
		return
	}
	f := a.failed[key]
	f.count, f.last = f.count+1, a.now()
	if over := f.count - freeAttempts; over >= 0 {
		f.until = a.now().Add(min(time.Second<<min(over, 10), longestLock))
	}
	a.failed[key] = f
}
