package firehose

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/store"
)

const (
	account  = "000000000000"
	role     = "arn:aws:iam::000000000000:role/delivery"
	bucket   = "arn:aws:s3:::staging"
	jdbcURL  = "jdbc:redshift://events.abc.eu-central-1.redshift.amazonaws.com:5439/events"
	loader   = `{"username":"firehose","password":"Secret-123"}`
	secret   = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:loader-AbCdEf"
	logGroup = "/aws/kinesisfirehose/events"
)

// cloud stands in for every plane that Firehose meets. The function fields decide what
// fails; nil allows.
type cloud struct {
	mu      sync.Mutex
	objects map[string][]byte
	sql     []string
	events  []string
	secrets int // times the secret was read
	callers map[string]iam.Caller
	metrics map[string][]float64
	log     []byte

	authorize func(action, resource string) error
	assume    func(role string) error
	putObject func(key string) error
	exec      func(sql string) error
	reach     func() error
	hang      atomic.Int32 // how many statements end with their context only
}

func newCloud() *cloud {
	return &cloud{objects: map[string][]byte{}, callers: map[string]iam.Caller{}, metrics: map[string][]float64{}}
}

func (c *cloud) met(ctx context.Context, action string) {
	caller, _ := iam.CallerFrom(ctx)
	c.callers[action] = caller
}

func (c *cloud) Authorize(_ context.Context, action, resource string, _ map[string]string) error {
	if c.authorize != nil {
		return c.authorize(action, resource)
	}
	return nil
}

func (c *cloud) AssumeRole(_ context.Context, service, role string) (iam.Credentials, error) {
	if service != principal {
		return iam.Credentials{}, fmt.Errorf("assumed by %s", service)
	}
	if c.assume != nil {
		if err := c.assume(role); err != nil {
			return iam.Credentials{}, err
		}
	}
	return iam.Credentials{AccessKeyID: "ASIAKEY", SecretAccessKey: "secretkey", SessionToken: "token"}, nil
}

func (c *cloud) PutObject(ctx context.Context, bucket, key string, body []byte, _ string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.met(ctx, "s3:PutObject")
	if c.putObject != nil {
		if err := c.putObject(key); err != nil {
			return err
		}
	}
	c.objects[bucket+"/"+key] = bytes.Clone(body)
	return nil
}

func (c *cloud) Exec(ctx context.Context, host, database, user, password, sql string) error {
	if c.hang.Add(-1) >= 0 {
		<-ctx.Done()
		return ctx.Err()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.sql = append(c.sql, fmt.Sprintf("%s/%s as %s:%s: %s", host, database, user, password, sql))
	if c.exec != nil {
		return c.exec(sql)
	}
	return nil
}

func (c *cloud) Reach(_ context.Context, host string, port int, from netip.Prefix) error {
	if from.String() != "35.158.127.160/27" || port != 5439 {
		return fmt.Errorf("asked for %s:%d from %s", host, port, from)
	}
	if c.reach != nil {
		return c.reach()
	}
	return nil
}

func (c *cloud) SecretValue(ctx context.Context, arn string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.met(ctx, "secretsmanager:GetSecretValue")
	c.secrets++
	return loader, nil
}

func (c *cloud) PutLogEvents(ctx context.Context, group, stream string, messages ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.met(ctx, "logs:PutLogEvents")
	for _, m := range messages {
		c.events = append(c.events, group+" "+stream+" "+m)
	}
	return nil
}

// Write keeps what the operator is told.
func (c *cloud) Write(line []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.log = append(c.log, line...)
	return len(line), nil
}

func (c *cloud) PutStreamMetric(_, metric string, value float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.metrics[metric] = append(c.metrics[metric], value)
}

// published are the values of a metric so far.
func (c *cloud) published(metric string) []float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.metrics[metric])
}

// keys returns the keys in the bucket that begin with prefix, in order.
func (c *cloud) keys(prefix string) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var keys []string
	for k := range c.objects {
		if key := strings.TrimPrefix(k, "staging/"); strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

func (c *cloud) object(t *testing.T, key string) string {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	body, ok := c.objects["staging/"+key]
	if !ok {
		t.Fatalf("there is no object %q", key)
	}
	if strings.HasSuffix(key, ".gz") {
		r, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatalf("object %s is not GZIP: %v", key, err)
		}
		if body, err = io.ReadAll(r); err != nil {
			t.Fatalf("object %s is not GZIP: %v", key, err)
		}
	}
	return string(body)
}

func (c *cloud) statements() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sql)
}

// service opens a Service over the state in dir, closed at the end of the test or by the
// function it returns.
func (c *cloud) service(t testing.TB, dir string, change func(*Config)) (*Service, func()) {
	t.Helper()
	st, err := store.Open(filepath.Join(dir, "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{StateDir: filepath.Join(dir, "firehose"), Store: st, Account: account, Region: "eu-central-1",
		IAM: c, S3: c, Warehouse: c, Network: c, Secrets: c, Events: c, Metrics: c, Log: slog.New(slog.NewTextHandler(c, nil))}
	if change != nil {
		change(&cfg)
	}
	s, err := New(cfg)
	if err != nil {
		t.Fatalf("open the service: %v", err)
	}
	closeAll := sync.OnceFunc(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close the service: %v", err)
		}
		st.Close()
	})
	t.Cleanup(closeAll)
	return s, closeAll
}

func ptr(v int) *int { return &v }

func hints(mebibytes, seconds int) BufferingHints {
	return BufferingHints{SizeInMBs: ptr(mebibytes), IntervalInSeconds: ptr(seconds)}
}

func toS3(change func(*ExtendedS3)) Spec {
	e := ExtendedS3{S3: S3{RoleARN: role, BucketARN: bucket, BufferingHints: hints(1, 60),
		CloudWatchLoggingOptions: LoggingOptions{true, logGroup, "S3Delivery"}}}
	if change != nil {
		change(&e)
	}
	return Spec{DeliveryStreamName: "events", ExtendedS3: &e}
}

func toRedshift(change func(*Redshift)) Spec {
	r := Redshift{RoleARN: role, ClusterJDBCURL: jdbcURL,
		CopyCommand:                 CopyCommand{"analytics.events", "game_name,event_data", "FORMAT JSON 'auto ignorecase' GZIP"},
		SecretsManagerConfiguration: &SecretsManager{Enabled: true, SecretARN: secret},
		RetryOptions:                RetryOptions{ptr(900)},
		S3Configuration: S3{RoleARN: role, BucketARN: bucket, BufferingHints: hints(5, 60), CompressionFormat: "GZIP",
			CloudWatchLoggingOptions: LoggingOptions{true, logGroup, "S3Delivery"}},
		CloudWatchLoggingOptions: LoggingOptions{true, logGroup, "RedshiftDelivery"}}
	if change != nil {
		change(&r)
	}
	return Spec{DeliveryStreamName: "events", Redshift: &r}
}

func create(t testing.TB, s *Service, spec Spec) {
	t.Helper()
	if _, err := s.CreateDeliveryStream(t.Context(), spec); err != nil {
		t.Fatalf("create the stream: %v", err)
	}
}

func put(t *testing.T, s *Service, records ...string) {
	t.Helper()
	for _, r := range records {
		if _, _, err := s.PutRecord(t.Context(), "events", []byte(r)); err != nil {
			t.Fatalf("put %q: %v", r, err)
		}
	}
}

// underClock runs a test of a service whose clock is ahead of the bubble's, by as much as the
// test says.
func underClock(t *testing.T, test func(t *testing.T, c *cloud, s *Service, ahead *atomic.Int64)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		c := newCloud()
		s, closeAll := c.service(t, t.TempDir(), func(cfg *Config) {
			cfg.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		})
		defer closeAll()
		test(t, c, s, &ahead)
	})
}

// eventually waits for what another goroutine does in real time.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !is() {
		if time.Now().After(deadline) {
			t.Fatalf("after 20 seconds it is not so that %s", what)
		}
		time.Sleep(time.Millisecond)
	}
}
