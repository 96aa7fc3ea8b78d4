package secrets

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// The recovery window, in days (botocore service model secretsmanager, DeleteSecret).
const (
	MinRecoveryDays     = 7
	MaxRecoveryDays     = 30
	DefaultRecoveryDays = 30
)

// DeleteSecret deletes a secret after recoveryWindowDays, during which it can be restored
// and its name stays taken; 0 deletes it at once and for ever.
func (s *Service) DeleteSecret(ctx context.Context, arn string, recoveryWindowDays int) error {
	_, err := s.deleteSecret(ctx, arn, recoveryWindowDays)
	return err
}

func (s *Service) deleteSecret(ctx context.Context, id string, days int) (Secret, error) {
	if err := CheckRecoveryWindow(days); err != nil {
		return Secret{}, err
	}
	end := s.cfg.Now().Add(time.Duration(days) * 24 * time.Hour)
	secret, err := s.change(ctx, "DeleteSecret", id, func(r *record) error {
		r.DeletionDate = end
		return nil
	})
	if err != nil || days != 0 {
		return secret, err
	}
	return secret, s.secrets.Within(ctx).Delete(secret.ARN)
}

// CheckRecoveryWindow checks the days that DeleteSecret takes.
func CheckRecoveryWindow(days int) error {
	if days != 0 && (days < MinRecoveryDays || days > MaxRecoveryDays) {
		return errRecoveryWindow()
	}
	return nil
}

// RestoreSecret undoes a deletion whose recovery window has not ended.
func (s *Service) RestoreSecret(ctx context.Context, id string) (Secret, error) {
	return s.change(ctx, "RestoreSecret", id, func(r *record) error {
		r.DeletionDate = time.Time{}
		return nil
	})
}

// live returns the secrets by name, and forgets those whose recovery window has ended.
func (s *Service) live() ([]record, error) {
	items, err := s.secrets.List()
	if err != nil {
		return nil, err
	}
	var records []record
	for _, item := range items {
		if r := item.Value; !r.Deleted() || s.cfg.Now().Before(r.DeletionDate) {
			records = append(records, r)
		} else if err := s.secrets.Apart().Delete(item.Key); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(records, func(a, b record) int { return cmp.Compare(a.Name, b.Name) })
	return records, nil
}
