package gateway

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/gateway/mapping"
)

// pathPrefix is what the paths of all stages begin with: API id, stage and the
// resource's path follow.
const pathPrefix = "/_aws/execute-api/"

// invocation is one request on its way through a stage.
type invocation struct {
	service *Service
	stage   *servedStage
	method  *servedMethod // nil until it is found
	request *http.Request
	path    map[string]string // path parameters
	query   map[string][]string
	body    []byte
	taken   *awsjson.Metered // what the body takes of the budget, or nil
	context map[string]any   // $context
	started time.Time
	trace   []string // execution log

	rendered *mapping.Result // of the request's template
	turn     turn            // while the body is validated and mapped
}

// answer is what goes back to the client.
type answer struct {
	status int
	header http.Header
	body   []byte
	edge   bool // without the headers that API Gateway adds
}

// ServeHTTP serves /_aws/execute-api/APIID/STAGE/...
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	apiID, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.EscapedPath(), pathPrefix), "/")
	name, path, _ := strings.Cut(rest, "/")
	stage := (*s.served.Load())[apiID+"/"+name]
	inv := s.newInvocation(stage, r, "/"+name+"/"+path)
	defer contexts.Put(inv.context)
	inv.hurry(w)
	if stage == nil || stage.disabled {
		write(w, inv, forbidden())
		return
	}
	defer inv.release()
	out := inv.serve(w, path)
	inv.finish(out)
	write(w, inv, out)
	inv.log()
}

// forbidden is AWS's answer where there is no API or stage to have its own.
func forbidden() answer {
	return answer{
		status: http.StatusForbidden,
		header: http.Header{"Content-Type": {"application/json"}, "x-amzn-ErrorType": {"ForbiddenException"}},
		body:   []byte(`{"message":"Forbidden"}`),
	}
}

// contexts are maps for $context: a request has some 28 variables at its end.
var contexts = sync.Pool{New: func() any { return map[string]any{} }}

func (s *Service) newInvocation(stage *servedStage, r *http.Request, path string) *invocation {
	inv := &invocation{service: s, stage: stage, request: r, started: s.Now()}
	host := r.Host
	prefix, _, _ := strings.Cut(host, ".")
	ip, _, _ := net.SplitHostPort(r.RemoteAddr)
	c := contexts.Get().(map[string]any)
	clear(c)
	c["requestId"] = uuid.NewString()
	c["extendedRequestId"] = extendedID()
	c["accountId"] = s.Account
	c["httpMethod"] = r.Method
	c["path"] = path
	c["protocol"] = r.Proto
	c["requestTime"] = requestTime(inv.started)
	c["requestTimeEpoch"] = inv.started.UnixMilli()
	c["domainName"] = host
	c["domainPrefix"] = prefix
	c["xrayTraceId"] = traceID(r.Header.Get("X-Amzn-Trace-Id"), inv.started)
	c["identity"] = map[string]any{"sourceIp": ip, "userAgent": r.UserAgent()}
	if stage != nil {
		c["apiId"], c["stage"], c["deploymentId"] = stage.apiID, stage.name, stage.deploymentID
	}
	inv.context = c
	return inv
}

// requestTime is a time as $context has it: the common log format.
func requestTime(t time.Time) string {
	second := t.Unix()
	if last := lastTime.Load(); last != nil && last.second == second {
		return last.text
	}
	text := t.UTC().Format("02/Jan/2006:15:04:05 +0000")
	lastTime.Store(&timeText{second, text})
	return text
}

type timeText struct {
	second int64
	text   string
}

var lastTime atomic.Pointer[timeText]

// extendedID looks as AWS's x-amz-apigw-id does: 16 characters that end in "=".
func extendedID() string {
	var id [11]byte
	rand.Read(id[:])
	return base64.URLEncoding.EncodeToString(id[:])
}

// traceID keeps the root of a trace that the request is part of.
func traceID(header string, now time.Time) string {
	for _, part := range strings.Split(header, ";") {
		if root, ok := strings.CutPrefix(strings.TrimSpace(part), "Root="); ok {
			return "Root=" + root
		}
	}
	var id [16]byte // the time, then chance
	binary.BigEndian.PutUint32(id[:4], uint32(now.Unix()))
	rand.Read(id[4:])
	text := hex.EncodeToString(id[:])
	return "Root=1-" + text[:8] + "-" + text[8:]
}

// serve answers the request, also where the gateway itself fails.
func (inv *invocation) serve(w http.ResponseWriter, path string) (out answer) {
	defer func() {
		if fault := recover(); fault != nil {
			slog.Error("gateway: serve a request", "request", inv.context["requestId"], "panic", fault, "stack", string(debug.Stack()))
			out = inv.gatewayResponse(fail(reasonDefault5xx, "Internal server error", "Execution failed due to an internal error: %v", fault))
		}
	}()
	if f := inv.admit(path); f != nil {
		return inv.gatewayResponse(f)
	}
	f := inv.readBody(w)
	if f == nil {
		f = inv.begin()
		defer inv.end()
	}
	if f == nil {
		f = inv.validate()
	}
	if f == nil {
		out, f = inv.integrate()
	}
	if f != nil {
		out = inv.gatewayResponse(f)
	}
	return out
}

// admit finds the method and checks what needs no body, in AWS's order.
func (inv *invocation) admit(path string) *failure {
	if f := inv.filter(); f != nil {
		return f
	}
	if headerSize(inv.request) > maxHeader {
		return headerTooLarge()
	}
	if inv.request.ContentLength > maxBody {
		return tooLarge()
	}
	inv.method, inv.path = inv.stage.root.route(inv.request.Method, path)
	if inv.method == nil {
		return inv.noRoute()
	}
	inv.query = inv.request.URL.Query()
	inv.context["resourceId"], inv.context["resourcePath"] = inv.method.resourceID, inv.method.resourcePath
	inv.tracef("INFO", "Starting execution for request: %v", inv.context["requestId"])
	if !inv.withinLimits() {
		return fail(reasonThrottled, "Too Many Requests", "Execution failed: the throttle of the method or the account is reached")
	}
	return inv.authorize()
}

// filter asks the stage's web ACL, where there is one.
func (inv *invocation) filter() *failure {
	wall := inv.stage.firewall
	if wall == nil {
		return nil
	}
	inv.context["webaclArn"], inv.context["wafResponseCode"] = wall.arn, "WAF_ALLOW"
	if ip, _ := inv.lookup("context", []string{"identity", "sourceIp"}); wall.admits(ip, inv.started) {
		return nil
	}
	inv.context["wafResponseCode"] = "WAF_BLOCK"
	return fail(reasonFiltered, "Forbidden", "Request blocked by AWS WAF")
}

// noRoute is AWS's answer to a path or method that is not there. A request with an
// Authorization header that is no signature is told so first.
func (inv *invocation) noRoute() *failure {
	value := inv.request.Header.Get("Authorization")
	if value == "" || strings.HasPrefix(value, "AWS4-HMAC-SHA256 ") {
		return fail(reasonMissingToken, "Missing Authentication Token", "No method matches the request")
	}
	return fail(reasonInvalidSignature, "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded with Base64): '"+hashed(value)+"'.",
		"No method matches the request")
}

func (inv *invocation) withinLimits() bool {
	now := inv.started
	if inv.method.throttle != nil && !inv.method.throttle.admits(now) {
		return false
	}
	return inv.service.throttle.admits(now)
}

func (inv *invocation) authorize() *failure {
	a := inv.method.authorizer
	if a == nil {
		return nil
	}
	claims, f := a.authorize(inv.request.Context(), inv.request.Header.Get(a.header), inv.method.scopes)
	if f != nil {
		return f
	}
	inv.context["authorizer"] = map[string]any{"claims": claims}
	return nil
}

// finish puts what an access log may say about the answer into $context.
func (inv *invocation) finish(out answer) {
	inv.context["status"] = out.status
	inv.context["responseLength"] = len(out.body)
	inv.context["responseLatency"] = inv.service.Now().Sub(inv.started).Milliseconds()
	inv.tracef("INFO", "Method completed with status: %d", out.status)
}

func write(w http.ResponseWriter, inv *invocation, out answer) {
	header := w.Header()
	for name, values := range out.header {
		header[name] = values
	}
	if !out.edge { // not in Go's canonical spelling but in AWS's
		header["x-amzn-RequestId"] = []string{inv.context["requestId"].(string)}
		header["x-amz-apigw-id"] = []string{inv.context["extendedRequestId"].(string)}
	}
	header["Content-Length"] = []string{strconv.Itoa(len(out.body))}
	w.WriteHeader(out.status)
	// The status is sent: a client that went away is the only error left.
	_, _ = w.Write(out.body)
}

// log writes the request's lines to the logs that its stage has.
func (inv *invocation) log() {
	if inv.stage.access != nil {
		inv.service.lines.add(inv.stage.accessGroup, inv.stage.stream, inv.stage.access.render(inv, "-"))
	}
	if len(inv.trace) > 0 {
		inv.service.lines.add(inv.stage.executionGroup, inv.stage.stream, inv.trace...)
	}
}

// tracef adds a line to the execution log if the method logs that level, ERROR or INFO.
func (inv *invocation) tracef(level, format string, args ...any) {
	if inv.method == nil || inv.method.settings.LoggingLevel == "OFF" {
		return
	}
	if level == "INFO" && inv.method.settings.LoggingLevel != "INFO" {
		return
	}
	inv.trace = append(inv.trace, fmt.Sprintf("(%v) ", inv.context["requestId"])+fmt.Sprintf(format, args...))
}

// traceBody logs a body where the stage's data trace is on.
func (inv *invocation) traceBody(what string, body []byte) {
	if inv.method.settings.DataTraceEnabled {
		inv.tracef("INFO", "%s: %s", what, body)
	}
}

// detached is the request's context without its cancellation: AWS finishes a call that
// it has begun, also when the client went away.
func (inv *invocation) detached() context.Context {
	return context.WithoutCancel(inv.request.Context())
}
