package secrets

import (
	"context"
	"crypto/rand"
	"slices"
	"time"

	"github.com/google/uuid"
)

// MaxValue is the longest value, in bytes (Secrets Manager quotas).
const MaxValue = 65536

// The staging labels that Secrets Manager moves by itself.
const (
	stageCurrent  = "AWSCURRENT"
	stagePrevious = "AWSPREVIOUS"
)

// version is one value, sealed.
type version struct {
	ID      string
	Created time.Time
	Sealed  []byte
}

// Value is one version of a secret in clear.
type Value struct {
	ARN       string
	Name      string
	VersionID string
	Stages    []string // AWSCURRENT or AWSPREVIOUS
	Value     string
	Created   time.Time
}

// SecretValue returns the current value of the secret with this ARN (or name).
func (s *Service) SecretValue(ctx context.Context, secretARN string) (string, error) {
	v, err := s.GetSecretValue(ctx, secretARN, "", "")
	return v.Value, err
}

// GetSecretValue returns the version with this ID and this stage; either may be empty,
// and with neither it is the current one.
func (s *Service) GetSecretValue(ctx context.Context, id, versionID, stage string) (Value, error) {
	r, err := s.get(ctx, "GetSecretValue", id)
	if err != nil {
		return Value{}, err
	}
	if r.Deleted() {
		return Value{}, errMarkedForDeletion()
	}
	v, stage, err := pick(r, versionID, stage)
	if err != nil {
		return Value{}, err
	}
	clear, err := s.open(r.ARN, v)
	if err != nil {
		return Value{}, err
	}
	return Value{ARN: r.ARN, Name: r.Name, VersionID: v.ID, Stages: []string{stage}, Value: clear, Created: v.Created}, nil
}

func pick(r record, versionID, stage string) (version, string, error) {
	if versionID == "" && stage == "" {
		stage = stageCurrent
	}
	candidates := map[string]version{stageCurrent: r.Current, stagePrevious: r.Previous}
	for label, v := range candidates {
		if v.ID != "" && (versionID == "" || v.ID == versionID) && (stage == "" || label == stage) {
			return v, label, nil
		}
	}
	return version{}, "", errVersionNotFound(versionID, stage)
}

// stagesOf are the stages of each version, by version ID.
func stagesOf(r record) map[string][]string {
	stages := map[string][]string{}
	if r.Current.ID != "" {
		stages[r.Current.ID] = []string{stageCurrent}
	}
	if r.Previous.ID != "" {
		stages[r.Previous.ID] = []string{stagePrevious}
	}
	return stages
}

// PutSecretValue makes value the current one; the one before becomes AWSPREVIOUS, and
// the one before that is gone.
func (s *Service) PutSecretValue(ctx context.Context, arn, value string) (versionID string, err error) {
	v, err := s.PutVersion(ctx, arn, value, "")
	return v.VersionID, err
}

// PutVersion is PutSecretValue with the ID of the new version chosen by the caller, who
// can thus repeat it safely: the same ID with another value is refused.
func (s *Service) PutVersion(ctx context.Context, id, value, token string) (Value, error) {
	if err := checkVersion(value, token); err != nil {
		return Value{}, err
	}
	if token == "" {
		token = uuid.NewString()
	}
	var v version
	secret, err := s.change(ctx, "PutSecretValue", id, func(r *record) (err error) {
		v, err = s.put(r, value, token)
		return err
	})
	if err != nil {
		return Value{}, err
	}
	return Value{ARN: secret.ARN, Name: secret.Name, VersionID: v.ID, Stages: []string{stageCurrent}, Created: v.Created}, nil
}

// CheckValue says what AWS would not accept as a value.
func CheckValue(value string) error {
	if len(value) == 0 || len(value) > MaxValue {
		return errInvalidParameter("a secret's value has 1 to %d bytes, not %d", MaxValue, len(value))
	}
	return nil
}

func checkVersion(value, token string) error {
	if err := CheckValue(value); err != nil {
		return err
	}
	if token != "" && (len(token) < 32 || len(token) > 64) {
		return errInvalidParameter("ClientRequestToken must be 32 to 64 characters long")
	}
	return nil
}

// put moves the labels of r to a new version.
func (s *Service) put(r *record, value, id string) (version, error) {
	known := slices.IndexFunc([]version{r.Current, r.Previous}, func(v version) bool { return v.ID == id })
	if known >= 0 {
		return s.repeat(r, value, id)
	}
	v, err := s.sealed(r.ARN, id, value)
	if err != nil {
		return version{}, err
	}
	r.Previous, r.Current = r.Current, v
	return v, nil
}

// repeat answers a put that was done before.
func (s *Service) repeat(r *record, value, id string) (version, error) {
	v, _, err := pick(*r, id, "")
	if err != nil {
		return version{}, err
	}
	before, err := s.open(r.ARN, v)
	if err != nil {
		return version{}, err
	}
	if before != value {
		return version{}, errVersionExists(id)
	}
	return v, nil
}

func (s *Service) sealed(arn, id, value string) (version, error) {
	nonce := make([]byte, s.seal.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return version{}, err
	}
	sealed := s.seal.Seal(nonce, nonce, []byte(value), []byte(arn+"|"+id))
	return version{ID: id, Created: s.cfg.Now(), Sealed: sealed}, nil
}

func (s *Service) open(arn string, v version) (string, error) {
	size := s.seal.NonceSize()
	if len(v.Sealed) < size {
		return "", errDecryption(arn)
	}
	clear, err := s.seal.Open(nil, v.Sealed[:size], v.Sealed[size:], []byte(arn+"|"+v.ID))
	if err != nil {
		return "", errDecryption(arn)
	}
	return string(clear), nil
}
