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
		if err := checkChild(a, parent, "", part); err != nil {
			return err
		}
		out = Resource{ID: newID(6), ParentID: parentID, PathPart: part, Path: strings.TrimSuffix(parent.Path, "/") + "/" + part}
		a.Resources[out.ID] = &out
		return nil
	})
	return out, err
}

// CheckPathPart checks the last segment of a resource's path.
func CheckPathPart(part string) error {
	if !pathPart.MatchString(part) {
		return badRequest("Resource's path part only allow a-zA-Z0-9._-: or a valid greedy path variable and curly braces at the beginning and the end.")
	}
	return nil
}

// checkChild checks that parent can have a child part, which is the resource of that id
// or a new one.
func checkChild(a *api, parent *Resource, id, part string) error {
	if err := CheckPathPart(part); err != nil {
		return err
	}
	if strings.HasSuffix(parent.PathPart, "+}") {
		return badRequest("Cannot create a child of a resource with a greedy path variable: %s", parent.PathPart)
	}
	for _, r := range a.Resources {
		switch {
		case r.ParentID != parent.ID || r.ID == id:
		case r.PathPart == part:
			return conflict("Another resource with the same parent already has this name: %s", part)
		case strings.HasPrefix(r.PathPart, "{") && strings.HasPrefix(part, "{"):
			return badRequest("A sibling (%s) of this resource already has a variable path part -- only one is allowed", r.PathPart)
		}
	}
	return nil
}

// UpdateResource moves a resource, with all below it, or gives it another path part.
func (s *Service) UpdateResource(apiID, id, parentID, part string) (out Resource, err error) {
	err = s.change(apiID, func(a *api) error {
		r, parent := a.Resources[id], a.Resources[parentID]
		switch {
		case r == nil || parent == nil:
			return notFound("Invalid Resource identifier specified")
		case r.ParentID == "":
			return badRequest("Root resource cannot update its pathPart.")
		case within(a, parent, id):
			return badRequest("Resources cannot be cyclical.")
		}
		if err := checkChild(a, parent, id, part); err != nil {
			return err
		}
		r.ParentID, r.PathPart = parentID, part
		setPaths(a, r, parent.Path)
		out = *r
		return nil
	})
	return out, err
}

// within says whether r is the resource of that id or below it.
func within(a *api, r *Resource, id string) bool {
	for ; r != nil; r = a.Resources[r.ParentID] {
		if r.ID == id {
			return true
		}
	}
	return false
}

func setPaths(a *api, r *Resource, parentPath string) {
	r.Path = strings.TrimSuffix(parentPath, "/") + "/" + r.PathPart
	for _, child := range a.Resources {
		if child.ParentID == r.ID {
			setPaths(a, child, r.Path)
		}
	}
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
