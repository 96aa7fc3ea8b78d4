package iam

import "context"

// Caller is on whose behalf a call between planes is made: an AWS service that has
// assumed a role. Role is empty where the service calls as itself.
type Caller struct {
	Service string // service principal, such as apigateway.amazonaws.com
	Role    string // role ARN
}

type callerKey struct{}

// WithCaller returns a context whose calls are made by c.
func WithCaller(ctx context.Context, c Caller) context.Context {
	return context.WithValue(ctx, callerKey{}, c)
}

// CallerFrom returns whom ctx's calls are made by. None means a direct client, who acts
// as the administrator of the account.
func CallerFrom(ctx context.Context) (Caller, bool) {
	c, ok := ctx.Value(callerKey{}).(Caller)
	return c, ok
}
