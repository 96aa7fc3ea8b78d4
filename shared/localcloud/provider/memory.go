package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/types/known/structpb"

	"pipeline/shared/localcloud/store"
)

// memory is what the provider last did about each URN, on disk: a call's answer may not
// have reached the engine, and then the next deployment begins from less than is there.
//
// That the engine has heard is known by what it shows: the id of a thing, or its inputs.
// It shows them in every deployment before it asks for anything to be made, so this is
// kept for the life of the process only.
type memory struct {
	kept  *store.Store
	calls store.Collection[call]

	mu     sync.Mutex
	heard  map[resource.URN]string // the id that the engine knows
	unkept map[resource.URN]call   // that could not be written, on a full disk
}

// call is the last one that changed what a URN stands for.
type call struct {
	ID     string          `json:"id"`
	Inputs json.RawMessage `json:"inputs,omitempty"`
	Gone   bool            `json:"gone,omitempty"` // it was deleted
}

// newMemory opens the memory in a sealed collection: inputs hold passwords.
func newMemory(s *store.Store) (*memory, error) {
	calls, err := store.NewSealedCollection[call](s, "provider/calls")
	return &memory{kept: s, calls: calls, heard: map[resource.URN]string{}, unkept: map[resource.URN]call{}}, err
}

// whole runs a call about a URN, which returns itself as it is to be remembered, or one
// without an id. After a kill there is either all that it did and the memory of it, or
// nothing. A call that failed has done what it did.
func (m *memory) whole(ctx context.Context, urn resource.URN, run func(ctx context.Context) (call, error)) error {
	did, err := run(m.kept.Begin(ctx))
	if err != nil || did.ID == "" {
		return errors.Join(err, m.kept.End())
	}
	err = m.calls.Conclude(string(urn), did)
	m.mu.Lock()
	defer m.mu.Unlock()
	if delete(m.unkept, urn); err != nil {
		m.unkept[urn] = did
	}
	return err
}

// leaves is a call that leaves a thing with inputs.
func leaves(id string, inputs resource.PropertyMap) (call, error) {
	packed, err := marshal(inputs)
	if err != nil {
		return call{}, err
	}
	data, err := packed.MarshalJSON()
	return call{ID: id, Inputs: data}, err
}

// last is the last call about a URN. One without an id is none.
func (m *memory) last(urn resource.URN) (call, error) {
	m.mu.Lock()
	c, ok := m.unkept[urn]
	m.mu.Unlock()
	if ok {
		return c, nil
	}
	c, _, err := m.calls.Get(string(urn))
	return c, err
}

// inputs unpacks what the call left the thing with.
func (c call) inputs() (resource.PropertyMap, error) {
	var packed structpb.Struct
	if err := packed.UnmarshalJSON(c.Inputs); err != nil {
		return nil, fmt.Errorf("what is remembered of %s: %w", c.ID, err)
	}
	return unmarshal(&packed)
}

// hear notes that the engine knows a thing.
func (m *memory) hear(urn resource.URN, id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.heard[urn] = id
}

// unheard is the last call about a URN if it made a thing that the engine does not know.
func (m *memory) unheard(urn resource.URN) (c call, ok bool, err error) {
	c, err = m.last(urn)
	m.mu.Lock()
	defer m.mu.Unlock()
	return c, c.ID != "" && !c.Gone && m.heard[urn] != c.ID, err
}

// hearInputs notes that the engine knows a thing if it shows its inputs.
func (m *memory) hearInputs(urn resource.URN, shown resource.PropertyMap) error {
	c, unheard, err := m.unheard(urn)
	if err != nil || !unheard || len(shown) == 0 {
		return err
	}
	inputs, err := c.inputs()
	if err == nil && same(inputs, shown) {
		m.hear(urn, c.ID)
	}
	return err
}

// same says whether inputs are the same, secret or not.
func same(a, b resource.PropertyMap) bool { return reflect.DeepEqual(plainMap(a), plainMap(b)) }
