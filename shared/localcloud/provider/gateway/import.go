package gateway

import (
	"context"

	"pipeline/shared/localcloud/provider"
)

// importBelow finds what a person writes as API-ID/ID.
func importBelow(_ context.Context, written string) (string, provider.Outputs, bool, error) {
	p, err := parts(written, "", 2)
	if err != nil {
		return "", nil, false, err
	}
	return p[1], provider.Outputs{"restApi": p[0]}, true, nil
}

// importModel finds API-ID/NAME.
func (r resources) importModel(_ context.Context, written string) (string, provider.Outputs, bool, error) {
	p, err := parts(written, "", 2)
	if err != nil {
		return "", nil, false, err
	}
	m, err := r.plane.GetModel(p[0], p[1])
	ok, err := absent.Found(err)
	return m.ID, provider.Outputs{"restApi": p[0], "name": p[1]}, ok, err
}

// importAssociation finds WEB-ACL-ARN,RESOURCE-ARN.
func (r resources) importAssociation(_ context.Context, written string) (string, provider.Outputs, bool, error) {
	acl, stage, err := pair(written)
	return written, provider.Outputs{"webAclArn": acl, "resourceArn": stage}, err == nil, err
}
