package provider

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// make creates a thing, or finishes a create whose answer the engine never heard.
func (s *Server) make(ctx context.Context, r request, inputs resource.PropertyMap) (existing, error) {
	was, unheard, err := s.memory.unheard(r.urn)
	if err != nil {
		return existing{}, err
	}
	if unheard {
		if made, ok, err := s.finish(ctx, r, was, inputs); ok || err != nil {
			return made, err
		}
	}
	id, out, err := r.create(ctx, inputs)
	return existing{id, inputs, out}, err
}

// clear deletes the thing that an interrupted create has left where it cannot be changed to
// the inputs of now: nobody knows it.
func (s *Server) clear(ctx context.Context, r request, inputs resource.PropertyMap) error {
	was, unheard, err := s.memory.unheard(r.urn)
	if err != nil || !unheard {
		return err
	}
	before, err := was.inputs()
	if err != nil {
		return err
	}
	if diff := r.diff(before, inputs); diff == nil || len(diffResponse(diff, r.spec(), inputs).Replaces) == 0 {
		return nil
	}
	return s.memory.whole(ctx, r.urn, func(ctx context.Context) (call, error) {
		return call{ID: was.ID, Gone: true}, r.delete(ctx, was.ID, before)
	})
}

// finish takes over the thing that an interrupted create has left, if it is there, and
// brings it to the inputs of now.
func (s *Server) finish(ctx context.Context, r request, was call, inputs resource.PropertyMap) (thing existing, ok bool, err error) {
	before, err := was.inputs()
	if err != nil {
		return thing, false, err
	}
	_, out, found, err := r.read(ctx, was.ID, before)
	if err != nil || !found {
		return thing, false, err
	}
	if r.diff(before, inputs) == nil {
		return existing{was.ID, inputs, out}, true, nil
	}
	updated, err := r.update(ctx, was.ID, before, inputs)
	return existing{was.ID, overlay(resource.NewPropertyMapFromMap(out), inputs), updated}, true, err
}

// begun is the inputs that a name is taken from: the old ones, or those of an interrupted
// create, which is to be finished under the name that it was begun with.
func (s *Server) begun(r request, olds resource.PropertyMap) (resource.PropertyMap, error) {
	was, unheard, err := s.memory.unheard(r.urn)
	if err != nil || !unheard || len(olds) > 0 {
		return olds, err
	}
	return was.inputs()
}

// actual is the inputs that a thing has: those that the engine shows, or those of a call
// whose inputs it has never shown, so whose answer it may not have heard. gone says that it was deleted unheard.
func (s *Server) actual(ctx context.Context, r request, id string, shown resource.PropertyMap) (inputs resource.PropertyMap, gone bool, err error) {
	if err := s.memory.show(r.urn, id, shown); err != nil {
		return nil, false, err
	}
	last, err := s.memory.last(r.urn)
	if err != nil || last.ID != id || last.Told {
		return shown, false, err
	}
	if last.Gone {
		_, _, found, err := r.read(ctx, id, shown)
		return shown, !found, err
	}
	inputs, err = last.inputs()
	return inputs, false, err
}
