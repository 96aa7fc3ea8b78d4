package s3

import (
	"context"
	"errors"
	"strings"
	"time"
)

// LifecycleRule expires objects. Days are whole days; 0 is not set.
type LifecycleRule struct {
	ID             string
	Enabled        bool
	Prefix         string // of the keys that it is for
	ExpirationDays int
	AbortDays      int // after which an unfinished multipart upload is aborted
}

// PutLifecycle replaces a bucket's lifecycle; no rules remove it.
func (s *Service) PutLifecycle(name string, rules []LifecycleRule) error {
	if err := CheckLifecycle(rules); err != nil {
		return err
	}
	return s.change(name, func(b *Bucket) error { b.Lifecycle = rules; return nil })
}

// Run applies lifecycles now and every interval, until ctx ends. What fails is told to
// report, and tried again at the next.
func (s *Service) Run(ctx context.Context, every time.Duration, report func(error)) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if _, err := s.Expire(ctx); err != nil {
			report(err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// Expire deletes the objects whose time is over, until ctx ends, and says how many. A
// bucket that fails keeps no other from its turn.
func (s *Service) Expire(ctx context.Context) (deleted int, err error) {
	for _, b := range s.ListBuckets() {
		for _, rule := range b.Lifecycle {
			n, failed := s.expire(ctx, b.Name, rule)
			deleted += n
			var refused *Error
			if errors.As(failed, &refused) && refused.Code == "NoSuchBucket" { // it was deleted meanwhile
				continue
			}
			err = errors.Join(err, failed)
		}
	}
	return deleted, err
}

func (s *Service) expire(ctx context.Context, bucket string, rule LifecycleRule) (deleted int, err error) {
	if !rule.Enabled {
		return 0, nil
	}
	s.expireUploads(bucket, rule)
	if rule.ExpirationDays == 0 {
		return 0, nil
	}
	all, err := s.objects.list(bucket, listing{prefix: rule.Prefix})
	if err != nil {
		return 0, err
	}
	over := func(modified time.Time) bool { return !s.now().Before(expiry(modified, rule.ExpirationDays)) }
	for _, o := range all.objects {
		if ctx.Err() != nil { // the rest at the next start
			return deleted, nil
		}
		if !over(o.Modified) {
			continue
		}
		// The object may have been replaced since it was listed.
		gone, err := s.objects.delete(bucket, o.Key, func(r record) bool { return over(r.Modified) })
		if err != nil {
			return deleted, err
		}
		if gone {
			deleted++
		}
	}
	return deleted, nil
}

// expiry is when an object expires: the days after it was made, rounded up to the next
// midnight UTC (S3 user guide, "Lifecycle and object expiration").
func expiry(modified time.Time, days int) time.Time {
	t := modified.UTC().AddDate(0, 0, days)
	midnight := t.Truncate(24 * time.Hour)
	if midnight.Equal(t) {
		return t
	}
	return midnight.Add(24 * time.Hour)
}

// expireUploads aborts the multipart uploads that were begun too long ago.
func (s *Service) expireUploads(bucket string, rule LifecycleRule) {
	if rule.AbortDays == 0 {
		return
	}
	s.uploads.abort(func(u *upload) bool {
		return u.bucket == bucket && strings.HasPrefix(u.key, rule.Prefix) && !s.now().Before(expiry(u.initiated, rule.AbortDays))
	})
}
