package auth

import (
	"context"
	"fmt"
	"strings"

	plane "pipeline/shared/localcloud/cognito"
	"pipeline/shared/localcloud/provider"
)

type resourceServerArgs struct {
	Identifier string      `pulumi:"identifier"`
	Name       string      `pulumi:"name,optional"`
	Scopes     []scopeArgs `pulumi:"scopes"`
	UserPoolID string      `pulumi:"userPoolId"`
}

type scopeArgs struct {
	ScopeName        string `pulumi:"scopeName"`
	ScopeDescription string `pulumi:"scopeDescription"`
}

func (a resourceServerArgs) plane() plane.ResourceServer {
	s := plane.ResourceServer{PoolID: a.UserPoolID, Identifier: a.Identifier, Name: a.Name}
	for _, scope := range a.Scopes {
		s.Scopes = append(s.Scopes, plane.Scope{Name: scope.ScopeName, Description: scope.ScopeDescription})
	}
	return s
}

// resourceServer is an API with scopes. Its ID is <pool ID>|<identifier>.
func (r resources) resourceServer() provider.Resource[resourceServerArgs] {
	return provider.Resource[resourceServerArgs]{
		Token:     "aws:cognito/resourceServer:ResourceServer",
		Sets:      []string{"scopes"},
		ReplaceOn: []string{"identifier", "name", "userPoolId"}, AutoName: "name",
		Create: func(ctx context.Context, a resourceServerArgs) (string, provider.Outputs, error) {
			return a.UserPoolID + "|" + a.Identifier, serverOutputs(a.plane()), r.plane.CreateResourceServer(ctx, a.plane())
		},
		Read: func(ctx context.Context, id string, _ resourceServerArgs) (provider.Outputs, provider.Outputs, bool, error) {
			pool, identifier, ok := strings.Cut(id, "|")
			if !ok {
				return nil, nil, false, fmt.Errorf("unexpected format of ID (%s), expected UserPoolID|Identifier", id)
			}
			s, err := r.plane.ResourceServer(ctx, pool, identifier)
			ok, err = absent.Found(err)
			return serverInputs(s), serverOutputs(s), ok, err
		},
		Update: func(ctx context.Context, _ string, _, a resourceServerArgs) (provider.Outputs, error) {
			return serverOutputs(a.plane()), r.plane.UpdateResourceServer(ctx, a.plane())
		},
		Delete: func(ctx context.Context, _ string, a resourceServerArgs) error {
			return absent.Gone(r.plane.DeleteResourceServer(ctx, a.UserPoolID, a.Identifier))
		},
	}
}

func serverInputs(s plane.ResourceServer) provider.Outputs {
	scopes := []any{}
	for _, scope := range s.Scopes {
		scopes = append(scopes, map[string]any{"scopeName": scope.Name, "scopeDescription": scope.Description})
	}
	return provider.Outputs{"identifier": s.Identifier, "name": s.Name, "userPoolId": s.PoolID, "scopes": scopes}
}

func serverOutputs(s plane.ResourceServer) provider.Outputs {
	identifiers := []any{}
	for _, scope := range s.Scopes {
		identifiers = append(identifiers, s.Identifier+"/"+scope.Name)
	}
	return provider.Outputs{"name": s.Name, "scopeIdentifiers": identifiers}
}
