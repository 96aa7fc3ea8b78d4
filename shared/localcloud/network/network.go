// Package network is the local cloud's VPCs: records of networks, subnets, routes and
// security groups, checked as EC2 checks them. No packet is filtered by them; other
// planes ask what they would do (Admits, Public, ToS3).
package network

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"sync"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/store"
)

// Service is the networks of one account in one region.
type Service struct {
	account string
	region  string

	mu        sync.RWMutex // held for writing by whatever changes something
	vpcs      records[VPC]
	subnets   records[Subnet]
	gateways  records[InternetGateway]
	tables    records[RouteTable]
	groups    records[SecurityGroup]
	rules     records[Rule]
	endpoints records[Endpoint]
}

// New opens the networks that st keeps. Account and region are the local cloud's own.
func New(st *store.Store, account, region string) (*Service, error) {
	s := &Service{account: account, region: region}
	for _, open := range []func() error{
		func() error { return s.vpcs.open(st, "vpc", "InvalidVpcID.NotFound", "The vpc ID '%s' does not exist") },
		func() error {
			return s.subnets.open(st, "subnet", "InvalidSubnetID.NotFound", "The subnet ID '%s' does not exist")
		},
		func() error {
			return s.gateways.open(st, "igw", "InvalidInternetGatewayID.NotFound", "The internetGateway ID '%s' does not exist")
		},
		func() error {
			return s.tables.open(st, "rtb", "InvalidRouteTableID.NotFound", "The routeTable ID '%s' does not exist")
		},
		func() error {
			return s.groups.open(st, "sg", "InvalidGroup.NotFound", "The security group '%s' does not exist")
		},
		func() error {
			return s.rules.open(st, "sgr", "InvalidSecurityGroupRuleId.NotFound", "The security group rule ID '%s' does not exist")
		},
		func() error {
			return s.endpoints.open(st, "vpce", "InvalidVpcEndpointId.NotFound", "The Vpc Endpoint Id '%s' does not exist")
		},
	} {
		if err := open(); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// AvailabilityZones returns the zones of the region, by name.
func (s *Service) AvailabilityZones() []string {
	return []string{s.region + "a", s.region + "b", s.region + "c"}
}

// Region returns the region that the networks are in.
func (s *Service) Region() string { return s.region }

// arn is the ARN of one of EC2's resources.
func (s *Service) arn(kind, id string) string {
	return fmt.Sprintf("arn:%s:ec2:%s:%s:%s/%s", iam.Partition(s.region), s.region, s.account, kind, id)
}

// records are those of one kind, by id.
type records[T any] struct {
	store.Collection[T]
	prefix, code, text string
}

func (r *records[T]) open(st *store.Store, prefix, code, text string) (err error) {
	r.prefix, r.code, r.text = prefix, code, text
	r.Collection, err = store.NewCollection[T](st, "network/"+prefix)
	return err
}

// id makes an id as EC2 does: a prefix and 17 hexadecimal digits.
func (r *records[T]) id() string {
	random := make([]byte, 9)
	rand.Read(random)
	return r.prefix + "-" + hex.EncodeToString(random)[:17]
}

// find returns a record, or the kind's NotFound.
func (r *records[T]) find(id string) (T, error) {
	v, found, err := r.Get(id)
	if err == nil && !found {
		err = errorf(r.code, r.text, id)
	}
	return v, err
}

// where returns the records that are meant.
func (r *records[T]) where(meant func(T) bool) ([]T, error) {
	items, err := r.List()
	var found []T
	for _, item := range items {
		if meant(item.Value) {
			found = append(found, item.Value)
		}
	}
	return found, err
}

// any says whether a record is meant.
func (r *records[T]) any(meant func(T) bool) (bool, error) {
	found, err := r.where(meant)
	return len(found) > 0, err
}
