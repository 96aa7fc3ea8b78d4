package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/netip"

	"pipeline/shared/localcloud/drills"
	"pipeline/shared/localcloud/firehose"
	"pipeline/shared/localcloud/monitoring"
	"pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/redshift"
	"pipeline/shared/localcloud/s3"
)

// warehouse is Redshift as Firehose sees it: errors of SQL are load errors.
type warehouse struct {
	*redshift.Service
	delay *drills.Delay
}

func (w warehouse) Exec(ctx context.Context, host, database, user, password, sql string) error {
	if err := w.delay.Wait(ctx); err != nil {
		return err
	}
	err := w.Service.Exec(ctx, host, database, user, password, sql)
	var failed *redshift.Error
	if errors.As(err, &failed) {
		return &firehose.LoadError{Code: failed.Code, Message: failed.Message}
	}
	return err
}

// slowObjects is S3 as other planes see it, with the delay of a drill.
type slowObjects struct {
	*s3.Service
	delay *drills.Delay
}

func (o slowObjects) PutObject(ctx context.Context, bucket, key string, body []byte, contentType string) error {
	if err := o.delay.Wait(ctx); err != nil {
		return err
	}
	return o.Service.PutObject(ctx, bucket, key, body, contentType)
}

func (o slowObjects) GetObject(ctx context.Context, bucket, key string) (io.ReadCloser, error) {
	if err := o.delay.Wait(ctx); err != nil {
		return nil, err
	}
	return o.Service.GetObject(ctx, bucket, key)
}

// metrics is CloudWatch as Firehose sees it.
type metrics struct{ *monitoring.Service }

func (m metrics) PutStreamMetric(stream, metric string, value float64) {
	m.Put(monitoring.Metric{Namespace: "AWS/Firehose", Name: metric, Dimensions: map[string]string{"DeliveryStreamName": stream}}, value)
}

// reach is the network between Firehose and clusters. Firehose delivers from outside
// the VPC: the cluster has to be publicly accessible, in subnets with a way to the
// internet, behind a security group that admits Firehose's addresses (Firehose
// developer guide, "Network access to Redshift").
type reach struct {
	clusters *redshift.Service
	network  *network.Service
}

func (r reach) Reach(_ context.Context, host string, port int, from netip.Prefix) error {
	clusters, err := r.clusters.Clusters()
	if err != nil {
		return err
	}
	for _, c := range clusters {
		if c.Endpoint != host {
			continue
		}
		if !c.PubliclyAccessible {
			return fmt.Errorf("cluster %s is not publicly accessible", c.Identifier)
		}
		if !r.network.Admits(c.SecurityGroupIDs, from.String(), c.Port) {
			return fmt.Errorf("no security group of cluster %s admits Firehose's addresses %s on port %d", c.Identifier, from, c.Port)
		}
		return r.public(c)
	}
	return fmt.Errorf("there is no cluster at %s", host)
}

func (r reach) public(c redshift.Cluster) error {
	group, err := r.clusters.GetSubnetGroup(c.SubnetGroup)
	if err != nil {
		return err
	}
	for _, subnet := range group.SubnetIDs {
		public, err := r.network.Public(subnet)
		if err != nil {
			return err
		}
		if !public {
			return fmt.Errorf("subnet %s of cluster %s has no route to an internet gateway", subnet, c.Identifier)
		}
	}
	return nil
}
