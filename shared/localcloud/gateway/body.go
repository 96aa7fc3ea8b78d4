package gateway

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"pipeline/shared/localcloud/awsjson"
)

const (
	// maxHeader is AWS's quota of the request line and the values of all headers, in bytes.
	maxHeader = 10240
	// maxBody is AWS's payload limit, in bytes.
	maxBody = 10 << 20
	// bodyBudget bounds the bodies of all requests under way, in bytes.
	bodyBudget = 96 << 20
	// bodyTimeout is how long a client may take to send its body.
	bodyTimeout = 30 * time.Second
)

func tooLarge() *failure {
	return fail(reasonTooLarge, fmt.Sprintf("HTTP content length exceeded %d bytes.", maxBody), "the request body is too large")
}

// headerTooLarge is AWS's answer to a request that does not keep to maxHeader. Its text is
// one that clients saw; the status is that of a body which is too large.
func headerTooLarge() *failure {
	return fail(reasonTooLarge, fmt.Sprintf("HTTP header is larger than %d bytes.", maxHeader), "the request's headers are too large")
}

// headerSize counts what maxHeader bounds.
func headerSize(r *http.Request) int {
	n := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len("  ") + len(r.Host)
	for _, values := range r.Header {
		for _, value := range values {
			n += len(value)
		}
	}
	return n
}

// hurry gives the client the service's patience to send its body. It comes before any
// answer: net/http reads on after one that refuses a request.
func (inv *invocation) hurry(w http.ResponseWriter) {
	if inv.request.ContentLength != 0 {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(inv.service.patience)) // not every ResponseWriter has one
	}
}

// readBody reads the body within maxBody, the time of hurry and the budget of all bodies.
// When it fails the connection ends with the answer: net/http would wait for the rest of
// the body first.
func (inv *invocation) readBody(w http.ResponseWriter) *failure {
	inv.taken = &awsjson.Metered{ReadCloser: inv.request.Body, Budget: &inv.service.bodies}
	body, err := readUpTo(inv.taken, inv.request.ContentLength, maxBody)
	if err != nil {
		w.Header().Set("Connection", "close")
		return bodyFailure(err)
	}
	if inv.request.ContentLength != 0 {
		_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	}
	inv.body = body
	return nil
}

// release gives back what the body took of the budget of all bodies.
func (inv *invocation) release() {
	if inv.taken != nil {
		inv.taken.Release()
	}
}

func bodyFailure(err error) *failure {
	switch {
	case errors.Is(err, errTooLarge):
		return tooLarge()
	case errors.Is(err, awsjson.ErrBudget):
		return fail(reasonThrottled, "Too Many Requests", "Execution failed: too many request bodies at once")
	case errors.Is(err, os.ErrDeadlineExceeded):
		return &failure{reason: reasonDefault4xx, status: http.StatusRequestTimeout, message: "Request Timeout", cause: "the client did not send its body in time"}
	}
	return fail(reasonDefault4xx, "Bad Request", "read the request body: %v", err)
}

var errTooLarge = errors.New("too large")

// readUpTo reads all of body; size is its length where it is known, else -1.
func readUpTo(body io.Reader, size, limit int64) ([]byte, error) {
	if size >= 0 && size <= limit {
		return awsjson.ReadKnown(body, size)
	}
	out, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err == nil && int64(len(out)) > limit {
		err = errTooLarge
	}
	return out, err
}
