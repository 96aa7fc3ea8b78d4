package secrets_test

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/provider/providertest"
	"pipeline/shared/localcloud/provider/secrets"
	plane "pipeline/shared/localcloud/secrets"
	"pipeline/shared/localcloud/store"
)

type object = providertest.Object

const (
	secretType  = "aws:secretsmanager/secret:Secret"
	versionType = "aws:secretsmanager/secretVersion:SecretVersion"
)

type everyone struct{}

func (everyone) Authorize(context.Context, string, string, map[string]string) error { return nil }

func world(t *testing.T) (*providertest.Engine, *plane.Service) {
	t.Helper()
	st, err := store.Open(filepath.Join(t.TempDir(), "state.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = st.Close() })
	service, err := plane.New(plane.Config{Store: st, KeyFile: filepath.Join(t.TempDir(), "key"), Account: "000000000000",
		Region: "eu-central-1", IAM: everyone{}, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	return providertest.New(t, "events-auth", secrets.Kinds(service)), service
}

func TestAVersionIsImportedByItsWholeID(t *testing.T) {
	engine, _ := world(t)
	secret := engine.Create(secretType, object{"name": "s"})
	engine.Create(versionType, object{"secretId": secret.ID, "secretString": "one"})
	if err := engine.TryImport(versionType, secret.ID+"|"); err == nil || !strings.Contains(err.Error(), "expected SecretID|VersionID") {
		t.Errorf("an ID without the version: %v", err)
	}
}

func TestASecretLivesFromCreateToDelete(t *testing.T) {
	engine, service := world(t)
	s := engine.Create(secretType, object{"name": "events/ada", "recoveryWindowInDays": 0, "tags": object{"layer": "auth"}})
	arn := s.Outputs["arn"].(string)
	if !regexp.MustCompile(`:secret:events/ada-[A-Za-z0-9]{6}$`).MatchString(arn) || s.ID != arn {
		t.Errorf("ARN is %s, id is %s", arn, s.ID)
	}
	v := engine.Create(versionType, object{"secretId": arn, "secretString": "one"})
	if !strings.HasPrefix(v.ID, arn+"|") {
		t.Errorf("id of the version is %s, want ARN|version", v.ID)
	}
	if got, err := service.SecretValue(t.Context(), arn); err != nil || got != "one" {
		t.Errorf("value is %q (%v), want one", got, err)
	}
	s = engine.Update(s, object{"description": "of Ada", "tags": object{"layer": "other"}})
	if got, err := service.DescribeSecret(t.Context(), arn); err != nil || got.Description != "of Ada" || got.Tags["layer"] != "other" {
		t.Errorf("after the update: %+v (%v)", got, err)
	}
	engine.Delete(v)
	engine.Delete(s)
	if engine.Exists(s) || engine.Exists(v) {
		t.Error("the secret is there after its deletion")
	}
	engine.Create(secretType, object{"name": "events/ada"})
}

func TestASecretInItsRecoveryWindowIsGoneAndKeepsItsName(t *testing.T) {
	engine, _ := world(t)
	s := engine.Create(secretType, object{"name": "s"})
	v := engine.Create(versionType, object{"secretId": s.ID, "secretString": "one"})
	engine.Delete(s)
	if engine.Exists(s) || engine.Exists(v) {
		t.Error("a refresh finds a secret that was deleted")
	}
	if _, err := engine.TryCreate(secretType, object{"name": "s"}); err == nil || !strings.Contains(err.Error(), "scheduled for deletion") {
		t.Errorf("a second secret of the name: %v", err)
	}
}

func TestASecretThatAServiceManagesIsThatServicesToChange(t *testing.T) {
	engine, service := world(t)
	s, err := service.CreateSecret(t.Context(), plane.Secret{Name: "redshift!events-awsadmin", OwningService: "redshift"})
	if err != nil {
		t.Fatal(err)
	}
	imported := engine.Imported(secretType, s.ARN)
	_, put := engine.TryCreate(versionType, object{"secretId": s.ARN, "secretString": "mine"})
	_, updated := engine.TryUpdate(imported, object{"description": "mine"})
	for what, err := range map[string]error{"another value": put, "another description": updated, "a deletion": engine.TryDelete(imported)} {
		if err == nil || !strings.Contains(err.Error(), "InvalidRequestException: The secret is managed by another service") {
			t.Errorf("%s is answered %v", what, err)
		}
	}
}

func TestAnotherValueIsAnotherVersion(t *testing.T) {
	engine, _ := world(t)
	s := engine.Create(secretType, object{"name": "s"})
	v := engine.Create(versionType, object{"secretId": s.ID, "secretString": "one"})
	if got := engine.Replaces(v, object{"secretString": "two"}); got != "secretString" {
		t.Errorf("another value replaces for %q, want secretString", got)
	}
	if got := engine.Replaces(s, object{"name": "t"}); got != "name" {
		t.Errorf("another name replaces for %q, want name", got)
	}
	if got := engine.Replaces(s, object{"recoveryWindowInDays": 7}); got != "" {
		t.Errorf("another recovery window replaces for %q, want nothing", got)
	}
}

func TestSecretsAreImported(t *testing.T) {
	engine, _ := world(t)
	s := engine.Create(secretType, object{"name": "s", "description": "d"})
	v := engine.Create(versionType, object{"secretId": s.ID, "secretString": "one"})
	if got := engine.Import(secretType, s.ID); got["name"] != "s" || got["description"] != "d" {
		t.Errorf("imported secret %v", got)
	}
	if got := engine.Import(versionType, v.ID); got["secretId"] != s.ID || got["secretString"] != "one" {
		t.Errorf("imported version %v", got)
	}
}

func TestAPreviewRefusesWhatSecretsManagerWould(t *testing.T) {
	engine, _ := world(t)
	engine.Refuses(secretType, object{"name": "a b"}, "name: ValidationException")
	engine.Refuses(secretType, object{"name": "a", "recoveryWindowInDays": 3}, "between 7 and 30")
	engine.Refuses(secretType, object{"name": "a", "kmsKeyId": "alias/mine"}, "kmsKeyId: InvalidParameterException")
	engine.Refuses(secretType, object{"name": "a", "policy": "{}"}, "policy: is not honoured")
	engine.Refuses(versionType, object{"secretId": providertest.Unknown, "secretString": ""}, "secretString: InvalidParameterException")
	engine.Refuses(versionType, object{"secretId": "s", "secretBinary": "eA=="}, "secretBinary: is not honoured")
}

func TestARandomPasswordIsAnotherEachTime(t *testing.T) {
	engine, _ := world(t)
	args := object{"passwordLength": 20, "excludePunctuation": true}
	ask := func() string {
		return engine.Invoke("aws:secretsmanager/getRandomPassword:getRandomPassword", args)["randomPassword"].(string)
	}
	one, two := ask(), ask()
	if one == two || !regexp.MustCompile(`^[A-Za-z0-9]{20}$`).MatchString(one) {
		t.Errorf("passwords %q and %q", one, two)
	}
}
