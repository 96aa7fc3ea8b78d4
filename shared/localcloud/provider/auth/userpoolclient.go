package auth

import (
	"context"
	"strings"

	plane "pipeline/shared/localcloud/cognito"
	"pipeline/shared/localcloud/provider"
)

type userPoolClientArgs struct {
	Name                            string             `pulumi:"name,optional"`
	UserPoolID                      string             `pulumi:"userPoolId"`
	AccessTokenValidity             int                `pulumi:"accessTokenValidity,optional"`
	AllowedOAuthFlows               []string           `pulumi:"allowedOauthFlows"`
	AllowedOAuthFlowsUserPoolClient bool               `pulumi:"allowedOauthFlowsUserPoolClient,optional"`
	AllowedOAuthScopes              []string           `pulumi:"allowedOauthScopes"`
	AuthSessionValidity             int                `pulumi:"authSessionValidity,optional"`
	CallbackURLs                    []string           `pulumi:"callbackUrls"`
	DefaultRedirectURI              string             `pulumi:"defaultRedirectUri,optional"`
	EnableTokenRevocation           *bool              `pulumi:"enableTokenRevocation"`
	ExplicitAuthFlows               []string           `pulumi:"explicitAuthFlows"`
	GenerateSecret                  bool               `pulumi:"generateSecret,optional"`
	IDTokenValidity                 int                `pulumi:"idTokenValidity,optional"`
	LogoutURLs                      []string           `pulumi:"logoutUrls"`
	PreventUserExistenceErrors      string             `pulumi:"preventUserExistenceErrors,optional"`
	RefreshTokenValidity            int                `pulumi:"refreshTokenValidity,optional"`
	SupportedIdentityProviders      []string           `pulumi:"supportedIdentityProviders"`
	TokenValidityUnits              *validityUnitsArgs `pulumi:"tokenValidityUnits"`
}

type validityUnitsArgs struct {
	AccessToken  string `pulumi:"accessToken,optional"`
	IDToken      string `pulumi:"idToken,optional"`
	RefreshToken string `pulumi:"refreshToken,optional"`
}

func (a userPoolClientArgs) plane(id string) plane.Client {
	units := validityUnitsArgs{}
	if a.TokenValidityUnits != nil {
		units = *a.TokenValidityUnits
	}
	return plane.Client{
		ID: id, PoolID: a.UserPoolID, Name: a.Name, AuthFlows: a.ExplicitAuthFlows,
		OAuth: a.AllowedOAuthFlowsUserPoolClient, OAuthFlows: a.AllowedOAuthFlows, Scopes: a.AllowedOAuthScopes,
		CallbackURLs: a.CallbackURLs, LogoutURLs: a.LogoutURLs, DefaultRedirectURI: a.DefaultRedirectURI,
		IdentityProviders:    a.SupportedIdentityProviders,
		AccessTokenValidity:  plane.Validity{Value: a.AccessTokenValidity, Unit: units.AccessToken},
		IDTokenValidity:      plane.Validity{Value: a.IDTokenValidity, Unit: units.IDToken},
		RefreshTokenValidity: plane.Validity{Value: a.RefreshTokenValidity, Unit: units.RefreshToken},

		PreventExistenceErrors: a.PreventUserExistenceErrors, AuthSessionValidity: a.AuthSessionValidity,
		TokenRevocation: a.EnableTokenRevocation == nil || *a.EnableTokenRevocation, // on for new clients since 2021
	}
}

func (r resources) userPoolClient() provider.Resource[userPoolClientArgs] {
	return provider.Resource[userPoolClientArgs]{
		Token:     "aws:cognito/userPoolClient:UserPoolClient",
		Sets:      []string{"allowedOauthFlows", "allowedOauthScopes", "callbackUrls", "explicitAuthFlows", "logoutUrls", "supportedIdentityProviders"},
		Defaults:  provider.Outputs{"enableTokenRevocation": true, "authSessionValidity": 3, "preventUserExistenceErrors": "LEGACY"},
		ReplaceOn: []string{"userPoolId", "generateSecret"}, AutoName: "name",
		// One property each, as soon as it is known: in the first preview of a stack the
		// pool is not.
		Rules: map[string]func(any) error{
			"explicitAuthFlows":          texts(plane.CheckAuthFlows),
			"allowedOauthFlows":          texts(plane.CheckOAuthFlows),
			"callbackUrls":               texts(plane.CheckURLs),
			"logoutUrls":                 texts(plane.CheckURLs),
			"supportedIdentityProviders": texts(plane.CheckIdentityProviders),
		},
		Validate: func(_ context.Context, a userPoolClientArgs) error {
			return a.plane("").Check(a.GenerateSecret)
		},
		Create: func(ctx context.Context, a userPoolClientArgs) (string, provider.Outputs, error) {
			c, err := r.plane.CreateUserPoolClient(ctx, a.plane(""), a.GenerateSecret)
			return c.ID, clientOutputs(c), err
		},
		Import: func(_ context.Context, written string) (string, provider.Outputs, bool, error) {
			return written[strings.LastIndex(written, "/")+1:], nil, true, nil // POOL-ID/CLIENT-ID
		},
		Read: func(ctx context.Context, id string, a userPoolClientArgs) (provider.Outputs, provider.Outputs, bool, error) {
			c, err := r.plane.FindUserPoolClient(ctx, id)
			ok, err := absent.Found(err)
			return changedClient(c, a.plane(id).WithDefaults(), a.TokenValidityUnits != nil), clientOutputs(c), ok, err
		},
		Update: func(ctx context.Context, id string, _, a userPoolClientArgs) (provider.Outputs, error) {
			c, err := r.plane.UpdateUserPoolClient(ctx, a.plane(id))
			return clientOutputs(c), err
		},
		Delete: func(ctx context.Context, id string, a userPoolClientArgs) error {
			return absent.Gone(r.plane.DeleteUserPoolClient(ctx, a.UserPoolID, id))
		},
	}
}

func clientInputs(c plane.Client) map[string]any {
	return map[string]any{
		"name": c.Name, "userPoolId": c.PoolID, "explicitAuthFlows": provider.List(c.AuthFlows), "allowedOauthFlows": provider.List(c.OAuthFlows),
		"allowedOauthFlowsUserPoolClient": c.OAuth, "allowedOauthScopes": provider.List(c.Scopes), "callbackUrls": provider.List(c.CallbackURLs),
		"logoutUrls": provider.List(c.LogoutURLs), "defaultRedirectUri": c.DefaultRedirectURI, "supportedIdentityProviders": provider.List(c.IdentityProviders),
		"preventUserExistenceErrors": c.PreventExistenceErrors, "authSessionValidity": c.AuthSessionValidity,
		"enableTokenRevocation": c.TokenRevocation,
	}
}

// changedClient is what of a client is not as the program meant it. A validity is told with
// its unit: 60 without one is 60 hours.
func changedClient(c, meant plane.Client, unitsWritten bool) provider.Outputs {
	in := unlike(clientInputs(c), clientInputs(meant))
	in["generateSecret"] = c.Secret != ""
	units := map[string]any{}
	for token, v := range map[string][2]plane.Validity{
		"accessToken":  {c.AccessTokenValidity, meant.AccessTokenValidity},
		"idToken":      {c.IDTokenValidity, meant.IDTokenValidity},
		"refreshToken": {c.RefreshTokenValidity, meant.RefreshTokenValidity},
	} {
		if v[0] != v[1] {
			in[token+"Validity"] = v[0].Value
			if unitsWritten || v[0].Unit != "" {
				units[token] = v[0].Unit
			}
		}
	}
	if len(units) > 0 {
		in["tokenValidityUnits"] = units
	}
	return in
}

// clientOutputs is complete: what the program did not set is what AWS makes of it.
func clientOutputs(c plane.Client) provider.Outputs {
	return provider.Outputs{
		"name": c.Name, "clientSecret": c.Secret, "explicitAuthFlows": provider.List(c.AuthFlows), "allowedOauthFlows": provider.List(c.OAuthFlows),
		"allowedOauthFlowsUserPoolClient": c.OAuth, "allowedOauthScopes": provider.List(c.Scopes), "callbackUrls": provider.List(c.CallbackURLs),
		"logoutUrls": provider.List(c.LogoutURLs), "defaultRedirectUri": c.DefaultRedirectURI, "supportedIdentityProviders": provider.List(c.IdentityProviders),
		"preventUserExistenceErrors": c.PreventExistenceErrors, "authSessionValidity": c.AuthSessionValidity,
		"accessTokenValidity": c.AccessTokenValidity.Value, "idTokenValidity": c.IDTokenValidity.Value,
		"refreshTokenValidity": c.RefreshTokenValidity.Value, "enableTokenRevocation": c.TokenRevocation,
		"enablePropagateAdditionalUserContextData": false, "readAttributes": []any{}, "writeAttributes": []any{},
	}
}
