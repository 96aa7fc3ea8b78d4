// Package firehose is the local cloud's Data Firehose: delivery streams of type
// DirectPut that deliver to S3, or to Redshift by way of S3 and COPY.
//
// A record that was acknowledged is in the stream's journal, on disk, until the
// destination has it. Deliveries read the journal, buffer by size and interval, write
// objects, and only then move their position on; so after a crash a record may be
// delivered twice, which the next start tells, and is never lost. AWS gives up after 24
// hours without a reachable bucket; here the records wait in the journal. They go with a
// stream that is deleted: what its bucket does not take then is lost, and told.
//
// Firehose's own accesses (S3, Secrets Manager, logs, the keys in COPY) are made as the
// role that the stream declares, with the service principal firehose.amazonaws.com.
//
// What does not reach a partition's prefix is tried again without end, as with any other:
// the retry duration of dynamic partitioning is accepted, and changes nothing.
//
// A partitioning query is run by gojq. What it uses that JQ 1.6 does not have is refused by
// name; gojq reads .a.[0], which JQ 1.6 does not.
//
// A record that holds more than 500 is not taken apart and fails as a whole: AWS says that
// 500 is the most, and not what becomes of the rest.
//
// AWS's quotas on throughput are not enforced: a stream takes what the disk takes.
// Records are not encrypted in the journal, whatever the stream declares.
package firehose

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"sync"
	"time"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/journal"
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

// Metrics takes the values of streams' metrics, by AWS's names.
type Metrics interface {
	PutStreamMetric(stream, metric string, value float64)
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
	Metrics   Metrics

	Now             func() time.Time
	Log             *slog.Logger
	MaxJournalBytes int64 // per stream; beyond it records are refused; 0 is 4 GiB
}

const (
	copyRetry  = 5 * time.Minute  // between two tries of a COPY, as AWS's
	s3Retry    = time.Second      // before the second try of a PUT, doubled up to longestRetry
	secretTime = 10 * time.Minute // for which a secret's value is kept, as AWS keeps it
	grace      = 10 * time.Second // for which Close waits for a delivery under way
)

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

	closed   chan struct{}
	observed sync.WaitGroup
}

// New opens the streams that cfg.Store keeps, and goes on delivering.
func New(cfg Config) (*Service, error) {
	cfg = cfg.withDefaults()
	records, err := sealed(cfg.Store)
	if err != nil {
		return nil, err
	}
	positions, err := store.NewCollection[progress](cfg.Store, "firehose-progress")
	if err != nil {
		return nil, err
	}
	s := &Service{cfg: cfg, records: records, progress: positions.Apart(), streams: map[string]*stream{}, closed: make(chan struct{})}
	kept, err := records.List()
	if err != nil {
		return nil, err
	}
	if err := s.sweep(kept); err != nil {
		return nil, err
	}
	for _, item := range kept {
		st, err := s.open(item.Value)
		if err != nil {
			return nil, errors.Join(err, s.Close())
		}
		s.streams[item.Key] = st
		st.kept.Store(true)
	}
	s.observed.Go(s.observe)
	return s, nil
}

// sealed opens the declarations, which hold passwords. Those that a build before it kept in
// clear are moved; the file gives up their bytes when it writes there again.
func sealed(kept *store.Store) (store.Collection[record], error) {
	records, err := store.NewSealedCollection[record](kept, "firehose-declarations")
	if err != nil {
		return records, err
	}
	plain, err := store.NewCollection[record](kept, "firehose-streams")
	if err != nil {
		return records, err
	}
	old, err := plain.List()
	for _, item := range old {
		if err := records.Put(item.Key, item.Value); err != nil {
			return records, err
		}
		if err := plain.Delete(item.Key); err != nil {
			return records, err
		}
	}
	return records, err
}

// sweep deletes what is left of streams that are not there: of a creation that was undone,
// of a deletion that was interrupted, or of the state that another store.db kept.
func (s *Service) sweep(kept []store.Item[record]) error {
	there := map[string]bool{}
	for _, item := range kept {
		there[item.Value.ID] = true
	}
	folders, err := os.ReadDir(s.cfg.StateDir)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	for _, folder := range folders {
		if !there[folder.Name()] {
			err = errors.Join(err, s.sweepFolder(filepath.Join(s.cfg.StateDir, folder.Name())))
		}
	}
	return errors.Join(err, s.sweepProgress(there))
}

func (s *Service) sweepFolder(path string) error {
	if records := journal.SizeIn(filepath.Join(path, "journal")); records > 0 {
		s.cfg.Log.Warn("the journal of a delivery stream that is not there is deleted", "folder", path, "bytes", records)
	}
	return os.RemoveAll(path)
}

func (s *Service) sweepProgress(there map[string]bool) error {
	all, err := s.progress.List()
	for _, item := range all {
		if !there[item.Key] {
			err = errors.Join(err, s.progress.Delete(item.Key))
		}
	}
	return err
}

// Close stops every delivery and keeps what is not delivered for the next start.
func (s *Service) Close() error {
	s.changing.Lock()
	defer s.changing.Unlock()
	s.mu.Lock()
	streams := s.streams
	s.streams = map[string]*stream{}
	s.mu.Unlock()
	close(s.closed)
	s.observed.Wait()
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
	return "arn:" + iam.Partition(s.cfg.Region) + ":firehose:" + s.cfg.Region + ":" + s.cfg.Account + ":deliverystream/" + name
}

// find authorises the action on the stream and returns it. AWS decides on permission
// before it looks whether the stream is there.
func (s *Service) find(ctx context.Context, action, name string) (*stream, error) {
	if err := s.cfg.IAM.Authorize(ctx, "firehose:"+action, s.arn(name), nil); err != nil {
		return nil, errDenied(err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	if st, ok := s.streams[name]; ok {
		return st, nil
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	return nil, errNotFound(name, s.cfg.Account)
}
