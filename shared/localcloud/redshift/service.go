package redshift

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/redshift/engine"
	"pipeline/shared/localcloud/s3"
	"pipeline/shared/localcloud/secrets"
	"pipeline/shared/localcloud/store"
)

// Authorizer decides whether the caller in ctx may act on a resource, and whether a VPC
// endpoint's policy lets the act pass.
type Authorizer interface {
	Authorize(ctx context.Context, action, resource string, conditions map[string]string) error
	Passes(ctx context.Context, action, resource, policy string) error
}

// Objects is the S3 that COPY reads, on behalf of the caller in ctx.
type Objects interface {
	ListObjects(ctx context.Context, bucket, prefix string) ([]s3.Object, error)
	GetObject(ctx context.Context, bucket, key string) (io.ReadCloser, error)
}

// Callers finds out whom temporary keys stand for.
type Callers interface {
	Caller(accessKeyID, sessionToken string) (iam.Caller, bool)
}

// Secrets keeps the password that a cluster makes for its admin, and gives the Data API
// the one that a request names.
type Secrets interface {
	CreateSecret(ctx context.Context, in secrets.Secret) (secrets.Secret, error)
	DescribeSecret(ctx context.Context, id string) (secrets.Secret, error)
	PutSecretValue(ctx context.Context, arn, value string) (versionID string, err error)
	SecretValue(ctx context.Context, arn string) (string, error)
	DeleteSecret(ctx context.Context, arn string, recoveryWindowDays int) error
}

// Config is what a Service needs.
type Config struct {
	Store   *store.Store
	Dir     string // folder for databases, results and the certificate
	Account string // 12 digits
	Region  string
	Port    int // that endpoints name
	Now     func() time.Time

	IAM     Authorizer
	Callers Callers
	Objects Objects
	Secrets Secrets
	Network Network
}

// Service is Redshift in one account and region.
type Service struct {
	cfg         Config
	certificate tls.Certificate

	clusters   store.Collection[Cluster]
	subnets    store.Collection[SubnetGroup]
	parameters store.Collection[ParameterGroup]
	statements store.Collection[statement]
	namespaces store.Collection[Namespace]
	workgroups store.Collection[Workgroup]

	mu    sync.Mutex // held while a cluster, group or database is changed or opened
	open  map[string]*engine.Database
	tasks sync.WaitGroup // statements of the Data API that run

	running sync.Map  // *task by statement id
	tokens  sync.Map  // statement id by ClientToken
	swept   time.Time // when statements were last forgotten; under mu
	paused  atomic.Bool
	awake   context.Context // ends when a pause begins; under mu
	sleep   context.CancelCauseFunc
	front   *front // the PostgreSQL port; nil before Serve
	stop    context.CancelFunc
	ctx     context.Context // ends with the service
}

// New opens the clusters that cfg.Store and cfg.Dir keep.
func New(cfg Config) (*Service, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	for _, dir := range []string{cfg.Dir, filepath.Join(cfg.Dir, results)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("open redshift: %w", err)
		}
	}
	s := &Service{cfg: cfg, open: map[string]*engine.Database{}}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.awake, s.sleep = context.WithCancelCause(context.Background())
	var err error
	if s.certificate, err = loadCertificate(cfg.Dir, cfg.Region, cfg.Now); err != nil {
		return nil, err
	}
	if err := s.openCollections(); err != nil {
		return nil, err
	}
	return s, errors.Join(s.sweepDatabases(), s.recoverStatements())
}

func (s *Service) openCollections() (err error) {
	if s.clusters, err = store.NewCollection[Cluster](s.cfg.Store, "redshift/clusters"); err != nil {
		return err
	}
	if s.subnets, err = store.NewCollection[SubnetGroup](s.cfg.Store, "redshift/subnets"); err != nil {
		return err
	}
	if s.parameters, err = store.NewCollection[ParameterGroup](s.cfg.Store, "redshift/parameters"); err != nil {
		return err
	}
	if s.namespaces, err = store.NewCollection[Namespace](s.cfg.Store, "redshift/namespaces"); err != nil {
		return err
	}
	if s.workgroups, err = store.NewCollection[Workgroup](s.cfg.Store, "redshift/workgroups"); err != nil {
		return err
	}
	s.statements, err = store.NewSealedCollection[statement](s.cfg.Store, "redshift/runs")
	s.statements = s.statements.Apart() // what has run has run
	return err
}

// Close ends every connection and statement and closes the databases.
func (s *Service) Close() error {
	s.stop()
	s.mu.Lock()
	front := s.front
	s.mu.Unlock()
	if front != nil {
		front.close()
	}
	s.tasks.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	var failures []error
	for id, d := range s.open {
		failures = append(failures, d.Close())
		delete(s.open, id)
	}
	return errors.Join(failures...)
}

// Pause makes every connection and statement fail until Resume, for drills: those that are
// open, or run, end.
func (s *Service) Pause() {
	s.paused.Store(true)
	s.mu.Lock()
	s.sleep(errPaused)
	front := s.front
	s.mu.Unlock()
	if front != nil {
		front.dropAll()
	}
}

// Resume ends Pause.
func (s *Service) Resume() {
	s.mu.Lock()
	s.awake, s.sleep = context.WithCancelCause(context.Background())
	s.mu.Unlock()
	s.paused.Store(false)
}

// untilPause is ctx that ends with errPaused when a pause begins.
func (s *Service) untilPause(ctx context.Context) (context.Context, context.CancelFunc) {
	s.mu.Lock()
	awake := s.awake
	s.mu.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	stop := context.AfterFunc(awake, func() { cancel(errPaused) })
	return ctx, func() { stop(); cancel(nil) }
}

// Paused says whether Pause is in force.
func (s *Service) Paused() bool { return s.paused.Load() }

// unavailable is what clients see of a pause.
func (s *Service) unavailable() error {
	if s.paused.Load() {
		return errPaused
	}
	return nil
}

var errPaused = &Error{Code: "08001", Message: "connection refused: the warehouse is paused"}

// ofPause is err, or the pause that has caused it.
func ofPause(ctx context.Context, err error) error {
	if err != nil && errors.Is(context.Cause(ctx), errPaused) {
		return errPaused
	}
	return err
}

// database opens a cluster's database, once. The caller holds no lock.
func (s *Service) database(c Cluster) (*engine.Database, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.databaseLocked(c)
}

func (s *Service) databaseLocked(c Cluster) (*engine.Database, error) {
	if d, ok := s.open[c.Identifier]; ok {
		if !d.Broken() {
			return d, nil
		}
		delete(s.open, c.Identifier)
		_ = d.Close() // it is broken: what was committed is in the file
	}
	reader := &copySource{service: s, cluster: c.Identifier}
	d, err := engine.Open(s.databasePath(c), engine.Options{
		Name: c.DatabaseName, Now: s.cfg.Now, Files: reader, Sources: reader,
	})
	if err != nil {
		return nil, err
	}
	s.open[c.Identifier] = d
	return d, nil
}

// databasePath is a folder for each cluster: SQL can reach nothing outside of it.
func (s *Service) databasePath(c Cluster) string {
	return filepath.Join(s.cfg.Dir, c.Identifier, c.DatabaseName+".duckdb")
}

// Exec signs a user in, runs SQL and signs him out. Host and database are those of a
// JDBC URL. Errors are *Error.
func (s *Service) Exec(ctx context.Context, host, database, user, password, sql string) error {
	ctx, cancel := s.untilPause(ctx)
	defer cancel()
	if err := s.unavailable(); err != nil {
		return err
	}
	c, err := s.clusterAt(host, database)
	if err != nil {
		return err
	}
	d, err := s.database(c)
	if err != nil {
		return &Error{Code: "08006", Message: err.Error()}
	}
	who, err := d.SignIn(ctx, user, password)
	if err != nil {
		return err
	}
	session, err := d.NewSession(ctx, who)
	if err != nil {
		return err
	}
	defer session.Close()
	_, err = session.Exec(ctx, sql, engine.Discard)
	return ofPause(ctx, err)
}
