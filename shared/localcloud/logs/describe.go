package logs

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

type filterInput struct {
	target
	LogStreamNames      []string `json:"logStreamNames"`
	LogStreamNamePrefix string   `json:"logStreamNamePrefix"`
	StartTime           *int64   `json:"startTime"`
	EndTime             *int64   `json:"endTime"`
	FilterPattern       string   `json:"filterPattern"`
	NextToken           string   `json:"nextToken"`
	Limit               *int     `json:"limit"`
	Interleaved         *bool    `json:"interleaved"` // AWS ignores it
}

type filterOutput struct {
	Events             []outputEvent `json:"events"`
	SearchedLogStreams []empty       `json:"searchedLogStreams"`
	NextToken          string        `json:"nextToken,omitempty"`
}

// filterOp answers with a page; its token is the place of the event that comes next.
func (s *Service) filterOp(ctx context.Context, in *filterInput) (*filterOutput, error) {
	limit, err := limitOf(in.Limit, maxEvents)
	if err != nil {
		return nil, err
	}
	first, err := parseFilterToken(in.NextToken)
	if err != nil {
		return nil, err
	}
	if in.LogStreamNamePrefix != "" && len(in.LogStreamNames) > 0 {
		return nil, errInvalid("logStreamNamePrefix and logStreamNames cannot be specified together.")
	}
	q := Query{Group: in.group(), Streams: in.LogStreamNames, StreamPrefix: in.LogStreamNamePrefix, From: millis(in.StartTime), To: inclusive(in.EndTime), Pattern: in.FilterPattern}
	events, err := s.Filter(ctx, q)
	if err != nil {
		return nil, err
	}
	place, _ := slices.BinarySearchFunc(events, first, Event.compare)
	events = events[place:]
	out := &filterOutput{Events: []outputEvent{}, SearchedLogStreams: []empty{}}
	if len(events) > limit {
		out.NextToken = events[limit].filterToken()
		events = events[:limit]
	}
	for _, e := range events {
		out.Events = append(out.Events, outputEvent{LogStreamName: e.Stream, Timestamp: e.Time.UnixMilli(), Message: e.Message,
			IngestionTime: e.Ingested.UnixMilli(), EventID: strconv.FormatInt(e.Ingested.UnixNano(), 10) + strconv.FormatUint(e.Index, 10)})
	}
	return out, nil
}

// inclusive is the end of a filter, which takes events of that time too, as GetLogEvents
// does not (API model, FilterLogEvents.endTime).
func inclusive(end *int64) time.Time {
	if end == nil {
		return time.Time{}
	}
	return millis(end).Add(time.Millisecond)
}

func (e Event) filterToken() string {
	return fmt.Sprintf("%d/%d/%s", e.Time.UnixMilli(), e.Index, e.Stream)
}

// parseFilterToken is an event with the place of the one whose token it is.
func parseFilterToken(token string) (Event, error) {
	if token == "" {
		return Event{}, nil
	}
	at, rest, _ := strings.Cut(token, "/")
	index, stream, _ := strings.Cut(rest, "/")
	millis, err := strconv.ParseInt(at, 10, 64)
	place, failed := strconv.ParseUint(index, 10, 64)
	if err != nil || failed != nil || stream == "" {
		return Event{}, errInvalid("The specified nextToken is invalid.")
	}
	return Event{Time: time.UnixMilli(millis), Index: place, Stream: stream}, nil
}

func offset(token string) (int, error) {
	if token == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(token)
	if err != nil || n < 0 {
		return 0, errInvalid("The specified nextToken is invalid.")
	}
	return n, nil
}

// cut returns a page and the token of the next one.
func cut[T any](all []T, skip, limit int) (page []T, next string) {
	all = all[min(skip, len(all)):]
	if len(all) > limit {
		return all[:limit], strconv.Itoa(skip + limit)
	}
	return all, ""
}

type describeGroupsInput struct {
	LogGroupNamePrefix  string `json:"logGroupNamePrefix"`
	LogGroupNamePattern string `json:"logGroupNamePattern"`
	NextToken           string `json:"nextToken"`
	Limit               *int   `json:"limit"`
}

type describeGroupsOutput struct {
	LogGroups []groupDescription `json:"logGroups"`
	NextToken string             `json:"nextToken,omitempty"`
}

type groupDescription struct {
	LogGroupName      string `json:"logGroupName"`
	CreationTime      int64  `json:"creationTime"`
	RetentionInDays   int    `json:"retentionInDays,omitempty"`
	MetricFilterCount int    `json:"metricFilterCount"`
	ARN               string `json:"arn"`
	LogGroupARN       string `json:"logGroupArn"`
	StoredBytes       int64  `json:"storedBytes"`
	LogGroupClass     string `json:"logGroupClass"`
}

func (s *Service) describeGroupsOp(ctx context.Context, in *describeGroupsInput) (*describeGroupsOutput, error) {
	limit, err := limitOf(in.Limit, 50)
	if err != nil {
		return nil, err
	}
	skip, err := offset(in.NextToken)
	if err != nil {
		return nil, err
	}
	if in.LogGroupNamePrefix != "" && in.LogGroupNamePattern != "" {
		return nil, errInvalid("logGroupNamePrefix and logGroupNamePattern are mutually exclusive parameters.")
	}
	groups, err := s.Groups(ctx, in.LogGroupNamePrefix)
	if err != nil {
		return nil, err
	}
	groups = slices.DeleteFunc(groups, func(g Group) bool { return !strings.Contains(g.Name, in.LogGroupNamePattern) })
	page, next := cut(groups, skip, limit)
	out := &describeGroupsOutput{LogGroups: []groupDescription{}, NextToken: next}
	for _, g := range page {
		bytes, err := s.storedBytes(g.Name)
		if err != nil {
			return nil, err
		}
		out.LogGroups = append(out.LogGroups, groupDescription{LogGroupName: g.Name, CreationTime: g.Created.UnixMilli(), StoredBytes: bytes,
			RetentionInDays: g.RetentionInDays, ARN: g.ARN + ":*", LogGroupARN: g.ARN, LogGroupClass: "STANDARD"})
	}
	return out, nil
}

func (s *Service) storedBytes(group string) (int64, error) {
	streams, err := s.streamsOf(group)
	if err != nil {
		return 0, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var bytes int64
	for _, st := range streams {
		j, err := s.journal(st)
		if err != nil {
			return 0, err
		}
		bytes += j.Size()
	}
	return bytes, nil
}

type describeStreamsInput struct {
	target
	LogStreamNamePrefix string `json:"logStreamNamePrefix"`
	OrderBy             string `json:"orderBy"`
	Descending          bool   `json:"descending"`
	NextToken           string `json:"nextToken"`
	Limit               *int   `json:"limit"`
}

type describeStreamsOutput struct {
	LogStreams []streamDescription `json:"logStreams"`
	NextToken  string              `json:"nextToken,omitempty"`
}

type streamDescription struct {
	LogStreamName       string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp *int64 `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  *int64 `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   *int64 `json:"lastIngestionTime,omitempty"`
	ARN                 string `json:"arn"`
	StoredBytes         int64  `json:"storedBytes"`
}

func (s *Service) describeStreamsOp(ctx context.Context, in *describeStreamsInput) (*describeStreamsOutput, error) {
	limit, err := limitOf(in.Limit, 50)
	if err != nil {
		return nil, err
	}
	skip, err := offset(in.NextToken)
	if err != nil {
		return nil, err
	}
	if in.OrderBy == "LastEventTime" && in.LogStreamNamePrefix != "" {
		return nil, errInvalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	streams, err := s.Streams(ctx, in.group(), in.LogStreamNamePrefix)
	if err != nil {
		return nil, err
	}
	all := []streamDescription{}
	for _, st := range streams {
		d, err := s.describeStream(st)
		if err != nil {
			return nil, err
		}
		all = append(all, d)
	}
	if err := order(all, in); err != nil {
		return nil, err
	}
	page, next := cut(all, skip, limit)
	return &describeStreamsOutput{page, next}, nil
}

func (s *Service) describeStream(st Stream) (streamDescription, error) {
	d := streamDescription{LogStreamName: st.Name, CreationTime: st.Created.UnixMilli(), ARN: st.ARN}
	events, err := s.read(st)
	if err != nil || len(events) == 0 {
		return d, err
	}
	first, last := events[0].Time.UnixMilli(), events[len(events)-1].Time.UnixMilli()
	ingested := events[len(events)-1].Ingested.UnixMilli()
	d.FirstEventTimestamp, d.LastEventTimestamp, d.LastIngestionTime = &first, &last, &ingested
	return d, nil
}

// order sorts streams, which come by name.
func order(streams []streamDescription, in *describeStreamsInput) error {
	switch in.OrderBy {
	case "", "LogStreamName":
	case "LastEventTime":
		slices.SortStableFunc(streams, func(a, b streamDescription) int {
			return int(deref(a.LastEventTimestamp) - deref(b.LastEventTimestamp))
		})
	default:
		return errInvalid("1 validation error detected: Value '%s' at 'orderBy' failed to satisfy constraint: Member must satisfy enum value set: [LogStreamName, LastEventTime]", in.OrderBy)
	}
	if in.Descending {
		slices.Reverse(streams)
	}
	return nil
}

func deref(v *int64) int64 {
	if v == nil {
		return 0
	}
	return *v
}
