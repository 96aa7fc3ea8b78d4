package layers

import "fmt"

// Exit statuses, beside 0 for a run that did what it was to do and 1 for one that failed.
const (
	exitBadRequest  = 2   // what was asked for does not exist
	exitInterrupted = 130 // as shells have it: 128 and the number of SIGINT
)

// exit is an error with the status that mage ends with.
type exit struct {
	error
	status int
}

// ExitStatus implements what mage looks for.
func (e exit) ExitStatus() int { return e.status }

func (e exit) Unwrap() error { return e.error }

// badRequest is an error of what was asked for.
func badRequest(format string, args ...any) error {
	return exit{fmt.Errorf(format, args...), exitBadRequest}
}
