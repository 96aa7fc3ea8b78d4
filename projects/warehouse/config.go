package main

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/settings"
)

// config is what Pulumi.<stack>.yaml may set.
type config struct {
	Serverless         *serverless `json:"serverless" help:"A serverless workgroup instead of a cluster: cheaper only for traffic with pauses, because COPY every minute keeps it awake. A change moves no data."`
	NodeType           string      `json:"nodeType" help:"Node type of the cluster. dc2 is refused: AWS makes no new dc2 clusters. Whether rg is in your region is for AWS to say." limit:"ra3.large, ra3.xlplus, ra3.4xlarge, ra3.16xlarge, rg.large, rg.xlarge, rg.4xlarge, rg.12xlarge"`
	Nodes              int         `json:"nodes" help:"Number of nodes; one is a single-node cluster." limit:"1 or more; 2 or more for .4xlarge and above"`
	Database           string      `json:"database" help:"Name of the database. Of a cluster that is there it cannot change; a namespace is replaced, with its events." limit:"1-64 lower case letters and digits"`
	AdminUser          string      `json:"adminUser" help:"The admin, whose password Redshift makes and rotates in Secrets Manager. A change replaces the cluster, with its events."`
	LoaderUser         string      `json:"loaderUser" help:"The user that Firehose signs in as. He may INSERT into the events table, and nothing else. It cannot change once it is deployed."`
	RequireSSL         bool        `json:"requireSsl" help:"Refuse connections without TLS. That Firehose uses TLS is not documented; AWS's own default group has required it since January 2025. A cluster takes a change when it is rebooted (aws redshift reboot-cluster), a workgroup at once."`
	VPCCIDR            string      `json:"vpcCidr" help:"Block of the cluster's own VPC. A cluster stays in its VPC: destroy the warehouse before a change." limit:"/16 to /24"`
	Zones              int         `json:"zones" help:"In how many availability zones there are subnets for the cluster." limit:"2-4"`
	AdminCIDRs         []string    `json:"adminCidrs" help:"Who may reach the cluster on its port besides Firehose. The Data API needs none of these." limit:"no block wider than /8"`
	FirehoseCIDR       string      `json:"firehoseCidr" help:"Block that Firehose delivers from. Empty: the region's, as AWS publishes it."`
	EnhancedVPCRouting bool        `json:"enhancedVpcRouting" help:"Send COPY's traffic through the VPC, and so make an S3 endpoint that lets nothing out but the staging bucket."`
	SnapshotDays       int         `json:"snapshotDays" help:"Days that automated snapshots are kept. They cannot be turned off for RA3 and RG." limit:"1-35"`
	SkipFinalSnapshot  bool        `json:"skipFinalSnapshot" help:"Delete the cluster without a last snapshot. It must be deployed before the destroy that relies on it." limit:"refused for a protected environment"`
	FinalSnapshot      string      `json:"finalSnapshot" help:"Name of the last snapshot. A name that an earlier destroy took makes the next one fail. Empty: <cluster>-final." limit:"1-255 lower case letters, digits and hyphens, a letter first"`
	SecretRecoveryDays int         `json:"secretRecoveryDays" help:"For how long the loader's secret can be restored after a destroy; its name stays taken for as long." limit:"0 (refused for a protected environment), or 7-30"`
}

// serverless is the size of a workgroup, in RPUs.
type serverless struct {
	BaseCapacity int `json:"baseCapacity" help:"RPUs that a query starts with." limit:"4; 8-512 in steps of 8; to 1,024 in steps of 32"`
	MaxCapacity  int `json:"maxCapacity" help:"RPUs that the workgroup stops at. 0: no limit." limit:"8 or more, and not below baseCapacity"`
}

// Defaults are those of a small workgroup.
func (serverless) Defaults() serverless { return serverless{BaseCapacity: 8} }

func defaults() config {
	return config{NodeType: "ra3.large", Nodes: 1, Database: "events", AdminUser: "awsadmin", LoaderUser: "loader", RequireSSL: true,
		VPCCIDR: "10.42.0.0/16", Zones: 2, SnapshotDays: 7, SecretRecoveryDays: 30}
}

func loadConfig(ctx *pulumi.Context, protected bool) (config, error) {
	cfg, err := settings.Load(ctx, defaults())
	if err != nil || !protected {
		return cfg, err
	}
	const both = "Pulumi.%[1]s.yaml: %[2]s, and Pulumi.org.yaml protects %[1]s: remove one of the two"
	switch {
	case cfg.SkipFinalSnapshot:
		return cfg, fmt.Errorf(both, ctx.Stack(), "skipFinalSnapshot would lose the warehouse")
	case cfg.SecretRecoveryDays == 0:
		return cfg, fmt.Errorf(both, ctx.Stack(), "secretRecoveryDays 0 would lose the loader's password")
	}
	return cfg, nil
}

// port is Redshift's own.
const port = 5439

// nodeTypes are those that AWS makes a cluster of, with the fewest nodes.
var nodeTypes = map[string]int{"ra3.large": 1, "ra3.xlplus": 1, "ra3.4xlarge": 2, "ra3.16xlarge": 2,
	"rg.large": 1, "rg.xlarge": 1, "rg.4xlarge": 2, "rg.12xlarge": 2}

var (
	databaseName = regexp.MustCompile(`^[a-z][a-z0-9]{0,63}$`)
	snapshotName = regexp.MustCompile(`^([a-z][a-z0-9]*(-[a-z0-9]+)*)?$`)
	userName     = regexp.MustCompile(`^[a-z][a-z0-9_]{0,62}$`)
)

// Validate checks what AWS would refuse, so that it is known before anything is made.
func (c config) Validate() error {
	if strings.HasPrefix(c.NodeType, "dc2") || strings.HasPrefix(c.NodeType, "ds2") {
		return fmt.Errorf("nodeType is %s: AWS makes no new clusters of it; take ra3.large", c.NodeType)
	}
	least, known := nodeTypes[c.NodeType]
	switch {
	case !known:
		return fmt.Errorf("nodeType is %q, want one of %s", c.NodeType, strings.Join(sortedTypes(), ", "))
	case c.Nodes < least || c.Nodes > 128:
		return fmt.Errorf("nodes is %d, want %d or more for %s", c.Nodes, least, c.NodeType)
	case !databaseName.MatchString(c.Database):
		return fmt.Errorf("database is %q, want up to 64 lower case letters and digits, a letter first", c.Database)
	case !userName.MatchString(c.AdminUser) || !userName.MatchString(c.LoaderUser):
		return fmt.Errorf("adminUser is %q and loaderUser %q, want lower case letters, digits and underscores, a letter first", c.AdminUser, c.LoaderUser)
	case !snapshotName.MatchString(c.FinalSnapshot) || len(c.FinalSnapshot) > 255:
		return fmt.Errorf("finalSnapshot is %q, want up to 255 lower case letters, digits and single hyphens between them, a letter first", c.FinalSnapshot)
	case c.AdminUser == c.LoaderUser:
		return fmt.Errorf("loaderUser is the admin %q: Firehose must not be able to do more than INSERT", c.LoaderUser)
	case c.Zones < 2 || c.Zones > 4:
		return fmt.Errorf("zones is %d, want 2 to 4", c.Zones)
	case c.SnapshotDays < 1 || c.SnapshotDays > 35:
		return fmt.Errorf("snapshotDays is %d, want 1 to 35", c.SnapshotDays)
	case c.SecretRecoveryDays != 0 && (c.SecretRecoveryDays < 7 || c.SecretRecoveryDays > 30):
		return fmt.Errorf("secretRecoveryDays is %d, want 0 or 7 to 30", c.SecretRecoveryDays)
	}
	if err := c.validateServerless(); err != nil {
		return err
	}
	return c.validateBlocks()
}

func (c config) validateServerless() error {
	if c.Serverless == nil {
		return nil
	}
	base, most := c.Serverless.BaseCapacity, c.Serverless.MaxCapacity
	switch {
	case base != 4 && !(base >= 8 && base <= 512 && base%8 == 0) && !(base > 512 && base <= 1024 && base%32 == 0):
		return fmt.Errorf("serverless.baseCapacity is %d, want 4, a multiple of 8 up to 512, or of 32 up to 1,024", base)
	case most != 0 && most < max(base, 8):
		return fmt.Errorf("serverless.maxCapacity is %d, want 8 or more and not below baseCapacity (%d)", most, base)
	case c.Zones < 3:
		return fmt.Errorf("zones is %d, want 3 or more: a serverless workgroup needs subnets in three", c.Zones)
	}
	return nil
}

func sortedTypes() []string {
	var all []string
	for t := range nodeTypes {
		all = append(all, t)
	}
	slices.Sort(all)
	return all
}

func (c config) validateBlocks() error {
	vpc, err := netip.ParsePrefix(c.VPCCIDR)
	if err != nil || !vpc.Addr().Is4() || vpc.Bits() < 16 || vpc.Bits() > 24 || vpc.Masked() != vpc {
		return fmt.Errorf("vpcCidr is %q, want an IPv4 block of /16 to /24", c.VPCCIDR)
	}
	blocks := slices.Clone(c.AdminCIDRs)
	if c.FirehoseCIDR != "" {
		blocks = append(blocks, c.FirehoseCIDR)
	}
	var failures []error
	for _, block := range blocks {
		if p, err := netip.ParsePrefix(block); err != nil || !p.Addr().Is4() || p.Bits() < 8 || p.Masked() != p {
			failures = append(failures, fmt.Errorf("%q is no IPv4 block of /8 or less that may reach the cluster", block))
		}
	}
	return errors.Join(failures...)
}
