package gateway

import (
	"regexp"
	"strings"
)

// Resource is one node of an API's path tree, with its methods by HTTP method.
type Resource struct {
	ID       string
	ParentID string // empty for the root
	PathPart string
	Path     string
	Methods  map[string]*Method
}

var pathPart = regexp.MustCompile(`^(\{[a-zA-Z0-9._-]+\+?\}|[a-zA-Z0-9._:-]+)$`)

// CreateResource makes a child of parentID. PathPart is a literal, {name} or {name+}.
func (s *Service) CreateResource(apiID, parentID, part string) (out Resource, err error) {
	err = s.change(apiID, func(a *api) error {
		parent, ok := a.Resources[parentID]
		if !ok {
			return notFound("Invalid Resource identifier specified")
		}
		if err := checkChild(a, parent, part); err != nil {
			return err
		}
		out = Resource{ID: newID(6), ParentID: parentID, PathPart: part, Path: strings.TrimSuffix(parent.Path, "/") + "/" + part}
		a.Resources[out.ID] = &out
		return nil
	})
	return out, err
}

func checkChild(a *api, parent *Resource, part string) error {
	if !pathPart.MatchString(part) {
		return badRequest("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
	}
	if strings.HasSuffix(parent.PathPart, "+}") {
		return badRequest("Cannot create a child of a resource with a greedy path variable: %s", parent.PathPart)
	}
	for _, r := range a.Resources {
		switch {
		case r.ParentID != parent.ID:
		case r.PathPart == part:
			return conflict("Another resource with the same parent already has this name: %s", part)
		case strings.HasPrefix(r.PathPart, "{") && strings.HasPrefix(part, "{"):
			return badRequest("A sibling (%s) of this resource already has a variable path part -- only one is allowed", r.PathPart)
		}
	}
	return nil
}

// GetResource returns the resource, or NotFoundException.
func (s *Service) GetResource(apiID, id string) (out Resource, err error) {
	err = s.read(apiID, func(a *api) error {
		r, ok := a.Resources[id]
		if !ok {
			return notFound("Invalid Resource identifier specified")
		}
		out = *r
		out.Methods = nil // has its own calls
		return nil
	})
	return out, err
}

// DeleteResource removes a resource, its methods and its children.
func (s *Service) DeleteResource(apiID, id string) error {
	return s.change(apiID, func(a *api) error {
		r, ok := a.Resources[id]
		switch {
		case !ok:
			return notFound("Invalid Resource identifier specified")
		case r.ParentID == "":
			return badRequest("Unable to delete the root resource")
		}
		deleteTree(a, id)
		return nil
	})
}

func deleteTree(a *api, id string) {
	delete(a.Resources, id)
	for childID, child := range a.Resources {
		if child.ParentID == id {
			deleteTree(a, childID)
		}
	}
}
