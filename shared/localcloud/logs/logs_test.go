package logs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"

	"pipeline/shared/localcloud/store"
)

const group, stream = "/aws/kinesisfirehose/events", "RedshiftDelivery"

// allow permits everything but what names it.
type allow map[string]bool

func (a allow) Authorize(_ context.Context, action, resource string, _ map[string]string) error {
	if a[action] {
		return fmt.Errorf("no permission for %s on %s", action, resource)
	}
	return nil
}

// clock is a time that tests set.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

func open(t *testing.T, dir string, change func(*Config)) (*Service, func()) {
	t.Helper()
	st, err := store.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{StateDir: filepath.Join(dir, "logs"), Store: st, Account: "000000000000", Region: "eu-central-1", IAM: allow{}, Log: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	closeAll := sync.OnceFunc(func() {
		if err := errors.Join(s.Close(), st.Close()); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	t.Cleanup(closeAll)
	return s, closeAll
}

func opened(t *testing.T, change func(*Config)) *Service {
	t.Helper()
	s, _ := open(t, t.TempDir(), change)
	create(t, s)
	return s
}

func create(t *testing.T, s *Service) {
	t.Helper()
	if err := errors.Join(s.CreateLogGroup(t.Context(), group), s.CreateLogStream(t.Context(), group, stream)); err != nil {
		t.Fatal(err)
	}
}

func client(t *testing.T, s *Service) *cloudwatchlogs.Client {
	t.Helper()
	server := httptest.NewServer(s.Handler())
	t.Cleanup(server.Close)
	return cloudwatchlogs.New(cloudwatchlogs.Options{Region: "eu-central-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: aws.AnonymousCredentials{}})
}

func code(err error) string {
	var e smithy.APIError
	if errors.As(err, &e) {
		return e.ErrorCode()
	}
	return fmt.Sprint(err)
}

func messages(events []Event) string {
	var all []string
	for _, e := range events {
		all = append(all, e.Message)
	}
	return strings.Join(all, " ")
}

func TestEventsAreThereAfterARestart(t *testing.T) {
	dir := t.TempDir()
	s, closeAll := open(t, dir, nil)
	create(t, s)
	if err := s.PutLogEvents(t.Context(), group, stream, "a", "b"); err != nil {
		t.Fatal(err)
	}
	closeAll()
	s, _ = open(t, dir, nil)
	if got, err := s.Events(t.Context(), group, stream); messages(got) != "a b" || err != nil {
		t.Errorf("the stream holds %q (%v), want a b", messages(got), err)
	}
}

func TestAStreamKeepsItsNewestEventsWithinItsBound(t *testing.T) {
	s := opened(t, func(c *Config) { c.StreamBytes = 4000 })
	for i := range 200 {
		if err := s.PutLogEvents(t.Context(), group, stream, fmt.Sprintf("event-%03d-%s", i, strings.Repeat("x", 80))); err != nil {
			t.Fatal(err)
		}
	}
	got, _ := s.Events(t.Context(), group, stream)
	if n := len(got); n < 10 || n > 40 || !strings.HasPrefix(got[n-1].Message, "event-199") {
		t.Errorf("the stream holds %d events, want some 30, the newest among them", len(got))
	}
	if bytes, _ := s.storedBytes(group); bytes > 4000 {
		t.Errorf("the stream takes %d bytes, want at most 4000", bytes)
	}
}

func TestEventsOlderThanTheRetentionAreGone(t *testing.T) {
	c := &clock{time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	s := opened(t, func(cfg *Config) { cfg.Now = c.Now })
	if _, err := s.UpdateGroup(t.Context(), Group{Name: group, RetentionInDays: 7}); err != nil {
		t.Fatal(err)
	}
	s.PutLogEvents(t.Context(), group, stream, "old")
	c.now = c.now.AddDate(0, 0, 5)
	s.PutLogEvents(t.Context(), group, stream, "new")
	c.now = c.now.AddDate(0, 0, 3)
	if got, _ := s.Events(t.Context(), group, stream); messages(got) != "new" {
		t.Errorf("after 8 days the stream shows %q, want only what is younger than 7", messages(got))
	}
}

func TestPermissionIsAskedForOnTheStream(t *testing.T) {
	s := opened(t, nil)
	s.cfg.IAM = allow{"logs:PutLogEvents": true}
	err := s.PutLogEvents(t.Context(), group, stream, "a")
	want := "AccessDeniedException: no permission for logs:PutLogEvents on arn:aws:logs:eu-central-1:000000000000:log-group:" + group + ":log-stream:" + stream
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestARNsAreOfTheRegionsPartition(t *testing.T) {
	s := opened(t, func(c *Config) { c.Region = "us-gov-west-1" })
	s.cfg.IAM = allow{"logs:DescribeLogGroups": true}
	if _, err := s.Group(t.Context(), group); err == nil || !strings.Contains(err.Error(), " on arn:aws-us-gov:logs:us-gov-west-1:") {
		t.Errorf("in us-gov-west-1 permission is asked for: %v", err)
	}
}

func TestACallNeedsNoOtherCallsPermission(t *testing.T) {
	s := opened(t, nil)
	api := client(t, s)
	s.cfg.IAM = allow{"logs:DescribeLogStreams": true, "logs:DescribeLogGroups": true}
	if _, err := api.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group), LogStreamNamePrefix: aws.String("Red")}); err != nil {
		t.Error(err)
	}
	if _, err := api.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(7)}); err != nil {
		t.Error(err)
	}
}

func TestAFilterByPrefixLooksAtStreamsOfThatNameOnly(t *testing.T) {
	s := opened(t, nil)
	s.PutLogEvents(t.Context(), group, stream, "a")
	api := client(t, s)
	for prefix, want := range map[string]string{"Red": "a", "Blue": ""} {
		if got, _ := filtered(t, api, cloudwatchlogs.FilterLogEventsInput{LogStreamNamePrefix: &prefix}); got != want {
			t.Errorf("streams that begin with %s have %q, want %q", prefix, got, want)
		}
	}
}

func TestADeletedGroupTakesItsEventsAlong(t *testing.T) {
	s := opened(t, nil)
	s.PutLogEvents(t.Context(), group, stream, "a")
	if err := s.DeleteLogGroup(t.Context(), group); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Events(t.Context(), group, stream); code(err) != fmt.Sprint(errNotFound("The specified log group does not exist.")) {
		t.Errorf("a deleted group answers %v", err)
	}
	create(t, s)
	if got, _ := s.Events(t.Context(), group, stream); len(got) != 0 {
		t.Errorf("a new group of the name has %q", messages(got))
	}
}

func TestAnInterruptedDeletionKeepsTheEvents(t *testing.T) {
	dir := t.TempDir()
	s, closeAll := open(t, dir, nil)
	create(t, s)
	s.PutLogEvents(t.Context(), group, stream, "a")
	if err := s.DeleteLogGroup(s.cfg.Store.Begin(t.Context()), group); err != nil {
		t.Fatal(err)
	}
	closeAll() // as a kill: the call is not ended
	s, _ = open(t, dir, nil)
	if got, err := s.Events(t.Context(), group, stream); messages(got) != "a" || err != nil {
		t.Errorf("after an interrupted deletion the stream holds %q (%v), want a", messages(got), err)
	}
}

func TestADeletedStreamLeavesNoFolder(t *testing.T) {
	dir := t.TempDir()
	s, closeAll := open(t, dir, nil)
	create(t, s)
	s.PutLogEvents(t.Context(), group, stream, "a")
	if err := s.DeleteLogStream(t.Context(), group, stream); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(s.cfg.StateDir); len(left) != 0 {
		t.Errorf("a deleted stream leaves %v", left)
	}
	if err := os.MkdirAll(filepath.Join(s.cfg.StateDir, "killed before it was gone"), 0o700); err != nil {
		t.Fatal(err)
	}
	closeAll()
	s, _ = open(t, dir, nil)
	if left, _ := os.ReadDir(s.cfg.StateDir); len(left) != 0 {
		t.Errorf("a start leaves %v", left)
	}
}

func TestADamagedStreamCanBeDeleted(t *testing.T) {
	s := opened(t, nil)
	st, err := s.Stream(t.Context(), group, stream)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.MkdirAll(s.cfg.StateDir, 0o700), os.WriteFile(filepath.Join(s.cfg.StateDir, st.ID), nil, 0o600)); err != nil {
		t.Fatal(err)
	}
	if err := s.DeleteLogGroup(t.Context(), group); err != nil {
		t.Error(err)
	}
	create(t, s)
}

func TestAFaultOfTheStoreIsNoName(t *testing.T) {
	s, closeAll := open(t, t.TempDir(), nil)
	closeAll()
	if err := s.CreateLogGroup(t.Context(), group); err == nil || strings.Contains(code(err), "ResourceAlreadyExists") {
		t.Errorf("a store that cannot be read says %v", err)
	}
}

func TestAWSClientWritesAndPagesThroughEvents(t *testing.T) {
	api := client(t, opened(t, nil))
	now := time.Now().UnixMilli()
	var events []types.InputLogEvent
	for i := range 5 {
		events = append(events, types.InputLogEvent{Timestamp: aws.Int64(now + int64(i)), Message: aws.String(fmt.Sprint(i))})
	}
	if _, err := api.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String(stream), LogEvents: events}); err != nil {
		t.Fatal(err)
	}
	page := func(token *string, head bool) (string, *cloudwatchlogs.GetLogEventsOutput) {
		out, err := api.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String(stream),
			Limit: aws.Int32(2), StartFromHead: &head, NextToken: token})
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, e := range out.Events {
			text += *e.Message
		}
		return text, out
	}
	got, out := page(nil, true)
	second, out := page(out.NextForwardToken, true)
	third, out := page(out.NextForwardToken, true)
	end, again := page(out.NextForwardToken, true)
	if got+" "+second+" "+third+" "+end != "01 23 4 " || *again.NextForwardToken != *out.NextForwardToken {
		t.Errorf("the pages forward are %q %q %q %q", got, second, third, end)
	}
	last, out := page(nil, false)
	before, _ := page(out.NextBackwardToken, false)
	if last != "34" || before != "12" {
		t.Errorf("the pages backward are %q %q, want 34 12", last, before)
	}
}

func TestPagesHaveEachEventOnceWhateverTheClockDid(t *testing.T) {
	s := opened(t, nil)
	now := time.Now()
	for i, ago := range []int{3, 2, 9, 8, 1, 8} {
		if err := s.PutEvents(t.Context(), group, stream, []Event{{Time: now.Add(-time.Duration(ago) * time.Minute), Message: fmt.Sprint(i)}}); err != nil {
			t.Fatal(err)
		}
	}
	api := client(t, s)
	page := func(token *string, fromHead bool) (text string, forward, backward *string) {
		out, err := api.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String(stream),
			Limit: aws.Int32(1), StartFromHead: &fromHead, NextToken: token})
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range out.Events {
			text += *e.Message
		}
		return text, out.NextForwardToken, out.NextBackwardToken
	}
	var there, back string
	var token, last *string
	for range 8 {
		text, forward, backward := page(token, true)
		there, token, last = there+text, forward, backward
	}
	for range 8 {
		text, _, backward := page(last, false)
		back, last = back+text, backward
	}
	if there != "235014" || back != "410532" {
		t.Errorf("forward the pages have %s, backward %s", there, back)
	}
}

func TestFilterLogEventsFindsTerms(t *testing.T) {
	s := opened(t, nil)
	if err := s.CreateLogStream(t.Context(), group, "S3Delivery"); err != nil {
		t.Fatal(err)
	}
	s.PutLogEvents(t.Context(), group, stream, `{"errorCode":"Redshift.TableNotFound"}`)
	s.PutLogEvents(t.Context(), group, "S3Delivery", `{"errorCode":"S3.AccessDenied"}`, "access denied here")
	api := client(t, s)
	for pattern, want := range map[string]int{"": 3, "errorCode": 2, "errorCode -S3": 1, "?S3 ?Redshift": 2, "?S3 ?Redshift access": 1, "?S3 ?nothing -access": 2, `"denied here"`: 1, "nothing": 0} {
		out, err := api.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group), FilterPattern: &pattern})
		if err != nil || len(out.Events) != want {
			t.Errorf("%q finds %d events (%v), want %d", pattern, len(out.Events), err, want)
		}
	}
	for _, pattern := range []string{"{ $.a = 1 }", "S3.AccessDenied", `a"b"`, "-"} {
		_, err := api.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group), FilterPattern: &pattern})
		if code(err) != "InvalidParameterException" {
			t.Errorf("the pattern %s: got %v", pattern, err)
		}
	}
}

// filtered are the messages of a page of FilterLogEvents, and the token of the next.
func filtered(t *testing.T, api *cloudwatchlogs.Client, in cloudwatchlogs.FilterLogEventsInput) (text string, next *string) {
	t.Helper()
	in.LogGroupName = aws.String(group)
	out, err := api.FilterLogEvents(t.Context(), &in)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range out.Events {
		text += *e.Message
	}
	return text, out.NextToken
}

func TestTheEndOfAFilterIsInclusive(t *testing.T) {
	s := opened(t, nil)
	at := time.Now().Truncate(time.Millisecond)
	for i := range 3 {
		s.PutEvents(t.Context(), group, stream, []Event{{Time: at.Add(time.Duration(i) * time.Millisecond), Message: fmt.Sprint(i)}})
	}
	api := client(t, s)
	if got, _ := filtered(t, api, cloudwatchlogs.FilterLogEventsInput{EndTime: aws.Int64(at.UnixMilli() + 1)}); got != "01" {
		t.Errorf("a filter up to the second event finds %q, want 01", got)
	}
	out, err := api.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String(stream), EndTime: aws.Int64(at.UnixMilli() + 1)})
	if err != nil || len(out.Events) != 1 {
		t.Errorf("GetLogEvents up to the second event finds %+v (%v), want the first", out, err)
	}
}

func TestPagesOfAFilterHaveEachEventOnceWhateverComesBetween(t *testing.T) {
	s := opened(t, nil)
	if err := s.CreateLogStream(t.Context(), group, "Backup"); err != nil {
		t.Fatal(err)
	}
	at := time.Now()
	put := func(stream string, ago time.Duration, text string) {
		if err := s.PutEvents(t.Context(), group, stream, []Event{{Time: at.Add(-ago), Message: text}}); err != nil {
			t.Fatal(err)
		}
	}
	put(stream, time.Minute, "a")
	put("Backup", time.Minute, "b")
	put(stream, time.Minute, "c")
	put(stream, time.Second, "d")
	api := client(t, s)
	got, next := filtered(t, api, cloudwatchlogs.FilterLogEventsInput{Limit: aws.Int32(1)})
	for next != nil {
		put(stream, time.Hour, "late")
		var page string
		page, next = filtered(t, api, cloudwatchlogs.FilterLogEventsInput{Limit: aws.Int32(1), NextToken: next})
		got += " " + page
	}
	if got != "b a c d" {
		t.Errorf("the pages are %s, want b a c d", got)
	}
	_, err := api.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group), NextToken: aws.String("1")})
	if code(err) != "InvalidParameterException" {
		t.Errorf("a token of nobody's: %v", err)
	}
}

func TestGroupsAndStreamsDescribeThemselves(t *testing.T) {
	s := opened(t, nil)
	s.PutLogEvents(t.Context(), group, stream, "a")
	api := client(t, s)
	groups, err := api.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/")})
	if err != nil || len(groups.LogGroups) != 1 || *groups.LogGroups[0].Arn != "arn:aws:logs:eu-central-1:000000000000:log-group:"+group+":*" || *groups.LogGroups[0].StoredBytes == 0 {
		t.Errorf("the groups are %+v (%v)", groups, err)
	}
	if err := s.CreateLogStream(t.Context(), group, "Zero"); err != nil {
		t.Fatal(err)
	}
	s.PutEvents(t.Context(), group, "Zero", []Event{{Time: time.Now().Add(-time.Hour), Message: "b"}})
	for order, want := range map[types.OrderBy]string{"": "Zero RedshiftDelivery", types.OrderByLastEventTime: "RedshiftDelivery Zero"} {
		streams, err := api.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(group), OrderBy: order, Descending: aws.Bool(true)})
		if err != nil || len(streams.LogStreams) != 2 || streams.LogStreams[0].LastEventTimestamp == nil {
			t.Fatalf("the streams are %+v (%v)", streams, err)
		}
		if got := *streams.LogStreams[0].LogStreamName + " " + *streams.LogStreams[1].LogStreamName; got != want {
			t.Errorf("descending by %q the streams are %s, want %s", order, got, want)
		}
	}
}

func TestWhatAWSRefusesIsRefused(t *testing.T) {
	api := client(t, opened(t, nil))
	put := func(group, stream string, times ...int64) error {
		events := []types.InputLogEvent{}
		for _, at := range times {
			events = append(events, types.InputLogEvent{Timestamp: aws.Int64(at), Message: aws.String("m")})
		}
		_, err := api.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: &group, LogStreamName: &stream, LogEvents: events})
		return err
	}
	now := time.Now().UnixMilli()
	_, exists := api.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(group)})
	_, badName := api.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("a b")})
	_, badDays := api.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(8)})
	_, badStream := api.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String(group), LogStreamName: aws.String("a:b")})
	_, forEver := api.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String(group), RetentionInDays: aws.Int32(0)})
	_, twoGroups := api.DescribeLogGroups(t.Context(), &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/"), LogGroupNamePattern: aws.String("a")})
	_, twoStreams := api.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group), LogStreamNames: []string{stream}, LogStreamNamePrefix: aws.String("S")})
	_, twoOrders := api.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(group), OrderBy: types.OrderByLastEventTime, LogStreamNamePrefix: aws.String("S")})
	for name, row := range map[string]struct {
		err  error
		want string
	}{
		"no days":                           {forEver, "InvalidParameterException"},
		"more than a day":                   {put(group, stream, now-24*time.Hour.Milliseconds()-1, now), "InvalidParameterException"},
		"groups by prefix and by pattern":   {twoGroups, "InvalidParameterException"},
		"streams by name and by prefix":     {twoStreams, "InvalidParameterException"},
		"streams by prefix in time's order": {twoOrders, "InvalidParameterException"},
		"unknown group":                     {put("/no", stream, now), "ResourceNotFoundException"},
		"unknown stream":                    {put(group, "no", now), "ResourceNotFoundException"},
		"not chronological":                 {put(group, stream, now, now-1), "InvalidParameterException"},
		"no events":                         {put(group, stream), "InvalidParameterException"},
		"a group twice":                     {exists, "ResourceAlreadyExistsException"},
		"a name with a space":               {badName, "InvalidParameterException"},
		"eight days":                        {badDays, "InvalidParameterException"},
		"a stream with colon":               {badStream, "InvalidParameterException"},
	} {
		if code(row.err) != row.want {
			t.Errorf("%s: got %v, want %s", name, row.err, row.want)
		}
	}
}

func TestEventsTooFarFromNowAreRejected(t *testing.T) {
	s := opened(t, nil)
	put := func(events ...inputEvent) *rejected {
		out, err := s.putEventsOp(t.Context(), &putEventsInput{target: target{LogGroupName: group, LogStreamName: stream}, LogEvents: events})
		if err != nil {
			t.Fatal(err)
		}
		return out.RejectedLogEventsInfo
	}
	now := time.Now()
	old := now.AddDate(0, 0, -14)
	before := put(inputEvent{old.Add(-time.Hour).UnixMilli(), "old"}, inputEvent{old.Add(time.Hour).UnixMilli(), "then"})
	after := put(inputEvent{now.UnixMilli(), "now"}, inputEvent{now.Add(3 * time.Hour).UnixMilli(), "new"})
	if got, _ := s.Events(t.Context(), group, stream); messages(got) != "then now" {
		t.Errorf("the stream holds %q", messages(got))
	}
	if _, err := s.UpdateGroup(t.Context(), Group{Name: group, RetentionInDays: 1}); err != nil {
		t.Fatal(err)
	}
	expired := put(inputEvent{now.AddDate(0, 0, -2).UnixMilli(), "expired"}, inputEvent{now.AddDate(0, 0, -2).UnixMilli() + 1, "expired"})
	if expired == nil || *expired.ExpiredLogEventEndIndex != 2 || expired.TooOldLogEventEndIndex != nil {
		t.Errorf("with a retention of a day, of events of two days ago are rejected %+v", expired)
	}
	if before == nil || *before.TooOldLogEventEndIndex != 1 || after == nil || *after.TooNewLogEventStartIndex != 1 {
		t.Errorf("rejected are %+v and %+v", before, after)
	}
}
