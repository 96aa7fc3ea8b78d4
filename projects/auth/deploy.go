package main

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/outputs"
	"pipeline/shared/stack"
)

// deploy makes the pool with its pages, then who signs in: users, and the clients that
// they and programs sign in with.
func deploy(ctx *pulumi.Context) error {
	s, err := stack.Load(ctx)
	if err != nil {
		return err
	}
	cfg, err := loadConfig(ctx, s)
	if err != nil {
		return err
	}

	pool, err := newUserPool(ctx, s, cfg)
	if err != nil {
		return err
	}
	domain, err := newDomain(ctx, pool, cfg)
	if err != nil {
		return err
	}
	sender, err := newUsers(ctx, s, pool, cfg)
	if err != nil {
		return err
	}
	clients, err := newClients(ctx, pool, cfg)
	if err != nil {
		return err
	}

	return outputs.Auth{
		UserPoolID:      pool.ID().ToStringOutput(),
		UserPoolARN:     pool.Arn,
		SignInDomain:    domain.Domain,
		ClientID:        clients.public,
		MachineClientID: clients.machine,
		WriteScope:      clients.writeScope,
		UserName:        sender.name,
		UserSecretARN:   sender.secretARN,
	}.Export(ctx)
}
