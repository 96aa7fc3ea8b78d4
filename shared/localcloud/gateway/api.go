package gateway

import (
	"fmt"
	"slices"
	"time"

	"pipeline/shared/localcloud/iam"
)

// RestAPI is one REST API. Its root resource, "/", is made with it.
type RestAPI struct {
	ID              string
	Name            string
	Description     string
	EndpointType    string // EDGE or REGIONAL
	DisableEndpoint bool   // disableExecuteApiEndpoint: the endpoint answers 403
	RootResourceID  string
	Created         time.Time
	Tags            map[string]string
}

// CreateRestAPI makes an API with nothing but its root resource.
func (s *Service) CreateRestAPI(in RestAPI) (RestAPI, error) {
	if err := CheckRestAPI(in); err != nil {
		return RestAPI{}, err
	}
	in.ID, in.RootResourceID, in.Created = newID(10), newID(10), s.Now().UTC().Truncate(time.Second)
	a := &api{
		API:        in,
		Resources:  map[string]*Resource{in.RootResourceID: {ID: in.RootResourceID, Path: "/"}},
		Models:     builtInModels(),
		Validators: map[string]RequestValidator{},
		Authorizer: map[string]Authorizer{},
		Responses:  map[reason]GatewayResponse{},
		Stages:     map[string]Stage{},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.stored.Put(in.ID, *a); err != nil {
		return RestAPI{}, err
	}
	s.apis[in.ID] = a
	return in, nil
}

// CheckRestAPI checks an API.
func CheckRestAPI(in RestAPI) error {
	if in.Name == "" {
		return badRequest("Name cannot be empty")
	}
	if !slices.Contains([]string{"EDGE", "REGIONAL", "PRIVATE"}, in.EndpointType) {
		return badRequest("Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE")
	}
	if in.EndpointType == "PRIVATE" {
		return refused("private REST APIs")
	}
	return nil
}

// GetRestAPI returns the API, or NotFoundException.
func (s *Service) GetRestAPI(apiID string) (out RestAPI, err error) {
	err = s.read(apiID, func(a *api) error {
		out = a.API
		return nil
	})
	return out, err
}

// UpdateRestAPI changes name, description, endpoint and tags. What is served changes
// with the next deployment.
func (s *Service) UpdateRestAPI(in RestAPI) (out RestAPI, err error) {
	if err := CheckRestAPI(in); err != nil {
		return RestAPI{}, err
	}
	err = s.change(in.ID, func(a *api) error {
		in.RootResourceID, in.Created = a.API.RootResourceID, a.API.Created
		a.API, out = in, in
		return nil
	})
	return out, err
}

// DeleteRestAPI removes an API with everything in it, its deployments and stages too.
func (s *Service) DeleteRestAPI(apiID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.api(apiID)
	if err != nil {
		return err
	}
	if err := s.stored.Delete(apiID); err != nil {
		return err
	}
	delete(s.apis, apiID)
	for name := range a.Stages {
		s.unserve(apiID, name)
	}
	return s.deleteDeployments(apiID)
}

// ARN is the API's own ARN; ExecutionARN is what execute-api permissions name.
func (s *Service) ARN(apiID string) string {
	return fmt.Sprintf("%s:apigateway:%s::/restapis/%s", s.partition(), s.Region, apiID)
}

// ExecutionARN is the ARN of an API as the target of execute-api:Invoke.
func (s *Service) ExecutionARN(apiID string) string {
	return fmt.Sprintf("%s:execute-api:%s:%s:%s", s.partition(), s.Region, s.Account, apiID)
}

// partition is what every ARN of the region begins with.
func (s *Service) partition() string { return "arn:" + iam.Partition(s.Region) }

// InvokeURL is where a stage is served, without a slash at the end.
func (s *Service) InvokeURL(apiID, stage string) string {
	return s.BaseURL + pathPrefix + apiID + "/" + stage
}
