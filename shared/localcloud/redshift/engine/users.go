package engine

import (
	"context"
	"crypto/md5"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// User is a database user.
type User struct {
	ID    int
	Name  string
	Super bool
}

// adminID is the user that the cluster was made with.
const adminID = 100

// passwordDisabled is the password of a user who cannot sign in with one.
const passwordDisabled = "disabled"

// SetAdmin makes or renews the cluster's admin.
func (d *Database) SetAdmin(ctx context.Context, name, password string) error {
	tx, err := d.pool.BeginTx(ctx, nil)
	if err != nil {
		return translate(err)
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM localcloud.users WHERE usesysid = ?`, adminID)
	if err == nil {
		_, err = tx.ExecContext(ctx, `INSERT INTO localcloud.users VALUES (?, ?, true, true, ?, NULL, -1)`, adminID, strings.ToLower(name), keepPassword(name, password))
	}
	if err != nil {
		return translate(errors.Join(err, tx.Rollback()))
	}
	return translate(tx.Commit())
}

// SignIn checks a password, as the PostgreSQL port asks for it.
func (d *Database) SignIn(ctx context.Context, name, password string) (User, error) {
	name = strings.ToLower(name)
	u, kept, until, err := d.user(ctx, name)
	if err != nil {
		return User{}, translate(err)
	}
	if u.ID == 0 || kept == passwordDisabled || !matches(kept, name, password) || until.Valid && d.Now().After(until.Time) {
		return User{}, errorf(codeSignIn, "password authentication failed for user %q", name)
	}
	return u, nil
}

// Impersonate signs a user in without a password, for whom AWS itself has vouched
// (GetClusterCredentials).
func (d *Database) Impersonate(ctx context.Context, name string) (User, error) {
	u, _, _, err := d.user(ctx, strings.ToLower(name))
	if err == nil && u.ID == 0 {
		err = errorf(codeSignIn, "user %q does not exist", name)
	}
	return u, translate(err)
}

func (d *Database) user(ctx context.Context, name string) (u User, kept string, until sql.NullTime, err error) {
	err = d.pool.QueryRowContext(ctx, `SELECT usesysid, usename, usesuper, password, valuntil FROM localcloud.users WHERE usename = ?`, name).
		Scan(&u.ID, &u.Name, &u.Super, &kept, &until)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	d.noteFatal(err)
	return u, kept, until, err
}

func (s *Session) userNamed(ctx context.Context, name string) (User, error) {
	u := User{Name: name}
	err := s.conn.QueryRowContext(ctx, `SELECT usesysid, usesuper FROM localcloud.users WHERE usename = ?`, name).Scan(&u.ID, &u.Super)
	if errors.Is(err, sql.ErrNoRows) {
		return u, errorf(codeUndefinedObject, "user %q does not exist", name)
	}
	return u, err
}

// keepPassword is what is stored of a password given in any of Redshift's forms: clear,
// "md5<hash>", "sha256|<digest>|<salt>" or "sha256|<clear>" (Redshift, CREATE USER).
func keepPassword(user, password string) string {
	rest, isSHA := strings.CutPrefix(password, "sha256|")
	switch {
	case isMD5(password), isSHA && strings.Contains(rest, "|"):
		return password
	case isSHA:
		password = rest
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return "sha256|" + digest(password, salt) + "|" + hex.EncodeToString(salt)
}

func isMD5(password string) bool {
	hash, ok := strings.CutPrefix(password, "md5")
	_, err := hex.DecodeString(hash)
	return ok && len(hash) == 32 && err == nil
}

// digest is SHA-256 of the password followed by the salt's bytes: Redshift reads the
// salt as hexadecimal, and hashes what it stands for.
func digest(password string, salt []byte) string {
	sum := sha256.Sum256(append([]byte(password), salt...))
	return hex.EncodeToString(sum[:])
}

func matches(kept, user, password string) bool {
	var want, got string
	if isMD5(kept) {
		sum := md5.Sum([]byte(password + user))
		want, got = kept[3:], hex.EncodeToString(sum[:])
	} else {
		parts := strings.Split(kept, "|")
		salt, err := hex.DecodeString(parts[len(parts)-1])
		if len(parts) != 3 || err != nil {
			return false
		}
		want, got = parts[1], digest(password, salt)
	}
	return subtle.ConstantTimeCompare([]byte(strings.ToLower(want)), []byte(got)) == 1
}

// checkPassword applies Redshift's rules to a clear password.
func checkPassword(password string) error {
	if rest, ok := strings.CutPrefix(password, "sha256|"); ok {
		if strings.Contains(rest, "|") {
			return nil
		}
		password = rest
	}
	if isMD5(password) {
		return nil
	}
	const hint = "Passwords must be 8 to 64 characters with at least one upper case letter, one lower case letter and one digit"
	upper := strings.ContainsFunc(password, func(r rune) bool { return r >= 'A' && r <= 'Z' })
	lower := strings.ContainsFunc(password, func(r rune) bool { return r >= 'a' && r <= 'z' })
	number := strings.ContainsFunc(password, func(r rune) bool { return r >= '0' && r <= '9' })
	odd := strings.ContainsFunc(password, func(r rune) bool { return r < 33 || r > 126 || strings.ContainsRune(`'"\/@`, r) })
	if len(password) < 8 || len(password) > 64 || !upper || !lower || !number || odd {
		return &Error{Code: codeInvalidParameter, Message: "password is not strong enough", Hint: hint}
	}
	return nil
}

// userOptions are what CREATE USER and ALTER USER set.
type userOptions struct {
	password  *string
	super     *bool
	createDB  *bool
	until     *time.Time
	connLimit *int
	rename    string
}

func (s *Session) planCreateUser(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	name := c.Name()
	o, err := parseUserOptions(c)
	if err != nil {
		return nil, err
	}
	if o.password == nil {
		return nil, errorf(codeSyntax, "syntax error: CREATE USER needs PASSWORD")
	}
	return does("CREATE USER", func(ctx context.Context) error { return s.createUser(ctx, name, o) }), nil
}

func (s *Session) createUser(ctx context.Context, name string, o userOptions) error {
	if !s.user.Super {
		return errorf(codeNoPrivilege, "permission denied to create user")
	}
	if err := s.unused(ctx, name); err != nil {
		return err
	}
	err := s.exec(ctx, `INSERT INTO localcloud.users VALUES (nextval('localcloud.next_user'), ?, false, false, 'disabled', NULL, -1)`, name)
	if err != nil {
		return err
	}
	return s.changeUser(ctx, name, o)
}

// unused refuses a name that a user cannot take.
func (s *Session) unused(ctx context.Context, name string) error {
	if name == "public" {
		return errorf("42939", "user name %q is reserved", name)
	}
	_, err := s.userNamed(ctx, name)
	switch {
	case err == nil:
		return errorf(codeDuplicateObject, "user %q already exists", name)
	case is(err, codeUndefinedObject):
		return nil
	}
	return err
}

func (s *Session) planAlterUser(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	name := c.Name()
	o, err := parseUserOptions(c)
	if err != nil {
		return nil, err
	}
	return does("ALTER USER", func(ctx context.Context) error {
		if !s.user.Super && !(name == s.user.Name && o.onlyPassword()) {
			return errorf(codeNoPrivilege, "permission denied to alter user")
		}
		return s.changeUser(ctx, name, o)
	}), nil
}

func (o userOptions) onlyPassword() bool {
	return o.super == nil && o.createDB == nil && o.until == nil && o.connLimit == nil && o.rename == ""
}

func (s *Session) changeUser(ctx context.Context, name string, o userOptions) error {
	user, err := s.userNamed(ctx, name)
	if err != nil {
		return err
	}
	set := func(column string, value any) {
		if err == nil {
			err = s.exec(ctx, `UPDATE localcloud.users SET `+column+` = ? WHERE usesysid = ?`, value, user.ID)
		}
	}
	if o.password != nil {
		if *o.password != passwordDisabled {
			if err := checkPassword(*o.password); err != nil {
				return err
			}
			*o.password = keepPassword(name, *o.password)
		}
		set("password", *o.password)
	}
	if o.super != nil {
		set("usesuper", *o.super)
	}
	if o.createDB != nil {
		set("usecreatedb", *o.createDB)
	}
	if o.until != nil {
		set("valuntil", *o.until)
	}
	if o.connLimit != nil {
		set("connlimit", *o.connLimit)
	}
	if o.rename != "" {
		if err := s.unused(ctx, o.rename); err != nil {
			return err
		}
		set("usename", o.rename)
	}
	return err
}

func parseUserOptions(c *sqltext.Cursor) (userOptions, error) {
	var o userOptions
	c.Accept("with")
	yes, no := true, false
	for c.Err() == nil && !c.Done() {
		switch word := c.Name(); word {
		case "password":
			password := passwordDisabled
			if !c.Accept("disable") {
				password = c.Literal()
			}
			o.password = &password
		case "createuser":
			o.super = &yes
		case "nocreateuser":
			o.super = &no
		case "createdb":
			o.createDB = &yes
		case "nocreatedb":
			o.createDB = &no
		case "rename":
			c.Expect("to")
			o.rename = c.Name()
		case "valid":
			c.Expect("until")
			until, err := parseTimestamp(c.Literal())
			if err != nil {
				return o, err
			}
			o.until = &until
		case "connection":
			c.Expect("limit")
			limit := -1
			if !c.Accept("unlimited") {
				limit = c.Int()
			}
			o.connLimit = &limit
		default:
			return o, refuseUserOption(c, word)
		}
	}
	return o, c.Err()
}

func refuseUserOption(c *sqltext.Cursor, word string) error {
	switch word {
	case "syslog", "in", "session", "externalid", "set", "reset":
		return refuse("USER option " + strings.ToUpper(word))
	}
	if c.Err() != nil {
		return c.Err()
	}
	return errorf(codeSyntax, "syntax error at or near %q", word)
}

func (s *Session) planDropUser(ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
	missing := c.Accept("if", "exists")
	var names []string
	err := eachName(c, func() error {
		names = append(names, c.Name())
		return c.Err()
	})
	if err == nil {
		err = c.End()
	}
	return does("DROP USER", func(ctx context.Context) error {
		for _, name := range names {
			if err := s.dropUser(ctx, name, missing); err != nil {
				return err
			}
		}
		return nil
	}), err
}

func (s *Session) dropUser(ctx context.Context, name string, missing bool) error {
	if !s.user.Super {
		return errorf(codeNoPrivilege, "permission denied to drop user")
	}
	user, err := s.userNamed(ctx, name)
	if missing && is(err, codeUndefinedObject) {
		return nil
	}
	if err != nil {
		return err
	}
	var used int
	if err := s.conn.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM localcloud.objects WHERE owner = ?1)
		+ (SELECT count(*) FROM localcloud.grants WHERE grantee = ?1)`, user.ID).Scan(&used); err != nil {
		return err
	}
	if used > 0 {
		return &Error{Code: codeDependent, Message: "user \"" + name + "\" cannot be dropped because some objects depend on it",
			Detail: "the user owns objects or has privileges: REVOKE them first"}
	}
	return s.exec(ctx, `DELETE FROM localcloud.users WHERE usesysid = ?`, user.ID)
}
