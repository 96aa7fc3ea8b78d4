package s3

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/smithy-go"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/store"
)

const (
	account  = "000000000000"
	region   = "eu-central-1"
	firehose = "firehose.amazonaws.com"
)

// world is a Service with its IAM, its clock and its HTTP server.
type world struct {
	*Service
	iam *iam.Service
	st  *store.Store
	dir string
	now time.Time
	url string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), now: time.Now()}
	w.open(t)
	t.Cleanup(func() { w.close(t) })
	server := httptest.NewServer(w.Handler())
	t.Cleanup(server.Close)
	w.url = server.URL
	return w
}

func (w *world) open(t testing.TB) {
	t.Helper()
	clock := func() time.Time { return w.now }
	st, err := store.Open(filepath.Join(w.dir, "state.db"))
	must(t, err)
	w.st = st
	w.iam, err = iam.New(st, account, region, clock)
	must(t, err)
	w.Service, err = New(filepath.Join(w.dir, "s3"), st, w.iam, account, region, clock)
	must(t, err)
}

func (w *world) close(t testing.TB) {
	t.Helper()
	must(t, errors.Join(w.Service.Close(), w.st.Close()))
}

func (w *world) restart(t testing.TB) {
	t.Helper()
	w.close(t)
	w.open(t)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// bucket makes the bucket "staging" with objects.
func (w *world) staging(t testing.TB, keys ...string) {
	t.Helper()
	_, err := w.CreateBucket("staging", nil)
	must(t, err)
	for _, key := range keys {
		must(t, w.PutObject(context.Background(), "staging", key, []byte("bytes of "+key), "text/plain"))
	}
}

// role makes a role that Firehose takes on, with one policy, and returns its context.
func (w *world) role(t testing.TB, action, resource string) context.Context {
	t.Helper()
	r, err := w.iam.CreateRole(iam.Role{Name: "delivery", TrustPolicy: `{"Version":"2012-10-17","Statement":
		{"Effect":"Allow","Principal":{"Service":"firehose.amazonaws.com"},"Action":"sts:AssumeRole"}}`})
	must(t, err)
	must(t, w.iam.PutRolePolicy("delivery", "p", fmt.Sprintf(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":%q,"Resource":%q}]}`, action, resource)))
	return iam.WithCaller(context.Background(), iam.Caller{Service: firehose, Role: r.ARN})
}

// client is the AWS SDK with some keys; none make it anonymous.
func (w *world) client(keys iam.Credentials) *sdk.Client {
	return sdk.New(sdk.Options{
		BaseEndpoint: &w.url, Region: region, UsePathStyle: true, RetryMaxAttempts: 1,
		Credentials: credentials(keys),
	})
}

func credentials(keys iam.Credentials) aws.CredentialsProvider {
	if keys.AccessKeyID == "" {
		return aws.AnonymousCredentials{}
	}
	return aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: keys.AccessKeyID, SecretAccessKey: keys.SecretAccessKey, SessionToken: keys.SessionToken}, nil
	})
}

func (w *world) admin() *sdk.Client {
	return w.client(iam.Credentials{AccessKeyID: "test", SecretAccessKey: "test"})
}

// code is the error code of S3 or of the SDK, "" for none.
func code(err error) string {
	var e *Error
	var api smithy.APIError
	switch {
	case errors.As(err, &e):
		return e.Code
	case errors.As(err, &api):
		return api.ErrorCode()
	case err != nil:
		return err.Error()
	}
	return ""
}

func text(t testing.TB, r io.ReadCloser, err error) string {
	t.Helper()
	must(t, err)
	defer r.Close()
	data, err := io.ReadAll(r)
	must(t, err)
	return string(data)
}

func keysOf(objects []Object) string {
	var keys []string
	for _, o := range objects {
		keys = append(keys, o.Key)
	}
	return strings.Join(keys, " ")
}
