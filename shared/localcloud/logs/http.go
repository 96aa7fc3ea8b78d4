package logs

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"pipeline/shared/localcloud/awsjson"
)

// Limits of PutLogEvents (botocore service model logs).
const (
	maxEvents     = 10_000
	maxBatchBytes = 1 << 20
	eventOverhead = 26
)

// Handler serves AWS's JSON protocol, target prefix Logs_20140328.
func (s *Service) Handler() http.Handler {
	return awsjson.Handler("logs", map[string]awsjson.Operation{
		"CreateLogGroup":     awsjson.Op(s.createGroupOp),
		"CreateLogStream":    awsjson.Op(s.createStreamOp),
		"DeleteLogGroup":     awsjson.Op(s.deleteGroupOp),
		"DeleteLogStream":    awsjson.Op(s.deleteStreamOp),
		"PutRetentionPolicy": awsjson.Op(s.putRetentionOp),
		"PutLogEvents":       awsjson.Op(s.putEventsOp),
		"GetLogEvents":       awsjson.Op(s.getEventsOp),
		"FilterLogEvents":    awsjson.Op(s.filterOp),
		"DescribeLogGroups":  awsjson.Op(s.describeGroupsOp),
		"DescribeLogStreams": awsjson.Op(s.describeStreamsOp),
	})
}

type empty struct{}

// target names a group by name or ARN, and a stream.
type target struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
	LogStreamName      string `json:"logStreamName"`
}

// group returns the name.
func (t target) group() string {
	if _, name, ok := strings.Cut(t.LogGroupIdentifier, ":log-group:"); ok {
		return strings.TrimSuffix(name, ":*")
	}
	return t.LogGroupName + t.LogGroupIdentifier // one of them is set
}

type createGroupInput struct {
	target
	Tags map[string]string `json:"tags"`
}

func (s *Service) createGroupOp(ctx context.Context, in *createGroupInput) (*empty, error) {
	_, err := s.CreateGroup(ctx, Group{Name: in.LogGroupName, Tags: in.Tags})
	return &empty{}, err
}

func (s *Service) createStreamOp(ctx context.Context, in *target) (*empty, error) {
	return &empty{}, s.CreateLogStream(ctx, in.LogGroupName, in.LogStreamName)
}

func (s *Service) deleteGroupOp(ctx context.Context, in *target) (*empty, error) {
	return &empty{}, s.DeleteLogGroup(ctx, in.LogGroupName)
}

func (s *Service) deleteStreamOp(ctx context.Context, in *target) (*empty, error) {
	return &empty{}, s.DeleteLogStream(ctx, in.LogGroupName, in.LogStreamName)
}

type putRetentionInput struct {
	target
	RetentionInDays int `json:"retentionInDays"`
}

func (s *Service) putRetentionOp(ctx context.Context, in *putRetentionInput) (*empty, error) {
	if in.RetentionInDays == 0 { // for ever, which DeleteRetentionPolicy sets
		return nil, errRetention(0)
	}
	if err := s.authorize(ctx, "PutRetentionPolicy", in.LogGroupName, ""); err != nil {
		return nil, err
	}
	g, err := s.group(in.LogGroupName)
	if err != nil {
		return nil, err
	}
	g.RetentionInDays = in.RetentionInDays
	_, err = s.UpdateGroup(ctx, g)
	return &empty{}, err
}

type inputEvent struct {
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

type putEventsInput struct {
	target
	LogEvents     []inputEvent `json:"logEvents"`
	SequenceToken string       `json:"sequenceToken"` // AWS ignores it
}

type putEventsOutput struct {
	RejectedLogEventsInfo *rejected `json:"rejectedLogEventsInfo,omitempty"`
}

// rejected tells of events too far from now: before the one index, from the other on.
type rejected struct {
	TooOldLogEventEndIndex   *int `json:"tooOldLogEventEndIndex,omitempty"`
	ExpiredLogEventEndIndex  *int `json:"expiredLogEventEndIndex,omitempty"` // older than the group's retention
	TooNewLogEventStartIndex *int `json:"tooNewLogEventStartIndex,omitempty"`
}

func (s *Service) putEventsOp(ctx context.Context, in *putEventsInput) (*putEventsOutput, error) {
	if err := checkBatch(in.LogEvents); err != nil {
		return nil, err
	}
	g, _, err := s.groups.Get(in.LogGroupName) // PutEvents says whether it is there
	if err != nil {
		return nil, err
	}
	events, bad := s.acceptable(in.LogEvents, g)
	out := &putEventsOutput{}
	if bad != (rejected{}) {
		out.RejectedLogEventsInfo = &bad
	}
	return out, s.PutEvents(ctx, in.LogGroupName, in.LogStreamName, events)
}

// acceptable are the events that a group takes; the others it rejects.
func (s *Service) acceptable(all []inputEvent, g Group) (events []Event, bad rejected) {
	now := s.cfg.Now()
	oldest, kept, newest := now.AddDate(0, 0, -14), g.keptSince(now), now.Add(2*time.Hour)
	for i, e := range all {
		at, end := time.UnixMilli(e.Timestamp), i+1
		switch {
		case at.Before(oldest):
			bad.TooOldLogEventEndIndex = &end
		case at.Before(kept):
			bad.ExpiredLogEventEndIndex = &end
		case at.After(newest):
			bad.TooNewLogEventStartIndex = cmp.Or(bad.TooNewLogEventStartIndex, &i)
		default:
			events = append(events, Event{Time: at, Message: e.Message})
		}
	}
	return events, bad
}

func checkBatch(events []inputEvent) error {
	if len(events) == 0 || len(events) > maxEvents {
		return errInvalid("1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and %d", maxEvents)
	}
	bytes := 0
	for i, e := range events {
		bytes += len(e.Message) + eventOverhead
		if e.Message == "" {
			return errInvalid("Log event message must not be empty")
		}
		if i > 0 && e.Timestamp < events[i-1].Timestamp {
			return errInvalid("Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	if span := events[len(events)-1].Timestamp - events[0].Timestamp; span > 24*time.Hour.Milliseconds() {
		return errInvalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	if bytes > maxBatchBytes {
		return errInvalid("Upload too large: %d bytes exceeds limit of %d", bytes, maxBatchBytes)
	}
	return nil
}

type outputEvent struct {
	LogStreamName string `json:"logStreamName,omitempty"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
	EventID       string `json:"eventId,omitempty"`
}

func millis(t *int64) time.Time {
	if t == nil {
		return time.Time{}
	}
	return time.UnixMilli(*t)
}

func limitOf(limit *int, most int) (int, error) {
	if limit == nil {
		return most, nil
	}
	if *limit < 1 || *limit > most {
		return 0, errInvalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: Member must have value between 1 and %d", *limit, most)
	}
	return *limit, nil
}

type getEventsInput struct {
	target
	StartTime     *int64 `json:"startTime"`
	EndTime       *int64 `json:"endTime"`
	NextToken     string `json:"nextToken"`
	Limit         *int   `json:"limit"`
	StartFromHead bool   `json:"startFromHead"`
}

type getEventsOutput struct {
	Events            []outputEvent `json:"events"`
	NextForwardToken  string        `json:"nextForwardToken"`
	NextBackwardToken string        `json:"nextBackwardToken"`
}

// getEventsOp answers with a window of the stream. A token is f/ and the position of the
// next event, or b/ and the position behind the one before.
func (s *Service) getEventsOp(ctx context.Context, in *getEventsInput) (*getEventsOutput, error) {
	limit, err := limitOf(in.Limit, maxEvents)
	if err != nil {
		return nil, err
	}
	events, err := s.get(ctx, in.LogStreamName, Query{Group: in.group(), From: millis(in.StartTime), To: millis(in.EndTime)})
	if err != nil {
		return nil, err
	}
	from, to, err := window(events, in, limit)
	if err != nil {
		return nil, err
	}
	out := &getEventsOutput{Events: []outputEvent{}, NextForwardToken: positionOf(events, to).token("f"), NextBackwardToken: positionOf(events, from).token("b")}
	for _, e := range events[from:to] {
		out.Events = append(out.Events, outputEvent{Timestamp: e.Time.UnixMilli(), Message: e.Message, IngestionTime: e.Ingested.UnixMilli()})
	}
	return out, nil
}

func window(events []Event, in *getEventsInput, limit int) (from, to int, err error) {
	direction, at := "b", positionOf(events, len(events))
	switch {
	case in.NextToken != "":
		direction, at, err = parseToken(in.NextToken)
	case in.StartFromHead:
		direction, at = "f", position{}
	}
	if err != nil {
		return 0, 0, err
	}
	place, _ := slices.BinarySearchFunc(events, at, behind)
	if direction == "f" {
		return place, min(place+limit, len(events)), nil
	}
	return max(0, place-limit), place, nil
}

// position is a place in a stream, whose events are in the order of their times; those
// of one time are in the order in which they came.
type position struct {
	millis int64
	index  uint64
}

// behind compares an event with a position.
func behind(e Event, p position) int {
	return cmp.Or(cmp.Compare(e.Time.UnixMilli(), p.millis), cmp.Compare(e.Index, p.index))
}

// positionOf is that of the event at a place, or the one behind the last.
func positionOf(events []Event, place int) position {
	if place < len(events) {
		return position{events[place].Time.UnixMilli(), events[place].Index}
	}
	if len(events) == 0 {
		return position{}
	}
	last := events[len(events)-1]
	return position{last.Time.UnixMilli(), last.Index + 1}
}

func (p position) token(direction string) string {
	return fmt.Sprintf("%s/%036d%020d", direction, p.millis, p.index)
}

func parseToken(token string) (direction string, p position, err error) {
	direction, digits, _ := strings.Cut(token, "/")
	if direction != "f" && direction != "b" || len(digits) != 56 {
		return "", p, errInvalid("The specified nextToken is invalid.")
	}
	p.millis, err = strconv.ParseInt(digits[:36], 10, 64)
	if err == nil {
		p.index, err = strconv.ParseUint(digits[36:], 10, 64)
	}
	if err != nil {
		err = errInvalid("The specified nextToken is invalid.")
	}
	return direction, p, err
}
