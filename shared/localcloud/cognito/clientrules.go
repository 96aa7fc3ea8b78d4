package cognito

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/awsjson"
)

// The scopes that every pool has.
const (
	scopeOpenID = "openid"
	scopeAdmin  = "aws.cognito.signin.user.admin" // lets the bearer call GetUser
)

var (
	systemScopes = []string{"email", "phone", scopeOpenID, "profile", scopeAdmin}
	oauthFlows   = []string{"code", "implicit", "client_credentials"}
	authFlows    = []string{"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH",
		"ALLOW_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH"}
)

// WithDefaults is the client with what AWS takes for settings that are empty.
func (c Client) WithDefaults() Client {
	if len(c.AuthFlows) == 0 {
		c.AuthFlows = []string{"ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"}
	}
	if c.AccessTokenValidity.Value == 0 {
		c.AccessTokenValidity = Validity{Value: 60, Unit: "minutes"}
	}
	if c.IDTokenValidity.Value == 0 {
		c.IDTokenValidity = Validity{Value: 60, Unit: "minutes"}
	}
	if c.RefreshTokenValidity.Value == 0 {
		c.RefreshTokenValidity = Validity{Value: 30, Unit: "days"}
	}
	if c.PreventExistenceErrors == "" {
		c.PreventExistenceErrors = "LEGACY"
	}
	if c.AuthSessionValidity == 0 {
		c.AuthSessionValidity = 3
	}
	return c
}

// Check says what AWS would not accept, whatever the pool. Secret says whether the client
// has one, or is to get one.
func (c Client) Check(secret bool) error {
	for _, rule := range []func() error{
		func() error { return CheckClientName(c.Name) },
		func() error { return CheckAuthFlows(c.AuthFlows) },
		func() error { return CheckOAuthFlows(c.OAuthFlows) },
		func() error { return CheckIdentityProviders(c.IdentityProviders) },
		func() error { return CheckURLs(c.CallbackURLs) },
		func() error { return CheckURLs(c.LogoutURLs) },
		c.checkNumbers,
		c.checkValidity,
		func() error { return c.checkTogether(secret) },
	} {
		if err := rule(); err != nil {
			return err
		}
	}
	return nil
}

// CheckClientName checks the name of a client.
func CheckClientName(name string) error {
	if !poolNamePattern.MatchString(name) {
		return errPattern("clientName", name, poolNamePattern)
	}
	return nil
}

// CheckIdentityProviders checks who may sign users of a client in: the pool itself.
func CheckIdentityProviders(providers []string) error {
	for _, p := range providers {
		if p != "COGNITO" {
			return errInvalidParameter("The provider %s does not exist for the user pool.", p)
		}
	}
	return nil
}

// CheckAuthFlows checks ExplicitAuthFlows. No flows at all are AWS's default ones.
func CheckAuthFlows(flows []string) error {
	for _, flow := range flows {
		if !slices.Contains(authFlows, flow) {
			return errEnum("explicitAuthFlows", flow, authFlows)
		}
	}
	if len(flows) > 0 && !slices.Contains(flows, "ALLOW_REFRESH_TOKEN_AUTH") {
		return errInvalidParameter("REFRESH_TOKEN_AUTH should always be allowed.")
	}
	return nil
}

// CheckOAuthFlows checks AllowedOAuthFlows.
func CheckOAuthFlows(flows []string) error {
	for _, flow := range flows {
		if !slices.Contains(oauthFlows, flow) {
			return errEnum("allowedOAuthFlows", flow, oauthFlows)
		}
	}
	if slices.Contains(flows, "client_credentials") && len(flows) > 1 {
		return errOAuthFlow("client_credentials flow can not be selected along with code flow or implicit flow.")
	}
	return nil
}

func (c Client) checkNumbers() error {
	switch {
	case c.PreventExistenceErrors != "" && c.PreventExistenceErrors != "ENABLED" && c.PreventExistenceErrors != "LEGACY":
		return errEnum("preventUserExistenceErrors", c.PreventExistenceErrors, []string{"LEGACY", "ENABLED"})
	case c.AuthSessionValidity != 0 && (c.AuthSessionValidity < 3 || c.AuthSessionValidity > 15):
		return errInvalidParameter("AuthSessionValidity is 3 to 15 minutes, not %d", c.AuthSessionValidity)
	}
	return nil
}

// checkTogether checks what one setting asks of another.
func (c Client) checkTogether(secret bool) error {
	browser := slices.Contains(c.OAuthFlows, "code") || slices.Contains(c.OAuthFlows, "implicit")
	machine := slices.Contains(c.OAuthFlows, "client_credentials")
	switch {
	case c.OAuth && (len(c.OAuthFlows) == 0 || len(c.Scopes) == 0):
		return errInvalidParameter("AllowedOAuthFlows and AllowedOAuthScopes are required if user pool client is allowed to use OAuth flows.")
	case machine && !secret:
		return errOAuthFlow("client_credentials flow can not be selected if client does not have a client secret.")
	case c.OAuth && browser && len(c.CallbackURLs) == 0:
		return errInvalidParameter("At least one callback URL is required for the code and implicit flows.")
	case c.DefaultRedirectURI != "" && !slices.Contains(c.CallbackURLs, c.DefaultRedirectURI):
		return errInvalidParameter("Default redirect URI must be in the list of callback URLs.")
	}
	for _, scope := range c.Scopes {
		if machine && slices.Contains(systemScopes, scope) {
			return errOAuthFlow(scope + " is not supported with client_credentials flow")
		}
	}
	return nil
}

// checkScopes checks that each scope is there, in the pool's resource servers or in every
// pool.
func (c Client) checkScopes(custom map[string]bool) error {
	for _, scope := range c.Scopes {
		if !slices.Contains(systemScopes, scope) && !custom[scope] {
			return awsjson.Errorf("ScopeDoesNotExistException", "Invalid scope requested: %s", scope)
		}
	}
	return nil
}

// CheckURLs checks callback or logout URLs.
func CheckURLs(urls []string) error {
	if len(urls) > 100 {
		return errInvalidParameter("a client has at most 100 callback URLs and 100 logout URLs, not %d", len(urls))
	}
	for _, raw := range urls {
		if err := checkURL(raw); err != nil {
			return err
		}
	}
	return nil
}

// loopbacks are the hosts to which http is allowed (API model, CallbackURLs).
var loopbacks = []string{"localhost", "127.0.0.1", "::1"}

// checkURL lets through https, http on this machine, and an app's own scheme.
func checkURL(raw string) error {
	u, err := url.Parse(raw)
	if err != nil || !u.IsAbs() || len(raw) > 1024 || strings.ContainsAny(raw, " \t\r\n") {
		return errInvalidParameter("%s is not an absolute URL of at most 1024 characters.", raw)
	}
	if strings.Contains(raw, "#") {
		return errInvalidParameter("%s cannot contain a fragment.", raw)
	}
	if u.Scheme == "http" && !slices.Contains(loopbacks, u.Hostname()) {
		return errInvalidParameter("%s cannot use the HTTP protocol.", raw)
	}
	if slices.Contains([]string{"javascript", "data", "vbscript"}, u.Scheme) {
		return errInvalidParameter("%s cannot use the %s protocol.", raw, u.Scheme)
	}
	return nil
}

func (c Client) checkValidity() error {
	c = c.WithDefaults()
	for _, v := range []struct {
		validity Validity
		unit     string
		min, max time.Duration
	}{
		{c.AccessTokenValidity, "hours", 5 * time.Minute, 24 * time.Hour},
		{c.IDTokenValidity, "hours", 5 * time.Minute, 24 * time.Hour},
		{c.RefreshTokenValidity, "days", time.Hour, 3650 * 24 * time.Hour},
	} {
		if unit := v.validity.Unit; unit != "" && units[unit] == 0 {
			return errEnum("tokenValidityUnits", unit, []string{"seconds", "minutes", "hours", "days"})
		}
		if d := v.validity.In(v.unit); d < v.min || d > v.max {
			return errInvalidParameter("Invalid range for token validity.")
		}
	}
	if c.accessTTL() > c.refreshTTL() || c.idTTL() > c.refreshTTL() {
		return errInvalidParameter("Invalid range for token validity. Access and id tokens cannot outlive the refresh token.")
	}
	return nil
}

func errOAuthFlow(text string) error { return awsjson.Errorf("InvalidOAuthFlowException", "%s", text) }

func errEnum(member, value string, allowed []string) error {
	return errInvalidParameter("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: "+
		"Member must satisfy enum value set: [%s]", value, member, strings.Join(allowed, ", "))
}
