package cognito

import (
	"context"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

// The statuses that a user can have here.
const (
	StatusConfirmed           = "CONFIRMED"
	StatusForceChangePassword = "FORCE_CHANGE_PASSWORD" // has a temporary password, and gets no token until he has set his own
)

// User is a user of a pool.
type User struct {
	PoolID     string
	Username   string
	Sub        string            // UUID; a user of the same name made later has another
	Attributes map[string]string // without sub
	Enabled    bool
	Status     string
	Created    time.Time
	Changed    time.Time
}

// userRecord is what is stored of a user. The password is there as its verifier only.
type userRecord struct {
	User
	Password       verifier
	TemporaryUntil time.Time // when the temporary password ends; zero for a permanent one
}

// NewUser is what CreateUser needs. Without a temporary password the user has one that
// nobody knows.
type NewUser struct {
	PoolID            string
	Username          string
	Attributes        map[string]string
	TemporaryPassword string
	Password          string // permanent, as SetUserPassword makes it
	Disabled          bool   // as SetUserEnabled makes it
}

// maxAttribute is the longest value of an attribute, in characters (API model, AttributeValueType).
const maxAttribute = 2048

var (
	phonePattern = regexp.MustCompile(`^\+[0-9]{1,15}$`)
	emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+$`)

	usernamePattern = regexp.MustCompile(`^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$`)
	// standardAttributes are those of every pool (OpenID Connect Core 5.1, and AWS's list).
	standardAttributes = []string{"address", "birthdate", "email", "email_verified", "family_name", "gender", "given_name",
		"locale", "middle_name", "name", "nickname", "phone_number", "phone_number_verified", "picture",
		"preferred_username", "profile", "updated_at", "website", "zoneinfo"}
)

// CreateUser is AdminCreateUser without a message to the user: he has to change his
// password before he gets a token, unless SetUserPassword makes it permanent.
func (s *Service) CreateUser(ctx context.Context, in NewUser) (User, error) {
	if err := s.authorize(ctx, "AdminCreateUser", s.arn(in.PoolID)); err != nil {
		return User{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pool, err := s.pool(in.PoolID)
	if err != nil {
		return User{}, err
	}
	if err := checkNewUser(pool, &in); err != nil {
		return User{}, err
	}
	if _, found, err := s.users.Get(userKey(pool, in.Username)); err != nil || found {
		return User{}, orElse(err, errUsernameExists())
	}
	now := s.cfg.Now()
	u := userRecord{
		User: User{PoolID: pool.ID, Username: in.Username, Sub: uuid.NewString(), Attributes: maps.Clone(in.Attributes),
			Enabled: !in.Disabled, Status: StatusForceChangePassword, Created: now, Changed: now},
		Password:       newVerifier(pool.ID, in.Username, in.TemporaryPassword),
		TemporaryUntil: now.AddDate(0, 0, pool.Policy.TemporaryPasswordValidityDays),
	}
	if in.Password != "" {
		u.Password, u.Status, u.TemporaryUntil = newVerifier(pool.ID, in.Username, in.Password), StatusConfirmed, time.Time{}
	}
	return u.User, s.users.Put(userKey(pool, in.Username), u)
}

// CheckUsername says what AWS would not accept as a user's name.
func CheckUsername(name string) error {
	if !usernamePattern.MatchString(name) {
		return errPattern("username", name, usernamePattern)
	}
	return nil
}

func checkNewUser(pool Pool, in *NewUser) error {
	if err := CheckUsername(in.Username); err != nil {
		return err
	}
	if err := checkAttributes(in.Attributes); err != nil {
		return err
	}
	if in.Password != "" {
		return pool.Policy.allows(in.Password)
	}
	if in.TemporaryPassword == "" {
		in.TemporaryPassword = randomID(26)
		return nil
	}
	return pool.Policy.allows(in.TemporaryPassword)
}

func checkAttributes(attributes map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if err := checkAttribute(name, attributes[name]); err != nil {
			return err
		}
		if of, found := strings.CutSuffix(name, "_verified"); found && attributes[name] == "true" && attributes[of] == "" {
			return errInvalidParameter("%s is required if %s is true", of, name) // API model, AdminCreateUser
		}
	}
	return nil
}

// checkAttribute looks at a value as far as Cognito does (developer guide, "Working with
// user attributes").
func checkAttribute(name, value string) error {
	switch {
	case !slices.Contains(standardAttributes, name):
		return errInvalidParameter("Attributes did not conform to the schema: Type for attribute {%s} could not be determined", name)
	case utf8.RuneCountInString(value) > maxAttribute:
		return errInvalidParameter("the value of attribute %s must have at most %d characters", name, maxAttribute)
	case name == "phone_number" && value != "" && !phonePattern.MatchString(value):
		return errInvalidParameter("Invalid phone number format.")
	case name == "email" && value != "" && !emailPattern.MatchString(value):
		return errInvalidParameter("Invalid email address format.")
	case strings.HasSuffix(name, "_verified") && value != "true" && value != "false":
		return errInvalidParameter("attribute %s must be true or false, not %q", name, value)
	}
	return nil
}

// userKey is where a user is stored: names that differ only in case are one user, unless
// the pool says otherwise.
func userKey(pool Pool, username string) string {
	if !pool.CaseSensitive {
		username = strings.ToLower(username)
	}
	return pool.ID + "/" + username
}

// SetUserPassword is AdminSetUserPassword. A permanent password confirms the user.
func (s *Service) SetUserPassword(ctx context.Context, poolID, username, password string, permanent bool) error {
	return s.changeUser(ctx, "AdminSetUserPassword", poolID, username, func(pool Pool, u *userRecord) error {
		if err := pool.Policy.allows(password); err != nil {
			return err
		}
		u.Password = newVerifier(pool.ID, u.Username, password)
		u.Status, u.TemporaryUntil = StatusConfirmed, time.Time{}
		if !permanent {
			u.Status = StatusForceChangePassword
			u.TemporaryUntil = s.cfg.Now().AddDate(0, 0, pool.Policy.TemporaryPasswordValidityDays)
		}
		return nil
	})
}

// CheckPassword says whether the pool takes a password.
func (s *Service) CheckPassword(poolID, password string) error {
	pool, err := s.pool(poolID)
	if err != nil {
		return err
	}
	return pool.Policy.allows(password)
}

// SetUserEnabled is AdminEnableUser and AdminDisableUser.
func (s *Service) SetUserEnabled(ctx context.Context, poolID, username string, enabled bool) error {
	action := "AdminDisableUser"
	if enabled {
		action = "AdminEnableUser"
	}
	return s.changeUser(ctx, action, poolID, username, func(_ Pool, u *userRecord) error {
		u.Enabled = enabled
		return nil
	})
}

// SetUserAttributes makes attributes all that the user has.
func (s *Service) SetUserAttributes(ctx context.Context, poolID, username string, attributes map[string]string) error {
	if err := checkAttributes(attributes); err != nil {
		return err
	}
	return s.changeUser(ctx, "AdminUpdateUserAttributes", poolID, username, func(_ Pool, u *userRecord) error {
		u.Attributes = maps.Clone(attributes)
		return nil
	})
}

// DeleteUser is AdminDeleteUser. His tokens end with him, as far as Cognito is asked.
func (s *Service) DeleteUser(ctx context.Context, poolID, username string) error {
	if err := s.authorize(ctx, "AdminDeleteUser", s.arn(poolID)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pool, err := s.pool(poolID)
	if err != nil {
		return err
	}
	if _, err := s.user(pool, username); err != nil {
		return err
	}
	return s.users.Delete(userKey(pool, username))
}

// User is AdminGetUser: of a user name, or a sub.
func (s *Service) User(ctx context.Context, poolID, username string) (User, error) {
	if err := s.authorize(ctx, "AdminGetUser", s.arn(poolID)); err != nil {
		return User{}, err
	}
	pool, err := s.pool(poolID)
	if err != nil {
		return User{}, err
	}
	if u, found, err := s.users.Get(userKey(pool, username)); err != nil || found {
		return u.User, err
	}
	return s.userOfSub(pool, username)
}

// userOfSub finds a user whom a tool names by his sub.
func (s *Service) userOfSub(pool Pool, sub string) (User, error) {
	items, err := below(s.users, pool.ID+"/")
	for _, item := range items {
		if item.Value.Sub == sub {
			return item.Value.User, err
		}
	}
	return User{}, orElse(err, errUserNotFound())
}

// Users returns the users of a pool in the order of their names.
func (s *Service) Users(ctx context.Context, poolID string) ([]User, error) {
	if err := s.authorize(ctx, "ListUsers", s.arn(poolID)); err != nil {
		return nil, err
	}
	if _, err := s.pool(poolID); err != nil {
		return nil, err
	}
	items, err := below(s.users, poolID+"/")
	users := make([]User, 0, len(items))
	for _, item := range items {
		users = append(users, item.Value.User)
	}
	return users, err
}

func (s *Service) user(pool Pool, username string) (userRecord, error) {
	u, found, err := s.users.Get(userKey(pool, username))
	if err == nil && !found {
		err = errUserNotFound()
	}
	return u, err
}

// changeUser applies f to a user and stores him.
func (s *Service) changeUser(ctx context.Context, action, poolID, username string, f func(Pool, *userRecord) error) error {
	if err := s.authorize(ctx, action, s.arn(poolID)); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	pool, err := s.pool(poolID)
	if err != nil {
		return err
	}
	u, err := s.user(pool, username)
	if err != nil {
		return err
	}
	if err := f(pool, &u); err != nil {
		return err
	}
	u.Changed = s.cfg.Now()
	return s.users.Put(userKey(pool, username), u)
}
