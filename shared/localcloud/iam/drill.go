package iam

import (
	"maps"
	"sync"
)

// drills are denials that somebody has asked for, to see what follows from one.
type drills struct {
	mu   sync.Mutex
	left map[string]int // calls still to be denied, by action in lower case
}

// DenyNext denies the next calls of an action that planes make, whatever policies say,
// as a service control policy would. 0 calls the drill off.
func (s *Service) DenyNext(action string, calls int) {
	s.drills.mu.Lock()
	defer s.drills.mu.Unlock()
	if s.drills.left == nil {
		s.drills.left = map[string]int{}
	}
	s.drills.left[key(action)] = calls
}

// Denials returns how many calls are still to be denied, by action in lower case.
func (s *Service) Denials() map[string]int {
	s.drills.mu.Lock()
	defer s.drills.mu.Unlock()
	return maps.Clone(s.drills.left)
}

// take says whether a call of an action is to be denied, and counts it.
func (d *drills) take(action string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.left) == 0 || d.left[key(action)] <= 0 {
		return false
	}
	d.left[key(action)]--
	return true
}
