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

// Diff compares inputs, so that what AWS fills in is never a change.
func (s *Server) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	r, err := s.request(req.GetUrn(), req.GetOldInputs(), req.GetNews())
	if err != nil {
		return nil, err
	}
	olds, news := r.properties[0], r.properties[1]
	for _, ignored := range req.GetIgnoreChanges() {
		top, _, _ := strings.Cut(ignored, ".")
		if old, had := olds[resource.PropertyKey(top)]; had {
			news[resource.PropertyKey(top)] = old
		}
	}
	diff := olds.Diff(news)
	if diff == nil {
		return &pulumirpc.DiffResponse{Changes: pulumirpc.DiffResponse_DIFF_NONE}, nil
	}
	return diffResponse(diff, r.spec()), nil
}

func diffResponse(diff *resource.ObjectDiff, spec spec) *pulumirpc.DiffResponse {
	response := &pulumirpc.DiffResponse{
		Changes:             pulumirpc.DiffResponse_DIFF_SOME,
		DeleteBeforeReplace: spec.deleteBeforeReplace,
		HasDetailedDiff:     true,
		DetailedDiff:        map[string]*pulumirpc.PropertyDiff{},
	}
	for path, d := range plugin.NewDetailedDiffFromObjectDiff(diff, true) {
		top, _, _ := strings.Cut(path, ".")
		top, _, _ = strings.Cut(top, "[")
		if !slices.Contains(response.Diffs, top) {
			response.Diffs = append(response.Diffs, top)
		}
		kind := d.Kind
		if spec.replaces(path) {
			kind = kind.AsReplace()
			if !slices.Contains(response.Replaces, top) {
				response.Replaces = append(response.Replaces, top)
			}
		}
		response.DetailedDiff[path] = &pulumirpc.PropertyDiff{Kind: pulumirpc.PropertyDiff_Kind(kind), InputDiff: true}
	}
	return response
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
