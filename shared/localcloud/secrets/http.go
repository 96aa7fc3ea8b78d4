package secrets

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/awsjson"
)

// Handler serves AWS's JSON protocol, target prefix "secretsmanager" (botocore service
// model secretsmanager). Members that are not here are refused by name.
func (s *Service) Handler() http.Handler {
	return awsjson.Handler("secretsmanager", map[string]awsjson.Operation{
		"CreateSecret":      awsjson.Op(s.createSecretOp),
		"DeleteSecret":      awsjson.Op(s.deleteSecretOp),
		"DescribeSecret":    awsjson.Op(s.describeSecretOp),
		"GetRandomPassword": awsjson.Op(s.getRandomPasswordOp),
		"GetSecretValue":    awsjson.Op(s.getSecretValueOp),
		"ListSecrets":       awsjson.Op(s.listSecretsOp),
		"PutSecretValue":    awsjson.Op(s.putSecretValueOp),
		"RestoreSecret":     awsjson.Op(s.restoreSecretOp),
	})
}

type tag struct{ Key, Value string }

type createSecretInput struct {
	Name, Description, KmsKeyId, SecretString, ClientRequestToken string
	Tags                                                          []tag
}

// secretOutput is the answer of every operation that names a secret or a version.
type secretOutput struct {
	ARN           string
	Name          string
	VersionId     string   `json:",omitempty"`
	VersionStages []string `json:",omitempty"`
	SecretString  string   `json:",omitempty"`
	CreatedDate   float64  `json:",omitempty"`
	DeletionDate  float64  `json:",omitempty"`
}

func (s *Service) createSecretOp(ctx context.Context, in *createSecretInput) (*secretOutput, error) {
	secret := Secret{Name: in.Name, Description: in.Description, KMSKeyID: in.KmsKeyId, Tags: map[string]string{}}
	for _, t := range in.Tags {
		secret.Tags[t.Key] = t.Value
	}
	if in.SecretString != "" { // refused before the secret is there
		if err := checkVersion(in.SecretString, in.ClientRequestToken); err != nil {
			return nil, err
		}
	}
	r, err := s.create(ctx, secret, in.SecretString, in.ClientRequestToken)
	out := &secretOutput{ARN: r.ARN, Name: r.Name}
	if in.SecretString != "" {
		out.VersionId = cmp.Or(in.ClientRequestToken, r.Current.ID)
	}
	return out, err
}

func (s *Service) putSecretValueOp(ctx context.Context, in *struct{ SecretId, SecretString, ClientRequestToken string }) (*secretOutput, error) {
	if err := s.MayChange(ctx, "PutSecretValue", in.SecretId); err != nil {
		return nil, err
	}
	v, err := s.PutVersion(ctx, in.SecretId, in.SecretString, in.ClientRequestToken)
	return &secretOutput{ARN: v.ARN, Name: v.Name, VersionId: v.VersionID, VersionStages: v.Stages}, err
}

func (s *Service) getSecretValueOp(ctx context.Context, in *struct{ SecretId, VersionId, VersionStage string }) (*secretOutput, error) {
	v, err := s.GetSecretValue(ctx, in.SecretId, in.VersionId, in.VersionStage)
	return &secretOutput{ARN: v.ARN, Name: v.Name, VersionId: v.VersionID, VersionStages: v.Stages,
		SecretString: v.Value, CreatedDate: epoch(v.Created)}, err
}

// MayChange refuses a client's change of a secret that a service manages: the service
// does not learn of it.
func (s *Service) MayChange(ctx context.Context, action, id string) error {
	r, err := s.get(ctx, action, id)
	if err == nil && r.OwningService != "" {
		err = errManaged()
	}
	return err
}

type deleteSecretInput struct {
	SecretId                   string
	RecoveryWindowInDays       *int
	ForceDeleteWithoutRecovery bool
}

func (s *Service) deleteSecretOp(ctx context.Context, in *deleteSecretInput) (*secretOutput, error) {
	days := DefaultRecoveryDays
	switch {
	case in.ForceDeleteWithoutRecovery && in.RecoveryWindowInDays != nil:
		return nil, errInvalidParameter("You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.")
	case in.ForceDeleteWithoutRecovery:
		days = 0
	case in.RecoveryWindowInDays != nil && *in.RecoveryWindowInDays == 0:
		return nil, errRecoveryWindow()
	case in.RecoveryWindowInDays != nil:
		days = *in.RecoveryWindowInDays
	}
	if err := s.MayChange(ctx, "DeleteSecret", in.SecretId); err != nil {
		return nil, err
	}
	secret, err := s.deleteSecret(ctx, in.SecretId, days)
	return &secretOutput{ARN: secret.ARN, Name: secret.Name, DeletionDate: epoch(secret.DeletionDate)}, err
}

func (s *Service) restoreSecretOp(ctx context.Context, in *struct{ SecretId string }) (*secretOutput, error) {
	secret, err := s.RestoreSecret(ctx, in.SecretId)
	return &secretOutput{ARN: secret.ARN, Name: secret.Name}, err
}

// description is a secret in the answers of DescribeSecret and ListSecrets.
type description struct {
	ARN                string
	Name               string
	Description        string              `json:",omitempty"`
	KmsKeyId           string              `json:",omitempty"`
	OwningService      string              `json:",omitempty"`
	CreatedDate        float64             `json:",omitempty"`
	LastChangedDate    float64             `json:",omitempty"`
	DeletedDate        float64             `json:",omitempty"`
	Tags               []tag               `json:",omitempty"`
	VersionIdsToStages map[string][]string `json:",omitempty"`
}

func describe(s Secret) description {
	d := description{ARN: s.ARN, Name: s.Name, Description: s.Description, KmsKeyId: s.KMSKeyID, OwningService: s.OwningService,
		CreatedDate: epoch(s.Created), LastChangedDate: epoch(s.Changed), DeletedDate: epoch(s.DeletionDate)}
	for key, value := range s.Tags {
		d.Tags = append(d.Tags, tag{key, value})
	}
	slices.SortFunc(d.Tags, func(a, b tag) int { return strings.Compare(a.Key, b.Key) })
	return d
}

func (s *Service) describeSecretOp(ctx context.Context, in *struct{ SecretId string }) (*description, error) {
	r, err := s.get(ctx, "DescribeSecret", in.SecretId)
	d := describe(r.Secret)
	d.VersionIdsToStages = stagesOf(r)
	return &d, err
}

type listSecretsInput struct {
	IncludePlannedDeletion bool
	MaxResults             int
	NextToken              string
}

type listSecretsOutput struct {
	SecretList []description
	NextToken  string `json:",omitempty"`
}

// listSecretsOp pages by name: NextToken is the last name of the page before.
func (s *Service) listSecretsOp(ctx context.Context, in *listSecretsInput) (*listSecretsOutput, error) {
	if in.MaxResults < 0 || in.MaxResults > 100 {
		return nil, errInvalidParameter("MaxResults must be 1 to 100, not %d", in.MaxResults)
	}
	if in.MaxResults == 0 {
		in.MaxResults = 100
	}
	all, err := s.ListSecrets(ctx, in.IncludePlannedDeletion)
	if err != nil {
		return nil, err
	}
	out := &listSecretsOutput{SecretList: []description{}}
	for _, secret := range all {
		if in.NextToken != "" && secret.Name <= in.NextToken {
			continue
		}
		if len(out.SecretList) == in.MaxResults {
			out.NextToken = out.SecretList[in.MaxResults-1].Name
			break
		}
		out.SecretList = append(out.SecretList, describe(secret))
	}
	return out, nil
}

type getRandomPasswordInput struct {
	PasswordLength                                                         int
	ExcludeCharacters                                                      string
	ExcludeLowercase, ExcludeUppercase, ExcludeNumbers, ExcludePunctuation bool
	IncludeSpace                                                           bool
	RequireEachIncludedType                                                *bool
}

type getRandomPasswordOutput struct{ RandomPassword string }

func (s *Service) getRandomPasswordOp(ctx context.Context, in *getRandomPasswordInput) (*getRandomPasswordOutput, error) {
	password, err := s.GetRandomPassword(ctx, RandomPassword{
		Length: in.PasswordLength, ExcludeCharacters: in.ExcludeCharacters,
		ExcludeLowercase: in.ExcludeLowercase, ExcludeUppercase: in.ExcludeUppercase,
		ExcludeNumbers: in.ExcludeNumbers, ExcludePunctuation: in.ExcludePunctuation, IncludeSpace: in.IncludeSpace,
		AnyType: in.RequireEachIncludedType != nil && !*in.RequireEachIncludedType,
	})
	return &getRandomPasswordOutput{RandomPassword: password}, err
}

// epoch is a time in the JSON protocol: seconds since 1970, 0 for no time.
func epoch(t time.Time) float64 {
	if t.IsZero() {
		return 0
	}
	return float64(t.UnixMilli()) / 1000
}
