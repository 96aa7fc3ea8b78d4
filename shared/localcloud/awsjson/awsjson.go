// Package awsjson speaks AWS's JSON 1.0 and 1.1 protocols: an operation named in the
// X-Amz-Target header, a JSON object in, a JSON object or an error out (botocore
// service models, protocol "json").
package awsjson

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
)

// Error is an error in AWS's words. Status is the HTTP status; 0 means 400.
type Error struct {
	Code    string
	Message string
	Status  int
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Errorf makes an Error with status 400.
func Errorf(code, format string, args ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// Operation answers one request body with a value to encode.
type Operation func(ctx context.Context, body []byte) (any, error)

// Op makes an Operation of a typed function. A member that In does not have is
// refused: the runtime does not accept what it would ignore.
func Op[In, Out any](f func(ctx context.Context, in *In) (*Out, error)) Operation {
	return func(ctx context.Context, body []byte) (any, error) {
		in := new(In)
		if err := decode(body, in); err != nil && !errors.Is(err, io.EOF) { // nothing is an empty object
			return nil, Errorf("SerializationException", "%v", err)
		}
		return f(ctx, in)
	}
}

func decode(body []byte, in any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	if err := dec.Decode(in); err != nil {
		return err
	}
	if _, end := dec.Token(); end != io.EOF {
		return errors.New("there is something behind the object")
	}
	var members any
	if err := json.Unmarshal(body, &members); err != nil {
		return err
	}
	if name := Foreign(members, reflect.TypeOf(in)); name != "" {
		return ForeignError(name)
	}
	return nil
}

// Handler serves operations by the part of X-Amz-Target behind the dot. Service is
// the name that errors use.
func Handler(service string, ops map[string]Operation) *Service { return &Service{service, ops} }

// Service is one AWS service's JSON API.
type Service struct {
	name string
	ops  map[string]Operation
}

// Name is the service's name in errors and in signatures.
func (s *Service) Name() string { return s.name }

// Operations are the names of what it serves, sorted.
func (s *Service) Operations() []string { return slices.Sorted(maps.Keys(s.ops)) }

// ServeHTTP answers one call. An operation that is not served is an error that names it.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, name, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	op, known := s.ops[name]
	if !known {
		NotServed(s.name, name).ServeHTTP(w, r)
		return
	}
	body, err := ReadBody(w, r)
	if err != nil {
		WriteError(w, err)
		return
	}
	out, err := op(r.Context(), body)
	if err != nil {
		WriteError(w, err)
		return
	}
	write(w, http.StatusOK, out)
}

// NotServed answers calls of an operation that is not served, naming it.
func NotServed(service, operation string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		WriteError(w, &Error{Code: "UnknownOperationException", Status: http.StatusNotImplemented,
			Message: fmt.Sprintf("the local cloud does not serve %s:%s", service, operation)})
	})
}

// WriteError writes err as AWS does: {"__type", "message"} and x-amzn-ErrorType.
func WriteError(w http.ResponseWriter, err error) {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{Code: "InternalFailure", Message: err.Error(), Status: http.StatusInternalServerError}
	}
	status := e.Status
	if status == 0 {
		status = http.StatusBadRequest
	}
	w.Header().Set("X-Amzn-ErrorType", e.Code)
	write(w, status, map[string]string{"__type": e.Code, "message": e.Message})
}

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	// The status is sent: a client that went away is the only error left.
	_ = json.NewEncoder(w).Encode(body)
}
