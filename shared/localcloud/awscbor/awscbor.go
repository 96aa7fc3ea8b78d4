// Package awscbor speaks Smithy's RPC v2 protocol in CBOR: the service and the operation
// named in the path, a CBOR map in, a CBOR map or an error out (Smithy specification,
// "Smithy RPC v2 CBOR protocol"). AWS's SDKs call CloudWatch so.
package awscbor

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"reflect"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"pipeline/shared/localcloud/awsjson"
)

// protocol is the value of the header Smithy-Protocol, in requests and in answers.
const protocol = "rpc-v2-cbor"

var (
	decoding = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		FieldNameMatching: cbor.FieldNameMatchingCaseSensitive,
	}.DecMode())
	anything = must(cbor.DecOptions{DefaultMapType: reflect.TypeFor[map[string]any]()}.DecMode())
	encoding = must(cbor.EncOptions{NilContainers: cbor.NilContainerAsEmpty}.EncMode())
)

func must[T any](mode T, err error) T {
	if err != nil {
		panic(err) // of the options above
	}
	return mode
}

// Seconds is a timestamp, in seconds since 1970: a number in JSON, a tagged one in CBOR.
type Seconds float64

// MarshalCBOR writes tag 1, "epoch-based date/time" (RFC 8949, section 3.4.2).
func (s Seconds) MarshalCBOR() ([]byte, error) {
	return cbor.Marshal(cbor.Tag{Number: 1, Content: float64(s)})
}

// Operation answers one request body with a value to encode.
type Operation func(ctx context.Context, body []byte) (any, error)

// Op makes an Operation of a typed function. A member that In does not have is
// refused, as package awsjson does.
func Op[In, Out any](f func(ctx context.Context, in *In) (*Out, error)) Operation {
	return func(ctx context.Context, body []byte) (any, error) {
		in := new(In)
		if len(body) == 0 { // an operation without input
			return f(ctx, in)
		}
		if err := decode(body, in); err != nil {
			return nil, awsjson.Errorf("SerializationException", "%v", err)
		}
		return f(ctx, in)
	}
}

// decode names a member that In does not have; package cbor says only where it is.
func decode(body []byte, in any) error {
	err := decoding.Unmarshal(body, in)
	if unknown := (*cbor.UnknownFieldError)(nil); !errors.As(err, &unknown) {
		return err
	}
	var members any
	_ = anything.Unmarshal(body, &members) // what it is has been read above
	return awsjson.ForeignError(awsjson.Foreign(members, reflect.TypeOf(in)))
}

// Service is one AWS service's CBOR API.
type Service struct {
	Name       string // in errors
	Operations map[string]Operation
	// Shapes are the names of errors in the service's model, by their codes. Clients
	// make their types of them, and still tell people the codes.
	Shapes map[string]string
}

// Call is the service and the operation that a request's path names; ok is false where it
// is not of this protocol.
func Call(r *http.Request) (service, operation string, ok bool) {
	parts := strings.Split(r.URL.Path, "/")
	if r.Header.Get("Smithy-Protocol") != protocol || len(parts) != 5 || parts[1] != "service" || parts[3] != "operation" {
		return "", "", false
	}
	return parts[2], parts[4], true
}

// ServeHTTP answers one call. An operation that is not served is an error that names it.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, name, _ := Call(r)
	op, known := s.Operations[name]
	if !known {
		s.WriteError(w, &awsjson.Error{Code: "UnknownOperationException", Status: http.StatusNotImplemented,
			Message: fmt.Sprintf("the local cloud does not serve %s:%s", s.Name, name)})
		return
	}
	body, err := awsjson.ReadBody(w, r)
	if err != nil {
		s.WriteError(w, err)
		return
	}
	out, err := op(r.Context(), body)
	if err != nil {
		s.WriteError(w, err)
		return
	}
	write(w, http.StatusOK, out)
}

// WriteError writes err as AWS does: {"__type", "message"}, and the code that the service
// had before it had models in X-Amzn-Query-Error (Smithy, trait awsQueryCompatible).
func (s *Service) WriteError(w http.ResponseWriter, err error) {
	var e *awsjson.Error
	if !errors.As(err, &e) {
		e = &awsjson.Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	status, fault, shape := e.Status, "Sender", s.Shapes[e.Code]
	if status == 0 {
		status = http.StatusBadRequest
	}
	if status >= http.StatusInternalServerError {
		fault = "Receiver"
	}
	if shape == "" {
		shape = e.Code
	}
	w.Header().Set("X-Amzn-Query-Error", e.Code+";"+fault)
	write(w, status, map[string]string{"__type": shape, "message": e.Message})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Smithy-Protocol", protocol)
	w.Header().Set("Content-Type", "application/cbor")
	w.WriteHeader(status)
	// The status is sent: a client that went away is the only error left.
	_ = encoding.NewEncoder(w).Encode(body)
}
