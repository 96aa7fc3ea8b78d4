package provider

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
)

// Diff compares inputs, so that what AWS fills in is never a change. What a call did whose
// answer the engine never heard is one.
func (s *Server) Diff(ctx context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	r, err := s.request(req.GetUrn(), req.GetOldInputs(), req.GetNews())
	if err != nil {
		return nil, err
	}
	olds, news := r.properties[0], r.properties[1] // without what ignoreChanges names: the engine has put the old back
	actual, gone, err := s.actual(ctx, r, req.GetId(), olds)
	if err != nil {
		return nil, err
	}
	if gone {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_SOME, Replaces: []string{"id"}, DeleteBeforeReplace: true}, nil
	}
	diff := r.diff(olds, news)
	if diff == nil {
		diff = r.diff(actual, news)
	}
	if diff == nil {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	return diffResponse(diff, r.spec(), news), nil
}

// diff compares inputs: what is empty or AWS's default is as good as absent, a set has no
// order, and to become a secret changes nothing (pulumi-terraform-bridge, Diff).
func (r request) diff(olds, news resource.PropertyMap) *resource.ObjectDiff {
	olds, news = opened(olds), opened(news)
	return r.needed(olds).Diff(r.needed(unordered(olds, news, r.spec().sets)))
}

func diffResponse(diff *resource.ObjectDiff, spec spec, news resource.PropertyMap) *pulumirpc.DiffResponse {
	response := &pulumirpc.DiffResponse{
		Changes:         pulumirpc.DiffResponse_DIFF_SOME,
		HasDetailedDiff: true,
		DetailedDiff:    map[string]*pulumirpc.PropertyDiff{},
	}
	for path, d := range plugin.NewDetailedDiffFromObjectDiff(diff, true) {
		name := top(path)
		if !slices.Contains(response.Diffs, name) {
			response.Diffs = append(response.Diffs, name)
		}
		kind := d.Kind
		if spec.replaces(path) {
			kind = kind.AsReplace()
			if !slices.Contains(response.Replaces, name) {
				response.Replaces = append(response.Replaces, name)
			}
		}
		response.DetailedDiff[path] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_Kind(kind), InputDiff: true}
	}
	response.DeleteBeforeReplace = len(response.Replaces) > 0 && (spec.deleteBeforeReplace || named(spec.autoName, news))
	return response
}

// top is the name of the property that a path begins with.
func top(path string) string {
	name, _, _ := strings.Cut(path, ".")
	name, _, _ = strings.Cut(name, "[")
	return name
}

var index = regexp.MustCompile(`\[[^\]]*\]`)

// replaces says whether a change at a property path, such as rules[0].days, replaces the
// resource.
func (s spec) replaces(path string) bool {
	path = index.ReplaceAllString(path, "")
	for _, on := range s.replaceOn {
		if on == "*" || path == on || strings.HasPrefix(path, on+".") || strings.HasPrefix(on, path+".") {
			return true
		}
	}
	return false
}
