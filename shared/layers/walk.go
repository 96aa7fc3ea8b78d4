package layers

import (
	"cmp"
	"slices"
	"sync"

	"pipeline/shared/manifest"
)

// node is a selected layer and the selected layers that it waits for.
type node struct {
	name  string
	after []string
}

// graph is the nodes of the layers named in selected, upstream first. A layer waits
// for every selected layer that it depends on, also through layers that were not
// selected.
func graph(m *manifest.Manifest, selected []string) []node {
	upstreams := map[string][]string{}
	var nodes []node
	for _, l := range m.Layers { // upstreams come first
		var all []string
		for _, up := range l.DependsOn {
			all = append(append(all, up), upstreams[up]...)
		}
		slices.Sort(all)
		upstreams[l.Name] = slices.Compact(all)
		if !slices.Contains(selected, l.Name) {
			continue
		}
		after := slices.DeleteFunc(slices.Clone(upstreams[l.Name]), func(up string) bool { return !slices.Contains(selected, up) })
		nodes = append(nodes, node{l.Name, after})
	}
	return nodes
}

// reversed turns every arrow round: downstream first.
func reversed(nodes []node) []node {
	var turned []node
	for _, n := range slices.Backward(nodes) {
		r := node{name: n.name}
		for _, other := range nodes {
			if slices.Contains(other.after, n.name) {
				r.after = append(r.after, other.name)
			}
		}
		turned = append(turned, r)
	}
	return turned
}

// gate stands before a node: it opens when all that the node waits for were visited
// with success and a slot is free, or tells who is to blame that it never will.
type gate struct {
	waits   bool // there is something to wait for
	open    func() (blame string)
	once    sync.Once
	because string
}

// pass waits for the gate and returns "", or the node at the root of what stopped this
// one.
func (g *gate) pass() (because string) {
	g.once.Do(func() { g.because = g.open() })
	return g.because
}

// walk visits all nodes at once and returns when all visits have. Each visit passes its
// gate before it does what needs the nodes before it; at most limit visits (0: any
// number) are past their gates at the same time. A visit without success stops what
// waits for it.
func walk(nodes []node, limit int, visit func(name string, g *gate) bool) {
	if limit <= 0 {
		limit = len(nodes)
	}
	slots := make(chan struct{}, max(limit, 1))
	done := map[string]chan struct{}{}
	for _, n := range nodes {
		done[n.name] = make(chan struct{})
	}
	var mu sync.Mutex
	blame := map[string]string{} // who stands at the root of a node's not being done
	var all sync.WaitGroup
	for _, n := range nodes {
		holds := false
		blamed := func() string {
			for _, up := range n.after {
				<-done[up]
			}
			mu.Lock()
			defer mu.Unlock()
			for _, up := range n.after {
				if root, failed := blame[up]; failed {
					return root
				}
			}
			return ""
		}
		g := &gate{waits: len(n.after) > 0, open: func() string {
			root := blamed()
			if holds = root == ""; holds {
				slots <- struct{}{}
			}
			return root
		}}
		all.Go(func() {
			defer close(done[n.name])
			ok := visit(n.name, g)
			if holds {
				<-slots
			}
			if !ok {
				mu.Lock()
				defer mu.Unlock()
				blame[n.name] = cmp.Or(g.because, n.name)
			}
		})
	}
	all.Wait()
}
