package gateway

import "time"

// SetLimits shortens what a test would have to wait for or fill.
func (s *Service) SetLimits(patience time.Duration, bodies int64) {
	s.patience, s.bodies.Limit = patience, bodies
}

// SetLongestTemplate shortens how long a template may run.
func (s *Service) SetLongestTemplate(d time.Duration) { s.longest = d }

// Spoil takes the models out of a deployment.
func (s *Service) Spoil(apiID, id string) error {
	d, _, err := s.deployments.Get(apiID + "/" + id)
	if err != nil {
		return err
	}
	d.Snapshot.Models = nil
	return s.deployments.Put(apiID+"/"+id, d)
}
