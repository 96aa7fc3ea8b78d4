package firehose

import (
	"cmp"
	"context"
	"errors"
	"reflect"
	"slices"

	"github.com/google/uuid"
)

// CreateDeliveryStream makes a stream. It accepts records when the call that it is part of
// is kept: until then a kill takes it back.
func (s *Service) CreateDeliveryStream(ctx context.Context, spec Spec) (Info, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	name := spec.DeliveryStreamName
	if _, err := s.find(ctx, "CreateDeliveryStream", name); err == nil {
		return Info{}, errInUse(name, s.cfg.Account)
	} else if codeOf(err) != "ResourceNotFoundException" {
		return Info{}, err
	}
	if err := s.check(ctx, spec); err != nil {
		return Info{}, err
	}
	now := s.cfg.Now()
	rec := record{ID: uuid.NewString(), Info: Info{Spec: spec.withDefaults(), ARN: s.arn(name), Version: 1, Created: now, Updated: now}}
	if err := s.records.Put(name, rec); err != nil {
		return Info{}, err
	}
	st, err := s.open(rec)
	if err != nil { // it must not be there at the next start
		return Info{}, errors.Join(err, s.records.Delete(name))
	}
	s.set(st)
	return rec.Info, s.cfg.Store.Afterwards(st.keep)
}

// set makes st the stream of its name.
func (s *Service) set(st *stream) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.streams[st.name()] = st
}

// check refuses a declaration that AWS would, and roles that Firehose cannot assume.
func (s *Service) check(ctx context.Context, spec Spec) error {
	if err := Check(spec); err != nil {
		return err
	}
	if spec.Redshift != nil {
		if _, ok := regionBlocks[s.cfg.Region]; !ok {
			return errInvalid("the addresses from which Firehose reaches a cluster in region %s are not known", s.cfg.Region)
		}
	}
	for _, role := range spec.roles() {
		if _, err := s.cfg.IAM.AssumeRole(ctx, principal, role); err != nil {
			return errRole(role)
		}
	}
	return nil
}

// roles are the roles that the stream acts as, each once.
func (s Spec) roles() []string {
	roles := []string{s.intermediate().RoleARN}
	if s.Redshift != nil {
		roles = append(roles, s.Redshift.RoleARN, s.Redshift.secretRole())
	}
	if b := s.backup(); b != nil {
		roles = append(roles, b.RoleARN)
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

// DescribeDeliveryStream returns the stream as it is, with its password: what tells callers
// of it leaves that out.
func (s *Service) DescribeDeliveryStream(ctx context.Context, name string) (Info, error) {
	st, err := s.find(ctx, "DescribeDeliveryStream", name)
	if err != nil {
		return Info{}, err
	}
	return st.rec.Info, nil
}

// ListDeliveryStreams returns the names in order.
func (s *Service) ListDeliveryStreams(ctx context.Context) ([]string, error) {
	if err := s.cfg.IAM.Authorize(ctx, "firehose:ListDeliveryStreams", "*", nil); err != nil {
		return nil, errDenied(err)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	names := make([]string, 0, len(s.streams))
	for name := range s.streams {
		names = append(names, name)
	}
	slices.Sort(names)
	return names, nil
}

// UpdateDestination gives the stream a new declaration of the same destination. What is
// buffered is delivered by the new one, or by the old one where they make other partitions;
// what is staged is loaded from the bucket it is in,
// with the new options of COPY.
func (s *Service) UpdateDestination(ctx context.Context, spec Spec) (Info, error) {
	s.changing.Lock()
	defer s.changing.Unlock()
	st, err := s.find(ctx, "UpdateDestination", spec.DeliveryStreamName)
	if err != nil {
		return Info{}, err
	}
	if err := cmp.Or(s.check(ctx, spec), checkUpdate(st.rec.Spec, spec.withDefaults())); err != nil {
		return Info{}, err
	}
	rec := st.rec
	rec.Spec, rec.Updated = spec.withDefaults(), s.cfg.Now()
	if !reflect.DeepEqual([]any{st.rec.ExtendedS3, st.rec.Redshift}, []any{rec.ExtendedS3, rec.Redshift}) {
		rec.Version++ // tags and encryption make no version
	}
	if err := s.change(st, rec); err != nil {
		return Info{}, err
	}
	return rec.Info, nil
}

// change gives a stream another declaration. It accepts records all the while, and goes on
// as it was when that fails.
func (s *Service) change(st *stream, rec record) error {
	if err := s.records.Put(st.name(), rec); err != nil {
		return err
	}
	st.flushing.Store(st.rec.parting() != rec.parting())
	st.stop()
	next, err := s.start(rec, st.lasting)
	if err != nil {
		var failed error
		next, failed = s.start(st.rec, st.lasting)
		err = errors.Join(err, failed, s.records.Put(st.name(), st.rec))
	}
	if next != nil {
		s.set(next)
	}
	return err
}

// checkUpdate refuses what a stream cannot change any more.
func checkUpdate(old, spec Spec) error {
	switch {
	case (old.Redshift == nil) != (spec.Redshift == nil):
		return errInvalid("Changing the destination type is not supported by the local cloud: make a new stream")
	case old.backup() != nil && spec.backup() == nil:
		return errInvalid("S3BackupMode cannot be disabled once it is enabled.")
	case old.ExtendedS3 != nil && old.ExtendedS3.partitioned() != spec.ExtendedS3.partitioned():
		return errInvalid("Dynamic Partitioning can only be enabled when the stream is created, and not be disabled.")
	}
	return nil
}

// DeleteDeliveryStream accepts no more records, delivers what is buffered, once and
// without retries, and removes the stream. What the bucket does not take is lost; objects
// that the COPY does not load are in a manifest under errors/. What AWS does with a deleted
// stream's buffer is not documented.
func (s *Service) DeleteDeliveryStream(ctx context.Context, name string) error {
	s.changing.Lock()
	defer s.changing.Unlock()
	st, err := s.find(ctx, "DeleteDeliveryStream", name)
	if err != nil {
		return err
	}
	if err := s.records.Delete(name); err != nil {
		return err
	}
	s.mu.Lock()
	delete(s.streams, name)
	s.mu.Unlock()
	return errors.Join(st.empty(), s.cfg.Store.Afterwards(st.forget))
}
