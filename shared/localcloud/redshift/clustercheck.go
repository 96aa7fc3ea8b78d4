package redshift

import (
	"errors"
	"regexp"
	"slices"
	"strings"
)

// identifierPattern is botocore's and the console's rule for a cluster's name.
var (
	identifierPattern = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	databasePattern   = regexp.MustCompile(`^[a-z][a-z0-9_]{0,63}$`)
	userPattern       = regexp.MustCompile(`^[a-z][a-z0-9_+.@-]{0,127}$`)
)

// nodeTypes are the node types that a cluster can be made of, with the fewest and most
// nodes (Redshift management guide, "Node type details"; CreateCluster).
var nodeTypes = map[string][2]int{
	"ra3.large": {1, 16}, "ra3.xlplus": {1, 32}, "ra3.4xlarge": {2, 128}, "ra3.16xlarge": {2, 128},
	"rg.large": {1, 16}, "rg.xlarge": {1, 32}, "rg.4xlarge": {2, 128}, "rg.12xlarge": {2, 128},
}

// CheckNodeType refuses what AWS no longer makes a cluster of. Its text is AWS's.
func CheckNodeType(nodeType string) error {
	if _, ok := nodeTypes[nodeType]; !ok {
		return apiErrorf(codeInvalidValue, "Invalid node type: %s", nodeType)
	}
	return nil
}

// CheckIdentifier checks a cluster's name.
func CheckIdentifier(identifier string) error {
	if len(identifier) > 63 || !identifierPattern.MatchString(identifier) {
		return apiErrorf(codeInvalidValue, "The parameter ClusterIdentifier is not a valid identifier. Identifiers must begin with a letter; "+
			"must contain only lowercase ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens.")
	}
	return nil
}

// CheckPort checks the ports that RA3 and RG clusters may have (CreateCluster, Port).
func CheckPort(port int) error {
	if port >= 5431 && port <= 5455 || port >= 8191 && port <= 8215 {
		return nil
	}
	return apiErrorf(codeInvalidValue, "Invalid port %d: it must be in the range 5431-5455 or 8191-8215", port)
}

// CheckDatabaseName checks the name of a cluster's first database.
func CheckDatabaseName(name string) error {
	if !databasePattern.MatchString(name) || slices.Contains([]string{"template0", "template1", "padb_harvest"}, name) {
		return apiErrorf(codeInvalidValue, "Database name must begin with a letter, contain only 1 to 64 lowercase alphanumeric characters, and not be a reserved word: %q", name)
	}
	return nil
}

// CheckMasterPassword applies AWS's rules (CreateCluster, MasterUserPassword).
func CheckMasterPassword(password string) error {
	has := func(low, high rune) bool {
		return strings.ContainsFunc(password, func(r rune) bool { return r >= low && r <= high })
	}
	bad := strings.ContainsFunc(password, func(r rune) bool { return r < 33 || r > 126 || strings.ContainsRune(`'"\/@`, r) })
	if len(password) < 8 || len(password) > 64 || !has('A', 'Z') || !has('a', 'z') || !has('0', '9') || bad {
		return apiErrorf(codeInvalidValue, "The parameter MasterUserPassword is not a valid password: it must have 8 to 64 printable ASCII characters, "+
			"an upper case letter, a lower case letter and a number, and none of ' \" \\ / @")
	}
	return nil
}

// CheckFinalSnapshot checks what DeleteCluster will be asked.
func CheckFinalSnapshot(skip bool, name string) error {
	switch {
	case skip && name != "":
		return apiErrorf(codeInvalidCombination, "FinalClusterSnapshotIdentifier must not be given when SkipFinalClusterSnapshot is true")
	case !skip && (name == "" || !identifierPattern.MatchString(name)):
		return apiErrorf(codeInvalidCombination, "FinalClusterSnapshotIdentifier is required unless SkipFinalClusterSnapshot is specified.")
	}
	return nil
}

// errPasswordMissing is the one complaint that an update without a new password may have.
var errPasswordMissing = apiErrorf(codeInvalidCombination, "Must specify either MasterUserPassword or ManageMasterPassword.")

func isPasswordMissing(err error) bool { return errors.Is(err, errPasswordMissing) }

// CheckCluster checks everything that CreateCluster can refuse without looking at what
// else exists.
func (s *Service) CheckCluster(c Cluster, password string) error {
	checks := []error{CheckIdentifier(c.Identifier), CheckDatabaseName(c.DatabaseName), CheckNodeType(c.NodeType), CheckPort(c.Port),
		checkUser(c.MasterUsername), checkNodes(c), checkManaged(c, password)}
	for _, err := range checks {
		if err != nil {
			return err
		}
	}
	switch {
	case !c.Encrypted:
		return apiErrorf(codeInvalidValue, "Encrypted must be true: Amazon Redshift does not create unencrypted clusters")
	case c.SnapshotDays < 1 || c.SnapshotDays > 35:
		return apiErrorf(codeInvalidValue, "AutomatedSnapshotRetentionPeriod must be between 1 and 35 for node type %s", c.NodeType)
	case len(c.IAMRoles) > 50:
		return apiErrorf(codeInvalidValue, "A cluster can have at most 50 IAM roles")
	case c.DefaultIAMRole != "" && !slices.Contains(c.IAMRoles, c.DefaultIAMRole):
		return apiErrorf(codeInvalidCombination, "The default IAM role %s is not associated with the cluster", c.DefaultIAMRole)
	}
	return nil
}

func checkUser(name string) error {
	if !userPattern.MatchString(name) || slices.Contains([]string{"public", "rdsdb", "root", "system", "user"}, name) {
		return apiErrorf(codeInvalidValue, "The parameter MasterUsername must be 1 to 128 lowercase characters, begin with a letter and not be a reserved word: %q", name)
	}
	return nil
}

func checkNodes(c Cluster) error {
	limits := nodeTypes[c.NodeType]
	if c.NumberOfNodes < limits[0] || c.NumberOfNodes > limits[1] {
		return apiErrorf(codeInvalidCombination, "Number of nodes for node type %s must be between %d and %d", c.NodeType, limits[0], limits[1])
	}
	return nil
}

func checkManaged(c Cluster, password string) error {
	switch {
	case c.ManagePassword && password != "":
		return apiErrorf(codeInvalidCombination, "MasterUserPassword must not be specified when ManageMasterPassword is true.")
	case c.ManagePassword:
		return nil
	case password == "":
		return errPasswordMissing
	}
	return CheckMasterPassword(password)
}
