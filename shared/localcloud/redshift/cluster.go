package redshift

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/secrets"
)

// Cluster is a provisioned cluster. The fields behind Tags are computed.
type Cluster struct {
	Identifier         string
	DatabaseName       string // default dev
	MasterUsername     string
	ManagePassword     bool   // ManageMasterPassword
	SecretKMSKeyID     string // of the managed secret
	NodeType           string
	NumberOfNodes      int // 1 means single-node
	Port               int // default 5439; every cluster answers at the service's own port
	PubliclyAccessible bool
	Encrypted          bool
	SubnetGroup        string
	ParameterGroup     string // default default.redshift-2.0
	SecurityGroupIDs   []string
	IAMRoles           []string // ARNs, which COPY ... IAM_ROLE may name
	DefaultIAMRole     string
	EnhancedVPCRouting bool
	SnapshotDays       int // AutomatedSnapshotRetentionPeriod, 1-35
	ManualSnapshotDays int // ManualSnapshotRetentionPeriod; -1 (default) is for ever
	MaintenanceWindow  string
	MaintenanceTrack   string // current (default) or trailing
	NoVersionUpgrade   bool
	Tags               map[string]string

	ARN       string
	Namespace string // ARN
	Suffix    string // the 12 characters of the endpoint
	Endpoint  string // host name
	SecretARN string // of the managed password
	Created   time.Time
}

// Address is endpoint:port, as DescribeClusters and Pulumi give it.
func (s *Service) Address(c Cluster) string { return fmt.Sprintf("%s:%d", c.Endpoint, s.cfg.Port) }

// CreateCluster makes a cluster and its database. Password is the admin's, empty when
// the cluster manages it.
func (s *Service) CreateCluster(ctx context.Context, c Cluster, password string) (Cluster, error) {
	c = c.WithDefaults()
	if err := s.CheckCluster(c, password); err != nil {
		return c, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, found, err := s.clusters.Get(c.Identifier); err != nil || found {
		return c, orExists(err, codeClusterExists, "Cluster already exists")
	}
	if err := s.checkGroups(c); err != nil {
		return c, err
	}
	c.Suffix = lower(12)
	c.Endpoint = fmt.Sprintf("%s.%s.%s.redshift.localhost", c.Identifier, c.Suffix, s.cfg.Region)
	c.ARN = s.arn("cluster", c.Identifier)
	c.Namespace = s.arn("namespace", uuid())
	c.Created = s.cfg.Now().UTC()
	if c.ManagePassword {
		var err error
		if c.SecretARN, password, err = s.managedSecret(ctx, c); err != nil {
			return c, err
		}
	}
	if err := s.makeDatabase(ctx, c, password); err != nil {
		return c, err
	}
	return c, s.clusters.Put(c.Identifier, c)
}

func orExists(err error, code, words string) error {
	if err != nil {
		return err
	}
	return &APIError{Code: code, Message: words}
}

// WithDefaults fills what AWS fills when it is not given.
func (c Cluster) WithDefaults() Cluster {
	if c.DatabaseName == "" {
		c.DatabaseName = "dev"
	}
	if c.Port == 0 {
		c.Port = 5439
	}
	if c.NumberOfNodes == 0 {
		c.NumberOfNodes = 1
	}
	if c.ParameterGroup == "" {
		c.ParameterGroup = "default.redshift-2.0"
	}
	if c.SnapshotDays == 0 {
		c.SnapshotDays = 1
	}
	if c.ManualSnapshotDays == 0 {
		c.ManualSnapshotDays = -1
	}
	c.MaintenanceWindow = cmp.Or(c.MaintenanceWindow, DefaultMaintenanceWindow)
	c.MaintenanceTrack = cmp.Or(c.MaintenanceTrack, "current")
	return c
}

// DefaultMaintenanceWindow is what AWS would choose by chance. Nothing here depends on it.
const DefaultMaintenanceWindow = "sat:03:00-sat:03:30"

func (s *Service) arn(kind, name string) string {
	return fmt.Sprintf("arn:%s:redshift:%s:%s:%s:%s", iam.Partition(s.cfg.Region), s.cfg.Region, s.cfg.Account, kind, name)
}

// makeDatabase makes the file anew: what a cluster of that name had is gone, as on AWS.
func (s *Service) makeDatabase(ctx context.Context, c Cluster, password string) error {
	if err := errors.Join(s.closeDatabase(c.Identifier), os.RemoveAll(filepath.Dir(s.databasePath(c)))); err != nil {
		return fmt.Errorf("create cluster %s: %w", c.Identifier, err)
	}
	if err := os.MkdirAll(filepath.Dir(s.databasePath(c)), 0o700); err != nil {
		return fmt.Errorf("create cluster %s: %w", c.Identifier, err)
	}
	d, err := s.databaseLocked(c)
	if err != nil {
		return err
	}
	return d.SetAdmin(ctx, c.MasterUsername, password)
}

// managedSecret makes the admin's password and keeps it as {"username", "password"}.
func (s *Service) managedSecret(ctx context.Context, c Cluster) (arn, password string, err error) {
	name := "redshift!" + secretOwner(c.Identifier) + "-" + c.MasterUsername
	secret, err := s.cfg.Secrets.CreateSecret(ctx, secrets.Secret{
		Name:          name,
		Description:   "Secret created by Amazon Redshift for the admin of " + secretOwner(c.Identifier),
		KMSKeyID:      c.SecretKMSKeyID,
		OwningService: "redshift",
		Tags:          map[string]string{"aws:redshift:primaryClusterArn": c.ARN},
	})
	if err != nil {
		// A creation that failed left its secret behind, unless it is another cluster's.
		left, describing := s.cfg.Secrets.DescribeSecret(ctx, name)
		if describing != nil || left.Deleted() || left.OwningService != "redshift" || s.othersHave(c, left.ARN) {
			return "", "", err
		}
		secret = left
	}
	password = "Aa1" + rand.Text()
	value, err := json.Marshal(map[string]string{"username": c.MasterUsername, "password": password})
	if err != nil {
		return "", "", fmt.Errorf("managed password: %w", err)
	}
	_, err = s.cfg.Secrets.PutSecretValue(ctx, secret.ARN, string(value))
	return secret.ARN, password, err
}

func (s *Service) othersHave(c Cluster, secret string) bool {
	all, err := s.Clusters()
	return err != nil || slices.ContainsFunc(all, func(o Cluster) bool { return o.SecretARN == secret && o.Identifier != c.Identifier })
}

// GetCluster returns a cluster.
func (s *Service) GetCluster(identifier string) (Cluster, error) {
	c, found, err := s.clusters.Get(identifier)
	if err == nil && !found {
		err = apiErrorf(codeClusterNotFound, "Cluster %s not found.", identifier)
	}
	return c, err
}

// Clusters lists every cluster by identifier.
func (s *Service) Clusters() ([]Cluster, error) {
	items, err := s.clusters.List()
	all := make([]Cluster, len(items))
	for i, item := range items {
		all[i] = item.Value
	}
	return all, err
}

// UpdateCluster changes what can be changed of a cluster in place. Password is the
// admin's new one, or empty.
func (s *Service) UpdateCluster(ctx context.Context, c Cluster, password string) (Cluster, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.GetCluster(c.Identifier)
	if err != nil {
		return c, err
	}
	c = c.WithDefaults()
	c.ARN, c.Namespace, c.Suffix, c.Endpoint, c.Created, c.SecretARN = old.ARN, old.Namespace, old.Suffix, old.Endpoint, old.Created, old.SecretARN
	if err := s.CheckCluster(c, password); err != nil && !(password == "" && !c.ManagePassword && isPasswordMissing(err)) {
		return c, err
	}
	if c.DatabaseName != old.DatabaseName || c.MasterUsername != old.MasterUsername {
		return c, apiErrorf(codeInvalidCombination, "DBName and MasterUsername of a cluster cannot be changed")
	}
	if err := s.checkGroups(c); err != nil {
		return c, err
	}
	if password, err = s.changePassword(ctx, &c, old, password); err != nil {
		return c, err
	}
	if password != "" {
		d, err := s.databaseLocked(c)
		if err != nil {
			return c, err
		}
		if err := d.SetAdmin(ctx, c.MasterUsername, password); err != nil {
			return c, err
		}
	}
	return c, s.clusters.Put(c.Identifier, c)
}

// changePassword begins or ends the management of the admin's password.
func (s *Service) changePassword(ctx context.Context, c *Cluster, old Cluster, password string) (string, error) {
	switch {
	case c.ManagePassword && !old.ManagePassword:
		arn, made, err := s.managedSecret(ctx, *c)
		c.SecretARN = arn
		return made, err
	case !c.ManagePassword && old.ManagePassword:
		c.SecretARN = ""
		return password, s.deleteSecret(ctx, old.SecretARN)
	}
	return password, nil
}

// DeleteCluster deletes a cluster, its data and its managed secret. A final snapshot is
// a copy of the database's file that nothing here restores.
func (s *Service) DeleteCluster(ctx context.Context, identifier string, skipFinalSnapshot bool, finalSnapshot string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.GetCluster(identifier)
	if err != nil {
		return err
	}
	if err := CheckFinalSnapshot(skipFinalSnapshot, finalSnapshot); err != nil {
		return err
	}
	if err := s.closeDatabase(identifier); err != nil {
		return fmt.Errorf("delete cluster %s: %w", identifier, err)
	}
	if !skipFinalSnapshot {
		if err := s.keepSnapshot(c, finalSnapshot); err != nil {
			return err
		}
	}
	if c.SecretARN != "" {
		if err := s.deleteSecret(ctx, c.SecretARN); err != nil {
			return fmt.Errorf("delete the secret of cluster %s: %w", identifier, err)
		}
	}
	if err := s.clusters.Delete(identifier); err != nil {
		return err
	}
	return s.cfg.Store.Afterwards(s.sweepDatabases) // when the deletion can no longer be undone
}

// closeDatabase closes a cluster's database if it is open. The caller holds the mutex.
func (s *Service) closeDatabase(identifier string) error {
	d, ok := s.open[identifier]
	if !ok {
		return nil
	}
	delete(s.open, identifier)
	return d.Close()
}

// sweepDatabases deletes the data of clusters that are not there: after a deletion, or at
// the start that of a creation that was undone.
func (s *Service) sweepDatabases() error {
	entries, err := os.ReadDir(s.cfg.Dir)
	for _, e := range entries {
		if !e.IsDir() || e.Name() == results || e.Name() == snapshots {
			continue
		}
		_, found, failed := s.clusters.Get(e.Name())
		if failed == nil && !found {
			failed = os.RemoveAll(filepath.Join(s.cfg.Dir, e.Name()))
		}
		err = errors.Join(err, failed)
	}
	return err
}

// deleteSecret deletes a managed password. Somebody may have done it already.
func (s *Service) deleteSecret(ctx context.Context, arn string) error {
	err := s.cfg.Secrets.DeleteSecret(ctx, arn, 0)
	var e *awsjson.Error
	if errors.As(err, &e) && e.Code == "ResourceNotFoundException" {
		return nil
	}
	return err
}

// The folders beside those of the clusters, whose identifiers begin with a letter.
const (
	results   = "_results"   // of the Data API
	snapshots = "_snapshots" // final ones
)

func (s *Service) keepSnapshot(c Cluster, name string) error {
	dir := filepath.Join(s.cfg.Dir, snapshots)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("final snapshot: %w", err)
	}
	if err := copyFile(s.databasePath(c), filepath.Join(dir, name+".duckdb")); err != nil {
		return fmt.Errorf("final snapshot: %w", err)
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Close())
}

// clusterAt finds the cluster that a host name and a database mean.
func (s *Service) clusterAt(host, database string) (Cluster, error) {
	all, err := s.Clusters()
	if err != nil {
		return Cluster{}, &Error{Code: "08006", Message: err.Error()}
	}
	if i := slices.IndexFunc(all, func(c Cluster) bool { return host != "" && c.Endpoint == host }); i >= 0 {
		if all[i].DatabaseName != database {
			return Cluster{}, noDatabase(database)
		}
		return all[i], nil
	}
	if strings.Contains(host, ".redshift") {
		return Cluster{}, &Error{Code: "08001", Message: "connection refused: no cluster has the endpoint " + host}
	}
	all = slices.DeleteFunc(all, func(c Cluster) bool { return c.DatabaseName != database || c.Endpoint == "" })
	switch len(all) {
	case 0:
		return Cluster{}, noDatabase(database)
	case 1:
		return all[0], nil
	}
	return Cluster{}, &Error{Code: "3D000", Message: fmt.Sprintf(
		"database %q is in several clusters: connect with TLS to the endpoint of one, such as %s", database, all[0].Endpoint)}
}

func noDatabase(name string) error {
	return &Error{Code: "3D000", Message: fmt.Sprintf("database %q does not exist", name)}
}

// lower makes n random characters for a name.
func lower(n int) string { return strings.ToLower(rand.Text())[:n] }

// uuid makes an identifier as AWS's: version 4.
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// AvailabilityZone is where clusters are: the region's first zone.
func (s *Service) AvailabilityZone() string { return s.cfg.Region + "a" }
