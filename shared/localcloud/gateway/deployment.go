package gateway

import (
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/store"
)

// Deployment is a snapshot of an API, which never changes.
type Deployment struct {
	ID          string
	Description string
	Created     time.Time
}

type storedDeployment = store.Item[deployment]

type deployment struct {
	Deployment
	Snapshot api // without stages
}

// CreateDeployment takes a snapshot of the API as it is now. It serves nothing until a
// stage points to it.
func (s *Service) CreateDeployment(apiID, description string) (Deployment, error) {
	out := deployment{Deployment: Deployment{ID: newID(6), Description: description, Created: s.Now().UTC().Truncate(time.Second)}}
	err := s.read(apiID, func(a *api) error {
		if err := deployable(a); err != nil {
			return err
		}
		snapshot, err := clone(a)
		if err != nil {
			return err
		}
		snapshot.Stages = nil
		out.Snapshot = *snapshot
		if _, err := s.compile(snapshot, Stage{}); err != nil {
			return badRequest("The REST API cannot be deployed: %v", err)
		}
		return s.deployments.Put(apiID+"/"+out.ID, out)
	})
	return out.Deployment, err
}

func deployable(a *api) error {
	if len(a.methodKeys()) == 0 {
		return badRequest("The REST API doesn't contain any methods")
	}
	if a.userOf(func(m *Method) bool { return m.Integration == nil }) != "" {
		return badRequest("No integration defined for method")
	}
	return nil
}

// GetDeployment returns a deployment, or NotFoundException.
func (s *Service) GetDeployment(apiID, id string) (Deployment, error) {
	d, found, err := s.deployments.Get(apiID + "/" + id)
	if err == nil && !found {
		err = notFound("Invalid Deployment identifier specified")
	}
	return d.Deployment, err
}

// UpdateDeployment changes a deployment's description, all of it that can change.
func (s *Service) UpdateDeployment(apiID, id, description string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, found, err := s.deployments.Get(apiID + "/" + id)
	if err == nil && !found {
		err = notFound("Invalid Deployment identifier specified")
	}
	if err != nil {
		return err
	}
	d.Description = description
	return s.deployments.Put(apiID+"/"+id, d)
}

// DeleteDeployment removes a deployment that no stage points to.
func (s *Service) DeleteDeployment(apiID, id string) error {
	return s.read(apiID, func(a *api) error {
		_, found, err := s.deployments.Get(apiID + "/" + id)
		if err == nil && !found {
			err = notFound("Invalid Deployment identifier specified")
		}
		if err != nil {
			return err
		}
		for _, stage := range a.Stages {
			if stage.DeploymentID == id {
				return badRequest("Active stages pointing to this deployment must be moved or deleted")
			}
		}
		return s.deployments.Delete(apiID + "/" + id)
	})
}

func (s *Service) deleteDeployments(apiID string) error {
	items, err := s.deployments.List()
	if err != nil {
		return err
	}
	items = slices.DeleteFunc(items, func(i storedDeployment) bool { return !strings.HasPrefix(i.Key, apiID+"/") })
	for _, item := range items {
		if err := s.deployments.Delete(item.Key); err != nil {
			return err
		}
	}
	return nil
}
