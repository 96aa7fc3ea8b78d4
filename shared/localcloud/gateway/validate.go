package gateway

import (
	"strings"
)

// validate checks what the method's request validator asks for.
func (inv *invocation) validate() *failure {
	if missing := inv.missing(); len(missing) > 0 {
		return fail(reasonBadParameters, "Missing required request parameters: ["+strings.Join(missing, ", ")+"]", "Request parameters are missing")
	}
	model := inv.method.models[mediaType(inv.request.Header.Get("Content-Type"))]
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

func (inv *invocation) missing() []string {
	var names []string
	for _, p := range inv.method.required {
		location, name, _ := strings.Cut(strings.TrimPrefix(p, "method.request."), ".")
		if _, ok := inv.parameter(location, name); !ok {
			names = append(names, name)
		}
	}
	return names
}
