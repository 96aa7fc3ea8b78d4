package gateway

import (
	"context"

	"pipeline/shared/localcloud/provider"
)

// importer finds what a person writes as API-ID/ID, with what get tells of it.
func importer(get func(api, id string) (string, provider.Outputs, error)) func(context.Context, string) (string, provider.Outputs, bool, error) {
	return func(_ context.Context, written string) (string, provider.Outputs, bool, error) {
		p, err := parts(written, "", 2)
		if err != nil {
			return "", nil, false, err
		}
		id, inputs, err := get(p[0], p[1])
		ok, err := absent.Found(err)
		if ok {
			inputs["restApi"] = p[0]
		}
		return id, inputs, ok, err
	}
}

func (r resources) importModel(api, name string) (string, provider.Outputs, error) {
	m, err := r.plane.GetModel(api, name)
	return m.ID, provider.Outputs{"name": m.Name, "contentType": m.ContentType, "description": m.Description, "schema": m.Schema}, err
}

func (r resources) importValidator(api, id string) (string, provider.Outputs, error) {
	v, err := r.plane.GetRequestValidator(api, id)
	return id, provider.Outputs{"name": v.Name, "validateRequestBody": v.Body, "validateRequestParameters": v.Parameters}, err
}

func (r resources) importAuthorizer(api, id string) (string, provider.Outputs, error) {
	a, err := r.plane.GetAuthorizer(api, id)
	return id, provider.Outputs{"name": a.Name, "type": a.Type, "providerArns": list(a.ProviderARNs), "identitySource": a.IdentitySource,
		"identityValidationExpression": a.IdentityValidationExpression, "authorizerResultTtlInSeconds": a.ResultTTLSeconds}, err
}

func (r resources) importResource(api, id string) (string, provider.Outputs, error) {
	res, err := r.plane.GetResource(api, id)
	return id, provider.Outputs{"parentId": res.ParentID, "pathPart": res.PathPart}, err
}

func (r resources) importDeployment(api, id string) (string, provider.Outputs, error) {
	d, err := r.plane.GetDeployment(api, id)
	return id, provider.Outputs{"description": d.Description}, err
}

// importAssociation finds WEB-ACL-ARN,RESOURCE-ARN.
func (r resources) importAssociation(_ context.Context, written string) (string, provider.Outputs, bool, error) {
	acl, stage, err := pair(written)
	return written, provider.Outputs{"webAclArn": acl, "resourceArn": stage}, err == nil, err
}
