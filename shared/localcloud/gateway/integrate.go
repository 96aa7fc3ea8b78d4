package gateway

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/iam"
)

// integrate calls the method's integration and maps what it answers.
func (inv *invocation) integrate() (answer, *failure) {
	call, f := inv.integrationRequest()
	inv.end()
	if f != nil {
		return answer{}, f
	}
	inv.traceBody("Endpoint request body after transformations", call.body)
	started := inv.service.Now()
	integration, f := inv.invoke(call)
	latency := inv.service.Now().Sub(started).Milliseconds()
	inv.context["integrationLatency"] = latency
	if f != nil { // the texts of AWS are not known: this is the execution log's
		inv.context["integrationErrorMessage"], inv.context["integration"] = f.cause, map[string]any{"error": f.cause, "latency": latency}
		return answer{}, f
	}
	inv.context["integrationStatus"] = integration.status
	known := map[string]any{"status": integration.status, "integrationStatus": integration.status, "latency": latency}
	if id := integration.header[requestID]; len(id) > 0 {
		known["requestId"] = id[0]
		inv.context["awsEndpointRequestId"] = known["requestId"]
	}
	inv.context["integration"] = known
	inv.traceBody("Endpoint response body before transformations", integration.body)
	if integration.status >= http.StatusBadRequest {
		inv.tracef("ERROR", "Received response. Status: %d, Integration latency: %d ms, body: %s", integration.status, latency, integration.body)
	}
	return inv.integrationResponse(integration)
}

// call is what an integration is called with.
type call struct {
	header http.Header
	query  url.Values
	body   []byte
}

// integrationRequest maps the request: parameters first, then the template for its
// content type, whose overrides come last.
func (inv *invocation) integrationRequest() (call, *failure) {
	out := call{header: http.Header{}, query: url.Values{}, body: inv.body}
	template, f := inv.template()
	if f != nil {
		return out, f
	}
	for _, p := range inv.method.integration.parameters {
		value, ok := inv.evaluate(p.value, nil)
		switch {
		case !ok:
		case p.location == "header":
			out.header.Set(p.name, value)
		case p.location == "querystring":
			out.query.Set(p.name, value)
		}
	}
	if template == "" {
		return out, illegalHeader(out.header)
	}
	body := inv.body
	if !utf8.Valid(body) {
		body = bytes.ToValidUTF8(body, []byte("\uFFFD"))
	}
	result, err := inv.render(template, body)
	if err != nil {
		return out, misconfigured("Unable to transform request: %v", err)
	}
	out.body = result.Body
	override(out.header, result.RequestHeader)
	for name, values := range result.RequestQuery {
		out.query[name] = values
	}
	return out, illegalHeader(out.header)
}

// template picks the request template for the request's content type. Without one the
// body passes through or is refused, as the integration's passthrough behaviour says.
func (inv *invocation) template() (string, *failure) {
	i := &inv.method.integration
	contentType := mediaType(inv.request.Header.Get("Content-Type"))
	template, ok := i.templates[contentType]
	if !ok {
		template, ok = i.templates["$default"]
	}
	if ok || i.passthrough == "WHEN_NO_MATCH" || i.passthrough == "WHEN_NO_TEMPLATES" && len(i.templates) == 0 {
		return template, nil
	}
	return "", fail(reasonUnsupportedMedia, "Unsupported Media Type", "No request template for %s and passthrough behavior %s", contentType, i.passthrough)
}

// illegal are headers that a mapping may not set for an AWS integration: the call would
// not be what API Gateway signs.
var illegal = []string{"Authorization", "Connection", "Content-Length", "Expect", "Proxy-Authenticate", "Te", "Transfer-Encoding", "X-Amzn-Trace-Id"}

func illegalHeader(header http.Header) *failure {
	for _, name := range illegal {
		if header[name] != nil {
			return fail(reasonDefault5xx, "Internal server error", "Execution failed due to configuration error: %s header already present", name)
		}
	}
	return nil
}

func (inv *invocation) invoke(c call) (*answer, *failure) {
	if inv.method.integration.mock {
		status, ok := mockStatus(string(c.body))
		if !ok {
			return nil, fail(reasonDefault5xx, "Internal server error",
				"Execution failed due to configuration error: Unable to parse statusCode. It should be an integer that is defined in the request template.")
		}
		return &answer{status: status, header: http.Header{}}, nil
	}
	return inv.callService(c)
}

// unquotedStatus finds a statusCode in what is nearly JSON: AWS also takes an unquoted
// or single-quoted key, but not a broken quote.
var unquotedStatus = regexp.MustCompile(`^\s*\{(?:[^"']*,)?\s*(?:statusCode|'statusCode')\s*:\s*(\d+)\s*(?:,.*)?\}\s*$`)

// mockStatus reads the status that a MOCK integration's request template chose.
func mockStatus(body string) (int, bool) {
	var strict struct {
		StatusCode json.RawMessage `json:"statusCode"`
	}
	text := ""
	if err := json.Unmarshal([]byte(body), &strict); err == nil {
		text = string(strict.StatusCode)
	} else if match := unquotedStatus.FindStringSubmatch(body); match != nil {
		text = match[1]
	}
	status, err := strconv.Atoi(text)
	return status, err == nil && status >= 100 && status <= 599
}

// ownHeader is what API Gateway adds to the requests of an integration.
func ownHeader(apiID string, a action) http.Header {
	return http.Header{
		"Accept":       {"application/json"},
		"User-Agent":   {"AmazonAPIGateway_" + apiID},
		"X-Amz-Target": {targets[a.service] + "." + a.name},
	}
}

// targets is the part of X-Amz-Target before the action, by service: these speak AWS's
// JSON protocol (service models, targetPrefix).
var targets = map[string]string{"firehose": "Firehose_20150804"}

// callService sends the action to the service in this process, as the integration's
// role. A service ends with the context: whether it did what was asked stays open then.
func (inv *invocation) callService(c call) (*answer, *failure) {
	i := &inv.method.integration
	if err := inv.service.Roles.Assumable(principal, i.credentials); err != nil {
		return nil, misconfigured("API Gateway does not have permission to assume the provided role %s: %v", i.credentials, err)
	}
	ctx, cancel := context.WithTimeout(iam.WithCaller(inv.detached(), iam.Caller{Service: principal, Role: i.credentials}), i.timeout)
	defer cancel()
	r := record(inv.service.Services[i.action.service], inv.serviceRequest(ctx, c))
	if ctx.Err() != nil {
		return nil, fail(reasonIntegrationTimeout, "Endpoint request timed out", "Execution failed due to a timeout error after %v", i.timeout)
	}
	return r.answer()
}

func (inv *invocation) serviceRequest(ctx context.Context, c call) *http.Request {
	i := &inv.method.integration
	method := i.httpMethod
	if method == "" {
		method = inv.request.Method
	}
	request := (&http.Request{
		Method: method, URL: &url.URL{Path: "/", RawQuery: c.query.Encode()}, Host: i.action.service,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: c.header,
		Body: awsjson.NewBody(c.body), ContentLength: int64(len(c.body)), RemoteAddr: "127.0.0.1:0",
	}).WithContext(ctx)
	if request.Header.Get("Content-Type") == "" {
		request.Header.Set("Content-Type", mediaType(inv.request.Header.Get("Content-Type")))
	}
	maps.Copy(request.Header, i.own)
	return request
}

// requestID is x-amzn-RequestId as Go spells it.
const requestID = "X-Amzn-Requestid"

// recorder is a ResponseWriter that keeps what it is given.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
	panic  any
}

func (r *recorder) Header() http.Header { return r.header }

func (r *recorder) WriteHeader(status int) {
	if r.status == 0 {
		r.status = status
	}
}

func (r *recorder) Write(p []byte) (int, error) {
	r.WriteHeader(http.StatusOK)
	return r.body.Write(p)
}

// record runs a service and keeps its answer, or its panic: a fault of one service must
// not end the gateway.
func record(service http.Handler, request *http.Request) (r *recorder) {
	r = &recorder{header: http.Header{}}
	defer func() { r.panic = recover() }()
	service.ServeHTTP(r, request)
	r.WriteHeader(http.StatusOK)
	return r
}

func (r *recorder) answer() (*answer, *failure) {
	if r.panic != nil {
		return nil, fail(reasonIntegrationFailure, "Internal server error", "Execution failed due to an integration error: %v", r.panic)
	}
	if r.header[requestID] == nil { // every service of AWS answers with one
		r.header[requestID] = []string{uuid.NewString()}
	}
	return &answer{status: r.status, header: r.header, body: r.body.Bytes()}, nil
}

// integrationResponse maps what the integration answered to what the method declares.
func (inv *invocation) integrationResponse(integration *answer) (answer, *failure) {
	response := inv.method.integration.responses[integration.status]
	if response == nil {
		return answer{}, misconfigured("No match for output mapping and no default output mapping configured. Endpoint Response Status Code: %d", integration.status)
	}
	out := answer{status: response.status, header: http.Header{"Content-Type": {"application/json"}}, body: integration.body}
	if !inv.method.integration.mock {
		out.header["X-Amzn-Trace-Id"] = []string{inv.context["xrayTraceId"].(string)}
	}
	inv.setHeaders(out.header, response.headers, integration)
	if len(response.types) > 0 {
		if f := inv.renderResponse(&out, response, integration); f != nil {
			return answer{}, f
		}
	}
	inv.traceBody("Method response body after transformations", out.body)
	return out, nil
}

func (inv *invocation) renderResponse(out *answer, response *servedIntegrationResponse, integration *answer) *failure {
	contentType := inv.accepted(response.types)
	if !slices.ContainsFunc(response.headers, func(h headerMapping) bool { return strings.EqualFold(h.name, "Content-Type") }) {
		out.header.Set("Content-Type", contentType)
	}
	template := response.templates[contentType]
	if template == "" { // which AWS keeps as none: the body passes through, as a request's does
		return nil
	}
	result, err := inv.render(template, integration.body)
	if err != nil {
		return misconfigured("Unable to transform response: %v", err)
	}
	out.body = result.Body
	override(out.header, result.ResponseHeader)
	if result.Status >= 100 && result.Status <= 599 {
		out.status = result.Status
	}
	return nil
}

// accepted picks the response template: the one for the type that the client accepts,
// else application/json, else the first.
func (inv *invocation) accepted(types []string) string {
	if accept := inv.request.Header.Get("Accept"); accept != "" && slices.Contains(types, mediaType(accept)) {
		return mediaType(accept)
	}
	return defaultType(types)
}
