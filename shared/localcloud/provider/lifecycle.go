package provider

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/emptypb"
)

func (s *Server) Create(ctx context.Context, req *pulumirpc.CreateRequest) (*pulumirpc.CreateResponse, error) {
	r, err := s.request(req.GetUrn(), req.GetProperties())
	if err != nil {
		return nil, err
	}
	inputs := r.properties[0]
	if req.GetPreview() {
		outputs, err := marshal(r.planned(inputs))
		return &pulumirpc.CreateResponse{Properties: outputs}, err
	}
	s.operation.Lock()
	defer s.operation.Unlock()
	if err := s.clear(ctx, r, inputs); err != nil {
		return nil, problem(err)
	}
	var made existing
	err = s.memory.whole(ctx, r.urn, func(ctx context.Context) (did call, err error) {
		if made, err = s.make(ctx, r, inputs); err != nil {
			return did, err
		}
		s.memory.forget(r.urn, made.id)
		return leaves(made.id, inputs)
	})
	if err != nil {
		return nil, problem(err)
	}
	properties, err := r.state(made.inputs, made.out)
	if err != nil {
		return nil, problem(err)
	}
	return &pulumirpc.CreateResponse{Id: made.id, Properties: properties}, nil
}

// Read refreshes what the engine has inputs of, and imports what it has none of.
func (s *Server) Read(ctx context.Context, req *pulumirpc.ReadRequest) (*pulumirpc.ReadResponse, error) {
	r, err := s.request(req.GetUrn(), req.GetInputs())
	if err != nil {
		return nil, err
	}
	s.operation.Lock()
	defer s.operation.Unlock()
	var thing *existing
	if inputs := r.properties[0]; len(inputs) > 0 {
		if err := s.memory.show(r.urn, req.GetId(), inputs); err != nil {
			return nil, err
		}
		thing, err = r.look(ctx, req.GetId(), inputs)
	} else {
		thing, err = r.bring(ctx, req.GetId())
	}
	if err != nil {
		return nil, problem(err)
	}
	if thing == nil {
		return &pulumirpc.ReadResponse{}, nil
	}
	s.memory.hear(r.urn, thing.id)
	properties, err := r.state(thing.inputs, thing.out)
	if err != nil {
		return nil, err
	}
	inputs, err := marshal(thing.inputs)
	return &pulumirpc.ReadResponse{Id: thing.id, Properties: properties, Inputs: inputs}, err
}

func (s *Server) Update(ctx context.Context, req *pulumirpc.UpdateRequest) (*pulumirpc.UpdateResponse, error) {
	r, err := s.request(req.GetUrn(), req.GetOldInputs(), req.GetNews(), req.GetOlds())
	if err != nil {
		return nil, err
	}
	olds, news := r.properties[0], r.properties[1]
	kept := without(r.properties[2], olds)
	if req.GetPreview() {
		outputs := without(overlay(kept, news), resource.PropertyMap{defaulted: {}})
		r.tagAll(outputs)
		properties, err := marshal(outputs)
		return &pulumirpc.UpdateResponse{Properties: properties}, err
	}
	s.operation.Lock()
	defer s.operation.Unlock()
	if olds, _, err = s.actual(ctx, r, req.GetId(), olds); err != nil {
		return nil, err
	}
	var out Outputs
	err = s.memory.whole(ctx, r.urn, func(ctx context.Context) (did call, err error) {
		if out, err = r.update(ctx, req.GetId(), olds, news); err != nil {
			return did, err
		}
		did, err = leaves(req.GetId(), news)
		did.Heard = true
		return did, err
	})
	if err != nil {
		return nil, problem(err)
	}
	properties, err := r.state(overlay(kept, news), out)
	return &pulumirpc.UpdateResponse{Properties: properties}, err
}

func (s *Server) Delete(ctx context.Context, req *pulumirpc.DeleteRequest) (*emptypb.Empty, error) {
	r, err := s.request(req.GetUrn(), req.GetOldInputs())
	if err != nil {
		return nil, err
	}
	s.operation.Lock()
	defer s.operation.Unlock()
	last, err := s.memory.last(r.urn)
	if err != nil {
		return nil, err
	}
	err = s.memory.whole(ctx, r.urn, func(ctx context.Context) (did call, err error) {
		if last.ID == "" || last.ID == req.GetId() { // else another has taken its place
			did = call{ID: req.GetId(), Gone: true}
		}
		return did, r.delete(ctx, req.GetId(), r.properties[0])
	})
	if err != nil {
		return nil, problem(err)
	}
	return &emptypb.Empty{}, nil
}
