package secrets_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"

	"pipeline/shared/localcloud/secrets"
	"pipeline/shared/localcloud/store"
)

// world is a Secrets Manager on a state directory, with its clock.
type world struct {
	dir   string
	now   time.Time
	store *store.Store
	deny  map[string]string // action to resource that is denied
	svc   *secrets.Service

	conditions map[string]string // of the last call that was authorized
	actions    map[string]bool   // that were asked about
	aws        *secretsmanager.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC), deny: map[string]string{}, actions: map[string]bool{}}
	if err := w.start(t); err != nil {
		t.Fatalf("start: %v", err)
	}
	t.Cleanup(func() { _ = w.store.Close() })
	return w
}

// start opens the state, after the first time as a restart does.
func (w *world) start(t *testing.T) error {
	t.Helper()
	if w.store != nil {
		if err := w.store.Close(); err != nil {
			t.Fatalf("close the state: %v", err)
		}
	}
	st, err := store.Open(filepath.Join(w.dir, "state.db"))
	if err != nil {
		t.Fatalf("open the state: %v", err)
	}
	w.store = st
	w.svc, err = secrets.New(secrets.Config{Store: st, KeyFile: w.keyFile(), Account: "000000000000",
		Region: "eu-central-1", IAM: w, Now: func() time.Time { return w.now }})
	if err != nil {
		return err
	}
	server := httptest.NewServer(w.svc.Handler())
	t.Cleanup(server.Close)
	w.aws = secretsmanager.New(secretsmanager.Options{Region: "eu-central-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "a", SecretAccessKey: "b"}, nil
		})})
	return nil
}

func (w *world) keyFile() string { return filepath.Join(w.dir, "secrets.key") }

// Authorize denies what the test asked to deny.
func (w *world) Authorize(_ context.Context, action, resource string, conditions map[string]string) error {
	w.conditions, w.actions[action] = conditions, true
	if r, denied := w.deny[action]; denied && r == resource {
		return errors.New("User: role is not authorized to perform: " + action + " on resource: " + resource)
	}
	return nil
}

func (w *world) create(t *testing.T, name, value string) *secretsmanager.CreateSecretOutput {
	t.Helper()
	out, err := w.aws.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: &name, SecretString: &value})
	if err != nil {
		t.Fatalf("create secret %s: %v", name, err)
	}
	return out
}

func (w *world) value(t *testing.T, id string) string {
	t.Helper()
	out, err := w.aws.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &id})
	if err != nil {
		t.Fatalf("get secret value %s: %v", id, err)
	}
	return aws.ToString(out.SecretString)
}

func wantCode(t *testing.T, err error, code, text string) {
	t.Helper()
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() != code || !strings.Contains(api.ErrorMessage(), text) {
		t.Errorf("got error %v, want %s: ...%s...", err, code, text)
	}
}

func TestASecretIsFoundByNameByARNAndByARNWithoutItsSuffix(t *testing.T) {
	w := newWorld(t)
	made := w.create(t, "events/loader", `{"username":"loader"}`)
	if !regexp.MustCompile(`^arn:aws:secretsmanager:eu-central-1:000000000000:secret:events/loader-[A-Za-z0-9]{6}$`).MatchString(*made.ARN) {
		t.Errorf("ARN %s is not of AWS's form", *made.ARN)
	}
	for _, id := range []string{"events/loader", *made.ARN, (*made.ARN)[:len(*made.ARN)-7]} {
		if got := w.value(t, id); got != `{"username":"loader"}` {
			t.Errorf("value of %s is %q", id, got)
		}
	}
}

func TestANewValueMakesTheOldOnePrevious(t *testing.T) {
	w := newWorld(t)
	made := w.create(t, "s", "one")
	put, err := w.aws.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: made.ARN, SecretString: aws.String("two")})
	if err != nil {
		t.Fatal(err)
	}
	if got := w.value(t, "s"); got != "two" {
		t.Errorf("current value is %q, want two", got)
	}
	old, err := w.aws.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: made.ARN, VersionStage: aws.String("AWSPREVIOUS")})
	if err != nil {
		t.Fatal(err)
	}
	if *old.SecretString != "one" || *old.VersionId != *made.VersionId {
		t.Errorf("previous is %q in version %s, want one in %s", *old.SecretString, *old.VersionId, *made.VersionId)
	}
	d, err := w.aws.DescribeSecret(t.Context(), &secretsmanager.DescribeSecretInput{SecretId: made.ARN})
	if err != nil {
		t.Fatal(err)
	}
	if got := d.VersionIdsToStages[*put.VersionId]; len(d.VersionIdsToStages) != 2 || got[0] != "AWSCURRENT" {
		t.Errorf("stages are %v", d.VersionIdsToStages)
	}
}

func TestARepeatedPutIsOnePutAndNeverAnother(t *testing.T) {
	w := newWorld(t)
	w.create(t, "s", "one")
	put := func(value string) error {
		_, err := w.aws.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: aws.String("s"),
			SecretString: &value, ClientRequestToken: aws.String(strings.Repeat("t", 32))})
		return err
	}
	if err := errors.Join(put("two"), put("two")); err != nil {
		t.Fatalf("the same put twice: %v", err)
	}
	v, err := w.svc.GetSecretValue(t.Context(), "s", "", "AWSPREVIOUS")
	if err != nil || v.Value != "one" {
		t.Errorf("previous value is %q (%v), want one", v.Value, err)
	}
	wantCode(t, put("three"), "ResourceExistsException", "already in use")
}

func TestADeletedSecretKeepsItsNameAndComesBackUntilTheWindowEnds(t *testing.T) {
	w := newWorld(t)
	made := w.create(t, "s", "one")
	del, err := w.aws.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: made.ARN, RecoveryWindowInDays: aws.Int64(7)})
	if err != nil {
		t.Fatal(err)
	}
	if want := w.now.AddDate(0, 0, 7); !del.DeletionDate.Equal(want) {
		t.Errorf("deletion date %v, want %v", del.DeletionDate, want)
	}
	_, err = w.aws.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: made.ARN})
	wantCode(t, err, "InvalidRequestException", "marked for deletion")
	_, err = w.aws.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("s")})
	wantCode(t, err, "InvalidRequestException", "already scheduled for deletion")
	if _, err := w.aws.RestoreSecret(t.Context(), &secretsmanager.RestoreSecretInput{SecretId: made.ARN}); err != nil {
		t.Fatalf("restore: %v", err)
	}
	if got := w.value(t, *made.ARN); got != "one" {
		t.Errorf("restored value is %q, want one", got)
	}
	if err := w.svc.DeleteSecret(t.Context(), *made.ARN, 7); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.AddDate(0, 0, 7)
	again := w.create(t, "s", "new")
	if *again.ARN == *made.ARN {
		t.Errorf("the new secret has the old one's ARN %s", *made.ARN)
	}
}

func TestADeletionWithoutRecoveryFreesTheNameAtOnce(t *testing.T) {
	w := newWorld(t)
	w.create(t, "s", "one")
	_, err := w.aws.DeleteSecret(t.Context(), &secretsmanager.DeleteSecretInput{SecretId: aws.String("s"), ForceDeleteWithoutRecovery: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	w.create(t, "s", "two")
}

func TestNoValueIsOnDiskInClear(t *testing.T) {
	w := newWorld(t)
	w.create(t, "s", "correct horse battery staple")
	for _, name := range []string{"state.db", "secrets.key"} {
		data, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("horse battery")) {
			t.Errorf("%s holds the value in clear", name)
		}
	}
	info, err := os.Stat(w.keyFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode of the key is %v (%v), want 600", info.Mode().Perm(), err)
	}
}

func TestSecretsSurviveARestart(t *testing.T) {
	w := newWorld(t)
	made := w.create(t, "s", "one")
	if err := w.start(t); err != nil {
		t.Fatal(err)
	}
	if got, err := w.svc.SecretValue(t.Context(), *made.ARN); err != nil || got != "one" {
		t.Errorf("after a restart the value is %q (%v), want one", got, err)
	}
}

func TestALostOrOpenKeyStopsTheStart(t *testing.T) {
	w := newWorld(t)
	w.create(t, "s", "one")
	if err := os.Chmod(w.keyFile(), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.start(t); err == nil || !strings.Contains(err.Error(), "readable by others") {
		t.Errorf("a key that others can read: %v", err)
	}
	if err := os.Remove(w.keyFile()); err != nil {
		t.Fatal(err)
	}
	if err := w.start(t); err == nil || !strings.Contains(err.Error(), "secrets.key") {
		t.Errorf("a lost key: %v", err)
	}
	if _, err := os.Stat(w.keyFile()); err == nil {
		t.Error("a lost key was replaced by one that opens nothing")
	}
}

func TestARoleReadsOnlyTheSecretItMay(t *testing.T) {
	w := newWorld(t)
	mine, other := w.create(t, "mine", "1"), w.create(t, "other", "2")
	w.deny["secretsmanager:GetSecretValue"] = *other.ARN
	if got := w.value(t, *mine.ARN); got != "1" {
		t.Errorf("own secret is %q", got)
	}
	_, err := w.aws.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("other")})
	wantCode(t, err, "AccessDeniedException", "not authorized to perform: secretsmanager:GetSecretValue on resource: "+*other.ARN)
}

func TestSecretsAreListedPageByPage(t *testing.T) {
	w := newWorld(t)
	for _, name := range []string{"c", "a", "b"} {
		w.create(t, name, "v")
	}
	if err := w.svc.DeleteSecret(t.Context(), "b", 30); err != nil {
		t.Fatal(err)
	}
	list := func(planned bool) (names string) {
		pages := secretsmanager.NewListSecretsPaginator(w.aws, &secretsmanager.ListSecretsInput{MaxResults: aws.Int32(1), IncludePlannedDeletion: &planned})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			names += *page.SecretList[0].Name
		}
		return names
	}
	if got := list(false); got != "ac" {
		t.Errorf("secrets are %q, want a and c", got)
	}
	if got := list(true); got != "abc" {
		t.Errorf("with planned deletions they are %q, want a, b and c", got)
	}
}

func TestWhatIsNotHonouredIsRefused(t *testing.T) {
	w := newWorld(t)
	w.create(t, "s", "v")
	ctx := t.Context()
	for name, c := range map[string]struct {
		call       func() error
		code, text string
	}{
		"unknown secret": {func() error {
			_, err := w.aws.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("x")})
			return err
		}, "ResourceNotFoundException", "can't find the specified secret."},
		"unknown stage": {func() error {
			_, err := w.aws.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String("s"), VersionStage: aws.String("AWSPREVIOUS")})
			return err
		}, "ResourceNotFoundException", "staging label: AWSPREVIOUS"},
		"name twice": {func() error {
			_, err := w.aws.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("s")})
			return err
		}, "ResourceExistsException", "the secret s already exists"},
		"bad name": {func() error {
			_, err := w.aws.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("a b")})
			return err
		}, "ValidationException", "Invalid name"},
		"customer key": {func() error {
			_, err := w.aws.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("k"), KmsKeyId: aws.String("alias/mine")})
			return err
		}, "InvalidParameterException", "KMS"},
		"binary value": {func() error {
			_, err := w.aws.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("k"), SecretBinary: []byte{1}})
			return err
		}, "SerializationException", "SecretBinary"},
		"too long a value": {func() error {
			_, err := w.aws.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String("k"), SecretString: aws.String(strings.Repeat("x", 65537))})
			return err
		}, "InvalidParameterException", "65536"},
		"recovery of 6 days": {func() error {
			_, err := w.aws.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: aws.String("s"), RecoveryWindowInDays: aws.Int64(6)})
			return err
		}, "InvalidParameterException", "between 7 and 30"},
		"rotation": {func() error {
			_, err := w.aws.RotateSecret(ctx, &secretsmanager.RotateSecretInput{SecretId: aws.String("s")})
			return err
		}, "UnknownOperationException", "RotateSecret"},
	} {
		t.Run(name, func(t *testing.T) { wantCode(t, c.call(), c.code, c.text) })
	}
	if _, err := w.svc.DescribeSecret(ctx, "k"); err == nil {
		t.Error("a refused secret was made all the same")
	}
}

func TestOnlyTheServiceThatManagesASecretChangesIt(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	secret, err := w.svc.CreateSecret(ctx, secrets.Secret{Name: "redshift!admin", OwningService: "redshift"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.svc.PutSecretValue(ctx, secret.ARN, "right"); err != nil {
		t.Fatal(err)
	}
	const refusal = "The secret is managed by another service"
	_, err = w.aws.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &secret.Name, SecretString: aws.String("wrong")})
	wantCode(t, err, "InvalidRequestException", refusal)
	_, err = w.aws.DeleteSecret(ctx, &secretsmanager.DeleteSecretInput{SecretId: &secret.ARN})
	wantCode(t, err, "InvalidRequestException", refusal)
	if got := w.value(t, secret.ARN); got != "right" {
		t.Errorf("the secret holds %q", got)
	}
}

func TestAPolicyMayAskForTheSecretsID(t *testing.T) {
	w := newWorld(t)
	w.create(t, "s", "v")
	if w.value(t, "s"); w.conditions["secretsmanager:SecretId"] != "s" {
		t.Errorf("the conditions are %v", w.conditions)
	}
}

func TestARandomPasswordHasEveryTypeAndNothingExcluded(t *testing.T) {
	w := newWorld(t)
	for range 200 {
		out, err := w.aws.GetRandomPassword(t.Context(), &secretsmanager.GetRandomPasswordInput{
			PasswordLength: aws.Int64(8), ExcludeCharacters: aws.String(`'"\/@`), RequireEachIncludedType: aws.Bool(true)})
		if err != nil {
			t.Fatal(err)
		}
		p := *out.RandomPassword
		if len(p) != 8 || strings.ContainsAny(p, `'"\/@`) {
			t.Fatalf("password %q", p)
		}
		for _, class := range []string{"[a-z]", "[A-Z]", "[0-9]", "[^a-zA-Z0-9]"} {
			if !regexp.MustCompile(class).MatchString(p) {
				t.Fatalf("password %q has nothing of %s", p, class)
			}
		}
	}
}

func TestARandomPasswordOfNothingIsRefused(t *testing.T) {
	w := newWorld(t)
	_, err := w.svc.GetRandomPassword(t.Context(), secrets.RandomPassword{ExcludeLowercase: true, ExcludeUppercase: true, ExcludeNumbers: true, ExcludePunctuation: true})
	if err == nil {
		t.Error("a password of no characters was made")
	}
	if p, err := w.svc.GetRandomPassword(t.Context(), secrets.RandomPassword{Length: 3}); err == nil {
		t.Errorf("password %q of 3 characters was to have 4 types", p)
	}
}

func TestARNsAreOfTheRegionsPartition(t *testing.T) {
	w := newWorld(t)
	svc, err := secrets.New(secrets.Config{Store: w.store, KeyFile: w.keyFile(), Account: "000000000000", Region: "us-gov-west-1", IAM: w, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	if made, err := svc.CreateSecret(t.Context(), secrets.Secret{Name: "db"}); !strings.HasPrefix(made.ARN, "arn:aws-us-gov:secretsmanager:us-gov-west-1:") || err != nil {
		t.Errorf("in us-gov-west-1 there is the secret %q (%v)", made.ARN, err)
	}
}

func TestASecretAndItsValueAreOneWrite(t *testing.T) {
	w := newWorld(t)
	call := w.store.Begin(t.Context())
	writes := 0
	w.store.Watch(func(after bool) error {
		if after {
			writes++
		}
		return nil
	})
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`{"Name":"db","SecretString":"a"}`)).WithContext(call)
	r.Header.Set("X-Amz-Target", "secretsmanager.CreateSecret")
	w.svc.Handler().ServeHTTP(httptest.NewRecorder(), r)
	if got := w.value(t, "db"); got != "a" || writes != 1 {
		t.Errorf("a secret with the value %q is made in %d writes, want a in one", got, writes)
	}
	if w.actions["secretsmanager:PutSecretValue"] {
		t.Error("to create a secret takes the permission to change one")
	}
}

func TestARepeatedCreationIsIgnored(t *testing.T) {
	w := newWorld(t)
	create := func(value string) (*secretsmanager.CreateSecretOutput, error) {
		return w.aws.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("db"), SecretString: &value,
			ClientRequestToken: aws.String("11111111-1111-1111-1111-111111111111")})
	}
	first, err := create("a")
	if err != nil {
		t.Fatal(err)
	}
	again, err := create("a")
	if err != nil || *again.ARN != *first.ARN || *again.VersionId != *first.VersionId {
		t.Errorf("the same request again makes %+v (%v), want %+v", again, err, first)
	}
	if _, err := create("b"); err == nil || !strings.Contains(err.Error(), "ResourceExistsException") {
		t.Errorf("the same token with another value: %v", err)
	}
	if _, err := w.aws.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("db"), SecretString: aws.String("a")}); err == nil || !strings.Contains(err.Error(), "ResourceExistsException") {
		t.Errorf("another request for the name: %v", err)
	}
}
