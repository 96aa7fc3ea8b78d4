package s3

import (
	"context"
	"encoding/xml"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/johannesboyne/gofakes3"

	"pipeline/shared/localcloud/iam"
)

// Handler serves S3's REST protocol, path style: /<bucket>/<key>. A signed request is
// the administrator's, whatever its access key; temporary keys are their role's; one
// without a signature is anonymous.
func (s *Service) Handler() http.Handler {
	rest := gofakes3.New(backend{s}, gofakes3.WithTimeSource(clock{s.now}), gofakes3.WithoutVersioning()).Server()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		out := &response{ResponseWriter: w}
		if err := s.serve(out, r, rest); err != nil {
			writeError(out, r, err)
		}
		if !out.begun { // an answer without a body
			out.WriteHeader(http.StatusOK)
		}
	})
}

// clock is the Service's time for gofakes3.
type clock struct{ now func() time.Time }

func (c clock) Now() time.Time                  { return c.now().UTC() }
func (c clock) Since(t time.Time) time.Duration { return c.now().Sub(t) }

// invitation is gofakes3's to browsers of any origin. No bucket has a CORS
// configuration, so response takes it back.
const invitation = "Access-Control-Allow-Origin"

type response struct {
	http.ResponseWriter
	begun bool
}

func (w *response) WriteHeader(status int) {
	w.begun = true
	w.Header().Del(invitation)
	for name, values := range w.Header() {
		if strings.HasPrefix(name, "X-Amz-Meta-") { // S3 writes them in lower case, and clients read them so
			delete(w.Header(), name)
			w.Header()[strings.ToLower(name)] = values
		}
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(p []byte) (int, error) {
	if !w.begun {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(p)
}

func (s *Service) serve(w http.ResponseWriter, r *http.Request, rest http.Handler) error {
	if r.Header.Get("Origin") != "" {
		return errorf("AccessForbidden", "CORSResponse: CORS is not enabled for this bucket.")
	}
	query, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return errorf("InvalidURI", "Couldn't parse the specified URI.")
	}
	ctx, anonymous, err := s.identify(r, query)
	if err != nil {
		return err
	}
	r = pathStyle(r).WithContext(ctx)
	t := targetOf(r.URL.Path)
	if !utf8.ValidString(t.key) {
		return errorf("InvalidURI", "Couldn't parse the specified URI.")
	}
	t.anonymous = anonymous
	op, err := find(r.Method, t, query)
	if err != nil {
		return err
	}
	if err := s.check(r, t, op, query); err != nil {
		return err
	}
	if query.Has("uploadId") && r.Header.Get("X-Amz-Copy-Source") != "" {
		return s.serveCopyPart(w, r, t)
	}
	if op.serve != nil {
		return op.serve(s, w, r, t)
	}
	rest.ServeHTTP(w, r)
	return nil
}

// pathStyle has the bucket in the path where the request has it in the host's name, as
// the SDKs do unless told otherwise: <bucket>.localhost or <bucket>.s3.localhost.
func pathStyle(r *http.Request) *http.Request {
	host, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		host = r.Host
	}
	bucket, found := strings.CutSuffix(host, ".localhost")
	bucket = strings.TrimSuffix(bucket, ".s3")
	if !found || bucket == "s3" {
		return r
	}
	styled := r.Clone(r.Context())
	styled.URL.Path, styled.URL.RawPath = "/"+bucket+r.URL.Path, ""
	return styled
}

func targetOf(path string) target {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return target{bucket: bucket, key: key}
}

// check refuses a request that asks for what is not served, or for what the caller may
// not do, and prepares its body.
func (s *Service) check(r *http.Request, t target, op operation, query url.Values) error {
	if err := s.checkHeaders(r); err != nil {
		return err
	}
	if len(t.key) > maxKey {
		return errKeyTooLong()
	}
	if err := checkPart(query); err != nil {
		return err
	}
	if err := verifyBody(r, query.Has("uploadId") && r.Method == http.MethodPost); err != nil {
		return err
	}
	if r.ContentLength > maxPut {
		return errorf("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
	}
	if op.action != "" {
		if err := s.allow(r.Context(), t.access(op.action, query)); err != nil {
			return err
		}
	}
	if r.Header.Get("X-Amz-Copy-Source") != "" {
		return s.checkCopy(r, t)
	}
	if op.action == "s3:GetObject" {
		found, err := s.objects.stat(t.bucket, t.key)
		if err != nil {
			return s.hide(r.Context(), t.bucket, t.anonymous, err)
		}
		normalise(r, found)
		return checkUnchanged(r, found)
	}
	return nil
}

func checkPart(query url.Values) error {
	if number, err := strconv.Atoi(query.Get("partNumber")); query.Has("partNumber") && (err != nil || number < 1 || number > 10_000) {
		return errorf("InvalidArgument", "Part number must be an integer between 1 and 10000, inclusive")
	}
	return nil
}

// maxPut is the size of the largest object, or part, of one request, in bytes.
const maxPut = 5 << 30

func (t target) access(action string, query url.Values) access {
	a := access{action: action, bucket: t.bucket, key: t.key, anonymous: t.anonymous}
	if action == "s3:ListBucket" {
		a.conditions = map[string]string{}
		for _, q := range []string{"prefix", "delimiter", "max-keys"} {
			if query.Has(q) {
				a.conditions["s3:"+q] = query.Get(q)
			}
		}
	}
	return a
}

// identify returns a context with the caller.
func (s *Service) identify(r *http.Request, query url.Values) (ctx context.Context, anonymous bool, err error) {
	id, token, signed := iam.SignedBy(r)
	region, _ := iam.Scope(r)
	switch {
	case !signed && r.Header.Get("Authorization") != "":
		return nil, false, errorf("InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.")
	case !signed:
		return r.Context(), true, nil
	case region != "" && region != s.region && r.Header.Get("Authorization") != "":
		return nil, false, errorf("AuthorizationHeaderMalformed", "The authorization header is malformed; the region '%s' is wrong; expecting '%s'", region, s.region)
	case region != "" && region != s.region:
		return nil, false, errorf("AuthorizationQueryParametersError", "Error parsing the X-Amz-Credential parameter; the region '%s' is wrong; expecting '%s'", region, s.region)
	case r.Header.Get("Authorization") == "":
		if err := s.checkPresigned(query); err != nil {
			return nil, false, err
		}
	}
	if caller, known := s.authority.Caller(id, token); known {
		return iam.WithCaller(r.Context(), caller), false, nil
	}
	if iam.Temporary(id) {
		return nil, false, errorf("ExpiredToken", "The provided token has expired.")
	}
	return r.Context(), false, nil
}

// maxSkew is how far ahead of S3's clock a signer's may be.
const maxSkew = 15 * time.Minute

func (s *Service) checkPresigned(query url.Values) error {
	for _, name := range []string{"X-Amz-Algorithm", "X-Amz-Signature", "X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"} {
		if query.Get(name) == "" {
			return errorf("AuthorizationQueryParametersError", "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.")
		}
	}
	signed, err := time.Parse("20060102T150405Z", query.Get("X-Amz-Date"))
	seconds, errExpires := strconv.Atoi(query.Get("X-Amz-Expires"))
	if err != nil || errExpires != nil || seconds < 0 || seconds > 604800 {
		return errorf("AuthorizationQueryParametersError", "X-Amz-Date and X-Amz-Expires (0 to 604800 seconds) must be given")
	}
	if signed.After(s.now().Add(maxSkew)) {
		return errorf("AccessDenied", "Request is not valid yet")
	}
	if s.now().After(signed.Add(time.Duration(seconds) * time.Second)) {
		return errorf("AccessDenied", "Request has expired")
	}
	return nil
}

// errorBody is S3's error.
type errorBody struct {
	XMLName  xml.Name `xml:"Error"`
	Code     string
	Message  string
	Resource string
}

func writeError(w http.ResponseWriter, r *http.Request, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = errorf("InternalError", "%v", err)
	}
	if r.Method == http.MethodHead {
		w.WriteHeader(e.Status())
		return
	}
	writeXML(w, e.Status(), errorBody{Code: e.Code, Message: e.Message, Resource: r.URL.Path})
}

func writeXML(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	// The status is sent: a client that went away is the only error left.
	_, _ = w.Write([]byte(xml.Header))
	_ = xml.NewEncoder(w).Encode(body)
}
