package gateway

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// firewall is a served stage's web ACL.
type firewall struct {
	arn   string
	block bool // by default
	rules []*rateRule
}

func newFirewall(acl WebACL) *firewall {
	out := &firewall{arn: acl.ARN, block: acl.DefaultBlock}
	for _, r := range acl.Rules {
		out.rules = append(out.rules, &rateRule{RateRule: r, clients: map[string]*window{}})
	}
	slices.SortFunc(out.rules, func(a, b *rateRule) int { return cmp.Compare(a.Priority, b.Priority) })
	return out
}

// admits counts a request and says whether it may pass.
func (f *firewall) admits(client string, now time.Time) bool {
	for _, r := range f.rules {
		if r.over(client, now) && r.Block {
			return false
		}
	}
	return !f.block
}

// sliceSeconds is how finely a rule's window moves.
const sliceSeconds = 10

// maxClients bounds the addresses that a rule counts; beyond it the counts start again.
const maxClients = 10000

type rateRule struct {
	RateRule
	mu      sync.Mutex
	clients map[string]*window
}

// window counts requests by slices of time.
type window struct {
	counts map[int64]int // by slice
	total  int
}

func (r *rateRule) over(client string, now time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	w := r.clients[client]
	if w == nil {
		if len(r.clients) >= maxClients {
			clear(r.clients)
		}
		w = &window{counts: map[int64]int{}}
		r.clients[client] = w
	}
	w.add(now.Unix()/sliceSeconds, int64(r.WindowSeconds/sliceSeconds))
	return w.total > r.Limit
}

func (w *window) add(at, length int64) {
	if _, known := w.counts[at]; !known {
		for old, n := range w.counts {
			if old <= at-length || old > at { // the clock was set back
				w.total -= n
				delete(w.counts, old)
			}
		}
	}
	w.counts[at]++
	w.total++
}
