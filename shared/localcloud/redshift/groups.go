package redshift

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// SubnetGroup is where in a VPC a cluster's nodes stand.
type SubnetGroup struct {
	Name        string // lower case
	Description string
	SubnetIDs   []string
	Tags        map[string]string
	ARN         string
}

// ParameterGroup sets a cluster's parameters.
type ParameterGroup struct {
	Name        string
	Family      string // redshift-1.0 or redshift-2.0
	Description string
	Parameters  map[string]string
	Tags        map[string]string
	ARN         string
}

var groupPattern = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// parameterRules are the parameters of Redshift's families and what their values may be.
// Of these require_ssl is honoured; the others tune a cluster that is not there.
var parameterRules = map[string]*regexp.Regexp{
	"require_ssl":                      regexp.MustCompile(`^(true|false)$`),
	"use_fips_ssl":                     regexp.MustCompile(`^(true|false)$`),
	"auto_analyze":                     regexp.MustCompile(`^(true|false)$`),
	"auto_mv":                          regexp.MustCompile(`^(true|false)$`),
	"enable_case_sensitive_identifier": regexp.MustCompile(`^false$`),
	"enable_user_activity_logging":     regexp.MustCompile(`^(true|false)$`),
	"extra_float_digits":               regexp.MustCompile(`^(-1[0-5]|-[1-9]|[0-2])$`),
	"max_concurrency_scaling_clusters": regexp.MustCompile(`^([0-9]|10)$`),
	"max_cursor_result_set_size":       regexp.MustCompile(`^[0-9]{1,8}$`),
	"query_group":                      regexp.MustCompile(`^.{0,255}$`),
	"statement_timeout":                regexp.MustCompile(`^0$`),
	"wlm_json_configuration":           regexp.MustCompile(`(?s)^\[.*\]$`),
	"datestyle":                        regexp.MustCompile(`^(?i)iso(, ?(mdy|ymd))?$`),
}

// CheckParameters refuses parameters that the family does not have, and values that the
// parameter, or the local cloud, does not take.
func CheckParameters(parameters map[string]string) error {
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		rule, known := parameterRules[name]
		if !known {
			return apiErrorf(codeInvalidValue, "Could not find parameter with name: %s", name)
		}
		if !rule.MatchString(parameters[name]) {
			return apiErrorf(codeInvalidValue, "Invalid value %q for parameter %s: want %s", parameters[name], name, rule)
		}
	}
	return nil
}

// PutSubnetGroup makes a subnet group, or changes the one that exists when replace.
func (s *Service) PutSubnetGroup(g SubnetGroup, replace bool) (SubnetGroup, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, found, err := s.subnets.Get(g.Name)
	switch {
	case err != nil:
		return g, err
	case found && !replace:
		return g, apiErrorf(codeSubnetExists, "Subnet Group %s already exists", g.Name)
	case !found && replace:
		return g, noSubnetGroup(g.Name)
	case len(g.Name) > 255 || !groupPattern.MatchString(g.Name) || g.Name == "default":
		return g, apiErrorf(codeInvalidValue, "Invalid cluster subnet group name %q", g.Name)
	case len(g.SubnetIDs) == 0:
		return g, apiErrorf(codeInvalidValue, "A cluster subnet group needs at least one subnet")
	}
	g.ARN = s.arn("subnetgroup", g.Name)
	if old.ARN != "" {
		g.ARN = old.ARN
	}
	return g, s.subnets.Put(g.Name, g)
}

func noSubnetGroup(name string) error {
	return apiErrorf(codeSubnetNotFound, "ClusterSubnetGroup %s not found", name)
}

// GetSubnetGroup returns a subnet group.
func (s *Service) GetSubnetGroup(name string) (SubnetGroup, error) {
	g, found, err := s.subnets.Get(name)
	if err == nil && !found {
		err = noSubnetGroup(name)
	}
	return g, err
}

// DeleteSubnetGroup deletes a subnet group that no cluster is in.
func (s *Service) DeleteSubnetGroup(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.GetSubnetGroup(name); err != nil {
		return err
	}
	if user, err := s.userOf(func(c Cluster) bool { return c.SubnetGroup == name }); err != nil || user != "" {
		return orInUse(err, codeSubnetInUse, "subnet group", name, user)
	}
	return s.subnets.Delete(name)
}

// PutParameterGroup makes a parameter group, or changes the one that exists when replace.
func (s *Service) PutParameterGroup(g ParameterGroup, replace bool) (ParameterGroup, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, found, err := s.parameters.Get(g.Name)
	switch {
	case err != nil:
		return g, err
	case found && !replace:
		return g, apiErrorf(codeParameterExists, "Parameter group %s already exists", g.Name)
	case !found && replace:
		return g, noParameterGroup(g.Name)
	case len(g.Name) > 255 || !groupPattern.MatchString(g.Name) || strings.HasPrefix(g.Name, "default"):
		return g, apiErrorf(codeInvalidValue, "Invalid parameter group name %q", g.Name)
	case g.Family != "redshift-1.0" && g.Family != "redshift-2.0":
		return g, apiErrorf(codeInvalidValue, "Invalid parameter group family: %s", g.Family)
	case found && g.Family != old.Family:
		return g, apiErrorf(codeInvalidCombination, "The family of a parameter group cannot be changed")
	}
	if err := CheckParameters(g.Parameters); err != nil {
		return g, err
	}
	g.ARN = s.arn("parametergroup", g.Name)
	return g, s.parameters.Put(g.Name, g)
}

func noParameterGroup(name string) error {
	return apiErrorf(codeParameterNotFound, "ParameterGroup %s not found", name)
}

// GetParameterGroup returns a parameter group, among them AWS's own defaults.
func (s *Service) GetParameterGroup(name string) (ParameterGroup, error) {
	if family, ok := strings.CutPrefix(name, "default."); ok && (family == "redshift-1.0" || family == "redshift-2.0") {
		requireSSL := strconv.FormatBool(family == "redshift-2.0") // since January 2025
		return ParameterGroup{Name: name, Family: family, Parameters: map[string]string{"require_ssl": requireSSL}}, nil
	}
	g, found, err := s.parameters.Get(name)
	if err == nil && !found {
		err = noParameterGroup(name)
	}
	return g, err
}

// DeleteParameterGroup deletes a parameter group that no cluster uses.
func (s *Service) DeleteParameterGroup(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.GetParameterGroup(name); err != nil {
		return err
	}
	if user, err := s.userOf(func(c Cluster) bool { return c.ParameterGroup == name }); err != nil || user != "" {
		return orInUse(err, codeParameterInUse, "parameter group", name, user)
	}
	return s.parameters.Delete(name)
}

func (s *Service) userOf(uses func(Cluster) bool) (string, error) {
	all, err := s.Clusters()
	if i := slices.IndexFunc(all, uses); i >= 0 {
		return all[i].Identifier, err
	}
	return "", err
}

func orInUse(err error, code, kind, name, user string) error {
	if err != nil {
		return err
	}
	return apiErrorf(code, "The %s %s is used by cluster %s", kind, name, user)
}

func (s *Service) checkGroups(c Cluster) error {
	if c.SubnetGroup != "" {
		if _, err := s.GetSubnetGroup(c.SubnetGroup); err != nil {
			return err
		}
	}
	_, err := s.GetParameterGroup(c.ParameterGroup)
	return err
}

// requiresSSL is the cluster's parameter require_ssl; without it connections may be in
// the clear.
func (s *Service) requiresSSL(c Cluster) (bool, error) {
	g, err := s.GetParameterGroup(c.ParameterGroup)
	return g.Parameters["require_ssl"] == "true", err
}
