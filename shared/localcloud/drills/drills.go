package drills

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Streams are Firehose's delivery streams.
type Streams interface {
	FailCopies(ctx context.Context, stream string, n int) error
	RefuseRecords(ctx context.Context, stream string, n int) error
	Drills() (copies, refusals map[string]int) // what is left, by stream; 0 for those without
}

// Warehouse is Redshift.
type Warehouse interface {
	Pause()
	Resume()
	Paused() bool
}

// Roles is IAM.
type Roles interface {
	DenyNext(action string, calls int)
	Denials() map[string]int // what is left, by action
}

// Tokens are what Cognito issued.
type Tokens interface {
	ExpireTokens(until time.Time) // the zero time: none
	ExpiredUntil() time.Time
}

// Authorizers are the gateway's, which remember tokens.
type Authorizers interface{ ForgetTokens() }

// Drills are all drills of one local cloud. Every field is required.
type Drills struct {
	Streams     Streams
	Warehouse   Warehouse
	Roles       Roles
	Tokens      Tokens
	Authorizers Authorizers
	Delays      *Delays
	Clock       *Clock
}

// Arguments of a drill; which of them it takes, and needs, is in Drill.Takes.
type Arguments struct {
	Count  *int   `json:"count,omitempty"`  // of calls, COPYs or records: 1 where it is not given, 0 ends the drill
	Stream string `json:"stream,omitempty"` // name of a delivery stream; empty for all
	Action string `json:"action,omitempty"` // of IAM: service:Operation
	Plane  string `json:"plane,omitempty"`
	By     string `json:"by,omitempty"` // a duration: 1500ms, 2h, -10m
}

// Drill is one drill as a list shows it.
type Drill struct {
	Name   string   `json:"name"`
	Takes  []string `json:"takes"` // arguments
	Shows  string   `json:"shows"`
	Active []string `json:"active,omitempty"` // what of it goes on
}

// drill is one drill at work.
type drill struct {
	Drill
	start func(ctx context.Context, a Arguments) error
	off   func(ctx context.Context) error
}

// all are the drills in the order of the list.
func (d *Drills) all() []drill {
	copies, refusals := d.Streams.Drills()
	nothing := func(context.Context) error { return nil }
	var paused []string
	if d.Warehouse.Paused() {
		paused = []string{"until resume-warehouse"}
	}
	var expired []string
	if until := d.Tokens.ExpiredUntil(); !until.IsZero() {
		expired = []string{"issued until " + until.UTC().Format(time.RFC3339)}
	}
	return []drill{
		{Drill{"fail-copies", []string{"count", "stream"}, "the next COPYs into Redshift fail, and are retried", left(copies)},
			d.counted(d.Streams.FailCopies), d.none(d.Streams.FailCopies)},
		{Drill{"refuse-records", []string{"count", "stream"}, "Firehose refuses the next records: ServiceUnavailableException", left(refusals)},
			d.counted(d.Streams.RefuseRecords), d.none(d.Streams.RefuseRecords)},
		{Drill{"pause-warehouse", nil, "Redshift refuses connections, and ends those that are open", paused},
			func(context.Context, Arguments) error { d.Warehouse.Pause(); return nil }, nothing},
		{Drill{"resume-warehouse", nil, "Redshift takes connections again", nil},
			func(context.Context, Arguments) error { d.Warehouse.Resume(); return nil },
			func(context.Context) error { d.Warehouse.Resume(); return nil }},
		{Drill{"deny", []string{"action", "count"}, "roles are denied the next calls of an action, whatever policies say", left(d.Roles.Denials())},
			d.deny, d.allow},
		{Drill{"expire-tokens", nil, "the id and access tokens that were issued until now have expired", expired},
			d.expireTokens, func(context.Context) error { d.Tokens.ExpireTokens(time.Time{}); return nil }},
		{Drill{"slow", []string{"plane", "by"}, "a plane answers so much later: gateway, cognito, firehose, s3 or redshift", d.Delays.active()},
			d.slow, func(context.Context) error { d.Delays.off(); return nil }},
		{Drill{"clock", []string{"by"}, "the clock is so far ahead, or behind with a minus", d.Clock.active()},
			d.setClock, func(context.Context) error { d.Clock.ahead.Store(0); return nil }},
	}
}

// List is every drill and what of it goes on.
func (d *Drills) List() []Drill {
	var list []Drill
	for _, one := range d.all() {
		list = append(list, one.Drill)
	}
	return list
}

// Active is what goes on, a line for each.
func (d *Drills) Active() []string {
	var lines []string
	for _, one := range d.all() {
		for _, what := range one.Active {
			lines = append(lines, one.Name+": "+what)
		}
	}
	return lines
}

// Start begins the drill of that name.
func (d *Drills) Start(ctx context.Context, name string, a Arguments) error {
	var known []string
	for _, one := range d.all() {
		if one.Name != name {
			known = append(known, one.Name)
			continue
		}
		if err := a.check(one.Takes); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		if err := one.start(ctx, a); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		return nil
	}
	return fmt.Errorf("there is no drill %q: there are %s", name, strings.Join(known, ", "))
}

// Off ends every drill, also those after one that does not end.
func (d *Drills) Off(ctx context.Context) error {
	var failures []error
	for _, one := range d.all() {
		if err := one.off(ctx); err != nil {
			failures = append(failures, fmt.Errorf("end %s: %w", one.Name, err))
		}
	}
	return errors.Join(failures...)
}

// check refuses arguments that the drill would ignore, and numbers below 0.
func (a Arguments) check(takes []string) error {
	given := map[string]bool{"count": a.Count != nil, "stream": a.Stream != "", "action": a.Action != "", "plane": a.Plane != "", "by": a.By != ""}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if given[name] && !slices.Contains(takes, name) {
			return fmt.Errorf("it does not take %s", name)
		}
	}
	if a.Count != nil && *a.Count < 0 {
		return fmt.Errorf("count is %d, want 0 or more", *a.Count)
	}
	return nil
}

func (a Arguments) count() int {
	if a.Count == nil {
		return 1
	}
	return *a.Count
}

// counted is a drill of one delivery stream or of all.
func (d *Drills) counted(set func(ctx context.Context, stream string, n int) error) func(context.Context, Arguments) error {
	return func(ctx context.Context, a Arguments) error {
		if a.Stream != "" {
			return set(ctx, a.Stream, a.count())
		}
		streams, _ := d.Streams.Drills()
		if len(streams) == 0 {
			return errors.New("there is no delivery stream: deploy layer stream first")
		}
		for stream := range streams {
			if err := set(ctx, stream, a.count()); err != nil {
				return err
			}
		}
		return nil
	}
}

func (d *Drills) none(set func(ctx context.Context, stream string, n int) error) func(context.Context) error {
	return func(ctx context.Context) error {
		streams, _ := d.Streams.Drills()
		for stream := range streams {
			if err := set(ctx, stream, 0); err != nil {
				return err
			}
		}
		return nil
	}
}

func (d *Drills) deny(_ context.Context, a Arguments) error {
	service, operation, _ := strings.Cut(a.Action, ":")
	if service == "" || operation == "" || strings.ContainsAny(a.Action, "*? ") {
		return fmt.Errorf("action is %q, want one such as s3:PutObject", a.Action)
	}
	d.Roles.DenyNext(a.Action, a.count())
	return nil
}

func (d *Drills) allow(context.Context) error {
	for action := range d.Roles.Denials() {
		d.Roles.DenyNext(action, 0)
	}
	return nil
}

// expireTokens is in this order: a token that the gateway asks about in between is
// expired already.
func (d *Drills) expireTokens(context.Context, Arguments) error {
	d.Tokens.ExpireTokens(d.Clock.Now())
	d.Authorizers.ForgetTokens()
	return nil
}

// longestDelay is more than any client of the path waits.
const longestDelay = 5 * time.Minute

func (d *Drills) slow(_ context.Context, a Arguments) error {
	planes := d.Delays.byPlane()
	plane := planes[a.Plane]
	if plane == nil {
		return fmt.Errorf("plane is %q, want %s", a.Plane, strings.Join(slices.Sorted(maps.Keys(planes)), ", "))
	}
	by, err := duration(a.By, 0, longestDelay)
	if err == nil {
		plane.nanoseconds.Store(int64(by))
	}
	return err
}

// furthest is how far the clock can be set.
const furthest = 10 * 365 * 24 * time.Hour

func (d *Drills) setClock(_ context.Context, a Arguments) error {
	by, err := duration(a.By, -furthest, furthest)
	if err == nil {
		d.Clock.ahead.Store(int64(by))
	}
	return err
}

func duration(text string, low, high time.Duration) (time.Duration, error) {
	by, err := time.ParseDuration(text)
	if err != nil || by < low || by > high {
		return 0, fmt.Errorf("by is %q, want a duration from %s to %s, such as 1500ms or 2h", text, low, high)
	}
	return by, nil
}

// left is what counters have left, a line for each that is not done.
func left(counts map[string]int) (lines []string) {
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		if counts[name] > 0 {
			lines = append(lines, fmt.Sprintf("%d left of %s", counts[name], name))
		}
	}
	return lines
}
