package main

import (
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"pipeline/shared/localcloud/awsjson"
)

// frontDoor finds the plane that a request is for: by path for what browsers and
// clients of the pipeline call, else as AWS's endpoints tell services apart, by the
// X-Amz-Target header or the service in the signature's scope. What is left is S3.
func frontDoor(cloud *cloud, info runtime) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !loopbackName(r.Host) {
			http.Error(w, "the local cloud answers to loopback names only, not to "+r.Host, http.StatusForbidden)
			return
		}
		path := r.URL.Path
		switch {
		case path == "/_localcloud/health":
			w.Header().Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(info)
		case strings.HasPrefix(path, "/_aws/execute-api/"):
			cloud.execute.ServeHTTP(w, r)
		case strings.HasPrefix(path, "/_aws/cognito/"):
			cloud.pages.ServeHTTP(w, r)
		case foreignOrigin(r):
			http.Error(w, "a page of another site may not call the local cloud's AWS APIs", http.StatusForbidden)
		default:
			cloud.api(r).ServeHTTP(w, r)
		}
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

// foreignOrigin tells whether a browser sends the request for a page that is not on
// this machine.
func foreignOrigin(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return false
	}
	u, err := url.Parse(origin)
	return err != nil || !loopbackName(u.Host)
}

var credentialScope = regexp.MustCompile(`Credential=[^/]+/[0-9]{8}/[^/]+/([^/]+)/aws4_request`)

// api returns the plane of an AWS API request.
func (c *cloud) api(r *http.Request) http.Handler {
	service, _, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	if service != "" {
		if h := c.targets[service]; h != nil {
			return h
		}
		return awsjson.Handler(service, nil)
	}
	scope := credentialScope.FindStringSubmatch(r.Header.Get("Authorization"))
	if scope == nil || scope[1] == "s3" {
		return c.objects
	}
	if h := c.scopes[scope[1]]; h != nil {
		return h
	}
	return awsjson.Handler(scope[1], nil)
}
