package drills

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
)

// Path is where the drills are: GET lists them, POST Path/<name> with Arguments begins
// one, DELETE ends all. Every answer is the list, or {"message"}.
const Path = "/_localcloud/drills"

// KeyHeader carries the key that only who may read the state folder knows.
const KeyHeader = "X-Localcloud-Key"

// maxArguments bounds a request's body, in bytes.
const maxArguments = 4 << 10

// Handler serves Path to whoever sends key. A browser's page is refused even with it: no
// page has business here.
func (d *Drills) Handler(key string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Origin") != "" || r.Header.Get("Sec-Fetch-Site") != "":
			write(w, http.StatusForbidden, failed(errors.New("drills are not for browsers")))
		case subtle.ConstantTimeCompare([]byte(r.Header.Get(KeyHeader)), []byte(key)) != 1:
			write(w, http.StatusForbidden, failed(errors.New("drills want the header "+KeyHeader+" with the key in runtime.json")))
		default:
			d.serve(w, r)
		}
	})
}

func (d *Drills) serve(w http.ResponseWriter, r *http.Request) {
	name, named := strings.CutPrefix(r.URL.Path, Path+"/")
	var err error
	switch {
	case r.Method == http.MethodGet && !named:
	case r.Method == http.MethodDelete && !named:
		err = d.Off(r.Context())
	case r.Method == http.MethodPost && named:
		var a Arguments
		if a, err = arguments(http.MaxBytesReader(w, r.Body, maxArguments)); err == nil {
			err = d.Start(r.Context(), name, a)
		}
	default:
		write(w, http.StatusMethodNotAllowed, failed(errors.New(r.Method+" "+r.URL.Path+" is nothing")))
		return
	}
	if err != nil {
		write(w, http.StatusBadRequest, failed(err))
		return
	}
	write(w, http.StatusOK, d.List())
}

// arguments decodes a body; an empty one is none.
func arguments(body io.Reader) (a Arguments, err error) {
	dec := json.NewDecoder(body)
	dec.DisallowUnknownFields()
	if err = dec.Decode(&a); errors.Is(err, io.EOF) {
		err = nil
	}
	return a, err
}

func failed(err error) map[string]string { return map[string]string{"message": err.Error()} }

func write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the status is sent: a client that went away is the only error left
}
