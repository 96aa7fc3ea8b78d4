package gateway

import (
	"context"
	"net/http"
	"time"

	"pipeline/shared/localcloud/gateway/mapping"
)

// longestTemplate is how long a template may run: as long as AWS's longest integration.
const longestTemplate = 29 * time.Second

// until is a context that ends at a time. Unlike context.WithDeadline it makes no timer for
// each request: a template only asks it for its error, now and then.
type until struct {
	context.Context
	end time.Time
}

func (u until) Deadline() (time.Time, bool) { return u.end, true }

func (u until) Err() error {
	if time.Now().After(u.end) {
		return context.DeadlineExceeded
	}
	return u.Context.Err()
}

// render runs a mapping template over a body. The result of the request's template is
// kept: the response's template sees the overrides that it set.
func (inv *invocation) render(template string, body []byte) (mapping.Result, error) {
	ctx := until{inv.detached(), time.Now().Add(inv.service.longest)}
	result, err := mapping.Render(ctx, template, mapping.Request{
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
