package redshift

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"pipeline/shared/localcloud/iam"
)

// Namespace is the database half of Redshift Serverless: data, users and roles.
type Namespace struct {
	Name           string
	DatabaseName   string // default dev
	AdminUsername  string // default admin
	ManagePassword bool
	SecretKMSKeyID string
	IAMRoles       []string
	DefaultIAMRole string
	Tags           map[string]string

	ID        string
	ARN       string
	SecretARN string // of the managed password
}

// Workgroup is the computing half: capacity, network and endpoint.
type Workgroup struct {
	Name               string
	Namespace          string
	BaseCapacity       int // RPUs, default 128
	MaxCapacity        int // RPUs, 0 means no limit
	ConfigParameters   map[string]string
	SubnetIDs          []string
	SecurityGroupIDs   []string
	PubliclyAccessible bool
	EnhancedVPCRouting bool
	Port               int
	Tags               map[string]string

	ID       string
	ARN      string
	Endpoint string // host name
}

// The codes of the serverless API (botocore service model redshift-serverless).
const (
	codeServerlessNotFound = "ResourceNotFoundException"
	codeServerlessConflict = "ConflictException"
	codeServerlessInvalid  = "ValidationException"
)

// backing is the cluster that stands behind a namespace: a name with a dot is one that
// no provisioned cluster can have. Without a workgroup it has no endpoint.
func backing(namespace string) string { return "serverless." + namespace }

var serverlessName = regexp.MustCompile(`^[a-z0-9-]{3,64}$`)

// CheckServerlessName checks the name of a namespace or workgroup.
func CheckServerlessName(name string) error {
	if !serverlessName.MatchString(name) {
		return apiErrorf(codeServerlessInvalid, "The name %q must have 3 to 64 lowercase letters, digits and hyphens", name)
	}
	return nil
}

// CheckCapacity checks a base capacity in RPUs.
func CheckCapacity(rpu int) error {
	if rpu == 4 || rpu >= 8 && rpu <= 512 && rpu%8 == 0 || rpu > 512 && rpu <= 1024 && rpu%32 == 0 {
		return nil
	}
	return apiErrorf(codeServerlessInvalid, "Base capacity must be 4, a multiple of 8 up to 512, or of 32 up to 1024 RPUs, not %d", rpu)
}

// configRules are the parameters of a workgroup. require_ssl is honoured; the others
// tune what is not there, or keep their one value.
var configRules = map[string]*regexp.Regexp{
	"require_ssl": regexp.MustCompile(`^(true|false)$`), "use_fips_ssl": regexp.MustCompile(`^(true|false)$`),
	"auto_mv": regexp.MustCompile(`^(true|false)$`), "enable_user_activity_logging": regexp.MustCompile(`^(true|false)$`),
	"enable_case_sensitive_identifier": regexp.MustCompile(`^false$`), "datestyle": regexp.MustCompile(`^(?i)iso(, ?(mdy|ymd))?$`),
	"query_group": regexp.MustCompile(`^.{0,255}$`), "search_path": regexp.MustCompile(`^\$user, ?public$`),
}

// CheckConfigParameters refuses parameters of a workgroup that AWS, or the local cloud,
// does not take.
func CheckConfigParameters(parameters map[string]string) error {
	for _, key := range slices.Sorted(maps.Keys(parameters)) {
		rule, known := configRules[key]
		if !known || !rule.MatchString(parameters[key]) {
			return apiErrorf(codeServerlessInvalid, "Invalid config parameter %s = %q", key, parameters[key])
		}
	}
	return nil
}

func (n Namespace) withDefaults() Namespace {
	if n.DatabaseName == "" {
		n.DatabaseName = "dev"
	}
	if n.AdminUsername == "" {
		n.AdminUsername = "admin"
	}
	return n
}

func (n Namespace) cluster() Cluster {
	return Cluster{Identifier: backing(n.Name), DatabaseName: n.DatabaseName, MasterUsername: n.AdminUsername, ManagePassword: n.ManagePassword,
		SecretKMSKeyID: n.SecretKMSKeyID, IAMRoles: n.IAMRoles, DefaultIAMRole: n.DefaultIAMRole, ARN: n.ARN, SecretARN: n.SecretARN,
		SubnetGroup: backing(n.Name), ParameterGroup: backing(n.Name), Encrypted: true}
}

// CheckNamespace checks what CreateNamespace can refuse by itself.
func CheckNamespace(n Namespace, password string) error {
	n = n.withDefaults()
	for _, err := range []error{CheckServerlessName(n.Name), CheckDatabaseName(n.DatabaseName), checkUser(n.AdminUsername), checkManaged(n.cluster(), password)} {
		if err != nil {
			return err
		}
	}
	if n.DefaultIAMRole != "" && !slices.Contains(n.IAMRoles, n.DefaultIAMRole) {
		return apiErrorf(codeServerlessInvalid, "The default IAM role %s is not associated with the namespace", n.DefaultIAMRole)
	}
	return nil
}

func (s *Service) serverlessARN(kind, id string) string {
	return fmt.Sprintf("arn:%s:redshift-serverless:%s:%s:%s/%s", iam.Partition(s.cfg.Region), s.cfg.Region, s.cfg.Account, kind, id)
}

// CreateNamespace makes a namespace with its database.
func (s *Service) CreateNamespace(ctx context.Context, n Namespace, password string) (Namespace, error) {
	n = n.withDefaults()
	if err := CheckNamespace(n, password); err != nil {
		return n, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, found, err := s.namespaces.Get(n.Name); err != nil || found {
		return n, orExists(err, codeServerlessConflict, "The namespace "+n.Name+" already exists")
	}
	n.ID = uuid()
	n.ARN = s.serverlessARN("namespace", n.ID)
	if n.ManagePassword {
		var err error
		if n.SecretARN, password, err = s.managedSecret(ctx, n.cluster()); err != nil {
			return n, err
		}
	}
	if err := s.makeDatabase(ctx, n.cluster(), password); err != nil {
		return n, err
	}
	return n, s.putNamespace(n)
}

func (s *Service) putNamespace(n Namespace) error {
	c := n.cluster()
	if w, found, err := s.workgroupOf(n.Name); err != nil {
		return err
	} else if found {
		c = w.over(c)
	}
	if err := s.clusters.Put(c.Identifier, c); err != nil {
		return err
	}
	return s.namespaces.Put(n.Name, n)
}

// GetNamespace returns a namespace.
func (s *Service) GetNamespace(name string) (Namespace, error) {
	n, found, err := s.namespaces.Get(name)
	if err == nil && !found {
		err = apiErrorf(codeServerlessNotFound, "Namespace not found: %s", name)
	}
	return n, err
}

// UpdateNamespace changes roles, tags and who manages the admin's password.
func (s *Service) UpdateNamespace(ctx context.Context, n Namespace, password string) (Namespace, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.GetNamespace(n.Name)
	if err != nil {
		return n, err
	}
	n = n.withDefaults()
	n.ID, n.ARN, n.SecretARN = old.ID, old.ARN, old.SecretARN
	c := n.cluster()
	if password, err = s.changePassword(ctx, &c, old.cluster(), password); err != nil {
		return n, err
	}
	n.SecretARN = c.SecretARN
	if password != "" {
		d, err := s.databaseLocked(c)
		if err == nil {
			err = d.SetAdmin(ctx, n.AdminUsername, password)
		}
		if err != nil {
			return n, err
		}
	}
	return n, s.putNamespace(n)
}

// DeleteNamespace deletes a namespace that no workgroup computes for, and its data.
func (s *Service) DeleteNamespace(ctx context.Context, name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.GetNamespace(name)
	if err != nil {
		return err
	}
	if w, found, err := s.workgroupOf(name); err != nil || found {
		return orExists(err, codeServerlessConflict, "There is an existing workgroup "+w.Name+" associated with the namespace "+name)
	}
	c := n.cluster()
	if err := s.closeDatabase(c.Identifier); err != nil {
		return fmt.Errorf("delete namespace %s: %w", name, err)
	}
	if n.SecretARN != "" {
		if err := s.deleteSecret(ctx, n.SecretARN); err != nil {
			return fmt.Errorf("delete the secret of namespace %s: %w", name, err)
		}
	}
	if err := s.clusters.Delete(c.Identifier); err != nil {
		return err
	}
	if err := s.namespaces.Delete(name); err != nil {
		return err
	}
	return s.cfg.Store.Afterwards(s.sweepDatabases) // when the deletion can no longer be undone
}

// CheckWorkgroup checks what CreateWorkgroup can refuse by itself.
func CheckWorkgroup(w Workgroup) error {
	w = w.WithDefaults()
	for _, err := range []error{CheckServerlessName(w.Name), CheckCapacity(w.BaseCapacity), CheckPort(w.Port), CheckConfigParameters(w.ConfigParameters)} {
		if err != nil {
			return err
		}
	}
	if w.MaxCapacity != 0 && w.MaxCapacity < w.BaseCapacity {
		return apiErrorf(codeServerlessInvalid, "Max capacity %d must not be below base capacity %d", w.MaxCapacity, w.BaseCapacity)
	}
	return nil
}

// WithDefaults fills what AWS fills when it is not given.
func (w Workgroup) WithDefaults() Workgroup {
	if w.BaseCapacity == 0 {
		w.BaseCapacity = 128
	}
	if w.Port == 0 {
		w.Port = 5439
	}
	return w
}

// over gives the cluster behind a namespace its workgroup's endpoint and network.
func (w Workgroup) over(c Cluster) Cluster {
	c.Endpoint, c.Port, c.PubliclyAccessible, c.EnhancedVPCRouting = w.Endpoint, w.Port, w.PubliclyAccessible, w.EnhancedVPCRouting
	c.SecurityGroupIDs = w.SecurityGroupIDs
	return c
}

// PutWorkgroup makes a workgroup, or changes the one that exists when replace.
func (s *Service) PutWorkgroup(w Workgroup, replace bool) (Workgroup, error) {
	w = w.WithDefaults()
	if err := CheckWorkgroup(w); err != nil {
		return w, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, err := s.GetNamespace(w.Namespace)
	if err != nil {
		return w, err
	}
	old, exists, err := s.workgroups.Get(w.Name)
	other, taken, failed := s.workgroupOf(w.Namespace)
	switch {
	case err != nil || failed != nil:
		return w, cmp.Or(err, failed)
	case exists && !replace:
		return w, apiErrorf(codeServerlessConflict, "The workgroup %s already exists", w.Name)
	case taken && other.Name != w.Name:
		return w, apiErrorf(codeServerlessConflict, "The namespace %s already has the workgroup %s", w.Namespace, other.Name)
	case exists:
		w.ID, w.ARN, w.Endpoint = old.ID, old.ARN, old.Endpoint
	default:
		w.ID = uuid()
		w.ARN = s.serverlessARN("workgroup", w.ID)
		w.Endpoint = fmt.Sprintf("%s.%s.%s.redshift-serverless.localhost", w.Name, s.cfg.Account, s.cfg.Region)
	}
	if err := s.putWorkgroupGroups(w); err != nil {
		return w, err
	}
	if err := s.clusters.Put(backing(n.Name), w.over(n.cluster())); err != nil {
		return w, err
	}
	return w, s.workgroups.Put(w.Name, w)
}

// putWorkgroupGroups keeps subnets and parameters where a cluster's are looked for.
func (s *Service) putWorkgroupGroups(w Workgroup) error {
	name := backing(w.Namespace)
	parameters := map[string]string{"require_ssl": "true"} // since January 2025
	maps.Copy(parameters, w.ConfigParameters)
	if err := s.parameters.Put(name, ParameterGroup{Name: name, Family: "redshift-2.0", Parameters: parameters}); err != nil {
		return err
	}
	return s.subnets.Put(name, SubnetGroup{Name: name, SubnetIDs: w.SubnetIDs})
}

// GetWorkgroup returns a workgroup.
func (s *Service) GetWorkgroup(name string) (Workgroup, error) {
	w, found, err := s.workgroups.Get(name)
	if err == nil && !found {
		err = apiErrorf(codeServerlessNotFound, "Workgroup not found: %s", name)
	}
	return w, err
}

func (s *Service) workgroupOf(namespace string) (Workgroup, bool, error) {
	items, err := s.workgroups.List()
	for _, item := range items {
		if item.Value.Namespace == namespace {
			return item.Value, true, err
		}
	}
	return Workgroup{}, false, err
}

// DeleteWorkgroup deletes a workgroup; the namespace keeps the data.
func (s *Service) DeleteWorkgroup(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	w, err := s.GetWorkgroup(name)
	if err != nil {
		return err
	}
	n, err := s.GetNamespace(w.Namespace)
	if err != nil {
		return err
	}
	if err := s.clusters.Put(backing(n.Name), n.cluster()); err != nil {
		return err
	}
	if err := errors.Join(s.parameters.Delete(backing(n.Name)), s.subnets.Delete(backing(n.Name))); err != nil {
		return err
	}
	return s.workgroups.Delete(name)
}

// WorkgroupAddress is host:port of a workgroup's endpoint.
func (s *Service) WorkgroupAddress(w Workgroup) (host string, port int) {
	return w.Endpoint, s.cfg.Port
}

// workgroupCluster is the cluster that answers for a workgroup.
func (s *Service) workgroupCluster(name string) (Cluster, error) {
	w, err := s.GetWorkgroup(name)
	if err != nil {
		return Cluster{}, err
	}
	c, err := s.GetCluster(backing(w.Namespace))
	c.ARN = w.ARN
	return c, err
}

// secretOwner is the part of a managed secret's name that says whose it is.
func secretOwner(identifier string) string { return strings.TrimPrefix(identifier, "serverless.") }
