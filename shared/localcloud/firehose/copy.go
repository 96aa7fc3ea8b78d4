package firehose

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"pipeline/shared/localcloud/firehose/prefix"
	"pipeline/shared/localcloud/iam"
)

// copier loads what is staged into Redshift: one COPY at a time, each for all objects
// that are there, and the next one when it succeeded (developer guide, "Data delivery
// frequency").
type copier struct {
	st     *stream
	into   Redshift
	target jdbc
	keys   keys
	signIn *signIn
	woken  chan struct{} // holds one token: there may be something to load
	over   chan struct{} // closed: nothing more will be staged
	done   chan struct{}
}

func newCopier(st *stream) *copier {
	r := *st.rec.Redshift
	target, _ := parseJDBC(r.ClusterJDBCURL) // checked when the stream was made
	return &copier{st: st, into: r, target: target, signIn: newSignIn(st.svc.cfg, r),
		keys:  keys{stream: st.name(), version: st.rec.Version},
		woken: make(chan struct{}, 1), over: make(chan struct{}), done: make(chan struct{})}
}

func (c *copier) wake() {
	select {
	case c.woken <- struct{}{}:
	default:
	}
}

// stop waits for the COPY under way; when the stream drains, for one more.
func (c *copier) stop() {
	close(c.over)
	<-c.done
}

func (c *copier) run() {
	defer close(c.done)
	c.wake() // what an earlier run left
	for {
		select {
		case <-c.woken:
			c.loadAll()
		case <-c.over:
			if c.st.draining.Load() {
				c.loadAll()
			}
			return
		}
	}
}

// loadAll loads until nothing is staged or the stream stops.
func (c *copier) loadAll() {
	for !c.st.stopped() || c.st.draining.Load() {
		l, err := c.next()
		if err != nil {
			c.st.svc.cfg.Log.Error("could not note the objects to load", "stream", c.st.name(), "error", err)
		}
		if l == nil || !c.load(*l) {
			return
		}
	}
}

// next returns the batch to load, nil when nothing is staged.
func (c *copier) next() (*loading, error) {
	var next *loading
	c.st.ledger.mu.Lock()
	idle := c.st.ledger.now.Loading == nil && len(c.st.ledger.now.Staged) == 0
	c.st.ledger.mu.Unlock()
	if idle {
		return nil, nil
	}
	err := c.st.ledger.update(func(p *progress) {
		if p.Loading == nil {
			now := c.st.svc.cfg.Now()
			p.Loading = &loading{Objects: p.Staged, FirstTried: now,
				Manifest: "manifests/" + prefix.Hour(now) + c.keys.name(prefix.Stamp(now))}
			p.Staged = nil
		}
		l := *p.Loading
		next = &l
	})
	return next, err
}

// load tries one batch until it is in the table or its time is over, and returns false
// when the stream stops.
func (c *copier) load(l loading) bool {
	for {
		err := c.try(l)
		if err == nil {
			c.st.metrics.delivered("redshift")
			return c.finish(nil)
		}
		if c.st.ctx.Err() != nil && !c.st.draining.Load() { // the stop ended it, and the next start tries it again
			c.st.svc.cfg.Log.Warn("objects may be loaded twice: a COPY was interrupted", "stream", c.st.name(), "manifest", l.Manifest)
			return false
		}
		c.st.metrics.failed("redshift")
		c.st.report(c.into.RoleARN, c.into.CloudWatchLoggingOptions, c.into.ClusterJDBCURL, loadFailure(err), err)
		now := c.st.svc.cfg.Now()
		if now.Before(l.FirstTried) { // the clock was set back
			l.FirstTried = now
		}
		left := c.retryFor() - now.Sub(l.FirstTried)
		if left <= 0 || c.st.draining.Load() {
			return c.finish(&l)
		}
		if !c.st.pause(min(left, copyRetry)) {
			return false
		}
	}
}

func (c *copier) retryFor() time.Duration {
	return time.Duration(*c.into.RetryOptions.DurationInSeconds) * time.Second
}

// finish closes the batch; a skipped one leaves its manifest under errors/ for a COPY by
// hand (developer guide, "Data delivery failure handling").
func (c *copier) finish(skipped *loading) bool {
	for skipped != nil {
		err := c.putManifest("errors/"+skipped.Manifest, *skipped)
		if err == nil {
			break
		}
		c.st.report(c.into.RoleARN, c.into.CloudWatchLoggingOptions, c.into.S3Configuration.BucketARN, s3Failure(err), err)
		if c.st.draining.Load() {
			c.st.svc.cfg.Log.Error("objects of a deleted delivery stream are in no table", "stream", c.st.name(), "objects", skipped.Objects)
			break
		}
		if !c.st.pause(copyRetry) {
			return false
		}
	}
	if err := c.st.ledger.update(func(p *progress) { p.Loading = nil }); err != nil {
		c.st.svc.cfg.Log.Error("could not note a finished load: after a crash it is made again", "stream", c.st.name(), "error", err)
	}
	return true
}

// try makes one COPY, and nothing is left behind when it fails but its manifest.
func (c *copier) try(l loading) error {
	ctx := iam.WithCaller(c.st.ctx, iam.Caller{Service: principal, Role: c.into.RoleARN})
	if err := c.st.svc.cfg.Network.Reach(ctx, c.target.host, c.target.port, regionBlocks[c.st.svc.cfg.Region]); err != nil {
		return &LoadError{Code: "08001", Message: err.Error()}
	}
	user, password, err := c.signIn.read(ctx)
	if err != nil {
		return err
	}
	if err := c.putManifest(l.Manifest, l); err != nil {
		return &stagingError{err}
	}
	keys, err := c.st.svc.cfg.IAM.AssumeRole(ctx, principal, c.into.RoleARN)
	if err != nil {
		return &roleError{err}
	}
	if c.st.drills.copies.take(1) > 0 {
		return errDrill
	}
	sql := c.statement(l.Manifest, keys)
	return c.st.svc.cfg.Warehouse.Exec(ctx, c.target.host, c.target.database, user, password, sql)
}

// statement is the COPY that Firehose issues. The form of its credentials is not
// documented by AWS; temporary keys of the stream's role are what the documentation's
// demands on roles imply.
func (c *copier) statement(manifest string, keys iam.Credentials) string {
	table := c.into.CopyCommand.DataTableName
	if columns := c.into.CopyCommand.DataTableColumns; columns != "" {
		table += " (" + columns + ")"
	}
	return fmt.Sprintf("COPY %s FROM 's3://%s/%s' CREDENTIALS 'aws_access_key_id=%s;aws_secret_access_key=%s;token=%s' MANIFEST %s;",
		table, bucketName(c.into.S3Configuration.BucketARN), manifest,
		keys.AccessKeyID, keys.SecretAccessKey, keys.SessionToken, c.into.CopyCommand.CopyOptions)
}

// manifestEntry is one file in a COPY manifest (Redshift developer guide, "Using a
// manifest to specify data files").
type manifestEntry struct {
	URL       string `json:"url"`
	Mandatory bool   `json:"mandatory"`
	Meta      struct {
		ContentLength int64 `json:"content_length"`
	} `json:"meta"`
}

func (c *copier) putManifest(key string, l loading) error {
	bucket := bucketName(c.into.S3Configuration.BucketARN)
	entries := make([]manifestEntry, len(l.Objects))
	for i, o := range l.Objects {
		entries[i].URL, entries[i].Mandatory = "s3://"+cmp.Or(o.Bucket, bucket)+"/"+o.Key, true
		entries[i].Meta.ContentLength = o.Bytes
	}
	body, err := json.Marshal(map[string]any{"entries": entries})
	if err != nil {
		return err
	}
	ctx := iam.WithCaller(context.WithoutCancel(c.st.ctx), iam.Caller{Service: principal, Role: c.into.S3Configuration.RoleARN})
	return c.st.svc.cfg.S3.PutObject(ctx, bucket, key, body, "application/json")
}
