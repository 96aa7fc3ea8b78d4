package provider

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/types/known/structpb"
)

// make creates a thing, or finishes a create whose answer the engine never heard.
func (s *Server) make(ctx context.Context, r request, inputs resource.PropertyMap) (id string, outputs *structpb.Struct, err error) {
	was, unheard, err := s.memory.unheard(r.URN)
	if err != nil {
		return "", nil, err
	}
	if unheard {
		outputs, err = s.finish(ctx, r, was, inputs)
		if outputs != nil || err != nil {
			return was.ID, outputs, err
		}
	}
	id, out, err := r.create(ctx, r.Call, inputs)
	if err != nil {
		return "", nil, err
	}
	if err := s.memory.put(r.URN, id, inputs); err != nil {
		return "", nil, err
	}
	outputs, err = r.state(inputs, out)
	return id, outputs, err
}

// finish takes over the thing that an interrupted create has left, and brings it to the
// inputs of now. Outputs are nil where there is none, or where it cannot be changed to
// them: then it is deleted, as nobody knows it.
func (s *Server) finish(ctx context.Context, r request, was call, inputs resource.PropertyMap) (*structpb.Struct, error) {
	before, err := was.inputs()
	if err != nil {
		return nil, err
	}
	_, out, found, err := r.read(ctx, was.ID, before)
	if err != nil || !found {
		return nil, err
	}
	diff := r.diff(before, inputs)
	if diff == nil {
		return r.state(inputs, out)
	}
	if len(diffResponse(diff, r.spec()).Replaces) > 0 {
		return nil, r.delete(ctx, r.Call, was.ID, before)
	}
	if err := s.memory.put(r.URN, was.ID, inputs); err != nil {
		return nil, err
	}
	updated, err := r.update(ctx, r.Call, was.ID, before, inputs)
	if err != nil {
		return nil, err
	}
	return r.state(overlay(resource.NewPropertyMapFromMap(out), inputs), updated)
}

// begun is the inputs that a name is taken from: the old ones, or those of an interrupted
// create, which is to be finished under the name that it was begun with.
func (s *Server) begun(r request, olds resource.PropertyMap) (resource.PropertyMap, error) {
	was, unheard, err := s.memory.unheard(r.URN)
	if err != nil || !unheard || len(olds) > 0 {
		return olds, err
	}
	return was.inputs()
}

// actual is the inputs that a thing has: those that the engine shows, or those of an
// update whose answer it never heard. gone says that it was deleted unheard.
func (s *Server) actual(ctx context.Context, r request, id string, shown resource.PropertyMap) (inputs resource.PropertyMap, gone bool, err error) {
	last, err := s.memory.last(r.URN)
	if err != nil || last.ID != id {
		return shown, false, err
	}
	s.memory.hear(r.URN, id)
	if last.Gone {
		_, _, found, err := r.read(ctx, id, shown)
		return shown, !found, err
	}
	inputs, err = last.inputs()
	return inputs, false, err
}
