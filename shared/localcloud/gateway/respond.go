package gateway

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/textproto"
	"strings"
)

// defaultBody is the template of a gateway response that has none of its own.
const defaultBody = `{"message":$context.error.messageString}`

var defaultResponse = servedResponse{contentType: "application/json", body: parseText(defaultBody)}

// gatewayResponse is the gateway's own answer: the API's for the reason, else the API's
// for all such statuses, else AWS's.
func (inv *invocation) gatewayResponse(f *failure) answer {
	inv.tracef("ERROR", "%s", f.cause)
	if f.reason == reasonTooLarge { // AWS's edge answers, also where the API has a response of its own
		return answer{edge: true, status: http.StatusRequestEntityTooLarge, header: http.Header{"Content-Type": {"text; charset=utf-8"}}, body: []byte(f.message)}
	}
	response := inv.stage.responseFor(f)
	inv.context["error"] = map[string]any{
		"message": f.message, "messageString": f.message, "responseType": string(f.reason),
		"validationErrorString": f.validation,
	}
	out := answer{status: statusFor(f, response), header: http.Header{}}
	out.header["x-amzn-ErrorType"] = []string{answers[f.reason].errorType}
	out.header.Set("Content-Type", response.contentType)
	inv.setHeaders(out.header, response.headers, nil)
	out.body = []byte(response.body.render(inv, ""))
	return out
}

func (st *servedStage) responseFor(f *failure) servedResponse {
	if own, ok := st.responses[f.reason]; ok {
		return own
	}
	if all, ok := st.responses[defaultFor(f)]; ok {
		return all
	}
	return defaultResponse
}

func defaultFor(f *failure) reason {
	if answers[f.reason].status >= http.StatusInternalServerError {
		return reasonDefault5xx
	}
	return reasonDefault4xx
}

func statusFor(f *failure, response servedResponse) int {
	switch {
	case response.status != 0:
		return response.status
	case f.status != 0:
		return f.status
	}
	return answers[f.reason].status
}

// setHeaders maps values to headers. A value that is not there sets none.
func (inv *invocation) setHeaders(header http.Header, mappings []headerMapping, integration *answer) {
	for _, m := range mappings {
		if value, ok := inv.evaluate(m.value, integration); ok {
			header.Set(m.name, value)
		}
	}
}

// evaluate returns an expression's value, and whether there is one. Integration is what
// the integration answered, once it has.
func (inv *invocation) evaluate(e expression, integration *answer) (string, bool) {
	switch {
	case e.from == "static":
		return e.name, true
	case e.from == "context" || e.from == "stageVariables":
		return inv.lookup(e.from, strings.Split(e.name, "."))
	case integration != nil:
		return integration.value(e)
	case e.from == "body":
		return string(inv.body), true
	}
	return inv.parameter(e.from, e.name)
}

func (a *answer) value(e expression) (string, bool) {
	values := a.header[textproto.CanonicalMIMEHeaderKey(e.name)]
	switch {
	case e.from == "body":
		return string(a.body), true
	case len(values) == 0:
		return "", false
	case e.from == "multivalueheader":
		return strings.Join(values, ","), true
	}
	return values[len(values)-1], true
}

// parameter returns a request parameter. Of several values AWS takes the last.
func (inv *invocation) parameter(location, name string) (string, bool) {
	var values []string
	switch strings.TrimPrefix(location, "multivalue") {
	case "path":
		value, ok := inv.path[name]
		return value, ok
	case "header":
		values = inv.request.Header.Values(name)
		if strings.EqualFold(name, "Host") {
			values = []string{inv.request.Host}
		}
	case "querystring":
		values = inv.query[name]
	}
	switch {
	case len(values) == 0:
		return "", false
	case strings.HasPrefix(location, "multivalue"):
		return strings.Join(values, ","), true
	}
	return values[len(values)-1], true
}

func hashed(value string) string {
	sum := sha256.Sum256([]byte(value))
	return base64.StdEncoding.EncodeToString(sum[:])
}
