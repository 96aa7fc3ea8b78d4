package logs

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/journal"
)

// Event is one event of a stream. Index is its place in the stream.
type Event struct {
	Stream   string
	Index    uint64
	Time     time.Time // of the event, as its writer says
	Ingested time.Time
	Message  string
}

// PutLogEvents writes messages to a stream, as of now.
func (s *Service) PutLogEvents(ctx context.Context, group, stream string, messages ...string) error {
	events := make([]Event, len(messages))
	for i, m := range messages {
		events[i] = Event{Time: s.cfg.Now(), Message: m}
	}
	return s.PutEvents(ctx, group, stream, events)
}

// PutEvents writes events to a stream.
func (s *Service) PutEvents(ctx context.Context, group, stream string, events []Event) error {
	if err := s.authorize(ctx, "PutLogEvents", group, stream); err != nil {
		return err
	}
	s.mu.Lock()
	st, err := s.stream(group, stream)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	j, err := s.journal(st)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	records := make([][]byte, len(events))
	for i, e := range events {
		records[i] = append(binary.BigEndian.AppendUint64(nil, uint64(e.Time.UnixMilli())), e.Message...)
	}
	if _, err := j.Append(ctx, records...); err != nil {
		return err
	}
	_, err = j.DropToSize(s.cfg.StreamBytes)
	return err
}

// Query says which events are wanted. A zero time is no bound.
type Query struct {
	Group        string
	Streams      []string // nil for all that begin with StreamPrefix
	StreamPrefix string
	From         time.Time
	To           time.Time // exclusive
	Pattern      string    // of FilterLogEvents; empty matches all
}

// Events returns all events of a stream, oldest first.
func (s *Service) Events(ctx context.Context, group, stream string) ([]Event, error) {
	return s.get(ctx, stream, Query{Group: group})
}

// get returns the events of one stream that a query asks for.
func (s *Service) get(ctx context.Context, stream string, q Query) ([]Event, error) {
	if err := s.authorize(ctx, "GetLogEvents", q.Group, stream); err != nil {
		return nil, err
	}
	q.Streams = []string{stream}
	return s.find(q)
}

// Filter returns the events of a group that a query asks for, oldest first.
func (s *Service) Filter(ctx context.Context, q Query) ([]Event, error) {
	if err := s.authorize(ctx, "FilterLogEvents", q.Group, ""); err != nil {
		return nil, err
	}
	return s.find(q)
}

func (s *Service) find(q Query) ([]Event, error) {
	g, err := s.group(q.Group)
	if err != nil {
		return nil, err
	}
	matches, err := parsePattern(q.Pattern)
	if err != nil {
		return nil, err
	}
	if oldest := g.keptSince(s.cfg.Now()); oldest.After(q.From) {
		q.From = oldest
	}
	streams, err := s.wanted(q)
	if err != nil {
		return nil, err
	}
	var all []Event
	for _, st := range streams {
		events, err := s.read(st)
		if err != nil {
			return nil, err
		}
		for _, e := range events {
			if !e.Time.Before(q.From) && (q.To.IsZero() || e.Time.Before(q.To)) && matches(e.Message) {
				all = append(all, e)
			}
		}
	}
	slices.SortFunc(all, Event.compare)
	return all, nil
}

// compare is the order of events: by time, and those of one time by stream and place.
func (e Event) compare(other Event) int {
	return cmp.Or(cmp.Compare(e.Time.UnixMilli(), other.Time.UnixMilli()), cmp.Compare(e.Stream, other.Stream), cmp.Compare(e.Index, other.Index))
}

func (s *Service) wanted(q Query) ([]Stream, error) {
	if q.Streams == nil {
		return s.streamsNamed(q.Group, q.StreamPrefix)
	}
	var streams []Stream
	for _, name := range q.Streams {
		st, err := s.stream(q.Group, name)
		if err != nil {
			return nil, err
		}
		streams = append(streams, st)
	}
	return streams, nil
}

func (s *Service) read(st Stream) ([]Event, error) {
	s.mu.Lock()
	j, err := s.journal(st)
	s.mu.Unlock()
	if err != nil {
		return nil, err
	}
	r := j.ReaderAt(0)
	defer r.Close()
	var events []Event
	for {
		rec, ok, err := r.Next()
		var damage *journal.DamagedError
		switch {
		case errors.As(err, &damage):
			s.cfg.Log.Warn("log events are lost", "group", st.Group, "stream", st.Name, "error", damage)
		case err != nil:
			return nil, err
		case !ok:
			return events, nil
		case len(rec.Data) >= 8:
			events = append(events, Event{Stream: st.Name, Index: rec.Index, Ingested: rec.Arrived,
				Time: time.UnixMilli(int64(binary.BigEndian.Uint64(rec.Data))), Message: string(rec.Data[8:])})
		}
	}
}

// parsePattern reads a filter pattern of terms: all must be in the message, those with a
// minus must not, and of those with a question mark one must, which are ignored beside any
// other term (CloudWatch Logs user guide, "Filter pattern syntax"). Patterns over fields are
// refused.
func parsePattern(pattern string) (func(message string) bool, error) {
	if p := strings.TrimSpace(pattern); strings.HasPrefix(p, "{") || strings.HasPrefix(p, "[") || strings.HasPrefix(p, "%") {
		return nil, errInvalid("Invalid filter pattern: the local cloud honours patterns of terms only, not %s", p)
	}
	var all, none, some []string
	for _, term := range terms(pattern) {
		if !termPattern.MatchString(term) {
			return nil, errInvalid("Invalid character(s) in term '%s'", term)
		}
		switch {
		case strings.HasPrefix(term, "-"):
			none = append(none, unquote(term[1:]))
		case strings.HasPrefix(term, "?"):
			some = append(some, unquote(term[1:]))
		default:
			all = append(all, unquote(term))
		}
	}
	if len(all)+len(none) > 0 {
		some = nil
	}
	return func(message string) bool {
		in := func(term string) bool { return strings.Contains(message, term) }
		return !slices.ContainsFunc(none, in) && (len(some) == 0 || slices.ContainsFunc(some, in)) &&
			!slices.ContainsFunc(all, func(term string) bool { return !in(term) })
	}, nil
}

// termPattern is a term: what has other characters than letters, digits and underscores
// stands in double quotes.
var termPattern = regexp.MustCompile(`^[-?]?([\p{L}\p{N}_]+|"[^"]*")$`)

// terms splits at spaces that are not in double quotes.
func terms(pattern string) []string {
	quoted := false
	return strings.FieldsFunc(pattern, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ' ' && !quoted
	})
}

func unquote(term string) string { return strings.Trim(term, `"`) }
