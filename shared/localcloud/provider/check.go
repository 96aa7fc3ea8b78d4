package provider

import (
	"context"
	"fmt"
	"slices"
	"sort"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Check is the gate: what passes it is honoured.
func (s *Server) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	r, err := s.request(req.GetUrn(), req.GetOlds(), req.GetNews())
	if err != nil {
		return nil, err
	}
	olds, news := r.properties[0], r.properties[1]
	if err := s.memory.hearInputs(r.urn, olds); err != nil {
		return nil, err
	}
	if olds, err = s.begun(r, olds); err != nil {
		return nil, err
	}
	if err := r.autoName(req.GetRandomSeed(), olds, news); err != nil {
		return nil, err
	}
	keep(r.spec().kept, olds, news)
	s.warn(ctx, r, news)
	failures := r.check(ctx, news)
	for i, f := range failures {
		failures[i].Reason = fmt.Sprintf("%s (%s %q of project %s)", f.Reason, r.token(), r.urn.Name(), r.urn.Project())
	}
	inputs, err := marshal(news)
	return &pulumirpc.CheckResponse{Inputs: inputs, Failures: checkFailures(failures)}, err
}

// keep takes from the old inputs what a program has taken out and AWS keeps. Of a
// replacement the engine asks without old inputs.
func keep(names []string, olds, news resource.PropertyMap) {
	for _, name := range names {
		if key := resource.PropertyKey(name); !news.HasValue(key) && olds.HasValue(key) {
			news[key] = olds[key]
		}
	}
}

func (r request) check(ctx context.Context, news resource.PropertyMap) []failure {
	if failures := compare(news, r.sdk.Args, notInSDK); len(failures) > 0 {
		return failures
	}
	if failures := compare(news, r.honoured(), notHonoured); len(failures) > 0 {
		return failures
	}
	failures := r.byModels(news)
	if failures = append(failures, r.byRules(news, failures)...); len(failures) > 0 || news.ContainsUnknowns() {
		return failures
	}
	if err := r.validate(ctx, news); err != nil {
		return []failure{{"", err.Error()}}
	}
	return nil
}

// byRules is what the Rules refuse of the properties whose values are known, and which
// are not refused already.
func (r request) byRules(news resource.PropertyMap, refused []failure) []failure {
	var failures []failure
	for name, rule := range r.spec().rules {
		value, set := news[resource.PropertyKey(name)]
		already := slices.ContainsFunc(refused, func(f failure) bool { return top(f.Property) == name })
		if !set || already || value.ContainsUnknowns() || bare(value).IsNull() {
			continue
		}
		if err := rule(plainValue(value)); err != nil {
			failures = append(failures, failure{name, err.Error()})
		}
	}
	sort.Slice(failures, func(i, j int) bool { return failures[i].Property < failures[j].Property })
	return failures
}

// Text is a rule for a property that is a string.
func Text(check func(string) error) func(any) error {
	return func(value any) error {
		s, ok := value.(string)
		if !ok {
			return fmt.Errorf("is a %T, want a string", value)
		}
		return check(s)
	}
}
