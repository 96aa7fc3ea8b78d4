package cognito_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"pipeline/shared/localcloud/cognito"
	"pipeline/shared/localcloud/store"
)

// bareWorld is a pool with its domain, one user and one client, without a front door. Its
// state stays open until the process ends.
func bareWorld(ctx context.Context, dir string) (*cognito.Service, cognito.Pool, cognito.Client, error) {
	fail := func(err error) (*cognito.Service, cognito.Pool, cognito.Client, error) {
		return nil, cognito.Pool{}, cognito.Client{}, err
	}
	st, err := store.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		return fail(err)
	}
	s, err := cognito.New(cognito.Config{Store: st, Account: "000000000000", Region: "eu-central-1",
		BaseURL: "http://127.0.0.1:4566", IAM: &world{}, Now: time.Now})
	if err != nil {
		return fail(err)
	}
	pool, err := s.CreateUserPool(ctx, cognito.Pool{Name: "events", AdminCreateOnly: true})
	if err != nil {
		return fail(err)
	}
	_, err = s.CreateUser(ctx, cognito.NewUser{PoolID: pool.ID, Username: testUser})
	err = errors.Join(err,
		s.SetUserPassword(ctx, pool.ID, testUser, testPassword, true),
		s.CreateUserPoolDomain(ctx, cognito.Domain{Name: "events-local", PoolID: pool.ID}),
		s.CreateResourceServer(ctx, cognito.ResourceServer{PoolID: pool.ID, Identifier: "events", Name: "Events",
			Scopes: []cognito.Scope{{Name: "write", Description: "Send events"}}}))
	if err != nil {
		return fail(err)
	}
	client, err := s.CreateUserPoolClient(ctx, everything(pool.ID), false)
	return s, pool, client, err
}

// What a gateway pays for a token that it does not remember.
func BenchmarkVerifyToken(b *testing.B) {
	s, pool, client, err := bareWorld(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	answer, err := s.InitiateAuth(b.Context(), cognito.FlowPassword, client.ID, credentials(testUser, testPassword))
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.VerifyToken(b.Context(), []string{pool.ARN}, answer.Tokens.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// One sign-in: the password's exponentiation, two signatures, one write to disk.
func BenchmarkSignIn(b *testing.B) {
	s, _, client, err := bareWorld(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := s.InitiateAuth(b.Context(), cognito.FlowPassword, client.ID, credentials(testUser, testPassword)); err != nil {
			b.Fatal(err)
		}
	}
}
