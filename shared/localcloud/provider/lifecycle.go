package provider

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

// Check is the gate: what passes it is honoured.
func (s *Server) Check(ctx context.Context, req *pulumirpc.CheckRequest) (*pulumirpc.CheckResponse, error) {
	l, call, err := s.life(req.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := unmarshal(req.GetOlds())
	if err != nil {
		return nil, err
	}
	news, err := unmarshal(req.GetNews())
	if err != nil {
		return nil, err
	}
	if err := autoName(l.spec().autoName, call.Name, req.GetRandomSeed(), olds, news); err != nil {
		return nil, err
	}
	failures := s.check(ctx, l, call, news)
	for i, f := range failures {
		failures[i].Reason = fmt.Sprintf("%s (%s %q of project %s)", f.Reason, l.token(), call.Name, call.Layer())
	}
	inputs, err := marshal(news)
	return &pulumirpc.CheckResponse{Inputs: inputs, Failures: checkFailures(failures)}, err
}

func (s *Server) check(ctx context.Context, l life, call Call, news resource.PropertyMap) []failure {
	args, _ := l.sdkTypes()
	if failures := compare(news, args.ElementType(), notInSDK); len(failures) > 0 {
		return failures
	}
	if failures := l.honoured(news); len(failures) > 0 {
		return failures
	}
	var failures []failure
	for name, rule := range l.spec().rules {
		value, set := news[resource.PropertyKey(name)]
		if !set || value.ContainsUnknowns() || bare(value).IsNull() {
			continue
		}
		if err := rule(plainValue(value)); err != nil {
			failures = append(failures, failure{name, err.Error()})
		}
	}
	sort.Slice(failures, func(i, j int) bool { return failures[i].Property < failures[j].Property })
	if len(failures) > 0 || news.ContainsUnknowns() {
		return failures
	}
	if err := l.validate(ctx, call, news); err != nil {
		return []failure{{"", err.Error()}}
	}
	return nil
}

// autoName fills property from the old inputs, or with the name and a random suffix.
func autoName(property, name string, seed []byte, olds, news resource.PropertyMap) error {
	key := resource.PropertyKey(property)
	if property == "" || news.HasValue(key) {
		return nil
	}
	if olds.HasValue(key) {
		news[key] = olds[key]
		return nil
	}
	unique, err := resource.NewUniqueName(seed, name+"-", 7, 64, nil)
	if err != nil {
		return err
	}
	news[key] = resource.NewStringProperty(unique)
	return nil
}

// Diff compares inputs, so that what AWS fills in is never a change.
func (s *Server) Diff(_ context.Context, req *pulumirpc.DiffRequest) (*pulumirpc.DiffResponse, error) {
	l, _, err := s.life(req.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := unmarshal(req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := unmarshal(req.GetNews())
	if err != nil {
		return nil, err
	}
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
	return diffResponse(diff, l.spec()), nil
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

func (s *Server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	l, call, err := s.life(req.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := unmarshal(req.GetProperties())
	if err != nil {
		return nil, err
	}
	if req.GetPreview() {
		outputs, err := marshal(planned(l, inputs))
		return &pulumirpc.CreateResponse{Properties: outputs}, err
	}
	s.operation.Lock()
	defer s.operation.Unlock()
	id, out, err := l.create(ctx, call, inputs)
	if err != nil {
		return nil, problem(err)
	}
	outputs, err := state(l, inputs, out)
	if err != nil {
		return nil, err
	}
	properties, err := marshal(outputs)
	return &pulumirpc.CreateResponse{Id: id, Properties: properties}, err
}

func (s *Server) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	l, _, err := s.life(req.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := unmarshal(req.GetInputs())
	if err != nil {
		return nil, err
	}
	s.operation.Lock()
	defer s.operation.Unlock()
	actual, out, found, err := l.read(ctx, req.GetId(), inputs)
	if err != nil {
		return nil, problem(err)
	}
	if !found {
		return &pulumirpc.ReadResponse{}, nil
	}
	for key, value := range resource.NewPropertyMapFromMap(actual) {
		inputs[key] = keepSecret(inputs[key], value)
	}
	outputs, err := state(l, inputs, out)
	if err != nil {
		return nil, err
	}
	properties, err := marshal(outputs)
	if err != nil {
		return nil, err
	}
	marshalled, err := marshal(inputs)
	return &pulumirpc.ReadResponse{Id: req.GetId(), Properties: properties, Inputs: marshalled}, err
}

// keepSecret returns value, as a secret if what it takes the place of was one.
func keepSecret(old, value resource.PropertyValue) resource.PropertyValue {
	if old.IsSecret() && !value.IsSecret() {
		return resource.MakeSecret(value)
	}
	return value
}

func (s *Server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	l, call, err := s.life(req.GetUrn())
	if err != nil {
		return nil, err
	}
	olds, err := unmarshal(req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	news, err := unmarshal(req.GetNews())
	if err != nil {
		return nil, err
	}
	before, err := unmarshal(req.GetOlds())
	if err != nil {
		return nil, err
	}
	outputs := before.Copy()
	for key := range olds {
		delete(outputs, key)
	}
	for key, value := range news {
		outputs[key] = value
	}
	if !req.GetPreview() {
		s.operation.Lock()
		defer s.operation.Unlock()
		out, err := l.update(ctx, call, req.GetId(), olds, news)
		if err != nil {
			return nil, problem(err)
		}
		if outputs, err = state(l, outputs, out); err != nil {
			return nil, err
		}
	}
	properties, err := marshal(outputs)
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

func (s *Server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	l, call, err := s.life(req.GetUrn())
	if err != nil {
		return nil, err
	}
	inputs, err := unmarshal(req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	s.operation.Lock()
	defer s.operation.Unlock()
	if err := l.delete(ctx, call, req.GetId(), inputs); err != nil {
		return nil, problem(err)
	}
	return &emptypb.Empty{}, nil
}

// planned is what a preview knows of a resource to be created.
func planned(l life, inputs resource.PropertyMap) resource.PropertyMap {
	_, sdkState := l.sdkTypes()
	outputs := inputs.Copy()
	for name := range declared(sdkState) {
		if _, set := outputs[resource.PropertyKey(name)]; !set {
			outputs[resource.PropertyKey(name)] = resource.MakeComputed(resource.NewStringProperty(""))
		}
	}
	return outputs
}

// state is inputs overlaid with what the resource returned, complete and secret where
// it must be.
func state(l life, inputs resource.PropertyMap, out Outputs) (resource.PropertyMap, error) {
	outputs := inputs.Copy()
	for key, value := range resource.NewPropertyMapFromMap(out) {
		outputs[key] = keepSecret(outputs[key], value)
	}
	_, sdkState := l.sdkTypes()
	var missing []string
	for name, always := range declared(sdkState) {
		key := resource.PropertyKey(name)
		if outputs.HasValue(key) {
			continue
		}
		if tags, tagged := outputs["tags"]; name == "tagsAll" {
			if !tagged {
				tags = resource.NewObjectProperty(resource.PropertyMap{})
			}
			outputs[key] = tags
		} else if always {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		sort.Strings(missing)
		return nil, fmt.Errorf("%s: the local cloud returned no %s", l.token(), strings.Join(missing, ", "))
	}
	for _, name := range l.spec().secretOutputs {
		if v, set := outputs[resource.PropertyKey(name)]; set && !v.IsSecret() {
			outputs[resource.PropertyKey(name)] = resource.MakeSecret(v)
		}
	}
	return outputs, nil
}

// problem keeps an error's text on one line for the terminal.
func problem(err error) error {
	return errors.New(strings.ReplaceAll(strings.TrimSpace(err.Error()), "\n", "; "))
}
