// Package iam is the local cloud's Identity and Access Management: roles with their
// policies, who may take one on, and what it may then do. Every other plane asks it
// before it does anything (Authorize).
//
// There are no users: an access key that is no role's is the account's administrator, who
// may do what no bucket policy denies.
package iam

import (
	"strings"
	"sync"
	"time"

	"pipeline/shared/localcloud/store"
)

// Service holds the roles of one account.
type Service struct {
	account   string
	region    string
	partition string
	now       func() time.Time
	kept      store.Collection[record]

	mu    sync.RWMutex
	roles map[string]*principal // by lower-case name: AWS's role names are unique in any case

	sessions sessions
	drills   drills
}

// New opens the roles that st keeps. Account and region are the local cloud's own.
func New(st *store.Store, account, region string, now func() time.Time) (*Service, error) {
	kept, err := store.NewCollection[record](st, "iam/roles")
	if err != nil {
		return nil, err
	}
	s := &Service{account: account, region: region, partition: Partition(region), now: now,
		kept: kept, roles: map[string]*principal{}, sessions: newSessions()}
	return s, s.load()
}

func (s *Service) load() error {
	items, err := s.kept.List()
	if err != nil {
		return err
	}
	for _, item := range items {
		p, err := s.compile(item.Value)
		if err != nil {
			return err
		}
		s.roles[item.Key] = p
	}
	return nil
}

// Partition is the first part of every ARN of a region.
func Partition(region string) string {
	switch {
	case strings.HasPrefix(region, "cn-"):
		return "aws-cn"
	case strings.HasPrefix(region, "us-gov-"):
		return "aws-us-gov"
	}
	return "aws"
}
