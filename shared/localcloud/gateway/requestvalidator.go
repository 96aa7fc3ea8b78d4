package gateway

import "strings"

// RequestValidator says what of a request is checked before the integration is called.
type RequestValidator struct {
	ID         string
	Name       string
	Body       bool // against the method's model for the content type
	Parameters bool // that required parameters are there
}

// CreateRequestValidator makes a validator.
func (s *Service) CreateRequestValidator(apiID string, in RequestValidator) (RequestValidator, error) {
	in.ID = newID(6)
	return in, s.putValidator(apiID, in)
}

// UpdateRequestValidator changes a validator.
func (s *Service) UpdateRequestValidator(apiID string, in RequestValidator) error {
	if _, err := s.GetRequestValidator(apiID, in.ID); err != nil {
		return err
	}
	return s.putValidator(apiID, in)
}

func (s *Service) putValidator(apiID string, in RequestValidator) error {
	return s.change(apiID, func(a *api) error {
		if strings.TrimSpace(in.Name) == "" {
			return badRequest("Request Validator name cannot be blank")
		}
		a.Validators[in.ID] = in
		return nil
	})
}

// GetRequestValidator returns a validator, or NotFoundException.
func (s *Service) GetRequestValidator(apiID, id string) (out RequestValidator, err error) {
	err = s.read(apiID, func(a *api) error {
		var ok bool
		if out, ok = a.Validators[id]; !ok {
			return notFound("Invalid Request Validator identifier specified")
		}
		return nil
	})
	return out, err
}

// DeleteRequestValidator removes a validator that no method uses.
func (s *Service) DeleteRequestValidator(apiID, id string) error {
	return s.change(apiID, func(a *api) error {
		if _, ok := a.Validators[id]; !ok {
			return notFound("Invalid Request Validator identifier specified")
		}
		if user := a.userOf(func(m *Method) bool { return m.RequestValidatorID == id }); user != "" {
			return conflict("Cannot delete request validator '%s', is referenced in method %s", id, user)
		}
		delete(a.Validators, id)
		return nil
	})
}

// userOf returns the first method for which uses is true, as "PATH/METHOD".
func (a *api) userOf(uses func(m *Method) bool) string {
	for _, key := range a.methodKeys() {
		cut := strings.LastIndex(key, "/")
		for _, r := range a.Resources {
			if m := r.Methods[key[cut+1:]]; r.Path == key[:cut] && m != nil && uses(m) {
				return key
			}
		}
	}
	return ""
}
