package main

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"pipeline/shared/localcloud/drills"
)

// door is the front door of an empty cloud.
func door(t *testing.T) (http.Handler, *cloud) {
	t.Helper()
	c, err := open(options{State: t.TempDir(), Region: "eu-central-1", Account: "000000000000"}, "http://127.0.0.1:4566", 5439)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	return frontDoor(c, runtime{PID: 1}, "the key", patient.call), c
}

// knock sends a request as a browser does: headers are name, value, name, value.
func knock(h http.Handler, method, url, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

// everywhere is an address of everything behind the front door.
var everywhere = []string{"/_localcloud/health", drills.Path, "/_aws/execute-api/a/dev/events", "/_aws/cognito/users/login", "/", "/bucket/key"}

// A page on evil.example may have its name resolve to 127.0.0.1 a moment later: then the
// browser sends it here, as the page's own origin, and only the Host header tells.
func TestAReboundNameReachesNothing(t *testing.T) {
	h, c := door(t)
	admin := adminServer(c, runtime{}, "the key", patient).Handler
	if w := knock(admin, http.MethodGet, "http://evil.example/_localcloud/health", ""); w.Code != http.StatusForbidden {
		t.Errorf("the port for health and drills answers evil.example %d %s", w.Code, w.Body)
	}
	for _, path := range everywhere {
		for _, host := range []string{"evil.example", "evil.example:4566", "127.0.0.1.evil.example", "localhost.evil.example:4566", "192.168.0.7", "", "localhost.:x@evil.example"} {
			r := httptest.NewRequest(http.MethodPost, path, strings.NewReader("{}"))
			r.Host = host
			r.Header.Set(drills.KeyHeader, "the key")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "loopback names only") {
				t.Errorf("%s at host %q answers %d %s", path, host, w.Code, w.Body)
			}
		}
	}
	for _, host := range []string{"127.0.0.1:4566", "localhost:4566", "localhost", "[::1]:4566", "bucket.localhost:4566"} {
		if w := knock(h, http.MethodGet, "http://"+host+"/_localcloud/health", ""); w.Code != http.StatusOK {
			t.Errorf("host %s answers %d %s", host, w.Code, w.Body)
		}
	}
}

// calls are of every plane, as a page can have a browser send them: with a content type
// that needs no preflight. A page cannot set X-Amz-Target or Authorization without one,
// but what is not possible in today's browsers is refused as well.
var calls = []struct{ method, path, header, value string }{
	{"POST", "/", "X-Amz-Target", "Firehose_20150804.PutRecord"},
	{"POST", "/", "X-Amz-Target", "RedshiftData.ExecuteStatement"},
	{"POST", "/", "X-Amz-Target", "AWSCognitoIdentityProviderService.InitiateAuth"},
	{"POST", "/", "X-Amz-Target", "secretsmanager.GetSecretValue"},
	{"POST", "/", "X-Amz-Target", "Logs_20140328.FilterLogEvents"},
	{"POST", "/", "Authorization", "AWS4-HMAC-SHA256 Credential=x/20261122/eu-central-1/sts/aws4_request"},
	{"POST", "/service/GraniteServiceVersion20100801/operation/ListMetrics", "Smithy-Protocol", "rpc-v2-cbor"},
	{"POST", "/?Action=GetCallerIdentity&Version=2011-06-15", "Accept", "*/*"},
	{"PUT", "/bucket", "Accept", "*/*"},
	{"GET", "/bucket/key?X-Amz-Algorithm=AWS4-HMAC-SHA256", "Accept", "*/*"},
	{"POST", "/bucket?delete", "Accept", "*/*"},
	{"GET", "/_localcloud/profile?seconds=1", "Accept", "*/*"},
}

func TestAPageOfAnotherSiteCallsNoAPI(t *testing.T) {
	h, _ := door(t)
	for _, call := range calls {
		for _, contentType := range []string{"text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"} {
			for _, from := range [][]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", "http://127.0.0.1.evil.example"},
				{"Origin", "%"}, {"Sec-Fetch-Site", "cross-site"}} {
				w := knock(h, call.method, "http://127.0.0.1:4566"+call.path, "{}", append(from, "Content-Type", contentType, call.header, call.value)...)
				if w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "a page of another site") {
					t.Errorf("%s %s (%s) with %v answers %d %s", call.method, call.path, call.value, from, w.Code, w.Body)
				}
				if got := w.Header().Get("Access-Control-Allow-Origin"); got != "" {
					t.Errorf("%s %s lets %s read the answer", call.method, call.path, got)
				}
			}
		}
	}
}

// What browsers and clients are meant to call stays open to them: a deployed API says in
// its own CORS headers which pages may.
func TestAPageOfThisMachineAndADeployedAPIAreServed(t *testing.T) {
	h, _ := door(t)
	signature := "AWS4-HMAC-SHA256 Credential=x/20261122/eu-central-1/firehose/aws4_request, SignedHeaders=host, Signature=0"
	w := knock(h, "POST", "http://127.0.0.1:4566/", "{}", "X-Amz-Target", "Firehose_20150804.ListDeliveryStreams", "Authorization", signature, "Origin", "http://localhost:3000")
	if w.Code != http.StatusOK {
		t.Errorf("a page of this machine is answered %d %s", w.Code, w.Body)
	}
	w = knock(h, "POST", "http://127.0.0.1:4566/_aws/execute-api/a/dev/events", "{}", "Origin", "https://shop.example")
	if w.Code != http.StatusForbidden || w.Body.String() != `{"message":"Forbidden"}` {
		t.Errorf("an API that is not there answers %d %s, want API Gateway's own answer", w.Code, w.Body)
	}
}

func TestWhoNeedsNoKeysIsToldWhatIsNotServed(t *testing.T) {
	h, _ := door(t)
	for operation, want := range map[string]string{"ChangePassword": "does not serve cognito-idp:ChangePassword",
		"GlobalSignOut": "does not serve cognito-idp:GlobalSignOut", "AdminDeleteUser": "MissingAuthenticationTokenException"} {
		w := knock(h, "POST", "http://127.0.0.1:4566/", "{}", "X-Amz-Target", "AWSCognitoIdentityProviderService."+operation)
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s without a signature is answered %s, want %s", operation, w.Body, want)
		}
	}
}

// A service that is not served says so in the protocol that its clients read, and names
// what was asked of it.
func TestAServiceThatIsNotServedSaysWhatWasAsked(t *testing.T) {
	h, _ := door(t)
	signed := func(service string) string {
		return "AWS4-HMAC-SHA256 Credential=x/20261123/eu-central-1/" + service + "/aws4_request, SignedHeaders=host, Signature=x"
	}
	for service, c := range map[string]struct{ method, path, body, contentType, want string }{
		"redshift": {"POST", "/", "Action=DescribeClusters&Version=2012-12-01", "application/x-www-form-urlencoded; charset=utf-8",
			"<Code>InvalidAction</Code><Message>the local cloud does not serve redshift:DescribeClusters "},
		"apigateway": {"GET", "/restapis", "", "", `{"__type":"UnknownOperationException","message":"the local cloud does not serve apigateway:GET /restapis"}`},
	} {
		w := knock(h, c.method, "http://127.0.0.1:4566"+c.path, c.body, "Authorization", signed(service), "Content-Type", c.contentType)
		if w.Code != http.StatusNotImplemented || !strings.Contains(w.Body.String(), c.want) {
			t.Errorf("%s is answered %d %s, want %s", service, w.Code, w.Body, c.want)
		}
	}
}

func TestACallInCBORIsToldNoInCBOR(t *testing.T) {
	h, _ := door(t)
	for path, want := range map[string]string{
		"GraniteServiceVersion20100801/operation/ListMetrics": "MissingAuthenticationTokenException;Sender",
		"Nothing/operation/List":                              "MissingAuthenticationTokenException;Sender",
	} {
		w := knock(h, "POST", "http://127.0.0.1:4566/service/"+path, "", "Smithy-Protocol", "rpc-v2-cbor")
		if got := w.Header(); got.Get("Smithy-Protocol") != "rpc-v2-cbor" || got.Get("X-Amzn-Query-Error") != want {
			t.Errorf("%s without a signature is answered %d %v, want %s", path, w.Code, got, want)
		}
	}
	w := knock(h, "POST", "http://127.0.0.1:4566/service/Nothing/operation/List", "", "Smithy-Protocol", "rpc-v2-cbor", "Authorization", signature("nothing"))
	if got := w.Header().Get("X-Amzn-Query-Error"); w.Code != http.StatusNotImplemented || got != "UnknownOperationException;Receiver" {
		t.Errorf("a service that is not there is answered %d %s", w.Code, got)
	}
}

func TestEveryPortIsOnTheLoopbackAddress(t *testing.T) {
	l, err := listen(options{})
	if err != nil {
		t.Fatal(err)
	}
	defer l.close()
	for what, one := range map[string]net.Listener{"the AWS APIs": l.http, "the warehouse": l.redshift, "the provider": l.provider, "health and drills": l.admin} {
		if at := one.Addr().(*net.TCPAddr); !at.IP.IsLoopback() {
			t.Errorf("%s listen at %s", what, at)
		}
	}
}

func TestHealthTellsNoKeyAndWhichDrillsGoOn(t *testing.T) {
	h, _ := door(t)
	w := knock(h, "POST", "http://127.0.0.1:4566"+drills.Path+"/pause-warehouse", "", drills.KeyHeader, "the key")
	if w.Code != http.StatusOK {
		t.Fatalf("the drill answers %d %s", w.Code, w.Body)
	}
	got := knock(h, "GET", "http://127.0.0.1:4566/_localcloud/health", "").Body.String()
	if !strings.Contains(got, `"drills":["pause-warehouse: until resume-warehouse"]`) || strings.Contains(got, "the key") {
		t.Errorf("health says %s", got)
	}
}
