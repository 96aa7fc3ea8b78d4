// Package secrets is the local cloud's Secrets Manager: named values with versions,
// sealed on disk, that come back for a recovery window after they were deleted.
//
// It holds strings, and two versions of each: AWSCURRENT and AWSPREVIOUS. Binary values,
// own staging labels, rotation, replication, resource policies and customer keys are
// refused.
package secrets

import (
	"cmp"
	"context"
	"crypto/cipher"
	"crypto/rand"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/store"
)

// Authorizer decides whether the caller in ctx may act on a resource. Its error is a
// denial, and its text AWS's.
type Authorizer interface {
	Authorize(ctx context.Context, action, resource string, conditions map[string]string) error
}

// Config is what a Service needs.
type Config struct {
	Store   *store.Store
	KeyFile string // path of the key that seals values; made with mode 0600 when it is not there
	Account string // 12 digits
	Region  string
	IAM     Authorizer
	Now     func() time.Time
}

// Service is Secrets Manager in one account and region.
type Service struct {
	cfg     Config
	seal    cipher.AEAD
	mu      sync.Mutex // held from reading a record to writing it back
	secrets store.Collection[record]
}

// Secret is a secret's description, never its value. Name identifies it until it is
// deleted, ARN for ever.
type Secret struct {
	ARN           string
	Name          string
	Description   string            `json:",omitempty"`
	KMSKeyID      string            `json:",omitempty"` // AWS's own key only: empty or alias/aws/secretsmanager
	OwningService string            `json:",omitempty"` // the AWS service that manages it, such as redshift
	Tags          map[string]string `json:",omitempty"`
	Created       time.Time
	Changed       time.Time
	DeletionDate  time.Time // end of the recovery window; zero when it is not deleted
}

// Deleted says whether the secret waits for the end of its recovery window.
func (s Secret) Deleted() bool { return !s.DeletionDate.IsZero() }

// record is what is stored of a secret. Current and Previous are empty where there is
// no such version.
type record struct {
	Secret
	Current  version
	Previous version
}

// New opens the secrets that cfg.Store keeps. It fails when there are secrets and the
// key that sealed them is gone.
func New(cfg Config) (*Service, error) {
	c, err := store.NewCollection[record](cfg.Store, "secrets")
	if err != nil {
		return nil, err
	}
	kept, err := c.List()
	if err != nil {
		return nil, err
	}
	seal, err := store.OpenKey(cfg.KeyFile, len(kept) == 0)
	if err != nil {
		return nil, err
	}
	return &Service{cfg: cfg, seal: seal, secrets: c}, nil
}

// namePattern is botocore's for a secret's name; a service's own have an exclamation
// mark too, as in redshift!events-admin.
var (
	namePattern        = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	serviceNamePattern = regexp.MustCompile(`^[A-Za-z0-9/_+=.@!-]{1,512}$`)
)

// CreateSecret makes a secret without a value. A name is taken for as long as a secret
// of that name can be restored.
func (s *Service) CreateSecret(ctx context.Context, in Secret) (Secret, error) {
	r, err := s.create(ctx, in, "", "")
	return r.Secret, err
}

// create makes a secret with a value, unless that is empty. The token is the version's ID,
// chosen by a caller who can thus repeat the call.
func (s *Service) create(ctx context.Context, in Secret, value, token string) (record, error) {
	if err := s.authorize(ctx, "CreateSecret", s.arnPrefix()+in.Name); err != nil {
		return record{}, err
	}
	if err := in.Check(); err != nil {
		return record{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if r, done, err := s.created(in.Name, value, token); err != nil || done {
		return r, err
	}
	now := s.cfg.Now()
	in.ARN, in.Created, in.Changed, in.DeletionDate = s.newARN(in.Name), now, now, time.Time{}
	in.Tags = maps.Clone(in.Tags)
	r := record{Secret: in}
	if value != "" {
		if _, err := s.put(&r, value, cmp.Or(token, uuid.NewString())); err != nil {
			return record{}, err
		}
	}
	return r, s.secrets.Within(ctx).Put(in.ARN, r)
}

// created finds what the same call has made before; else the name has to be free.
func (s *Service) created(name, value, token string) (record, bool, error) {
	r, found, err := s.find(name)
	switch {
	case err != nil || !found:
		return record{}, false, err
	case r.Deleted():
		return record{}, false, errNameReserved()
	case token == "" || token != r.Current.ID && token != r.Previous.ID:
		return record{}, false, errExists(name)
	}
	_, err = s.repeat(&r, value, token)
	return r, true, err
}

// Check says what AWS, or the local cloud, would not accept of a new secret.
func (s Secret) Check() error {
	pattern := namePattern
	if s.OwningService != "" {
		pattern = serviceNamePattern
	}
	if !pattern.MatchString(s.Name) {
		return errInvalidName()
	}
	if s.KMSKeyID != "" && s.KMSKeyID != "alias/aws/secretsmanager" {
		return errInvalidParameter("the local cloud has no KMS: leave KmsKeyId out, or set it to alias/aws/secretsmanager")
	}
	return nil
}

// DescribeSecret returns what is known of a secret, given its name or ARN.
func (s *Service) DescribeSecret(ctx context.Context, id string) (Secret, error) {
	r, err := s.get(ctx, "DescribeSecret", id)
	return r.Secret, err
}

// UpdateSecret sets the description and the tags of the secret that in.ARN (or in.Name,
// without one) names.
func (s *Service) UpdateSecret(ctx context.Context, in Secret) (Secret, error) {
	return s.change(ctx, "UpdateSecret", cmp.Or(in.ARN, in.Name), func(r *record) error {
		r.Description, r.Tags = in.Description, maps.Clone(in.Tags)
		r.KMSKeyID = in.KMSKeyID
		return r.Secret.Check()
	})
}

// ListSecrets returns every secret in the order of names; those in their recovery window
// only when deleted is set.
func (s *Service) ListSecrets(ctx context.Context, deleted bool) ([]Secret, error) {
	if err := s.authorize(ctx, "ListSecrets", "*"); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	records, err := s.live()
	if err != nil {
		return nil, err
	}
	var out []Secret
	for _, r := range records {
		if deleted || !r.Deleted() {
			out = append(out, r.Secret)
		}
	}
	return out, nil
}

// change applies f to a secret that is not deleted and stores it.
func (s *Service) change(ctx context.Context, action, id string, f func(*record) error) (Secret, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.lookup(ctx, action, id)
	if err != nil {
		return Secret{}, err
	}
	if r.Deleted() && action != "RestoreSecret" && action != "DeleteSecret" {
		return Secret{}, errMarkedForDeletion()
	}
	if err := f(&r); err != nil {
		return Secret{}, err
	}
	r.Changed = s.cfg.Now()
	return r.Secret, s.secrets.Within(ctx).Put(r.ARN, r)
}

func (s *Service) get(ctx context.Context, action, id string) (record, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.lookup(ctx, action, id)
}

// lookup finds a secret for an action the caller may do. The denial comes first: who may
// not read a secret does not learn whether it exists.
func (s *Service) lookup(ctx context.Context, action, id string) (record, error) {
	r, found, err := s.find(id)
	if err != nil {
		return record{}, err
	}
	resource := r.ARN
	if !found {
		resource = s.arnPrefix() + strings.TrimPrefix(id, s.arnPrefix())
	}
	if err := s.authorizeOn(ctx, action, resource, map[string]string{"secretsmanager:SecretId": id}); err != nil {
		return record{}, err
	}
	if !found {
		return record{}, errNotFound()
	}
	return r, nil
}

// find takes what SecretId takes: the name, the ARN, or the ARN without its suffix.
func (s *Service) find(id string) (record, bool, error) {
	records, err := s.live()
	if err != nil {
		return record{}, false, err
	}
	name := strings.TrimPrefix(id, s.arnPrefix())
	for _, r := range records {
		if r.ARN == id || r.Name == name {
			return r, true, nil
		}
	}
	return record{}, false, nil
}

func (s *Service) authorize(ctx context.Context, action, resource string) error {
	return s.authorizeOn(ctx, action, resource, nil)
}

func (s *Service) authorizeOn(ctx context.Context, action, resource string, conditions map[string]string) error {
	if err := s.cfg.IAM.Authorize(ctx, "secretsmanager:"+action, resource, conditions); err != nil {
		return errAccessDenied(err)
	}
	return nil
}

func (s *Service) arnPrefix() string {
	return fmt.Sprintf("arn:%s:secretsmanager:%s:%s:secret:", iam.Partition(s.cfg.Region), s.cfg.Region, s.cfg.Account)
}

// newARN is the name's ARN with the six random characters by which AWS tells a secret
// from a later one of the same name.
func (s *Service) newARN(name string) string {
	return s.arnPrefix() + name + "-" + rand.Text()[:6]
}
