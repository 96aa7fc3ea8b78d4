package auth

import (
	"context"
	"errors"
	"fmt"
	"strings"

	plane "pipeline/shared/localcloud/cognito"
	"pipeline/shared/localcloud/provider"
)

type userArgs struct {
	UserPoolID        string            `pulumi:"userPoolId"`
	Username          string            `pulumi:"username"`
	Attributes        map[string]string `pulumi:"attributes"`
	Enabled           *bool             `pulumi:"enabled"`
	MessageAction     string            `pulumi:"messageAction,optional"`
	Password          string            `pulumi:"password,optional"`
	TemporaryPassword string            `pulumi:"temporaryPassword,optional"`
}

func (a userArgs) enabled() bool { return a.Enabled == nil || *a.Enabled }

// user is a user of a pool. Its ID is <pool ID>/<username>. Password is permanent;
// TemporaryPassword has to be changed on the first sign-in.
func (r resources) user() provider.Resource[userArgs] {
	return provider.Resource[userArgs]{
		Token:     "aws:cognito/user:User",
		Defaults:  provider.Outputs{"enabled": true},
		Untold:    []string{"password", "temporaryPassword"},
		ReplaceOn: []string{"userPoolId", "username"},
		Rules: map[string]func(any) error{
			"messageAction": provider.Text(checkMessageAction),
		},
		Validate: func(_ context.Context, a userArgs) error { return r.checkUser(a) },
		Create: func(ctx context.Context, a userArgs) (string, provider.Outputs, error) {
			err := r.createUser(ctx, a)
			if err != nil {
				return "", nil, err
			}
			out, err := r.userOutputs(ctx, a.UserPoolID, a.Username)
			return a.UserPoolID + "/" + a.Username, out, err
		},
		Read: func(ctx context.Context, id string, _ userArgs) (provider.Outputs, provider.Outputs, bool, error) {
			pool, name, ok := strings.Cut(id, "/")
			if !ok {
				return nil, nil, false, fmt.Errorf("unexpected format of ID (%s), expected userPoolId/username", id)
			}
			out, err := r.userOutputs(ctx, pool, name)
			ok, err = absent.Found(err)
			return provider.Outputs{"userPoolId": pool, "username": name, "messageAction": "SUPPRESS",
				"enabled": out["enabled"], "attributes": out["attributes"]}, out, ok, err
		},
		Update: func(ctx context.Context, _ string, old, a userArgs) (provider.Outputs, error) {
			if err := r.updateUser(ctx, old, a); err != nil {
				return nil, err
			}
			return r.userOutputs(ctx, a.UserPoolID, a.Username)
		},
		Delete: func(ctx context.Context, _ string, a userArgs) error {
			return absent.Gone(r.plane.DeleteUser(ctx, a.UserPoolID, a.Username))
		},
	}
}

func checkMessageAction(action string) error {
	if action != "SUPPRESS" {
		return fmt.Errorf("is %q, and the local cloud sends no messages: it has SUPPRESS", action)
	}
	return nil
}

func (r resources) checkUser(a userArgs) error {
	if a.Password != "" && a.TemporaryPassword != "" {
		return errors.New("password and temporaryPassword exclude each other")
	}
	if a.MessageAction == "" {
		return errors.New("AWS would send an invitation, and the local cloud sends no messages: set messageAction to SUPPRESS")
	}
	for _, password := range []string{a.Password, a.TemporaryPassword} {
		if password == "" {
			continue
		}
		if err := r.plane.CheckPassword(a.UserPoolID, password); err != nil {
			return err
		}
	}
	return nil
}

// createUser makes the user in one step: what failed between two would be left.
func (r resources) createUser(ctx context.Context, a userArgs) error {
	_, err := r.plane.CreateUser(ctx, plane.NewUser{PoolID: a.UserPoolID, Username: a.Username, Attributes: a.Attributes,
		TemporaryPassword: a.TemporaryPassword, Password: a.Password, Disabled: !a.enabled()})
	return err
}

func (r resources) updateUser(ctx context.Context, old, a userArgs) error {
	if err := r.plane.SetUserAttributes(ctx, a.UserPoolID, a.Username, a.Attributes); err != nil {
		return err
	}
	if a.Password != "" && a.Password != old.Password {
		if err := r.plane.SetUserPassword(ctx, a.UserPoolID, a.Username, a.Password, true); err != nil {
			return err
		}
	}
	if a.TemporaryPassword != "" && a.TemporaryPassword != old.TemporaryPassword {
		if err := r.plane.SetUserPassword(ctx, a.UserPoolID, a.Username, a.TemporaryPassword, false); err != nil {
			return err
		}
	}
	return r.plane.SetUserEnabled(ctx, a.UserPoolID, a.Username, a.enabled())
}

func (r resources) userOutputs(ctx context.Context, pool, name string) (provider.Outputs, error) {
	u, err := r.plane.User(ctx, pool, name)
	return provider.Outputs{"creationDate": date(u.Created), "lastModifiedDate": date(u.Changed), "enabled": u.Enabled,
		"mfaSettingLists": []any{}, "preferredMfaSetting": "", "status": u.Status, "sub": u.Sub,
		"userPoolId": pool, "username": name, "attributes": provider.Object(u.Attributes)}, err
}
