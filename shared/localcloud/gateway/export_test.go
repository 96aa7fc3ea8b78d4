package gateway

import "time"

// SetLimits shortens what a test would have to wait for or fill.
func (s *Service) SetLimits(patience time.Duration, bodies int64) {
	s.patience, s.bodies.limit = patience, bodies
}
