package main

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cognito"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// clients are the ids of those that may ask for tokens, and the scope that lets a token
// post events.
type clients struct{ public, machine, writeScope pulumi.StringOutput }

func newClients(ctx *pulumi.Context, pool *cognito.UserPool, cfg config) (clients, error) {
	made := clients{machine: pulumi.String("").ToStringOutput()}
	server, err := cognito.NewResourceServer(ctx, "events", &cognito.ResourceServerArgs{
		UserPoolId: pool.ID(),
		Identifier: pulumi.String(cfg.ResourceServer),
		Name:       pulumi.String("Events"),
		Scopes: cognito.ResourceServerScopeArray{
			cognito.ResourceServerScopeArgs{ScopeName: pulumi.String("write"), ScopeDescription: pulumi.String("Post events")},
		},
	})
	if err != nil {
		return made, err
	}
	made.writeScope = pulumi.Sprintf("%s/write", server.Identifier)
	public, err := newPublicClient(ctx, pool, server, cfg)
	if err != nil {
		return made, err
	}
	made.public = public.ID().ToStringOutput()
	if !cfg.MachineClient {
		return made, nil
	}
	machine, err := newMachineClient(ctx, pool, server, cfg)
	if err != nil {
		return made, err
	}
	made.machine = machine.ID().ToStringOutput()
	return made, nil
}

// newPublicClient makes the client of applications that people use. It has no secret: an
// application in a browser or on a phone could not keep one, and with one the command
// line would have to prove it.
func newPublicClient(ctx *pulumi.Context, pool *cognito.UserPool, server *cognito.ResourceServer, cfg config) (*cognito.UserPoolClient, error) {
	return cognito.NewUserPoolClient(ctx, "public", &cognito.UserPoolClientArgs{
		UserPoolId:                      pool.ID(),
		Name:                            pulumi.String("public"),
		ExplicitAuthFlows:               pulumi.ToStringArray(cfg.AuthFlows),
		AllowedOauthFlowsUserPoolClient: pulumi.Bool(true), // else flows, scopes and URLs have no effect
		AllowedOauthFlows:               pulumi.ToStringArray(cfg.OAuthFlows),
		AllowedOauthScopes:              pulumi.ToStringArray(cfg.Scopes),
		CallbackUrls:                    pulumi.ToStringArray(cfg.CallbackURLs),
		LogoutUrls:                      pulumi.ToStringArray(cfg.LogoutURLs),
		SupportedIdentityProviders:      pulumi.ToStringArray([]string{"COGNITO"}),
		PreventUserExistenceErrors:      pulumi.String("ENABLED"),
		EnableTokenRevocation:           pulumi.Bool(true),
		AccessTokenValidity:             pulumi.Int(cfg.AccessTokenMinutes),
		IdTokenValidity:                 pulumi.Int(cfg.IDTokenMinutes),
		RefreshTokenValidity:            pulumi.Int(cfg.RefreshTokenDays),
		TokenValidityUnits: cognito.UserPoolClientTokenValidityUnitsArgs{AccessToken: pulumi.String("minutes"),
			IdToken: pulumi.String("minutes"), RefreshToken: pulumi.String("days")},
	}, pulumi.DependsOn([]pulumi.Resource{server})) // its scopes are named, not referred to
}

// newMachineClient makes the client of programs. Its flows for users are the one that
// Cognito asks of every client, and of no use without the others.
func newMachineClient(ctx *pulumi.Context, pool *cognito.UserPool, server *cognito.ResourceServer, cfg config) (*cognito.UserPoolClient, error) {
	return cognito.NewUserPoolClient(ctx, "machine", &cognito.UserPoolClientArgs{
		UserPoolId:                      pool.ID(),
		Name:                            pulumi.String("machine"),
		GenerateSecret:                  pulumi.Bool(true),
		ExplicitAuthFlows:               pulumi.ToStringArray([]string{"ALLOW_REFRESH_TOKEN_AUTH"}),
		AllowedOauthFlowsUserPoolClient: pulumi.Bool(true),
		AllowedOauthFlows:               pulumi.ToStringArray([]string{"client_credentials"}),
		AllowedOauthScopes:              pulumi.ToStringArray([]string{cfg.writeScope()}),
		PreventUserExistenceErrors:      pulumi.String("ENABLED"),
		EnableTokenRevocation:           pulumi.Bool(true),
		AccessTokenValidity:             pulumi.Int(cfg.AccessTokenMinutes),
		TokenValidityUnits:              cognito.UserPoolClientTokenValidityUnitsArgs{AccessToken: pulumi.String("minutes")},
	}, pulumi.DependsOn([]pulumi.Resource{server}))
}
