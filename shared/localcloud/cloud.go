package main

import (
	"errors"
	"net/http"
	"path/filepath"
	"slices"

	"pipeline/shared/localcloud/awscbor"
	"pipeline/shared/localcloud/cognito"
	"pipeline/shared/localcloud/drills"
	"pipeline/shared/localcloud/firehose"
	"pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/logs"
	"pipeline/shared/localcloud/monitoring"
	"pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/provider"
	authkinds "pipeline/shared/localcloud/provider/auth"
	gatewaykinds "pipeline/shared/localcloud/provider/gateway"
	iamkinds "pipeline/shared/localcloud/provider/iam"
	monitoringkinds "pipeline/shared/localcloud/provider/monitoring"
	networkkinds "pipeline/shared/localcloud/provider/network"
	secretskinds "pipeline/shared/localcloud/provider/secrets"
	storagekinds "pipeline/shared/localcloud/provider/storage"
	streamkinds "pipeline/shared/localcloud/provider/stream"
	warehousekinds "pipeline/shared/localcloud/provider/warehouse"
	"pipeline/shared/localcloud/redshift"
	"pipeline/shared/localcloud/s3"
	"pipeline/shared/localcloud/secrets"
	"pipeline/shared/localcloud/store"
)

// awsVersion is the pulumi-aws version whose place the provider takes: that of go.mod.
const awsVersion = "6.83.2"

// cloud is every plane, joined.
type cloud struct {
	kinds    [][]provider.Kind // what the provider serves
	provider *provider.Server
	roles    *iam.Service
	vault    *secrets.Service
	nets     *network.Service
	buckets  *s3.Service
	pools    *cognito.Service
	redshift *redshift.Service
	streams  *firehose.Service
	apis     *gateway.Service
	watch    *monitoring.Service
	events   *logs.Service
	drills   *drills.Drills

	execute http.Handler                // deployed APIs
	pages   http.Handler                // hosted sign-in, keys
	objects http.Handler                // S3
	targets map[string]http.Handler     // AWS APIs by the service in X-Amz-Target
	cbor    map[string]*awscbor.Service // those in CBOR, by the service in the path
	queries map[string]*iam.Query       // those of the query protocol, by the service in the signature
	delays  map[string]*drills.Delay    // of APIs, by the service in X-Amz-Target

	kept    *store.Store
	closers []func() error // in the order of opening
}

// open opens every plane on what the state folder keeps. What a plane needs comes
// before it. On failure everything that was opened is closed.
func open(o options, baseURL string, redshiftPort int) (c *cloud, err error) {
	c = &cloud{}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.close())
			c = nil
		}
	}()
	dir := func(name string) string { return filepath.Join(o.State, name) }
	var delays drills.Delays
	var clock drills.Clock
	now := clock.Now

	kept, err := store.Open(dir("store.db"))
	if err != nil {
		return c, err
	}
	c.kept, c.closers = kept, append(c.closers, kept.Close)
	roles, err := iam.New(kept, o.Account, o.Region, now)
	if err != nil {
		return c, err
	}
	events, err := logs.New(logs.Config{StateDir: dir("logs"), Store: kept, Account: o.Account, Region: o.Region, IAM: roles, Now: now})
	if err != nil {
		return c, err
	}
	c.closers = append(c.closers, events.Close)
	vault, err := secrets.New(secrets.Config{Store: kept, KeyFile: dir("secrets.key"), Account: o.Account, Region: o.Region, IAM: roles, Now: now})
	if err != nil {
		return c, err
	}
	nets, err := network.New(kept, o.Account, o.Region)
	if err != nil {
		return c, err
	}
	buckets, err := s3.New(dir("s3"), kept, roles, o.Account, o.Region, now)
	if err != nil {
		return c, err
	}
	c.closers = append(c.closers, buckets.Close)
	objects := slowObjects{buckets, &delays.S3}
	pools, err := cognito.New(cognito.Config{Store: kept, Account: o.Account, Region: o.Region, BaseURL: baseURL, IAM: roles, Now: now})
	if err != nil {
		return c, err
	}
	c.redshift, err = redshift.New(redshift.Config{Store: kept, Dir: dir("redshift"), Account: o.Account, Region: o.Region,
		Port: redshiftPort, Now: now, IAM: roles, Callers: roles, Objects: objects, Secrets: vault, Network: nets})
	if err != nil {
		return c, err
	}
	c.closers = append(c.closers, c.redshift.Close)
	watch, err := monitoring.New(kept, roles, o.Account, o.Region, now)
	if err != nil {
		return c, err
	}
	streams, err := firehose.New(firehose.Config{StateDir: dir("firehose"), Store: kept, Account: o.Account, Region: o.Region,
		IAM: roles, S3: objects, Warehouse: warehouse{c.redshift, &delays.Redshift}, Network: reach{c.redshift, nets}, Secrets: vault, Events: events, Metrics: metrics{watch}, Now: now})
	if err != nil {
		return c, err
	}
	c.closers = append(c.closers, streams.Close)
	puts := streams.Handler() // one: it bounds all calls together
	apis, err := gateway.New(gateway.Config{Store: kept, Account: o.Account, Region: o.Region, BaseURL: baseURL,
		Tokens: pools, Logs: events, Roles: roles, Services: map[string]http.Handler{"firehose": delays.Firehose.Handler(puts)}, Now: now})
	if err != nil {
		return c, err
	}
	c.closers = append(c.closers, apis.Close)

	c.roles, c.vault, c.nets, c.buckets, c.pools, c.streams, c.apis, c.watch, c.events = roles, vault, nets, buckets, pools, streams, apis, watch, events
	c.execute, c.pages, c.objects = delays.Gateway.Handler(apis), delays.Cognito.Handler(pools.Pages()), delays.S3.Handler(buckets.Handler())
	c.targets = map[string]http.Handler{
		"Firehose_20150804":                 puts,
		"RedshiftData":                      c.redshift.Handler(),
		"AWSCognitoIdentityProviderService": pools.Handler(),
		"secretsmanager":                    vault.Handler(),
		"Logs_20140328":                     events.Handler(),
		"GraniteServiceVersion20100801":     watch.Handler(),
	}
	c.cbor = map[string]*awscbor.Service{"GraniteServiceVersion20100801": watch.CBOR()}
	c.delays = map[string]*drills.Delay{"Firehose_20150804": &delays.Firehose, "RedshiftData": &delays.Redshift,
		"AWSCognitoIdentityProviderService": &delays.Cognito}
	c.drills = &drills.Drills{Streams: streams, Warehouse: c.redshift, Roles: roles, Tokens: pools, Authorizers: apis, Delays: &delays, Clock: &clock}
	c.queries = map[string]*iam.Query{"sts": roles.Query("sts"), "iam": roles.Query("iam")}
	c.kinds = [][]provider.Kind{
		iamkinds.Kinds(roles, o.Region), storagekinds.Kinds(buckets), networkkinds.Kinds(nets, o.Account), secretskinds.Kinds(vault),
		warehousekinds.Kinds(c.redshift, nets), monitoringkinds.Kinds(events, watch), streamkinds.Kinds(streams, events, vault),
		authkinds.Kinds(pools, o.Account, o.Region), gatewaykinds.Kinds(apis),
	}
	c.provider, err = provider.New(awsVersion, o.Region, kept, c.kinds...)
	return c, err
}

// close closes the planes, the last opened first: who calls before who is called.
func (c *cloud) close() error {
	var failures []error
	for _, closer := range slices.Backward(c.closers) {
		failures = append(failures, closer())
	}
	return errors.Join(failures...)
}
