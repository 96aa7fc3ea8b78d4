package gateway

import "errors"

// rendered is what a mapping template made.
type rendered struct {
	body            []byte
	status          int // $context.responseOverride.status, or 0
	requestHeaders  map[string]string
	responseHeaders map[string]string
}

func (inv *invocation) render(template string, body []byte) (rendered, error) {
	return rendered{}, errors.New("not yet")
}
