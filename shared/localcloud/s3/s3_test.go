package s3

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"

	"pipeline/shared/localcloud/iam"
)

func TestAnObjectSurvivesARestart(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a", "a/b", "a//c", "ü")
	w.restart(t)
	ctx := context.Background()
	for _, key := range []string{"a", "a/b", "a//c", "ü"} {
		r, err := w.GetObject(ctx, "staging", key)
		if got := text(t, r, err); got != "bytes of "+key {
			t.Errorf("object %q reads %q", key, got)
		}
	}
	all, err := w.ListObjects(ctx, "staging", "a/")
	must(t, err)
	if got := keysOf(all); got != "a//c a/b" {
		t.Errorf("below a/ there are %s", got)
	}
}

func TestWhatWasHalfWrittenIsGoneAfterARestart(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	broken := errors.New("the disk is full")
	_, err := w.put("staging", "b", map[string]string{}, failing{broken}, 10, nil)
	if !errors.Is(err, broken) {
		t.Errorf("a write that fails is answered %v", err)
	}
	if _, err := w.put("staging", "b", map[string]string{}, strings.NewReader("short"), 10, nil); code(err) != "IncompleteBody" {
		t.Errorf("fewer bytes than announced are answered %v", err)
	}
	orphan := filepath.Join(w.dir, "s3", "data", "XX", "XXORPHAN")
	must(t, os.MkdirAll(filepath.Dir(orphan), 0o700))
	must(t, os.WriteFile(orphan, []byte("of an object that no index names"), 0o600))
	w.restart(t)
	if _, err := os.Stat(orphan); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the orphan is still there: %v", err)
	}
	all, err := w.ListObjects(context.Background(), "staging", "")
	must(t, err)
	if keysOf(all) != "a" {
		t.Errorf("the bucket holds %s, want a", keysOf(all))
	}
	r, err := w.GetObject(context.Background(), "staging", "a")
	if got := text(t, r, err); got != "bytes of a" {
		t.Errorf("the sweep took what is named: %q", got)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

func TestAReaderKeepsTheObjectThatItOpened(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	r, err := w.GetObject(context.Background(), "staging", "a")
	must(t, err)
	must(t, w.PutObject(context.Background(), "staging", "a", []byte("another"), ""))
	if got := text(t, r, nil); got != "bytes of a" {
		t.Errorf("an open object reads %q after it was replaced", got)
	}
	files, err := filepath.Glob(filepath.Join(w.dir, "s3", "data", "*", "*"))
	must(t, err)
	if len(files) != 1 {
		t.Errorf("a replaced object leaves its file: %v", files)
	}
}

func TestAPlaneMayDoWhatItsRoleMay(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	ctx := w.role(t, "s3:PutObject", "arn:aws:s3:::staging/*")
	must(t, w.PutObject(ctx, "staging", "b", nil, ""))
	if err := w.PutObject(ctx, "other", "b", nil, ""); code(err) != "NoSuchBucket" {
		t.Errorf("a bucket that is not there is answered %v", err)
	}
	_, errGet := w.GetObject(ctx, "staging", "a")
	_, errList := w.ListObjects(ctx, "staging", "")
	for action, err := range map[string]error{"s3:GetObject": errGet, "s3:ListBucket": errList} {
		if code(err) != "AccessDenied" || !strings.Contains(err.Error(), "assumed-role/delivery/") || !strings.Contains(err.Error(), action) {
			t.Errorf("%s is answered %v", action, err)
		}
	}
}

func TestAMissingKeyIsTellingOnlyWhoMayListTheBucket(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	ctx := w.role(t, "s3:GetObject", "arn:aws:s3:::staging/*")
	if _, err := w.GetObject(ctx, "staging", "x"); code(err) != "AccessDenied" {
		t.Errorf("who may not list is answered %v", err)
	}
	must(t, w.iam.PutRolePolicy("delivery", "list", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::staging"}]}`))
	if _, err := w.GetObject(ctx, "staging", "x"); code(err) != "NoSuchKey" {
		t.Errorf("who may list is answered %v", err)
	}
}

func TestABucketPolicyBindsTheAdministratorToo(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "keep/a", "b")
	must(t, w.PutPolicy("staging", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::staging/keep/*"}]}`))
	w.restart(t)
	ctx := context.Background()
	if err := w.PutObject(ctx, "staging", "keep/a", nil, ""); code(err) != "AccessDenied" {
		t.Errorf("what the policy denies is answered %v", err)
	}
	must(t, w.PutObject(ctx, "staging", "b", nil, ""))
	must(t, w.PutPolicy("staging", ""))
	must(t, w.PutObject(ctx, "staging", "keep/a", nil, ""))
}

func TestLoopbackCountsAsSecureTransport(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	must(t, w.PutPolicy("staging", `{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Principal":"*","Action":"s3:*",
		"Resource":["arn:aws:s3:::staging","arn:aws:s3:::staging/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`))
	must(t, w.PutObject(context.Background(), "staging", "a", nil, ""))
}

func TestObjectsExpireAtTheMidnightAfterTheirDays(t *testing.T) {
	w := newWorld(t)
	w.now = time.Date(2026, 11, 1, 10, 0, 0, 0, time.UTC)
	w.staging(t, "events/a", "errors/a", "other")
	must(t, w.PutLifecycle("staging", []LifecycleRule{
		{ID: "events", Enabled: true, Prefix: "events/", ExpirationDays: 14},
		{ID: "errors", Enabled: true, Prefix: "errors/", ExpirationDays: 90},
		{ID: "off", Prefix: "other", ExpirationDays: 1},
	}))
	w.restart(t)
	for _, step := range []struct {
		at   time.Time
		want string
	}{
		{time.Date(2026, 11, 15, 23, 59, 59, 0, time.UTC), "errors/a events/a other"},
		{time.Date(2026, 11, 16, 0, 0, 0, 0, time.UTC), "errors/a other"},
		{time.Date(2027, 1, 31, 0, 0, 0, 0, time.UTC), "other"},
	} {
		w.now = step.at
		_, err := w.Expire(t.Context())
		must(t, err)
		all, err := w.ListObjects(context.Background(), "staging", "")
		must(t, err)
		if keysOf(all) != step.want {
			t.Errorf("on %s there are %s, want %s", step.at, keysOf(all), step.want)
		}
	}
}

func TestRunExpiresUntilItIsTold(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	must(t, w.PutLifecycle("staging", []LifecycleRule{{ID: "all", Enabled: true, ExpirationDays: 1}}))
	w.now = w.now.AddDate(0, 0, 3)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); w.Run(ctx, time.Hour, func(err error) { t.Error(err) }) }()
	for len(keysIn(t, w)) > 0 {
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done
}

func keysIn(t *testing.T, w *world) string {
	t.Helper()
	all, err := w.ListObjects(context.Background(), "staging", "")
	must(t, err)
	return keysOf(all)
}

func TestExpiringEndsWithItsContext(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a", "b")
	must(t, w.PutLifecycle("staging", []LifecycleRule{{ID: "all", Enabled: true, ExpirationDays: 1}}))
	w.now = w.now.AddDate(0, 0, 3)
	ended, end := context.WithCancel(t.Context())
	end()
	if n, err := w.Expire(ended); n != 0 || err != nil || keysIn(t, w) != "a b" {
		t.Errorf("%d objects expired after the end (%v), and %q are left", n, err, keysIn(t, w))
	}
}

func TestABucketWhoseDeletionFailsTakesObjects(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	w.st.Watch(func(bool) error { return syscall.ENOSPC })
	if err := w.DeleteBucket("staging"); !errors.Is(err, syscall.ENOSPC) {
		t.Fatalf("on a full disk the deletion gives %v", err)
	}
	w.st.Watch(nil)
	must(t, w.PutObject(t.Context(), "staging", "a", []byte("x"), "text/plain"))
}

func TestACompletionThatFailsCanBeTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.staging(t)
	id := w.uploads.create("staging", "k", map[string]string{})
	md5, err := w.uploads.put("staging", "k", id, 1, 1, strings.NewReader("x"))
	must(t, err)
	listed := []gofakes3.CompletedPart{{PartNumber: 1, ETag: md5}}
	room := filepath.Join(w.dir, "s3", "new") // where an object is written
	must(t, os.Rename(room, room+".away"))
	if _, err := w.complete("staging", "k", id, listed); err == nil {
		t.Fatal("an object was written to a folder that is not there")
	}
	must(t, os.Rename(room+".away", room))
	_, err = w.complete("staging", "k", id, listed)
	must(t, err)
}

func TestWhatS3RefusesIsRefusedWithItsCode(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	create := func(name string, tags map[string]string) error { _, err := w.CreateBucket(name, tags); return err }
	policy := func(statement string) error {
		return w.PutPolicy("staging", `{"Version":"2012-10-17","Statement":[`+statement+`]}`)
	}
	allow := `"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::staging/*"`
	cases := []struct {
		rule string
		err  error
		code string
	}{
		{"a bucket that is there", create("staging", nil), "BucketAlreadyOwnedByYou"},
		{"a short name", create("ab", nil), "InvalidBucketName"},
		{"a long name", create(strings.Repeat("a", 64), nil), "InvalidBucketName"},
		{"an upper-case name", create("Staging", nil), "InvalidBucketName"},
		{"an address as name", create("127.0.0.1", nil), "InvalidBucketName"},
		{"two dots", create("a..b", nil), "InvalidBucketName"},
		{"a reserved prefix", create("xn--bucket", nil), "InvalidBucketName"},
		{"a reserved suffix", create("bucket-s3alias", nil), "InvalidBucketName"},
		{"a tag of AWS", create("other", map[string]string{"aws:x": "y"}), "InvalidTag"},
		{"a tag with a bracket", w.PutTags("staging", map[string]string{"a<": "y"}), "InvalidTag"},
		{"deleting a bucket with objects", w.DeleteBucket("staging"), "BucketNotEmpty"},
		{"deleting no bucket", w.DeleteBucket("other"), "NoSuchBucket"},
		{"configuring no bucket", w.PutTags("other", nil), "NoSuchBucket"},
		{"access control lists", w.PutOwnership("staging", "ObjectWriter"), "NotImplemented"},
		{"an ownership that there is not", w.PutOwnership("staging", "Mine"), "MalformedXML"},
		{"encryption by KMS", w.PutEncryption("staging", &Encryption{Algorithm: "aws:kms"}), "NotImplemented"},
		{"encryption by nothing", w.PutEncryption("staging", &Encryption{Algorithm: "ROT13"}), "MalformedXML"},
		{"versions", w.PutVersioning("staging", "Enabled"), "NotImplemented"},
		{"a versioning that there is not", w.PutVersioning("staging", "On"), "IllegalVersioningConfigurationException"},
		{"a policy that is no JSON", w.PutPolicy("staging", "x"), "MalformedPolicy"},
		{"a policy of nobody", policy(`{` + allow + `}`), "MalformedPolicy"},
		{"a policy for another bucket", policy(`{"Effect":"Allow","Principal":"*","Action":"s3:*","Resource":"arn:aws:s3:::staging2/*"}`), "MalformedPolicy"},
		{"a policy about another service", policy(`{"Effect":"Deny","Principal":"*","Action":"sqs:*","Resource":"arn:aws:s3:::staging/*"}`), "MalformedPolicy"},
		{"a policy with an unknown condition", policy(`{` + allow + `,"Principal":"*","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}}`), "MalformedPolicy"},
		{"a policy for nobody who is there", policy(`{` + allow + `,"Principal":{"AWS":"arn:aws:iam::000000000000:role/gone"}}`), "MalformedPolicy"},
		{"a public policy", policy(`{` + allow + `,"Principal":"*"}`), "AccessDenied"},
		{"a long policy", w.PutPolicy("staging", strings.Repeat(" ", 21<<10)), "PolicyTooLarge"},
		{"a rule that does nothing", w.PutLifecycle("staging", []LifecycleRule{{ID: "x"}}), "InvalidRequest"},
		{"two rules of a name", w.PutLifecycle("staging", []LifecycleRule{{ID: "x", ExpirationDays: 1}, {ID: "x", ExpirationDays: 2}}), "InvalidArgument"},
		{"a rule for yesterday", w.PutLifecycle("staging", []LifecycleRule{{ID: "x", ExpirationDays: -1}}), "InvalidArgument"},
		{"a long key", w.PutObject(context.Background(), "staging", strings.Repeat("k", 1025), nil, ""), "KeyTooLongError"},
	}
	for _, c := range cases {
		if code(c.err) != c.code {
			t.Errorf("%s is answered %v, want %s", c.rule, c.err, c.code)
		}
	}
	b, err := w.GetBucket("staging")
	must(t, err)
	if b.Policy != "" || len(b.Lifecycle) != 0 || b.Encryption.Algorithm != "AES256" {
		t.Errorf("what was refused is there: %+v", b)
	}
}

func TestAnEmptiedBucketCanBeDeleted(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a", "b/c")
	must(t, w.EmptyBucket("staging"))
	must(t, w.DeleteBucket("staging"))
	w.restart(t)
	if len(w.ListBuckets()) != 0 {
		t.Error("a deleted bucket is there after a restart")
	}
	files, err := filepath.Glob(filepath.Join(w.dir, "s3", "data", "*", "*"))
	must(t, err)
	if len(files) != 0 {
		t.Errorf("its objects left files: %v", files)
	}
}

func TestTemporaryKeysReadWithTheirRole(t *testing.T) {
	w := newWorld(t)
	w.staging(t, "a")
	ctx := w.role(t, "s3:GetObject", "arn:aws:s3:::staging/*")
	caller, _ := iam.CallerFrom(ctx)
	keys, err := w.iam.AssumeRole(ctx, firehose, caller.Role)
	must(t, err)
	who, known := w.iam.Caller(keys.AccessKeyID, keys.SessionToken)
	if !known {
		t.Fatal("the keys stand for nobody")
	}
	r, err := w.GetObject(iam.WithCaller(context.Background(), who), "staging", "a")
	if got := text(t, r, err); got != "bytes of a" {
		t.Errorf("the role reads %q", got)
	}
}

func BenchmarkPutObject(b *testing.B) {
	w := newWorld(b)
	w.staging(b)
	body := make([]byte, 64<<10)
	b.SetBytes(int64(len(body)))
	for i := 0; b.Loop(); i++ {
		must(b, w.PutObject(context.Background(), "staging", fmt.Sprint("2026/11/22/12/", i), body, ""))
	}
}

// A call of the deployment engine that a kill interrupts takes back what it did, and not
// what clients did meanwhile.
func TestABucketOfAClientOutlivesACallThatIsUndone(t *testing.T) {
	w := newWorld(t)
	w.st.Begin(t.Context())
	_, err := w.CreateBucket("ofthecall", nil)
	must(t, err)
	if status, body := w.fetch(t, "PUT", "/oftheclient", map[string]string{"Authorization": signature}, here); status != 200 {
		t.Fatalf("a bucket is answered %d %s", status, body)
	}
	w.restart(t)
	if all := w.ListBuckets(); len(all) != 1 || all[0].Name != "oftheclient" {
		t.Errorf("after the restart there are %v, want the client's bucket", all)
	}
}
