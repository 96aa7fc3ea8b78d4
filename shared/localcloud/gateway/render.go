package gateway

import (
	"net/http"

	"pipeline/shared/localcloud/gateway/mapping"
)

// render runs a mapping template over a body. The result of the request's template is
// kept: the response's template sees the overrides that it set.
func (inv *invocation) render(template string, body []byte) (mapping.Result, error) {
	result, err := mapping.Render(inv.detached(), template, mapping.Request{
		Body: body, Path: inv.path, Query: inv.query, Header: mapping.Values(inv.request.Header),
		Context: inv.context, StageVariables: inv.stage.variables, Earlier: inv.rendered,
	})
	if err == nil {
		inv.rendered = &result
	}
	return result, err
}

// override puts what a template has set in the place of mapped headers.
func override(header http.Header, overrides mapping.Values) {
	for name, values := range overrides {
		header[http.CanonicalHeaderKey(name)] = values
	}
}
