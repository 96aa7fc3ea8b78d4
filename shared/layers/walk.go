package layers

import (
	"context"
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

// walk visits every node once all of those it waits for were visited with success, at
// most limit at the same time (0: no limit). A visit without success stops what waits
// for it: skip is called with the node at the root of that. It returns when all visits
// have.
func walk(ctx context.Context, nodes []node, limit int, visit func(ctx context.Context, name string) bool, skip func(name, because string)) {
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
		all.Go(func() {
			defer close(done[n.name])
			root := ""
			for _, up := range n.after {
				<-done[up]
				mu.Lock()
				if b, failed := blame[up]; failed && root == "" {
					root = b
				}
				mu.Unlock()
			}
			if root == "" {
				slots <- struct{}{}
				ok := visit(ctx, n.name)
				<-slots
				if ok {
					return
				}
				root = n.name
			} else {
				skip(n.name, root)
			}
			mu.Lock()
			blame[n.name] = root
			mu.Unlock()
		})
	}
	all.Wait()
}
