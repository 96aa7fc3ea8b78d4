// Package logs is the local cloud's CloudWatch Logs: groups with a retention, streams,
// and their events, which people and tools read with AWS's own clients.
//
// An event that was accepted outlives a kill of the process. A stream keeps its newest
// events: beyond a bound on its size the oldest are dropped, which AWS never does.
// Metric filters, subscriptions, Insights queries and own keys are refused.
package logs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/journal"
	"pipeline/shared/localcloud/store"
)

// DefaultStreamBytes is how much a stream keeps on disk, in bytes.
const DefaultStreamBytes = 16 << 20

// Authorizer decides whether the caller in ctx may act on a resource.
type Authorizer interface {
	Authorize(ctx context.Context, action, resource string, conditions map[string]string) error
}

// Config is what a Service needs.
type Config struct {
	StateDir    string // the events
	Store       *store.Store
	Account     string // 12 digits
	Region      string
	IAM         Authorizer
	Now         func() time.Time
	Log         *slog.Logger
	StreamBytes int64 // bound on a stream's size on disk; 0 is DefaultStreamBytes
}

// Group is a log group. Name identifies it.
type Group struct {
	Name            string
	ARN             string
	RetentionInDays int `json:",omitempty"` // 0 is for ever
	Tags            map[string]string
	Created         time.Time
}

// keptSince is the time of the oldest events that a group keeps; zero is for ever.
func (g Group) keptSince(now time.Time) time.Time {
	if g.RetentionInDays == 0 {
		return time.Time{}
	}
	return now.AddDate(0, 0, -g.RetentionInDays)
}

// Stream is a log stream.
type Stream struct {
	Name    string
	Group   string
	ARN     string
	ID      string // tells it from an earlier one of its name
	Created time.Time
}

// Service is CloudWatch Logs in one account and region.
type Service struct {
	cfg     Config
	groups  store.Collection[Group]
	streams store.Collection[Stream] // by group and name

	mu       sync.Mutex                  // guards all that follows, and changes to groups and streams
	journals map[string]*journal.Journal // by stream ID; opened when first needed
}

// New opens what cfg.Store and cfg.StateDir keep.
func New(cfg Config) (*Service, error) {
	if cfg.StreamBytes == 0 {
		cfg.StreamBytes = DefaultStreamBytes
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.Default()
	}
	groups, err := store.NewCollection[Group](cfg.Store, "log-groups")
	if err != nil {
		return nil, err
	}
	streams, err := store.NewCollection[Stream](cfg.Store, "log-streams")
	if err != nil {
		return nil, err
	}
	s := &Service{cfg: cfg, groups: groups, streams: streams, journals: map[string]*journal.Journal{}}
	return s, s.sweep()
}

// Close writes what is under way.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var failed error
	for _, j := range s.journals {
		failed = errors.Join(failed, j.Close())
	}
	s.journals = map[string]*journal.Journal{}
	return failed
}

func (s *Service) arn(group string) string {
	return fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", iam.Partition(s.cfg.Region), s.cfg.Region, s.cfg.Account, group)
}

// authorize asks for permission on a stream, or on a group, whose ARN AWS spells with an
// empty stream.
func (s *Service) authorize(ctx context.Context, action, group, stream string) error {
	resource := s.arn(group) + ":log-stream:" + stream
	if err := s.cfg.IAM.Authorize(ctx, "logs:"+action, resource, nil); err != nil {
		return errDenied(err)
	}
	return nil
}

// CreateLogGroup makes a group that keeps its events for ever.
func (s *Service) CreateLogGroup(ctx context.Context, name string) error {
	_, err := s.CreateGroup(ctx, Group{Name: name})
	return err
}

// CreateGroup makes a group.
func (s *Service) CreateGroup(ctx context.Context, g Group) (Group, error) {
	if err := s.authorize(ctx, "CreateLogGroup", g.Name, ""); err != nil {
		return Group{}, err
	}
	if err := g.Check(); err != nil {
		return Group{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken, err := s.groups.Get(g.Name); err != nil {
		return Group{}, err
	} else if taken {
		return Group{}, errExists("The specified log group already exists")
	}
	g.ARN, g.Created = s.arn(g.Name), s.cfg.Now()
	return g, s.groups.Within(ctx).Put(g.Name, g)
}

// UpdateGroup changes a group's retention and tags.
func (s *Service) UpdateGroup(ctx context.Context, g Group) (Group, error) {
	if err := s.authorize(ctx, "PutRetentionPolicy", g.Name, ""); err != nil {
		return Group{}, err
	}
	if err := g.Check(); err != nil {
		return Group{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	kept, err := s.group(g.Name)
	if err != nil {
		return Group{}, err
	}
	kept.RetentionInDays, kept.Tags = g.RetentionInDays, g.Tags
	return kept, s.groups.Within(ctx).Put(g.Name, kept)
}

// Group returns a group.
func (s *Service) Group(ctx context.Context, name string) (Group, error) {
	if err := s.authorize(ctx, "DescribeLogGroups", name, ""); err != nil {
		return Group{}, err
	}
	return s.group(name)
}

func (s *Service) group(name string) (Group, error) {
	g, found, err := s.groups.Get(name)
	if err == nil && !found {
		err = errNotFound("The specified log group does not exist.")
	}
	return g, err
}

// Groups returns the groups whose name begins with prefix, in order.
func (s *Service) Groups(ctx context.Context, prefix string) ([]Group, error) {
	if err := s.authorize(ctx, "DescribeLogGroups", prefix, ""); err != nil {
		return nil, err
	}
	items, err := s.groups.List()
	var groups []Group
	for _, item := range items {
		if strings.HasPrefix(item.Key, prefix) {
			groups = append(groups, item.Value)
		}
	}
	return groups, err
}

// DeleteLogGroup removes a group with its streams.
func (s *Service) DeleteLogGroup(ctx context.Context, name string) error {
	if err := s.authorize(ctx, "DeleteLogGroup", name, ""); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.group(name); err != nil {
		return err
	}
	streams, err := s.streamsOf(name)
	if err != nil {
		return err
	}
	for _, st := range streams {
		if err := s.removeStream(ctx, st); err != nil {
			return err
		}
	}
	return s.groups.Within(ctx).Delete(name)
}

func streamKey(group, stream string) string { return group + "\x00" + stream }

// CreateLogStream makes a stream.
func (s *Service) CreateLogStream(ctx context.Context, group, stream string) error {
	if err := s.authorize(ctx, "CreateLogStream", group, stream); err != nil {
		return err
	}
	if stream == "" || len(stream) > 512 || strings.ContainsAny(stream, ":*") {
		return errInvalid("1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*", stream)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.group(group)
	if err != nil {
		return err
	}
	if _, taken, err := s.streams.Get(streamKey(group, stream)); err != nil {
		return err
	} else if taken {
		return errExists("The specified log stream already exists")
	}
	return s.streams.Within(ctx).Put(streamKey(group, stream), Stream{Name: stream, Group: group,
		ARN: g.ARN + ":log-stream:" + stream, ID: uuid.NewString(), Created: s.cfg.Now()})
}

// Stream returns a stream.
func (s *Service) Stream(ctx context.Context, group, stream string) (Stream, error) {
	if err := s.authorize(ctx, "DescribeLogStreams", group, stream); err != nil {
		return Stream{}, err
	}
	return s.stream(group, stream)
}

func (s *Service) stream(group, stream string) (Stream, error) {
	if _, err := s.group(group); err != nil {
		return Stream{}, err
	}
	st, found, err := s.streams.Get(streamKey(group, stream))
	if err == nil && !found {
		err = errNotFound("The specified log stream does not exist.")
	}
	return st, err
}

// Streams returns a group's streams whose name begins with prefix, in order.
func (s *Service) Streams(ctx context.Context, group, prefix string) ([]Stream, error) {
	if err := s.authorize(ctx, "DescribeLogStreams", group, ""); err != nil {
		return nil, err
	}
	if _, err := s.group(group); err != nil {
		return nil, err
	}
	return s.streamsNamed(group, prefix)
}

func (s *Service) streamsNamed(group, prefix string) ([]Stream, error) {
	streams, err := s.streamsOf(group)
	return slices.DeleteFunc(streams, func(st Stream) bool { return !strings.HasPrefix(st.Name, prefix) }), err
}

func (s *Service) streamsOf(group string) ([]Stream, error) {
	items, err := s.streams.List()
	var streams []Stream
	for _, item := range items {
		if item.Value.Group == group {
			streams = append(streams, item.Value)
		}
	}
	return streams, err
}

// DeleteLogStream removes a stream with its events.
func (s *Service) DeleteLogStream(ctx context.Context, group, stream string) error {
	if err := s.authorize(ctx, "DeleteLogStream", group, stream); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.stream(group, stream)
	if err != nil {
		return err
	}
	return s.removeStream(ctx, st)
}

// removeStream deletes the events last: the deletion may still be undone with its call.
func (s *Service) removeStream(ctx context.Context, st Stream) error {
	if err := s.streams.Within(ctx).Delete(streamKey(st.Group, st.Name)); err != nil {
		return err
	}
	open := s.journals[st.ID]
	delete(s.journals, st.ID)
	return s.cfg.Store.Afterwards(func() error {
		if open != nil {
			return open.Remove()
		}
		return os.RemoveAll(s.folder(st.ID))
	})
}

// folder is where a stream's events are.
func (s *Service) folder(streamID string) string { return filepath.Join(s.cfg.StateDir, streamID) }

// sweep deletes the events of streams whose deletion a kill has interrupted.
func (s *Service) sweep() error {
	streams, err := s.streams.List()
	if err != nil {
		return err
	}
	there := map[string]bool{}
	for _, item := range streams {
		there[item.Value.ID] = true
	}
	folders, err := os.ReadDir(s.cfg.StateDir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, f := range folders {
		if !there[f.Name()] {
			err = errors.Join(err, os.RemoveAll(s.folder(f.Name())))
		}
	}
	return err
}

// journal returns a stream's events, opening them when they are not open. The caller
// holds the mutex.
func (s *Service) journal(st Stream) (*journal.Journal, error) {
	if j, ok := s.journals[st.ID]; ok {
		return j, nil
	}
	j, err := journal.Open(s.folder(st.ID), journal.Options{NoSync: true,
		SegmentBytes: s.cfg.StreamBytes / 4, Log: s.cfg.Log, Now: s.cfg.Now})
	if err == nil {
		s.journals[st.ID] = j
	}
	return j, err
}
