package gateway

import (
	"strings"
)

// validate checks what the method's request validator asks for.
func (inv *invocation) validate() *failure {
	if missing := inv.missing(); len(missing) > 0 {
		return fail(reasonBadParameters, "Missing required request parameters: ["+strings.Join(missing, ", ")+"]", "Request parameters are missing")
	}
	model := inv.model()
	if model == nil {
		return nil
	}
	text := model.check(inv.body)
	if text == "" {
		return nil
	}
	f := fail(reasonBadBody, "Invalid request body", "Request body does not match model schema for content type %s: %s",
		mediaType(inv.request.Header.Get("Content-Type")), text)
	f.validation = text
	return f
}

// model is that of the request's content type, else the one for all others, or nil.
func (inv *invocation) model() *servedModel {
	if model, ok := inv.method.models[mediaType(inv.request.Header.Get("Content-Type"))]; ok {
		return model
	}
	return inv.method.models["$default"]
}

// missing are the required parameters that are not there, or blank (API Gateway developer
// guide, "Request validation").
func (inv *invocation) missing() []string {
	var names []string
	for _, p := range inv.method.required {
		location, name, _ := strings.Cut(strings.TrimPrefix(p, "method.request."), ".")
		if value, _ := inv.parameter(location, name); strings.TrimSpace(value) == "" {
			names = append(names, name)
		}
	}
	return names
}
