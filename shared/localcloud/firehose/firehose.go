// Package firehose is the local cloud's Data Firehose: delivery streams of type
// DirectPut that deliver to S3, or to Redshift by way of S3 and COPY.
//
// A record that was acknowledged is in the stream's journal, on disk, until the
// destination has it. Deliveries read the journal, buffer by size and interval, write
// objects, and only then move their position on; so after a crash a record may be
// delivered twice, and is never lost. AWS gives up after 24 hours without a reachable
// bucket; here the records wait in the journal.
//
// Firehose's own accesses (S3, Secrets Manager, logs, the keys in COPY) are made as the
// role that the stream declares, with the service principal firehose.amazonaws.com.
//
// AWS's quotas on throughput are not enforced: a stream takes what the disk takes.
// Records are not encrypted in the journal, whatever the stream declares.
package firehose

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/store"
)

// principal is the service that Firehose's roles trust.
const principal = "firehose.amazonaws.com"

// Roles decides what callers may do, and lends a role's keys to a service it trusts.
type Roles interface {
	Authorize(ctx context.Context, action, resource string, conditions map[string]string) error
	AssumeRole(ctx context.Context, service, roleARN string) (iam.Credentials, error)
}

// Objects is where objects go. PutObject must not return before the object is on disk.
type Objects interface {
	PutObject(ctx context.Context, bucket, key string, body []byte, contentType string) error
}

// Warehouse runs one SQL statement as a user of the cluster at host. An error of the
// warehouse itself is a *LoadError.
type Warehouse interface {
	Exec(ctx context.Context, host, database, user, password, sql string) error
}

// Network says whether a host can be reached from a block of addresses: that it is
// publicly accessible and that its security group admits them. The error says why not.
type Network interface {
	Reach(ctx context.Context, host string, port int, from netip.Prefix) error
}

// Secrets reads secrets.
type Secrets interface {
	SecretValue(ctx context.Context, secretARN string) (string, error)
}

// EventLog is CloudWatch Logs.
type EventLog interface {
	PutLogEvents(ctx context.Context, group, stream string, messages ...string) error
}

// Config is what a Service needs. Every collaborator is required; the rest has defaults.
type Config struct {
	StateDir string // journals and buffers
	Store    *store.Store
	Account  string // 12 digits
	Region   string

	IAM       Roles
	S3        Objects
	Warehouse Warehouse
	Network   Network
	Secrets   Secrets
	Events    EventLog

	Now             func() time.Time
	Log             *slog.Logger
	MaxJournalBytes int64         // per stream; beyond it records are refused; 0 is 4 GiB
	CopyRetry       time.Duration // between two tries of a COPY; 0 is AWS's 5 minutes
	S3Retry         time.Duration // before the second try of a PUT, doubled up to 5 minutes; 0 is 1 second
	SecretTime      time.Duration // for which a secret's value is kept; 0 is AWS's 10 minutes
	Grace           time.Duration // for which Close waits for a delivery under way; 0 is 10 seconds
}

func (c Config) withDefaults() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	if c.MaxJournalBytes == 0 {
		c.MaxJournalBytes = 4 << 30
	}
	for value, fallback := range map[*time.Duration]time.Duration{&c.CopyRetry: 5 * time.Minute,
		&c.S3Retry: time.Second, &c.SecretTime: 10 * time.Minute, &c.Grace: 10 * time.Second} {
		if *value == 0 {
			*value = fallback
		}
	}
	return c
}

// Service is Data Firehose in one account and region.
type Service struct {
	cfg      Config
	records  store.Collection[record]
	progress store.Collection[progress]

	changing sync.Mutex   // held by whoever creates, updates or deletes a stream
	mu       sync.RWMutex // guards streams
	streams  map[string]*stream
}

// New opens the streams that cfg.Store keeps, and goes on delivering.
func New(cfg Config) (*Service, error) {
	cfg = cfg.withDefaults()
	records, err := store.NewCollection[record](cfg.Store, "firehose-streams")
	if err != nil {
		return nil, err
	}
	positions, err := store.NewCollection[progress](cfg.Store, "firehose-progress")
	if err != nil {
		return nil, err
	}
	s := &Service{cfg: cfg, records: records, progress: positions, streams: map[string]*stream{}}
	kept, err := records.List()
	if err != nil {
		return nil, err
	}
	for _, item := range kept {
		st, err := s.open(item.Value)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.streams[item.Key] = st
	}
	return s, nil
}

// Close stops every delivery and keeps what is not delivered for the next start.
func (s *Service) Close() error {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.mu.Lock()
	streams := s.streams
	s.streams = map[string]*stream{}
	s.mu.Unlock()
	errs := make(chan error, len(streams))
	for _, st := range streams {
		go func() { errs <- st.close() }()
	}
	var failed error
	for range streams {
		failed = errors.Join(failed, <-errs)
	}
	return failed
}

func (s *Service) arn(name string) string {
	return fmt.Sprintf("arn:aws:firehose:%s:%s:deliverystream/%s", s.cfg.Region, s.cfg.Account, name)
}

// find authorises the action on the stream and returns it. AWS decides on permission
// before it looks whether the stream is there.
func (s *Service) find(ctx context.Context, action, name string) (*stream, error) {
	if err := s.cfg.IAM.Authorize(ctx, "firehose:"+action, s.arn(name), nil); err != nil {
		return nil, errDenied(err)
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	st, ok := s.streams[name]
	if !ok {
		return nil, errNotFound(name, s.cfg.Account)
	}
	return st, nil
}

// CreateDeliveryStream makes a stream that accepts records when it returns.
func (s *Service) CreateDeliveryStream(ctx context.Context, spec Spec) (Info, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	name := spec.DeliveryStreamName
	if _, err := s.find(ctx, "CreateDeliveryStream", name); err == nil {
		return Info{}, errInUse(name, s.cfg.Account)
	} else if codeOf(err) != "ResourceNotFoundException" {
		return Info{}, err
	}
	if err := s.check(ctx, spec); err != nil {
		return Info{}, err
	}
	now := s.cfg.Now()
	rec := record{ID: uuid.NewString(), Info: Info{Spec: spec.withDefaults(), ARN: s.arn(name), Version: 1, Created: now, Updated: now}}
	if err := s.put(rec); err != nil { // a stream that cannot be opened must not be there at the next start
		return Info{}, errors.Join(err, s.records.Delete(name))
	}
	return rec.Info, nil
}

// put stores a stream and opens it.
func (s *Service) put(rec record) error {
	if err := s.records.Put(rec.DeliveryStreamName, rec); err != nil {
		return err
	}
	st, err := s.open(rec)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[rec.DeliveryStreamName] = st
	return nil
}

// check refuses a declaration that AWS would, and roles that Firehose cannot assume.
func (s *Service) check(ctx context.Context, spec Spec) error {
	if err := Check(spec); err != nil {
		return err
	}
	if spec.Redshift != nil {
		if _, ok := regionBlocks[s.cfg.Region]; !ok {
			return errInvalid("the addresses from which Firehose reaches a cluster in region %s are not known", s.cfg.Region)
		}
	}
	for _, role := range spec.roles() {
		if _, err := s.cfg.IAM.AssumeRole(ctx, principal, role); err != nil {
			return errRole(role)
		}
	}
	return nil
}

// roles are the roles that the stream acts as, each once.
func (s Spec) roles() []string {
	roles := []string{s.intermediate().RoleARN}
	if s.Redshift != nil {
		roles = append(roles, s.Redshift.RoleARN, s.Redshift.secretRole())
	}
	if b := s.backup(); b != nil {
		roles = append(roles, b.RoleARN)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// DescribeDeliveryStream returns the stream as it is, without its password.
func (s *Service) DescribeDeliveryStream(ctx context.Context, name string) (Info, error) {
	st, err := s.find(ctx, "DescribeDeliveryStream", name)
	if err != nil {
		return Info{}, err
	}
	return st.rec.Info, nil
}

// ListDeliveryStreams returns the names in order.
func (s *Service) ListDeliveryStreams(ctx context.Context) ([]string, error) {
	if err := s.cfg.IAM.Authorize(ctx, "firehose:ListDeliveryStreams", "*", nil); err != nil {
		return nil, errDenied(err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]string, 0, len(s.streams))
	for name := range s.streams {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// UpdateDestination gives the stream a new declaration of the same destination. What is
// buffered is delivered by the new one.
func (s *Service) UpdateDestination(ctx context.Context, spec Spec) (Info, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	st, err := s.find(ctx, "UpdateDestination", spec.DeliveryStreamName)
	if err != nil {
		return Info{}, err
	}
	if err := first(s.check(ctx, spec), checkUpdate(st.rec.Spec, spec.withDefaults())); err != nil {
		return Info{}, err
	}
	rec := st.rec
	rec.Spec, rec.Updated = spec.withDefaults(), s.cfg.Now()
	if !reflect.DeepEqual([]any{st.rec.ExtendedS3, st.rec.Redshift}, []any{rec.ExtendedS3, rec.Redshift}) {
		rec.Version++ // tags and encryption make no version
	}
	if err := st.close(); err != nil {
		return Info{}, err
	}
	if err := s.put(rec); err != nil {
		return Info{}, errors.Join(err, s.put(st.rec))
	}
	return rec.Info, nil
}

// checkUpdate refuses what a stream cannot change any more.
func checkUpdate(old, spec Spec) error {
	switch {
	case (old.Redshift == nil) != (spec.Redshift == nil):
		return errInvalid("Changing the destination type is not supported by the local cloud: make a new stream")
	case old.backup() != nil && spec.backup() == nil:
		return errInvalid("S3BackupMode cannot be disabled once it is enabled.")
	case old.ExtendedS3 != nil && old.ExtendedS3.partitioned() != spec.ExtendedS3.partitioned():
		return errInvalid("Dynamic Partitioning can only be enabled when the stream is created, and not be disabled.")
	}
	return nil
}

// DeleteDeliveryStream delivers what is buffered, once and without retries, and removes
// the stream. What AWS does with a deleted stream's buffer is not documented.
func (s *Service) DeleteDeliveryStream(ctx context.Context, name string) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	st, err := s.find(ctx, "DeleteDeliveryStream", name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.streams, name)
	s.mu.Unlock()
	return errors.Join(st.remove(), s.records.Delete(name), s.progress.Delete(st.rec.ID))
}
