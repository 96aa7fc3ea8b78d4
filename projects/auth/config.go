package main

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/settings"
	"pipeline/shared/stack"
)

// config is what Pulumi.<stack>.yaml may set.
type config struct {
	Users     []user            `json:"users" help:"Who signs in with a name and a password. Nobody signs himself up." limit:"40 million a pool"`
	Passwords map[string]string `json:"passwords" help:"Passwords by user name, always secret: go tool mage secrets:set auth passwords.<name>, and 'passwords[\"<name>\"]' where the name has a dot. A user without one gets a generated one. Either way Secrets Manager keeps it."`

	PasswordMinimumLength int      `json:"passwordMinimumLength" help:"Least characters of a password." limit:"6-99"`
	PasswordCharacters    []string `json:"passwordCharacters" help:"Kinds of characters that a password must have: lowercase, uppercase, numbers, symbols."`
	CaseSensitiveNames    bool     `json:"caseSensitiveNames" help:"Whether Ada and ada are two users. A change replaces the pool with all who are in it."`
	Tier                  string   `json:"tier" help:"Feature plan of the pool: LITE, ESSENTIALS or PLUS. It sets the price."`
	DomainPrefix          string   `json:"domainPrefix" help:"Begins the host name of the sign-in pages, unique in a region. Empty: product, environment and account." limit:"63 characters, without aws, amazon, cognito"`

	AuthFlows    []string `json:"authFlows" help:"How the public client signs a user in without the pages. The command line needs ALLOW_USER_PASSWORD_AUTH."`
	OAuthFlows   []string `json:"oauthFlows" help:"How the pages hand tokens to the public client: code (with PKCE), or implicit, which puts them into the address."`
	Scopes       []string `json:"scopes" help:"What the public client's tokens may be for. aws.cognito.signin.user.admin also lets the bearer change the user." limit:"50"`
	CallbackURLs []string `json:"callbackUrls" help:"Where the pages may send a signed-in user. https, but for http://localhost and an app's own scheme." limit:"100"`
	LogoutURLs   []string `json:"logoutUrls" help:"Where the pages may send a user who signed out." limit:"100"`

	AccessTokenMinutes int `json:"accessTokenMinutes" help:"How long an access token is good for, in minutes." limit:"5-1,440"`
	IDTokenMinutes     int `json:"idTokenMinutes" help:"How long an id token is good for, in minutes." limit:"5-1,440"`
	RefreshTokenDays   int `json:"refreshTokenDays" help:"How long a user stays signed in, in days." limit:"1-3,650"`

	ResourceServer string `json:"resourceServer" help:"Identifier of the API in scopes: the write scope is <identifier>/write." limit:"256 characters"`
	MachineClient  bool   `json:"machineClient" help:"Make a client for programs, which signs in with a secret of its own (client_credentials). AWS charges for each such client."`
}

// user is someone who may post events.
type user struct {
	Name       string            `json:"name" help:"What the user signs in as." limit:"128 characters"`
	Attributes map[string]string `json:"attributes" help:"Standard attributes of OpenID Connect, such as email."`
	// GeneratePassword is looked at only where passwords has none.
	GeneratePassword bool `json:"generatePassword" help:"Have Secrets Manager make a password where passwords has none. If not, the deploy fails until it is set."`
}

// Defaults are those of a user who needs no password to be set.
func (user) Defaults() user { return user{GeneratePassword: true} }

func defaults() config {
	return config{
		Users:                 []user{{Name: "sender", GeneratePassword: true}},
		PasswordMinimumLength: 12,
		PasswordCharacters:    []string{"lowercase", "uppercase", "numbers", "symbols"},
		Tier:                  "ESSENTIALS",
		AuthFlows:             []string{"ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"},
		OAuthFlows:            []string{"code"},
		Scopes:                []string{"openid", "email", "phone", "profile", "events/write"},
		CallbackURLs:          []string{"https://localhost:3000/", "https://localhost:3000"},
		AccessTokenMinutes:    60,
		IDTokenMinutes:        60,
		RefreshTokenDays:      30,
		ResourceServer:        "events",
		MachineClient:         true,
	}
}

func loadConfig(ctx *pulumi.Context, s *stack.Stack) (config, error) {
	cfg, err := settings.Load(ctx, defaults())
	if err != nil {
		return cfg, err
	}
	if err := cfg.checkPasswords(ctx); err != nil {
		return cfg, err
	}
	if cfg.DomainPrefix == "" {
		cfg.DomainPrefix = s.SignInDomain()
	}
	return cfg, checkDomain(cfg.DomainPrefix)
}

// checkPasswords refuses passwords in clear, and says how to set one that is missing.
func (c config) checkPasswords(ctx *pulumi.Context) error {
	clear, err := settings.InClear(ctx, "passwords")
	if err != nil {
		return err
	}
	if len(c.Passwords) > 0 && !ctx.IsConfigSecret(ctx.Project()+":passwords") {
		clear = slices.Sorted(maps.Keys(c.Passwords))
	}
	if len(clear) > 0 {
		return fmt.Errorf("Pulumi.%s.yaml: passwords are there in clear, of %s: take them out and choose others, with: %s",
			ctx.Stack(), strings.Join(clear, ", "), setPassword(ctx.Stack(), clear[0]))
	}
	for _, u := range c.Users {
		if _, has := c.Passwords[u.Name]; !has && !u.GeneratePassword {
			return fmt.Errorf("user %s has no password: set it with: %s", u.Name, setPassword(ctx.Stack(), u.Name))
		}
	}
	return nil
}

// setPassword is the command that sets a user's password. Pulumi reads a dot outside of quotes
// as one more level (pulumi/sdk, go/common/resource, ParsePropertyPath).
func setPassword(stack, user string) string {
	key := "passwords." + user
	if strings.Contains(user, ".") {
		key = fmt.Sprintf(`'passwords["%s"]'`, user)
	}
	return fmt.Sprintf("STACK=%s go tool mage secrets:set auth %s", stack, key)
}

// writeScope is what an access token must be for to post events.
func (c config) writeScope() string { return c.ResourceServer + "/write" }

// Validate finds what AWS would find out only when half of the layer is made.
func (c config) Validate() error {
	for _, rule := range []func() error{c.checkUsers, c.checkPasswordPolicy, c.checkFlows, c.checkScopes, c.checkURLs, c.checkValidity} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// userPattern is what a user's name and a secret's name have in common: the one is part
// of the other.
var userPattern = regexp.MustCompile(`^[A-Za-z0-9_+=.@-]{1,128}$`)

func (c config) checkUsers() error {
	known := map[string]bool{}
	for i, u := range c.Users {
		name := u.Name
		if !c.CaseSensitiveNames {
			name = strings.ToLower(name)
		}
		if !userPattern.MatchString(u.Name) {
			return fmt.Errorf("users[%d].name is %q: it has to be 1 to 128 letters, digits or _+=.@-", i, u.Name)
		}
		if known[name] {
			return fmt.Errorf("users[%d].name %q is there twice", i, u.Name)
		}
		known[name], known[u.Name] = true, true
	}
	for name := range c.Passwords {
		if !slices.ContainsFunc(c.Users, func(u user) bool { return u.Name == name }) {
			return fmt.Errorf("passwords.%s is the password of no user in users", name)
		}
	}
	return nil
}

func (c config) checkPasswordPolicy() error {
	if c.PasswordMinimumLength < 6 || c.PasswordMinimumLength > 99 {
		return fmt.Errorf("passwordMinimumLength is %d: Cognito takes 6 to 99", c.PasswordMinimumLength)
	}
	if err := only("tier", []string{c.Tier}, "LITE", "ESSENTIALS", "PLUS"); err != nil {
		return err
	}
	return only("passwordCharacters", c.PasswordCharacters, "lowercase", "uppercase", "numbers", "symbols")
}

func (c config) checkFlows() error {
	err := only("authFlows", c.AuthFlows, "ALLOW_USER_SRP_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH")
	if err != nil {
		return err
	}
	if !slices.Contains(c.AuthFlows, "ALLOW_REFRESH_TOKEN_AUTH") {
		return errors.New("authFlows lacks ALLOW_REFRESH_TOKEN_AUTH, which Cognito asks of every client")
	}
	if len(c.OAuthFlows) == 0 {
		return errors.New("oauthFlows is empty: the public client needs code, implicit or both")
	}
	return only("oauthFlows", c.OAuthFlows, "code", "implicit")
}

func (c config) checkScopes() error {
	if len(c.Scopes) == 0 {
		return errors.New("scopes is empty: the public client needs one at least")
	}
	return only("scopes", c.Scopes, "openid", "email", "phone", "profile", "aws.cognito.signin.user.admin", c.writeScope())
}

func (c config) checkURLs() error {
	if len(c.CallbackURLs) == 0 {
		return errors.New("callbackUrls is empty: the sign-in pages need somewhere to send the user")
	}
	for name, urls := range map[string][]string{"callbackUrls": c.CallbackURLs, "logoutUrls": c.LogoutURLs} {
		for _, url := range urls {
			if err := checkURL(url); err != nil {
				return fmt.Errorf("%s: %q %w", name, url, err)
			}
		}
	}
	return nil
}

var (
	absoluteURL  = regexp.MustCompile(`^[a-z][a-z0-9+.-]*://[^\s]+$`)
	localhostURL = regexp.MustCompile(`^http://localhost([:/]|$)`)
)

func checkURL(url string) error {
	switch {
	case !absoluteURL.MatchString(url) || len(url) > 1024:
		return errors.New("is no absolute URL of at most 1,024 characters")
	case strings.Contains(url, "#"):
		return errors.New("has a fragment, which Cognito does not take")
	case strings.HasPrefix(url, "http://") && !localhostURL.MatchString(url):
		return errors.New("is not https; Cognito takes http for localhost only")
	}
	return nil
}

func (c config) checkValidity() error {
	for name, v := range map[string]struct{ value, least, most int }{
		"accessTokenMinutes": {c.AccessTokenMinutes, 5, 1440},
		"idTokenMinutes":     {c.IDTokenMinutes, 5, 1440},
		"refreshTokenDays":   {c.RefreshTokenDays, 1, 3650},
	} {
		if v.value < v.least || v.value > v.most {
			return fmt.Errorf("%s is %d: Cognito takes %d to %d", name, v.value, v.least, v.most)
		}
	}
	return nil
}

var domainPattern = regexp.MustCompile(`^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$`)

func checkDomain(prefix string) error {
	if !domainPattern.MatchString(prefix) {
		return fmt.Errorf("domainPrefix is %q: it has to be 1 to 63 lower-case letters, digits or hyphens between them", prefix)
	}
	for _, word := range []string{"aws", "amazon", "cognito"} {
		if strings.Contains(prefix, word) {
			return fmt.Errorf("domainPrefix is %q: Cognito reserves the word %s", prefix, word)
		}
	}
	return nil
}

// only says which of a setting's values is not one of those that there are.
func only(setting string, values []string, known ...string) error {
	for _, v := range values {
		if !slices.Contains(known, v) {
			return fmt.Errorf("%s has %q; there are %s", setting, v, strings.Join(known, ", "))
		}
	}
	return nil
}
