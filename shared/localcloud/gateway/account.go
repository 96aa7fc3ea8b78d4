package gateway

import (
	"context"

	"pipeline/shared/localcloud/iam"
)

// Account is the account's API Gateway settings: one for an account and region.
type Account struct {
	CloudwatchRoleARN string // role that access and execution logs are written with; empty: none
}

// Throttle is the account-wide limit: requests a second, and at once.
func (s *Service) Throttle() (rateLimit float64, burst int) { return accountRate, accountBurst }

// GetAccount returns the account's settings.
func (s *Service) GetAccount() Account {
	return *s.account.Load()
}

// logActions is what the logging role must allow, as the managed policy
// AmazonAPIGatewayPushToCloudWatchLogs does.
var logActions = []string{"logs:CreateLogStream", "logs:PutLogEvents"}

// UpdateAccount sets the role that logs are written with. API Gateway must be trusted by
// it, and it must be allowed to write to the region's log groups.
func (s *Service) UpdateAccount(in Account) error {
	if in.CloudwatchRoleARN != "" {
		if err := s.checkRoleARN(in.CloudwatchRoleARN); err != nil {
			return err
		}
		if err := s.checkLogRole(in.CloudwatchRoleARN); err != nil {
			return badRequest("The role ARN does not have required permissions configured. Please grant trust permission for API Gateway and add the required role policy. (%v)", err)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.accounts.Put(s.Account, in); err != nil {
		return err
	}
	s.account.Store(&in)
	return nil
}

func (s *Service) checkLogRole(role string) error {
	ctx := context.Background()
	if err := s.Roles.Assumable(principal, role); err != nil {
		return err
	}
	ctx = iam.WithCaller(ctx, iam.Caller{Service: principal, Role: role})
	for _, action := range logActions {
		resource := s.partition() + ":logs:" + s.Region + ":" + s.Account + ":log-group:" + executionLogGroup("*", "*") + ":log-stream:*"
		if err := s.Roles.Authorize(ctx, action, resource, nil); err != nil {
			return err
		}
	}
	return nil
}
