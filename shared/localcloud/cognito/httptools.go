package cognito

import (
	"context"
	"slices"
	"strings"
	"time"
)

// The operations by which the AWS CLI and other tools look at what is there.

type attribute struct{ Name, Value string }

func attributes(u User) []attribute {
	list := []attribute{{"sub", u.Sub}}
	for name, value := range u.Attributes {
		list = append(list, attribute{name, value})
	}
	slices.SortFunc(list[1:], func(a, b attribute) int { return strings.Compare(a.Name, b.Name) })
	return list
}

type userOutput struct {
	Username             string
	Attributes           []attribute `json:",omitempty"` // in ListUsers
	UserAttributes       []attribute `json:",omitempty"` // in AdminGetUser
	UserCreateDate       float64
	UserLastModifiedDate float64
	Enabled              bool
	UserStatus           string
}

func describeUser(u User) userOutput {
	return userOutput{Username: u.Username, UserCreateDate: epoch(u.Created), UserLastModifiedDate: epoch(u.Changed),
		Enabled: u.Enabled, UserStatus: u.Status}
}

func (s *Service) adminGetUserOp(ctx context.Context, in *struct{ UserPoolId, Username string }) (*userOutput, error) {
	u, err := s.User(ctx, in.UserPoolId, in.Username)
	out := describeUser(u)
	out.UserAttributes = attributes(u)
	return &out, err
}

type listUsersInput struct {
	UserPoolId, PaginationToken string
	Limit                       int
}

type listUsersOutput struct {
	Users           []userOutput
	PaginationToken string `json:",omitempty"`
}

func (s *Service) listUsersOp(ctx context.Context, in *listUsersInput) (*listUsersOutput, error) {
	users, err := s.Users(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	page, next, err := pageOf(users, in.Limit, in.PaginationToken, func(u User) string { return u.Username })
	out := &listUsersOutput{Users: []userOutput{}, PaginationToken: next}
	for _, u := range page {
		d := describeUser(u)
		d.Attributes = attributes(u)
		out.Users = append(out.Users, d)
	}
	return out, err
}

// pageOf returns the limit values behind the one that token names, and the token of the
// next page. Cognito's lists have pages of 60.
func pageOf[T any](all []T, limit int, token string, name func(T) string) (page []T, next string, err error) {
	if limit == 0 {
		limit = 60
	}
	if limit < 1 || limit > 60 {
		return nil, "", errInvalidParameter("a page has 1 to 60 results, not %d", limit)
	}
	start := 0
	if token != "" {
		at := slices.IndexFunc(all, func(v T) bool { return name(v) == token })
		if at < 0 {
			return nil, "", errInvalidParameter("Invalid pagination token")
		}
		start = at + 1
	}
	page = all[start:min(start+limit, len(all))]
	if start+len(page) < len(all) {
		next = name(page[len(page)-1])
	}
	return page, next, nil
}

type passwordPolicyOutput struct {
	MinimumLength, TemporaryPasswordValidityDays                       int
	RequireUppercase, RequireLowercase, RequireNumbers, RequireSymbols bool
}

type userPoolOutput struct {
	Id, Arn, Name, DeletionProtection, MfaConfiguration, UserPoolTier string
	Domain                                                            string `json:",omitempty"`
	Policies                                                          struct{ PasswordPolicy passwordPolicyOutput }
	AdminCreateUserConfig                                             struct{ AllowAdminCreateUserOnly bool }
	UsernameConfiguration                                             struct{ CaseSensitive bool }
	UserPoolTags                                                      map[string]string `json:",omitempty"`
	EstimatedNumberOfUsers                                            int
	CreationDate, LastModifiedDate                                    float64
}

func (s *Service) describeUserPoolOp(ctx context.Context, in *struct{ UserPoolId string }) (*struct{ UserPool userPoolOutput }, error) {
	p, err := s.UserPool(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	users, err := below(s.users, p.ID+"/")
	if err != nil {
		return nil, err
	}
	out := userPoolOutput{Id: p.ID, Arn: p.ARN, Name: p.Name, DeletionProtection: "INACTIVE", MfaConfiguration: "OFF", UserPoolTier: p.Tier,
		UserPoolTags: p.Tags, EstimatedNumberOfUsers: len(users), CreationDate: epoch(p.Created), LastModifiedDate: epoch(p.Changed)}
	if p.DeletionProtection {
		out.DeletionProtection = "ACTIVE"
	}
	out.AdminCreateUserConfig.AllowAdminCreateUserOnly = p.AdminCreateOnly
	out.UsernameConfiguration.CaseSensitive = p.CaseSensitive
	out.Policies.PasswordPolicy = passwordPolicyOutput{p.Policy.MinimumLength, p.Policy.TemporaryPasswordValidityDays,
		p.Policy.RequireUppercase, p.Policy.RequireLowercase, p.Policy.RequireNumbers, p.Policy.RequireSymbols}
	out.Domain, err = s.domainOf(p.ID)
	return &struct{ UserPool userPoolOutput }{out}, err
}

type poolSummary struct {
	Id, Name                       string
	CreationDate, LastModifiedDate float64
}

type listUserPoolsInput struct {
	MaxResults int
	NextToken  string
}

type listUserPoolsOutput struct {
	UserPools []poolSummary
	NextToken string `json:",omitempty"`
}

func (s *Service) listUserPoolsOp(ctx context.Context, in *listUserPoolsInput) (*listUserPoolsOutput, error) {
	pools, err := s.UserPools(ctx)
	if err != nil {
		return nil, err
	}
	page, next, err := pageOf(pools, in.MaxResults, in.NextToken, func(p Pool) string { return p.ID })
	out := &listUserPoolsOutput{UserPools: []poolSummary{}, NextToken: next}
	for _, p := range page {
		out.UserPools = append(out.UserPools, poolSummary{p.ID, p.Name, epoch(p.Created), epoch(p.Changed)})
	}
	return out, err
}

type domainOutput struct {
	DomainDescription struct {
		Domain, UserPoolId, AWSAccountId, Status string `json:",omitempty"`
		ManagedLoginVersion                      int    `json:",omitempty"`
	}
}

// describeUserPoolDomainOp answers an unknown domain with an empty description, as AWS
// does.
func (s *Service) describeUserPoolDomainOp(ctx context.Context, in *struct{ Domain string }) (*domainOutput, error) {
	if err := s.authorize(ctx, "DescribeUserPoolDomain", "*"); err != nil {
		return nil, err
	}
	d, found, err := s.domains.Get(in.Domain)
	out := &domainOutput{}
	if found {
		o := &out.DomainDescription
		o.Domain, o.UserPoolId, o.AWSAccountId, o.Status, o.ManagedLoginVersion = d.Name, d.PoolID, s.cfg.Account, "ACTIVE", 1
	}
	return out, err
}

type clientOutput struct {
	UserPoolId, ClientId, ClientName                                string
	ClientSecret, DefaultRedirectURI                                string   `json:",omitempty"`
	ExplicitAuthFlows                                               []string `json:",omitempty"`
	AllowedOAuthFlowsUserPoolClient                                 bool
	AllowedOAuthFlows, AllowedOAuthScopes                           []string `json:",omitempty"`
	CallbackURLs, LogoutURLs, SupportedIdentityProviders            []string `json:",omitempty"`
	AccessTokenValidity, IdTokenValidity, RefreshTokenValidity      int
	TokenValidityUnits                                              struct{ AccessToken, IdToken, RefreshToken string }
	PreventUserExistenceErrors                                      string
	EnableTokenRevocation, EnablePropagateAdditionalUserContextData bool
	AuthSessionValidity                                             int
	CreationDate, LastModifiedDate                                  float64
}

func (s *Service) describeUserPoolClientOp(ctx context.Context, in *struct{ UserPoolId, ClientId string }) (*struct{ UserPoolClient clientOutput }, error) {
	c, err := s.UserPoolClient(ctx, in.UserPoolId, in.ClientId)
	if err != nil {
		return nil, err
	}
	out := clientOutput{UserPoolId: c.PoolID, ClientId: c.ID, ClientName: c.Name, ClientSecret: c.Secret,
		DefaultRedirectURI: c.DefaultRedirectURI, ExplicitAuthFlows: c.AuthFlows, AllowedOAuthFlowsUserPoolClient: c.OAuth,
		AllowedOAuthFlows: c.OAuthFlows, AllowedOAuthScopes: c.Scopes, CallbackURLs: c.CallbackURLs, LogoutURLs: c.LogoutURLs,
		SupportedIdentityProviders: c.IdentityProviders, PreventUserExistenceErrors: c.PreventExistenceErrors,
		EnableTokenRevocation: c.TokenRevocation, AuthSessionValidity: c.AuthSessionValidity,
		CreationDate: epoch(c.Created), LastModifiedDate: epoch(c.Changed)}
	out.AccessTokenValidity, out.TokenValidityUnits.AccessToken = c.AccessTokenValidity.Value, c.AccessTokenValidity.unit("hours")
	out.IdTokenValidity, out.TokenValidityUnits.IdToken = c.IDTokenValidity.Value, c.IDTokenValidity.unit("hours")
	out.RefreshTokenValidity, out.TokenValidityUnits.RefreshToken = c.RefreshTokenValidity.Value, c.RefreshTokenValidity.unit("days")
	return &struct{ UserPoolClient clientOutput }{out}, nil
}

type clientSummary struct{ UserPoolId, ClientId, ClientName string }

type listUserPoolClientsInput struct {
	UserPoolId, NextToken string
	MaxResults            int
}

type listUserPoolClientsOutput struct {
	UserPoolClients []clientSummary
	NextToken       string `json:",omitempty"`
}

func (s *Service) listUserPoolClientsOp(ctx context.Context, in *listUserPoolClientsInput) (*listUserPoolClientsOutput, error) {
	clients, err := s.UserPoolClients(ctx, in.UserPoolId)
	if err != nil {
		return nil, err
	}
	page, next, err := pageOf(clients, in.MaxResults, in.NextToken, func(c Client) string { return c.ID })
	out := &listUserPoolClientsOutput{UserPoolClients: []clientSummary{}, NextToken: next}
	for _, c := range page {
		out.UserPoolClients = append(out.UserPoolClients, clientSummary{c.PoolID, c.ID, c.Name})
	}
	return out, err
}

type resourceServerOutput struct {
	ResourceServer struct {
		UserPoolId, Identifier, Name string
		Scopes                       []scopeOutput
	}
}

type scopeOutput struct{ ScopeName, ScopeDescription string }

func (s *Service) describeResourceServerOp(ctx context.Context, in *struct{ UserPoolId, Identifier string }) (*resourceServerOutput, error) {
	r, err := s.ResourceServer(ctx, in.UserPoolId, in.Identifier)
	if err != nil {
		return nil, err
	}
	out := &resourceServerOutput{}
	o := &out.ResourceServer
	o.UserPoolId, o.Identifier, o.Name = r.PoolID, r.Identifier, r.Name
	for _, scope := range r.Scopes {
		o.Scopes = append(o.Scopes, scopeOutput{scope.Name, scope.Description})
	}
	return out, nil
}

// epoch is a time in the JSON protocol: seconds since 1970.
func epoch(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }
