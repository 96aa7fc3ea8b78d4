package gateway

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Model is a JSON schema (draft 4) that bodies of one content type follow.
type Model struct {
	ID          string
	Name        string // alphanumeric, unique in the API
	ContentType string
	Description string
	Schema      string // JSON
}

// maxSchema is the quota of a model's schema, in bytes.
const maxSchema = 400 << 10

// builtInModels are the two that AWS makes with every API.
func builtInModels() map[string]Model {
	return map[string]Model{
		"Empty": {ID: newID(6), Name: "Empty", ContentType: "application/json", Description: "This is a default empty schema model",
			Schema: `{"$schema":"http://json-schema.org/draft-04/schema#","title":"Empty Schema","type":"object"}`},
		"Error": {ID: newID(6), Name: "Error", ContentType: "application/json", Description: "This is a default error schema model",
			Schema: `{"$schema":"http://json-schema.org/draft-04/schema#","title":"Error Schema","type":"object","properties":{"message":{"type":"string"}}}`},
	}
}

// CreateModel makes a model.
func (s *Service) CreateModel(apiID string, in Model) (Model, error) {
	in.ID = newID(6)
	err := s.change(apiID, func(a *api) error {
		if _, ok := a.Models[in.Name]; ok {
			return conflict("Model name already exists for this REST API")
		}
		return s.putModel(a, in)
	})
	return in, err
}

// UpdateModel changes a model's description and schema.
func (s *Service) UpdateModel(apiID string, in Model) error {
	return s.change(apiID, func(a *api) error {
		old, ok := a.Models[in.Name]
		if !ok {
			return notFound("Invalid model name specified: %s", in.Name)
		}
		in.ID = old.ID
		return s.putModel(a, in)
	})
}

var modelName = regexp.MustCompile(`^[a-zA-Z0-9]+$`)

// CheckModelName checks a model's name.
func CheckModelName(name string) error {
	switch {
	case name == "":
		return badRequest("Model name must be non-empty")
	case !modelName.MatchString(name):
		return badRequest("Model name must be alphanumeric: %s", name)
	}
	return nil
}

func (s *Service) putModel(a *api, in Model) error {
	if err := CheckModelName(in.Name); err != nil {
		return err
	}
	switch {
	case !strings.Contains(in.ContentType, "/"):
		return invalidModel("Invalid content type specified: %s", in.ContentType)
	case len(in.Schema) > maxSchema:
		return invalidModel("Model schema is larger than %d bytes", maxSchema)
	}
	if err := CheckSchema(in.Schema); err != nil {
		return err
	}
	a.Models[in.Name] = in
	if _, err := compileModel(s.modelURL(a), a.Models, in.Name); err != nil {
		return invalidModel("Invalid model schema specified. %v", err)
	}
	return nil
}

func invalidModel(format string, args ...any) *Error {
	return badRequest("Invalid model specified: Validation Result: warnings : [], errors : ["+format+"]", args...)
}

// GetModel returns a model, or NotFoundException.
func (s *Service) GetModel(apiID, name string) (out Model, err error) {
	err = s.read(apiID, func(a *api) error {
		var ok bool
		if out, ok = a.Models[name]; !ok {
			return notFound("Invalid model name specified: %s", name)
		}
		return nil
	})
	return out, err
}

// DeleteModel removes a model that nothing refers to.
func (s *Service) DeleteModel(apiID, name string) error {
	return s.change(apiID, func(a *api) error {
		if _, ok := a.Models[name]; !ok {
			return notFound("Invalid model name specified: %s", name)
		}
		if user := a.userOf(func(m *Method) bool { return refersTo(m, name) }); user != "" {
			return conflict("Cannot delete model '%s', is referenced in method request: %s", name, user)
		}
		before := s.brokenModels(a)
		delete(a.Models, name)
		for _, other := range s.brokenModels(a) {
			if !slices.Contains(before, other) {
				return conflict("Cannot delete model '%s', is referenced in model: %s", name, other)
			}
		}
		return nil
	})
}

// brokenModels are those that do not compile, sorted.
func (s *Service) brokenModels(a *api) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(a.Models)) {
		if _, err := compileModel(s.modelURL(a), a.Models, name); err != nil {
			names = append(names, name)
		}
	}
	return names
}

func refersTo(m *Method, model string) bool {
	named := slices.Collect(maps.Values(m.RequestModels))
	for _, r := range m.Responses {
		named = append(named, slices.Collect(maps.Values(r.ResponseModels))...)
	}
	return slices.Contains(named, model)
}

// modelURL is the prefix by which one model refers to another, with a "$ref".
func (s *Service) modelURL(a *api) string {
	return "https://apigateway.amazonaws.com/restapis/" + a.API.ID + "/models/"
}
