package policy

import (
	"regexp"
	"slices"
	"strings"
)

// Principal is who asks. Its zero value is anonymous.
type Principal struct {
	Account string // account id, for the administrator and for roles
	Role    string // ARN of the role, if it is a role
	Session string // ARN of the role's session
	Service string // service principal, if a service asks as itself
}

// match is how a statement's principals cover who asks.
type match int

const (
	noMatch   match = iota
	delegated       // through the account: denies, but allows the administrator only
	direct
)

// principals is the element Principal.
type principals struct {
	everyone bool
	accounts []string
	arns     []string // of roles, users and sessions
	services []string
}

func (ps principals) match(p Principal) match {
	switch {
	case ps.everyone:
		return direct
	case p.Service != "":
		return directIf(slices.Contains(ps.services, p.Service))
	case p.Role != "" && (slices.Contains(ps.arns, p.Role) || slices.Contains(ps.arns, p.Session)):
		return direct
	case p.Account == "" || !slices.Contains(ps.accounts, p.Account):
		return noMatch
	case p.Role != "":
		return delegated
	}
	return direct
}

func directIf(ok bool) match {
	if ok {
		return direct
	}
	return noMatch
}

var (
	accountID = regexp.MustCompile(`^[0-9]{12}$`)
	rootARN   = regexp.MustCompile(`^arn:aws[a-z-]*:iam::([0-9]{12}):root$`)
	namedARN  = regexp.MustCompile(`^arn:aws[a-z-]*:(iam::[0-9]{12}:(role|user)|sts::[0-9]{12}:assumed-role)/[^*?]+$`)
)

// parsePrincipal reads the element Principal: "*", or lists by AWS and Service.
func parsePrincipal(v any) (principals, error) {
	if v == "*" {
		return principals{everyone: true}, nil
	}
	m, ok := v.(map[string]any)
	if !ok || len(m) == 0 {
		return principals{}, syntaxf("Invalid principal in policy")
	}
	var ps principals
	for kind, values := range m {
		names, ok := oneOrMany(values)
		if !ok || len(names) == 0 {
			return ps, syntaxf("Invalid principal in policy: %q", strings.ToUpper(kind))
		}
		for _, name := range names {
			if err := ps.add(kind, name); err != nil {
				return ps, err
			}
		}
	}
	return ps, nil
}

func (ps *principals) add(kind, name string) error {
	switch kind {
	case "Service":
		if !knownServices[name] {
			return syntaxf("Invalid principal in policy: \"SERVICE\":%q (the local cloud does not know this service: add it to knownServices, if AWS has it)", name)
		}
		ps.services = append(ps.services, name)
		return nil
	case "AWS":
		return ps.addAWS(name)
	}
	return syntaxf("the local cloud does not evaluate principals of kind %q", kind)
}

func (ps *principals) addAWS(name string) error {
	root := rootARN.FindStringSubmatch(name)
	switch {
	case name == "*":
		ps.everyone = true
	case accountID.MatchString(name):
		ps.accounts = append(ps.accounts, name)
	case root != nil:
		ps.accounts = append(ps.accounts, root[1])
	case namedARN.MatchString(name):
		ps.arns = append(ps.arns, name)
	default:
		return syntaxf("Invalid principal in policy: \"AWS\":%q", name)
	}
	return nil
}

// knownServices are the service principals that a policy may name. AWS refuses one that
// does not exist; this list has those that a pipeline is likely to name, and not all.
var knownServices = set(
	"apigateway.amazonaws.com", "athena.amazonaws.com", "backup.amazonaws.com", "batch.amazonaws.com",
	"cloudformation.amazonaws.com", "cloudfront.amazonaws.com", "cloudtrail.amazonaws.com",
	"cloudwatch.amazonaws.com", "codebuild.amazonaws.com", "codepipeline.amazonaws.com",
	"cognito-idp.amazonaws.com", "config.amazonaws.com", "delivery.logs.amazonaws.com", "dms.amazonaws.com",
	"ec2.amazonaws.com", "ecs-tasks.amazonaws.com", "ecs.amazonaws.com", "edgelambda.amazonaws.com",
	"elasticmapreduce.amazonaws.com", "events.amazonaws.com", "firehose.amazonaws.com", "glue.amazonaws.com",
	"iot.amazonaws.com", "kinesis.amazonaws.com", "kinesisanalytics.amazonaws.com", "lambda.amazonaws.com",
	"logging.s3.amazonaws.com", "logs.amazonaws.com", "monitoring.rds.amazonaws.com", "opensearchservice.amazonaws.com",
	"pipes.amazonaws.com", "quicksight.amazonaws.com", "rds.amazonaws.com", "redshift-serverless.amazonaws.com",
	"redshift.amazonaws.com", "s3.amazonaws.com", "sagemaker.amazonaws.com", "scheduler.amazonaws.com",
	"secretsmanager.amazonaws.com", "ses.amazonaws.com", "sns.amazonaws.com", "sqs.amazonaws.com",
	"ssm.amazonaws.com", "states.amazonaws.com", "streams.metrics.cloudwatch.amazonaws.com",
	"transfer.amazonaws.com", "vpc-flow-logs.amazonaws.com", "wafv2.amazonaws.com",
)

func set(names ...string) map[string]bool {
	m := make(map[string]bool, len(names))
	for _, n := range names {
		m[n] = true
	}
	return m
}
