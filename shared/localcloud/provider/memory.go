package provider

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"sync"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"google.golang.org/protobuf/types/known/structpb"

	"pipeline/shared/localcloud/store"
)

// memory is what the provider last did about each URN, on disk: a call's answer may not
// have reached the engine, and then the next deployment begins from less than is there.
//
// That the engine has heard is known by what it shows: the id of a thing, under whichever
// name its program has it now, or its inputs. Until then, and only until then, a create
// under the name of a call takes over what the call made.
type memory struct {
	kept  *store.Store
	calls store.Collection[call]

	keeping sync.Mutex // held while a call is written

	mu     sync.Mutex
	heard  map[string]bool       // the things that the engine has shown to this process
	unkept map[resource.URN]call // that could not be written, on a full disk
}

// call is the last one that changed what a URN stands for.
type call struct {
	ID     string          `json:"id"`
	Inputs json.RawMessage `json:"inputs,omitempty"`
	Gone   bool            `json:"gone,omitempty"`  // it was deleted
	Heard  bool            `json:"heard,omitempty"` // the engine knows of it
	Told   bool            `json:"told,omitempty"`  // the engine has shown its inputs
}

// newMemory opens the memory in a sealed collection: inputs hold passwords.
func newMemory(s *store.Store) (*memory, error) {
	calls, err := store.NewSealedCollection[call](s, "provider/calls")
	return &memory{kept: s, calls: calls, heard: map[string]bool{}, unkept: map[resource.URN]call{}}, err
}

// whole runs a call about a URN, which returns itself as it is to be remembered, or one
// without an id. After a kill there is either all that it did and the memory of it, or
// nothing. A call that failed has done what it did.
func (m *memory) whole(ctx context.Context, urn resource.URN, run func(ctx context.Context) (call, error)) error {
	did, err := run(m.kept.Begin(ctx))
	if err != nil || did.ID == "" {
		return errors.Join(err, m.kept.End())
	}
	m.keeping.Lock()
	err = m.calls.Conclude(string(urn), did)
	m.keeping.Unlock()
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

// thing is what a resource stands for: its id is that of one of a type.
func thing(urn resource.URN, id string) string { return string(urn.Type()) + "|" + id }

// show notes what the engine shows of a thing: that it knows it, and with which inputs.
func (m *memory) show(urn resource.URN, id string, inputs resource.PropertyMap) error {
	defer m.hear(urn, id)
	m.keeping.Lock()
	defer m.keeping.Unlock()
	c, _, err := m.calls.Get(string(urn))
	if err != nil || c.ID != id || c.Gone || c.Told {
		return err
	}
	left, err := c.inputs()
	if err != nil || !same(left, inputs) {
		return err
	}
	c.Heard, c.Told = true, true
	if err := m.calls.Apart().Put(string(urn), c); err != nil {
		slog.Warn("it is not kept that the Pulumi engine knows the inputs of a thing", "thing", id, "error", err)
	}
	return nil
}

// hear notes that the engine knows a thing: for good of the calls that made it, whichever
// name they made it under. What a full disk does not take is known to this process.
func (m *memory) hear(urn resource.URN, id string) {
	m.mu.Lock()
	known := m.heard[thing(urn, id)]
	m.heard[thing(urn, id)] = true
	m.mu.Unlock()
	if known {
		return
	}
	if err := m.hearCalls(urn, id); err != nil {
		slog.Warn("it is not kept that the Pulumi engine knows a thing", "thing", id, "error", err)
	}
}

func (m *memory) hearCalls(urn resource.URN, id string) error {
	m.keeping.Lock()
	defer m.keeping.Unlock()
	made, err := m.calls.List()
	for _, c := range made {
		if c.Value.ID == id && !c.Value.Heard && resource.URN(c.Key).Type() == urn.Type() {
			c.Value.Heard = true
			err = errors.Join(err, m.calls.Apart().Put(c.Key, c.Value))
		}
	}
	return err
}

// forget makes a thing one that this process has not been shown: it has just been made.
func (m *memory) forget(urn resource.URN, id string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.heard, thing(urn, id))
}

// unheard is the last call about a URN if it made a thing that the engine does not know.
func (m *memory) unheard(urn resource.URN) (c call, ok bool, err error) {
	c, err = m.last(urn)
	m.mu.Lock()
	defer m.mu.Unlock()
	return c, c.ID != "" && !c.Gone && !c.Heard && !m.heard[thing(urn, c.ID)], err
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
