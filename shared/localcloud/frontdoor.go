package main

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"time"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/drills"
)

// frontDoor finds the plane that a request is for: by path for what browsers and
// clients of the pipeline call, else as AWS's endpoints tell services apart, by the
// X-Amz-Target header or the service in the signature's scope. What is left is S3. call
// is how long a client may take to send what is neither an event nor an object.
func frontDoor(cloud *cloud, info runtime, key string, call time.Duration) http.Handler {
	admin := cloud.drills.Handler(key)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopbackName(r.Host) {
			http.Error(w, "the local cloud answers to loopback names only, not to "+r.Host, http.StatusForbidden)
			return
		}
		path := r.URL.Path
		switch {
		case path == "/_localcloud/health":
			cloud.health(w, info)
		case path == drills.Path || strings.HasPrefix(path, drills.Path+"/"):
			hurry(w, call)
			admin.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/_aws/execute-api/"):
			cloud.execute.ServeHTTP(w, r) // has a patience of its own
		case strings.HasPrefix(path, "/_aws/cognito/"):
			hurry(w, call)
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
			cloud.pages.ServeHTTP(w, r)
		case foreignPage(r):
			http.Error(w, "a page of another site may not call the local cloud's AWS APIs", http.StatusForbidden)
		case path == "/_localcloud/profile":
			profile(w, r)
		default:
			cloud.api(w, r, call)
		}
	})
}

// health says where the local cloud listens and what is out of the ordinary.
func (c *cloud) health(w http.ResponseWriter, now runtime) {
	alarms, err := c.watch.InAlarm()
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	now.Drills, now.Alarms = c.drills.Active(), alarms
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(now)
}

// loopbackName guards against a page that rebinds its own name to 127.0.0.1.
func loopbackName(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	host = strings.Trim(host, "[]")
	if ip := net.ParseIP(host); ip != nil {
		return ip.IsLoopback()
	}
	return host == "localhost" || strings.HasSuffix(host, ".localhost")
}

// foreignPage tells whether a browser sends the request for a page that is not on this
// machine. A browser names the page's origin, but not for pictures, scripts and links:
// there it says that the page is of another site, which may be one on this machine.
func foreignPage(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return r.Header.Get("Sec-Fetch-Site") == "cross-site"
	}
	u, err := url.Parse(origin)
	return err != nil || !loopbackName(u.Host)
}

var credentialScope = regexp.MustCompile(`Credential=[^/]+/[0-9]{8}/[^/]+/([^/]+)/aws4_request`)

// maxForm bounds what a sign-in or token request sends, in bytes.
const maxForm = 1 << 20

// hurry ends a request whose body does not come in time.
func hurry(w http.ResponseWriter, within time.Duration) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(within)) // a connection that cannot has none
}

// api answers an AWS API request, as the caller whose keys signed it. S3, IAM and STS
// find that out themselves: they answer in XML, and S3 knows anonymous callers too.
func (c *cloud) api(w http.ResponseWriter, r *http.Request, call time.Duration) {
	if query := c.scopes[scope(r)]; query != nil && r.Header.Get("X-Amz-Target") == "" {
		hurry(w, call)
		query.ServeHTTP(w, r)
		return
	}
	plane, operation := c.plane(r)
	if plane == nil {
		c.objects.ServeHTTP(w, r)
		return
	}
	hurry(w, call)
	ctx, signed, err := c.roles.Signer(r)
	switch {
	case err != nil:
		awsjson.WriteError(w, &awsjson.Error{Code: "ExpiredTokenException", Message: err.Error()})
	case !signed && !publicOperations[operation]:
		awsjson.WriteError(w, &awsjson.Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"})
	default:
		plane.ServeHTTP(w, r.WithContext(ctx))
	}
}

// publicOperations are Cognito's calls for people who have no AWS keys (botocore
// service model cognito-idp, authtype none).
var publicOperations = map[string]bool{
	"GetUser": true, "InitiateAuth": true, "RespondToAuthChallenge": true, "RevokeToken": true, "SignUp": true,
}

// plane finds a request's plane, nil for S3, and the operation where the header names it.
func (c *cloud) plane(r *http.Request) (plane http.Handler, operation string) {
	service, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if service != "" {
		if h := c.targets[service]; h != nil {
			return c.late(service, h), operation
		}
		return awsjson.Handler(service, nil), operation
	}
	if signedFor := scope(r); signedFor != "" && signedFor != "s3" {
		return awsjson.Handler(signedFor, nil), ""
	}
	return nil, ""
}

// scope is the service that a request is signed for; empty where nobody signed.
func scope(r *http.Request) string {
	if found := credentialScope.FindStringSubmatch(r.Header.Get("Authorization")); found != nil {
		return found[1]
	}
	return ""
}

// late is a plane with the delay that a drill gives it.
func (c *cloud) late(service string, plane http.Handler) http.Handler {
	if delay := c.delays[service]; delay != nil {
		return delay.Handler(plane)
	}
	return plane
}
