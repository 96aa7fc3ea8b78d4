package cognito

import (
	"context"
	"strings"
	"time"
)

// Client is an app client of a pool. ID, Secret, Created and Changed are the service's.
// Empty settings take AWS's defaults.
type Client struct {
	ID                     string
	PoolID                 string
	Name                   string
	Secret                 string   // empty for a public client
	AuthFlows              []string // ALLOW_USER_PASSWORD_AUTH and so on; empty is SRP, custom and refresh
	OAuth                  bool     // AllowedOAuthFlowsUserPoolClient: without it the hosted pages refuse the client
	OAuthFlows             []string // code, implicit, client_credentials
	Scopes                 []string // openid, email, ..., <resource server>/<scope>
	CallbackURLs           []string
	LogoutURLs             []string
	DefaultRedirectURI     string
	IdentityProviders      []string // COGNITO
	AccessTokenValidity    Validity
	IDTokenValidity        Validity
	RefreshTokenValidity   Validity
	PreventExistenceErrors string // ENABLED or LEGACY (default)
	TokenRevocation        bool
	AuthSessionValidity    int // minutes that a challenge stays open, 3 (default) to 15
	Created                time.Time
	Changed                time.Time
}

// Validity is how long a token is good for. Unit is seconds, minutes, hours or days;
// empty means hours, for a refresh token days.
type Validity struct {
	Value int
	Unit  string
}

// In returns the validity as a duration, where def is the unit if there is none.
func (v Validity) In(def string) time.Duration { return time.Duration(v.Value) * units[v.unit(def)] }

func (v Validity) unit(def string) string {
	if v.Unit == "" {
		return def
	}
	return v.Unit
}

var units = map[string]time.Duration{"seconds": time.Second, "minutes": time.Minute, "hours": time.Hour, "days": 24 * time.Hour}

func (c Client) accessTTL() time.Duration  { return c.AccessTokenValidity.In("hours") }
func (c Client) idTTL() time.Duration      { return c.IDTokenValidity.In("hours") }
func (c Client) refreshTTL() time.Duration { return c.RefreshTokenValidity.In("days") }
func (c Client) sessionTTL() time.Duration { return time.Duration(c.AuthSessionValidity) * time.Minute }

// hidesUsers says whether the client is not to learn which users exist.
func (c Client) hidesUsers() bool { return c.PreventExistenceErrors == "ENABLED" }

// CreateUserPoolClient makes a client, with a secret if generateSecret is set.
func (s *Service) CreateUserPoolClient(ctx context.Context, in Client, generateSecret bool) (Client, error) {
	if err := s.authorize(ctx, "CreateUserPoolClient", s.arn(in.PoolID)); err != nil {
		return Client{}, err
	}
	in.ID, in.Secret = strings.ToLower(randomID(26)), ""
	if generateSecret {
		in.Secret = strings.ToLower(randomID(26) + randomID(25))
	}
	in.Created = s.cfg.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.putClient(in)
}

// UpdateUserPoolClient replaces the settings of the client in.ID. The secret stays.
func (s *Service) UpdateUserPoolClient(ctx context.Context, in Client) (Client, error) {
	if err := s.authorize(ctx, "UpdateUserPoolClient", s.arn(in.PoolID)); err != nil {
		return Client{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.clientOf(in.PoolID, in.ID)
	if err != nil {
		return Client{}, err
	}
	in.Secret, in.Created = old.Secret, old.Created
	return s.putClient(in)
}

func (s *Service) putClient(c Client) (Client, error) {
	if _, err := s.pool(c.PoolID); err != nil {
		return Client{}, err
	}
	custom, err := s.customScopes(c.PoolID)
	if err != nil {
		return Client{}, err
	}
	if err := c.Check(c.Secret != ""); err != nil {
		return Client{}, err
	}
	if err := c.checkScopes(custom); err != nil {
		return Client{}, err
	}
	c = c.WithDefaults()
	c.Changed = s.cfg.Now()
	return c, s.clients.Put(c.ID, c)
}

// UserPoolClient returns a client of a pool.
func (s *Service) UserPoolClient(ctx context.Context, poolID, clientID string) (Client, error) {
	if err := s.authorize(ctx, "DescribeUserPoolClient", s.arn(poolID)); err != nil {
		return Client{}, err
	}
	return s.clientOf(poolID, clientID)
}

// FindUserPoolClient returns a client of whatever pool it is.
func (s *Service) FindUserPoolClient(ctx context.Context, clientID string) (Client, error) {
	c, err := s.client(clientID)
	if err != nil {
		return Client{}, err
	}
	return s.UserPoolClient(ctx, c.PoolID, clientID)
}

// UserPoolClients returns the clients of a pool in the order of their IDs.
func (s *Service) UserPoolClients(ctx context.Context, poolID string) ([]Client, error) {
	if err := s.authorize(ctx, "ListUserPoolClients", s.arn(poolID)); err != nil {
		return nil, err
	}
	if _, err := s.pool(poolID); err != nil {
		return nil, err
	}
	items, err := s.clients.List()
	var clients []Client
	for _, item := range items {
		if item.Value.PoolID == poolID {
			clients = append(clients, item.Value)
		}
	}
	return clients, err
}

// DeleteUserPoolClient deletes a client. Nobody can refresh a token of it any more.
func (s *Service) DeleteUserPoolClient(ctx context.Context, poolID, clientID string) error {
	if err := s.authorize(ctx, "DeleteUserPoolClient", s.arn(poolID)); err != nil {
		return err
	}
	if _, err := s.clientOf(poolID, clientID); err != nil {
		return err
	}
	return s.clients.Delete(clientID)
}

func (s *Service) client(id string) (Client, error) {
	c, found, err := s.clients.Get(id)
	if err == nil && !found {
		err = errNotFound("User pool client %s does not exist.", id)
	}
	return c, err
}

func (s *Service) clientOf(poolID, id string) (Client, error) {
	if _, err := s.pool(poolID); err != nil {
		return Client{}, err
	}
	c, err := s.client(id)
	if err == nil && c.PoolID != poolID {
		err = errNotFound("User pool client %s does not exist.", id)
	}
	return c, err
}
