package gateway

import "regexp"

// Authorizer checks a caller's token against Cognito user pools.
type Authorizer struct {
	ID                           string
	Name                         string
	Type                         string // COGNITO_USER_POOLS
	ProviderARNs                 []string
	IdentitySource               string // method.request.header.NAME
	IdentityValidationExpression string // regular expression that a token must match, or empty
	ResultTTLSeconds             int    // how long a verified token's claims are kept; 0: not at all
}

var (
	userPoolARN    = regexp.MustCompile(`^arn:aws[\w-]*:cognito-idp:[\w-]+:\d{12}:userpool/[\w-]+_[0-9a-zA-Z]+$`)
	identitySource = regexp.MustCompile(`^method\.request\.header\.[^.\s]+$`)
)

// CreateAuthorizer makes an authorizer.
func (s *Service) CreateAuthorizer(apiID string, in Authorizer) (Authorizer, error) {
	in.ID = newID(6)
	return in, s.putAuthorizer(apiID, in)
}

// UpdateAuthorizer changes an authorizer.
func (s *Service) UpdateAuthorizer(apiID string, in Authorizer) error {
	if _, err := s.GetAuthorizer(apiID, in.ID); err != nil {
		return err
	}
	return s.putAuthorizer(apiID, in)
}

func (s *Service) putAuthorizer(apiID string, in Authorizer) error {
	return s.change(apiID, func(a *api) error {
		if err := CheckAuthorizer(in); err != nil {
			return err
		}
		for _, other := range a.Authorizer {
			if other.Name == in.Name && other.ID != in.ID {
				return badRequest("Authorizer name must be unique. Authorizer %s already exists in this RestApi.", in.Name)
			}
		}
		a.Authorizer[in.ID] = in
		return nil
	})
}

// CheckAuthorizer checks an authorizer apart from its name.
func CheckAuthorizer(in Authorizer) error {
	switch {
	case in.Type == "TOKEN" || in.Type == "REQUEST":
		return refused("authorizers of type %s", in.Type)
	case in.Type != "COGNITO_USER_POOLS":
		return badRequest("Invalid authorizer type specified. Valid options are TOKEN,REQUEST,COGNITO_USER_POOLS")
	case len(in.ProviderARNs) == 0:
		return badRequest("Authorizer of type COGNITO_USER_POOLS must have at least one provider ARN")
	case !identitySource.MatchString(in.IdentitySource):
		return badRequest("Invalid identity source specified: %s", in.IdentitySource)
	case in.ResultTTLSeconds < 0 || in.ResultTTLSeconds > 3600:
		return badRequest("Authorizer result TTL must be between 0 and 3600 seconds")
	}
	for _, arn := range in.ProviderARNs {
		if !userPoolARN.MatchString(arn) {
			return badRequest("Invalid ARN specified in the request: %s is not the ARN of a user pool", arn)
		}
	}
	if _, err := wholly(in.IdentityValidationExpression); err != nil {
		return refused("the identity validation expression %q: %v", in.IdentityValidationExpression, err)
	}
	return nil
}

// GetAuthorizer returns an authorizer, or NotFoundException.
func (s *Service) GetAuthorizer(apiID, id string) (out Authorizer, err error) {
	err = s.read(apiID, func(a *api) error {
		var ok bool
		if out, ok = a.Authorizer[id]; !ok {
			return notFound("Invalid Authorizer identifier specified")
		}
		return nil
	})
	return out, err
}

// DeleteAuthorizer removes an authorizer that no method uses.
func (s *Service) DeleteAuthorizer(apiID, id string) error {
	return s.change(apiID, func(a *api) error {
		if _, ok := a.Authorizer[id]; !ok {
			return notFound("Invalid Authorizer identifier specified")
		}
		if user := a.userOf(func(m *Method) bool { return m.AuthorizerID == id }); user != "" {
			return conflict("Cannot delete authorizer '%s', is referenced in method: %s", id, user)
		}
		delete(a.Authorizer, id)
		return nil
	})
}
