package iam

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"pipeline/shared/localcloud/iam/policy"
)

// assumeRole is the action that a trust policy allows.
const assumeRole = "sts:AssumeRole"

// Access is one call to authorize, with what Authorize has no parameter for.
type Access struct {
	Action     string
	Resource   string
	Conditions map[string]string
	Policy     *policy.Document // of the resource, if it has one
	Anonymous  bool             // the call is signed by nobody
}

// Authorize says whether the caller in ctx may do action on resource: nil for the
// administrator; else the role must exist, trust the calling service and be allowed.
// It is *Denied otherwise. Conditions are the condition keys of the request, such as
// "s3:prefix"; the global ones are known here.
func (s *Service) Authorize(ctx context.Context, action, resource string, conditions map[string]string) error {
	return s.Check(ctx, Access{Action: action, Resource: resource, Conditions: conditions})
}

// Check is Authorize for a resource that has a policy of its own. Within one account
// either policy can allow, and each can deny (IAM user guide, "Policy evaluation
// logic").
func (s *Service) Check(ctx context.Context, a Access) error {
	caller, called := CallerFrom(ctx)
	switch {
	case a.Anonymous:
		return s.byResourcePolicy(a, policy.Principal{}, "anonymous")
	case !called:
		return s.administrator(a)
	case caller.Role == "":
		return s.byResourcePolicy(a, policy.Principal{Service: caller.Service}, caller.Service)
	}
	return s.role(caller, a)
}

// administrator may do all but what the resource's own policy denies.
func (s *Service) administrator(a Access) error {
	if a.Policy == nil {
		return nil
	}
	root := fmt.Sprintf("arn:%s:iam::%s:root", s.partition, s.account)
	who := policy.Principal{Account: s.account}
	if a.Policy.Evaluate(s.request(a, who, root)) == policy.Deny {
		return a.denied("", root, "with an explicit deny in a resource-based policy")
	}
	return nil
}

// byResourcePolicy is for callers who have no identity policies.
func (s *Service) byResourcePolicy(a Access, who policy.Principal, name string) error {
	decision := policy.None
	if a.Policy != nil {
		decision = a.Policy.Evaluate(s.request(a, who, ""))
	}
	switch decision {
	case policy.Allow:
		return nil
	case policy.Deny:
		return a.denied("", name, "with an explicit deny in a resource-based policy")
	}
	return a.denied("", name, "because no resource-based policy allows the "+a.Action+" action")
}

func (s *Service) role(caller Caller, a Access) error {
	p, err := s.assumable(caller)
	if err != nil {
		return err
	}
	session := p.session.by(caller.Service)
	if s.drills.take(a.Action) {
		return a.denied(caller.Role, session, "with an explicit deny in a service control policy")
	}
	who := policy.Principal{Account: s.account, Role: caller.Role, Session: session}
	identity := p.decide(s, a, who)
	resource := policy.None
	if a.Policy != nil {
		resource = a.Policy.Evaluate(s.request(a, who, caller.Role))
	}
	switch {
	case identity == policy.Deny:
		return a.denied(caller.Role, session, "with an explicit deny in an identity-based policy")
	case resource == policy.Deny:
		return a.denied(caller.Role, session, "with an explicit deny in a resource-based policy")
	case identity == policy.None && resource == policy.None:
		return a.denied(caller.Role, session, "because no identity-based policy allows the "+a.Action+" action")
	}
	return nil
}

func (a Access) denied(role, principal, reason string) error {
	return &Denied{Action: a.Action, Resource: a.Resource, Role: role, Reason: reason, principal: principal}
}

// assumable returns the role if it exists and its trust policy lets the service in.
func (s *Service) assumable(caller Caller) (*principal, error) {
	a := Access{Action: assumeRole, Resource: caller.Role}
	s.mu.RLock()
	p := s.roles[key(nameOf(caller.Role))]
	s.mu.RUnlock()
	if p == nil || p.record.Role.ARN != caller.Role {
		return nil, a.denied(caller.Role, caller.Service, "because the role does not exist")
	}
	if p.trusts(s, a, caller.Service) != policy.Allow {
		return nil, a.denied(caller.Role, caller.Service, "because the role's trust policy does not allow it")
	}
	return p, nil
}

// nameOf is the name in a role's ARN, which may have a path before it.
func nameOf(roleARN string) string { return roleARN[strings.LastIndexByte(roleARN, '/')+1:] }

// principal is a role, ready to decide.
type principal struct {
	record   record
	session  sessionARNs
	trust    *policy.Document
	identity []*policy.Document
	decided  decisions
}

// trusts is not remembered when it depends on the time.
func (p *principal) trusts(s *Service, a Access, service string) policy.Decision {
	who := policy.Principal{Service: service}
	evaluate := func() policy.Decision {
		a.Conditions = externalID(service, s.account)
		return p.trust.Evaluate(s.request(a, who, ""))
	}
	if p.trust.TimeDependent() {
		return evaluate()
	}
	return p.decided.remember(decisionKey{action: assumeRole, resource: service}, evaluate)
}

// externalID is what Firehose gives when it takes a role on (Firehose developer guide,
// "Allow Firehose to assume an IAM role"); the other services give none.
func externalID(service, account string) map[string]string {
	if service != "firehose.amazonaws.com" {
		return nil
	}
	return map[string]string{"sts:ExternalId": account}
}

func (p *principal) decide(s *Service, a Access, who policy.Principal) policy.Decision {
	if slices.ContainsFunc(p.identity, (*policy.Document).TimeDependent) {
		return p.evaluate(s.request(a, who, who.Role))
	}
	return p.decided.remember(decisionKey{a.Action, a.Resource, spell(a.Conditions)}, func() policy.Decision {
		return p.evaluate(s.request(a, who, who.Role))
	})
}

func (p *principal) evaluate(r policy.Request) policy.Decision {
	strongest := policy.None
	for _, d := range p.identity {
		strongest = max(strongest, d.Evaluate(r))
	}
	return strongest
}

// spell makes one text of conditions, the same for the same conditions.
func spell(conditions map[string]string) string {
	if len(conditions) == 0 {
		return ""
	}
	var b strings.Builder
	for _, k := range slices.Sorted(maps.Keys(conditions)) {
		fmt.Fprintf(&b, "%q=%q ", k, conditions[k])
	}
	return b.String()
}

// request adds the global condition keys. The local cloud listens on loopback only,
// which counts as secure transport.
func (s *Service) request(a Access, who policy.Principal, principalARN string) policy.Request {
	now := s.now().UTC()
	values := map[string]string{
		"aws:currenttime":           now.Format(time.RFC3339),
		"aws:epochtime":             strconv.FormatInt(now.Unix(), 10),
		"aws:principalisawsservice": strconv.FormatBool(who.Service != ""),
		"aws:requestedregion":       s.region,
		"aws:resourceaccount":       s.account,
		"aws:securetransport":       "true",
		"s3:resourceaccount":        s.account,
	}
	if who.Service != "" {
		values["aws:principalservicename"] = who.Service
		values["aws:sourceaccount"] = s.account
	}
	if who.Account != "" {
		values["aws:principalaccount"] = who.Account
		values["aws:principalarn"] = principalARN
	}
	for k, v := range a.Conditions {
		values[strings.ToLower(k)] = v
	}
	return policy.Request{Principal: who, Action: a.Action, Resource: a.Resource, Context: values}
}

// decisions remembers what a role's policies said, since they are asked once an event.
// A role that changes is a new principal with nothing remembered.
type decisions struct {
	mu    sync.RWMutex
	known map[decisionKey]policy.Decision
}

type decisionKey struct{ action, resource, conditions string }

// maxDecisions bounds what is remembered: object keys are all different.
const maxDecisions = 1024

func (d *decisions) remember(k decisionKey, decide func() policy.Decision) policy.Decision {
	d.mu.RLock()
	decision, known := d.known[k]
	d.mu.RUnlock()
	if known {
		return decision
	}
	decision = decide()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.known == nil || len(d.known) >= maxDecisions {
		d.known = map[decisionKey]policy.Decision{}
	}
	d.known[k] = decision
	return decision
}
