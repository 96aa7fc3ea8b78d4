package iam

import (
	"context"

	"pipeline/shared/localcloud/iam/policy"
)

// Passes says whether a VPC endpoint's policy lets the caller in ctx do action on
// resource: nil, *Denied, or what is wrong with the document. It takes away only: what
// passes still has to be allowed (VPC user guide, "Control access to VPC endpoints using
// endpoint policies").
func (s *Service) Passes(ctx context.Context, action, resource, document string) error {
	d, err := policy.Parse(policy.Resource, document)
	if err != nil {
		return err
	}
	a := Access{Action: action, Resource: resource}
	who, name, role := policy.Principal{Account: s.account}, "root", ""
	if caller, called := CallerFrom(ctx); called {
		p, err := s.assumable(caller)
		if err != nil {
			return err
		}
		role, name = caller.Role, p.session.by(caller.Service)
		who.Role, who.Session = role, name
	}
	switch d.Evaluate(s.request(a, who, role)) {
	case policy.Allow:
		return nil
	case policy.Deny:
		return a.denied(role, name, "with an explicit deny in a VPC endpoint policy")
	}
	return a.denied(role, name, "because no VPC endpoint policy allows the "+action+" action")
}
