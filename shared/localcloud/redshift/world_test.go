package redshift

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/s3"
	"pipeline/shared/localcloud/secrets"
	"pipeline/shared/localcloud/store"
)

// world is a service with everything around it made up.
type world struct {
	*Service
	secrets fakeSecrets
	objects fakeObjects
	callers fakeCallers
	iam     fakeIAM
	network fakeNetwork
	port    int
	cfg     Config
}

type fakeSecrets map[string]string

func (f fakeSecrets) CreateSecret(_ context.Context, in secrets.Secret) (secrets.Secret, error) {
	in.ARN = "arn:aws:secretsmanager:eu-central-1:000000000000:secret:" + in.Name
	if _, exists := f[in.ARN]; exists {
		return in, errors.New("ResourceExistsException")
	}
	f[in.ARN] = ""
	return in, nil
}

func (f fakeSecrets) DescribeSecret(_ context.Context, name string) (secrets.Secret, error) {
	arn := "arn:aws:secretsmanager:eu-central-1:000000000000:secret:" + name
	if _, exists := f[arn]; !exists {
		return secrets.Secret{}, errors.New("ResourceNotFoundException")
	}
	return secrets.Secret{ARN: arn, Name: name, OwningService: "redshift"}, nil
}

func (f fakeSecrets) PutSecretValue(_ context.Context, arn, value string) (string, error) {
	f[arn] = value
	return "v1", nil
}

func (f fakeSecrets) SecretValue(_ context.Context, arn string) (string, error) {
	value, ok := f[arn]
	if !ok {
		return "", errors.New("ResourceNotFoundException")
	}
	return value, nil
}

func (f fakeSecrets) DeleteSecret(_ context.Context, arn string, _ int) error {
	delete(f, arn)
	return nil
}

// fakeObjects are objects by bucket/key; who may read is asked of the caller's role.
type fakeObjects map[string]string

func (f fakeObjects) ListObjects(ctx context.Context, bucket, prefix string) ([]s3.Object, error) {
	if c, _ := iam.CallerFrom(ctx); c.Role == "arn:aws:iam::000000000000:role/blind" {
		return nil, &iam.Denied{Action: "s3:ListBucket", Resource: "arn:aws:s3:::" + bucket, Role: c.Role}
	}
	var all []s3.Object
	for path := range f {
		if key, ok := strings.CutPrefix(path, bucket+"/"); ok && strings.HasPrefix(key, prefix) {
			all = append(all, s3.Object{Key: key})
		}
	}
	return all, nil
}

func (f fakeObjects) GetObject(_ context.Context, bucket, key string) (io.ReadCloser, error) {
	return io.NopCloser(strings.NewReader(f[bucket+"/"+key])), nil
}

// fakeCallers are the roles that temporary keys stand for.
type fakeCallers map[string]iam.Caller

func (f fakeCallers) Caller(key, _ string) (iam.Caller, bool) {
	c, ok := f[key]
	return c, ok
}

// fakeIAM denies the actions that it holds to callers that are roles.
type fakeIAM map[string]bool

func (f fakeIAM) Authorize(ctx context.Context, action, resource string, _ map[string]string) error {
	if c, isRole := iam.CallerFrom(ctx); isRole && f[action] {
		return &iam.Denied{Action: action, Resource: resource, Role: c.Role}
	}
	return nil
}

// Passes lets a policy that names the resource pass.
func (f fakeIAM) Passes(ctx context.Context, action, resource, policy string) error {
	if c, _ := iam.CallerFrom(ctx); !strings.Contains(policy, resource) {
		return &iam.Denied{Action: action, Resource: resource, Role: c.Role}
	}
	return nil
}

// fakeNetwork is the policy of the way from each subnet to S3.
type fakeNetwork map[string]string

func (f fakeNetwork) ToS3(subnet string, _ []string, _ bool) (string, bool, error) {
	policy, ok := f[subnet]
	return policy, ok, nil
}

func newWorld(t testing.TB) *world {
	t.Helper()
	dir := t.TempDir()
	st, err := store.Open(filepath.Join(dir, "store.db"))
	if err != nil {
		t.Fatalf("store: %v", err)
	}
	t.Cleanup(func() { _ = st.Close() })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	w := &world{secrets: fakeSecrets{}, objects: fakeObjects{}, callers: fakeCallers{}, iam: fakeIAM{}, network: fakeNetwork{}, port: l.Addr().(*net.TCPAddr).Port}
	w.cfg = Config{Store: st, Dir: filepath.Join(dir, "redshift"), Account: "000000000000", Region: "eu-central-1", Port: w.port,
		Now: time.Now, IAM: w.iam, Callers: w.callers, Objects: w.objects, Secrets: w.secrets, Network: w.network}
	w.start(t, l)
	return w
}

func (w *world) start(t testing.TB, l net.Listener) {
	t.Helper()
	service, err := New(w.cfg)
	if err != nil {
		t.Fatalf("new: %v", err)
	}
	w.Service = service
	served := make(chan error, 1)
	go func() { served <- service.Serve(l) }()
	t.Cleanup(func() {
		if err := service.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

const adminPassword = "Admin1234"

// anEvents is the cluster that tests use.
func eventsCluster() Cluster {
	return Cluster{Identifier: "events", DatabaseName: "events", MasterUsername: "admin", NodeType: "ra3.large", Encrypted: true}
}

func (w *world) cluster(t testing.TB, c Cluster) Cluster {
	t.Helper()
	password := adminPassword
	if c.ManagePassword {
		password = ""
	}
	c, err := w.CreateCluster(t.Context(), c, password)
	if err != nil {
		t.Fatalf("create cluster: %v", err)
	}
	return c
}

// dial connects as psql and pgx do.
func (w *world) dial(ctx context.Context, user, password, database, sslmode string) (*pgx.Conn, error) {
	return pgx.Connect(ctx, fmt.Sprintf("postgres://%s:%s@127.0.0.1:%d/%s?sslmode=%s", user, password, w.port, database, sslmode))
}

func (w *world) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := w.dial(t.Context(), "admin", adminPassword, "events", "require")
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) })
	return conn
}
