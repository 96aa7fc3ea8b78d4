package main

import (
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"pipeline/shared/localcloud/awscbor"
	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/iam"
)

// frontDoor finds the plane that a request is for: by path for what browsers and
// clients of the pipeline call, else as AWS's endpoints tell services apart, by the
// X-Amz-Target header or the service in the signature's scope. What is left is S3. call
// is how long a client may take to send what is neither an event nor an object.
func frontDoor(cloud *cloud, info runtime, key string, call time.Duration) http.Handler {
	admin := cloud.admin(info, key, call)
	return loopbackOnly(func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		switch {
		case strings.HasPrefix(path, adminPath):
			admin.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/_aws/execute-api/"):
			cloud.execute.ServeHTTP(w, r) // has a patience of its own
		case strings.HasPrefix(path, "/_aws/cognito/"):
			hurry(w, call)
			cloud.pages.ServeHTTP(w, r)
		case foreignPage(r):
			refuseForeign(w)
		default:
			cloud.api(w, r, call)
		}
	})
}

// loopbackOnly answers where a client knows this machine by a name of its own.
func loopbackOnly(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopbackName(r.Host) {
			http.Error(w, "the local cloud answers to loopback names only, not to "+r.Host, http.StatusForbidden)
			return
		}
		h(w, r)
	})
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

func refuseForeign(w http.ResponseWriter) {
	http.Error(w, "a page of another site may not call the local cloud's AWS APIs", http.StatusForbidden)
}

// hurry ends a request whose body does not come in time.
func hurry(w http.ResponseWriter, within time.Duration) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(within)) // a connection that cannot has none
}

// api answers an AWS API request, as the caller whose keys signed it. S3, IAM and STS
// find that out themselves: they answer in XML, and S3 knows anonymous callers too.
func (c *cloud) api(w http.ResponseWriter, r *http.Request, call time.Duration) {
	if query := c.query(r); query != nil {
		hurry(w, call)
		query.ServeHTTP(w, r)
		return
	}
	to := c.called(r)
	if to.plane == nil {
		c.objects.ServeHTTP(w, r)
		return
	}
	hurry(w, call)
	ctx, signed, err := c.roles.Signer(r)
	region, _ := iam.Scope(r)
	var expired *iam.Error
	switch {
	case region != "" && region != c.buckets.Region():
		to.refuse(w, awsjson.Errorf("InvalidSignatureException", "Credential should be scoped to a valid region, not '%s'.", region))
	case errors.As(err, &expired):
		to.refuse(w, &awsjson.Error{Code: "ExpiredTokenException", Message: expired.Message})
	case err != nil:
		to.refuse(w, err)
	case !signed && !publicOperations[to.operation]:
		to.refuse(w, &awsjson.Error{Code: "MissingAuthenticationTokenException", Message: "Missing Authentication Token"})
	default:
		to.plane.ServeHTTP(w, r.WithContext(ctx))
	}
}

// publicOperations are Cognito's calls for people who have no AWS keys (botocore
// service model cognito-idp, authtype none).
var publicOperations = map[string]bool{
	"GetUser": true, "InitiateAuth": true, "RespondToAuthChallenge": true, "RevokeToken": true, "SignUp": true,

	// These are told to their callers, who have no keys either, as not served.
	"AssociateSoftwareToken": true, "ChangePassword": true, "ConfirmDevice": true, "ConfirmForgotPassword": true, "ConfirmSignUp": true,
	"DeleteUser": true, "DeleteUserAttributes": true, "ForgetDevice": true, "ForgotPassword": true, "GetDevice": true,
	"GetTokensFromRefreshToken": true, "GetUserAttributeVerificationCode": true, "GetUserAuthFactors": true, "GlobalSignOut": true,
	"ListDevices": true, "ResendConfirmationCode": true, "SetUserMFAPreference": true, "SetUserSettings": true, "UpdateDeviceStatus": true,
	"UpdateUserAttributes": true, "VerifySoftwareToken": true, "VerifyUserAttribute": true,
}

// query finds who answers a call of the query protocol: the service that it is signed
// for. Nobody's is for STS, who says what is missing: to no other service a form at the
// root, or an action in the URL, means anything.
func (c *cloud) query(r *http.Request) http.Handler {
	if r.Header.Get("X-Amz-Target") != "" {
		return nil
	}
	_, service := iam.Scope(r)
	form := r.URL.Path == "/" && (r.URL.Query().Has("Action") || strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"))
	switch {
	case c.queries[service] != nil:
		return c.queries[service]
	case service == "" && form:
		return c.queries["sts"]
	case form:
		return c.roles.Query(service)
	}
	return nil
}

// callee is whom a call of the JSON or CBOR protocol is for, and how it is told no.
type callee struct {
	plane     http.Handler // nil: S3
	operation string
	refuse    func(http.ResponseWriter, error)
}

// called finds whom a request calls, in the protocol that it speaks.
func (c *cloud) called(r *http.Request) callee {
	if service, operation, ok := awscbor.Call(r); ok {
		api := c.cbor[service]
		if api == nil {
			api = &awscbor.Service{Name: service}
		}
		return callee{api, operation, api.WriteError}
	}
	service, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if h := c.targets[service]; h != nil {
		return callee{c.late(service, h), operation, awsjson.WriteError}
	}
	if service != "" {
		return callee{awsjson.Handler(service, nil), operation, awsjson.WriteError}
	}
	_, service = iam.Scope(r)
	if service == "" || service == "s3" {
		return callee{}
	}
	return callee{awsjson.NotServed(service, r.Method+" "+r.URL.Path), operation, awsjson.WriteError}
}

// late is a plane with the delay that a drill gives it.
func (c *cloud) late(service string, plane http.Handler) http.Handler {
	if delay := c.delays[service]; delay != nil {
		return delay.Handler(plane)
	}
	return plane
}
