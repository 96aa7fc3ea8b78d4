// Package gateway is the share of layer gateway in the provider: API Gateway's REST API
// resources over the gateway plane, and the web
// ACLs that guard its stages.
package gateway

import (
	"errors"
	"fmt"
	"strings"

	plane "pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/provider"
)

// Kinds lists the resource types of API Gateway and WAF.
func Kinds(s *plane.Service) []provider.Kind {
	r := resources{s}
	return []provider.Kind{
		r.restAPI(), r.resource(), r.method(), r.methodResponse(), r.integration(), r.integrationResponse(),
		r.model(), r.requestValidator(), r.authorizer(), r.response(),
		r.deployment(), r.stage(), r.methodSettings(), r.account(),
		r.webACL(), r.webACLAssociation(),
	}
}

// resources makes resource types over one plane.
type resources struct{ plane *plane.Service }

// absent are the errors that say that a thing is not there.
var absent provider.Absent = func(err error) bool {
	var e *plane.Error
	return errors.As(err, &e) && (e.Code == "NotFoundException" || e.Code == "WAFNonexistentItemException")
}

// importing says whether Read was called for an import, which knows the id only.
func importing(apiID string) bool { return apiID == "" }

// parts splits the id of a resource to import, API-ID/..., into n parts; the id that a
// deployment gave it, kind-API-ID-..., serves too.
func parts(id, kind string, n int) ([]string, error) {
	separator := "/"
	if rest, ok := strings.CutPrefix(id, kind+"-"); ok {
		id, separator = rest, "-"
	}
	found := strings.SplitN(id, separator, n)
	if len(found) != n {
		return nil, fmt.Errorf("unexpected format of ID (%q), expected %d parts with / between them, the REST API's id first", id, n)
	}
	return found, nil
}

// pair splits the id of an association of a web ACL to import.
func pair(id string) (acl, stage string, err error) {
	acl, stage, ok := strings.Cut(id, ",")
	if !ok {
		err = fmt.Errorf("unexpected format of ID (%q), expected WEB-ACL-ARN,RESOURCE-ARN", id)
	}
	return acl, stage, err
}
