package conventions

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"pipeline/shared/pulumitest"
)

// wildcards are all that there may be, each with its reason.
var wildcards = []struct {
	what   *regexp.Regexp
	reason string
}{
	{regexp.MustCompile(`^Resource arn:aws:s3:::[^*?]+/\*$`), "the names of objects are Firehose's; the bucket is one"},
	{regexp.MustCompile(`^Resource arn:aws:secretsmanager:[^*?]+:secret:[^*?]+-\?{6}$`), "Secrets Manager ends an ARN in six characters of its own"},
	{regexp.MustCompile(`^policy arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs$`),
		"API Gateway takes one role for an account, and asks for this policy of AWS's own"},
	{regexp.MustCompile(`^Principal \* of ec2/vpcEndpoint:VpcEndpoint$`), "an endpoint's policy cannot name Redshift; its resource is one bucket"},
}

// document is a policy that a resource has.
type document struct{ statements []map[string]any }

// policies are the policies in a resource's inputs, wherever they are.
func policies(r pulumitest.GoldenResource) []document {
	var found []document
	var look func(any)
	look = func(value any) {
		switch value := value.(type) {
		case map[string]any:
			if list := listed(value["Statement"]); len(list) > 0 {
				found = append(found, documentOf(list))
			}
			for _, v := range value {
				look(v)
			}
		case []any:
			for _, v := range value {
				look(v)
			}
		}
	}
	look(r.Inputs)
	return found
}

func documentOf(list []any) document {
	var d document
	for _, s := range list {
		if statement, ok := s.(map[string]any); ok {
			d.statements = append(d.statements, statement)
		}
	}
	return d
}

// listed is a value that may stand alone or in a list, as a list.
func listed(value any) []any {
	if list, ok := value.([]any); ok {
		return list
	}
	if value == nil {
		return nil
	}
	return []any{value}
}

// wildPermissions finds what a policy allows too many of.
func wildPermissions(_ *testing.T, v variant) []string {
	var problems []string
	for _, r := range v.Resources {
		for _, grant := range grants(r) {
			if !excepted(grant) {
				problems = append(problems, fmt.Sprintf("%s allows %s", r.URN.Name(), grant))
			}
		}
	}
	return problems
}

func excepted(grant string) bool {
	for _, w := range wildcards {
		if w.what.MatchString(grant) {
			return true
		}
	}
	return false
}

// grants are the wide parts of what a resource allows: wildcards, what is left out of a
// list, and policies that others write.
func grants(r pulumitest.GoldenResource) []string {
	var wide []string
	if arn, attached := r.Inputs["policyArn"]; attached {
		wide = append(wide, fmt.Sprintf("policy %v", arn))
	}
	for _, p := range policies(r) {
		for _, s := range p.statements {
			if s["Effect"] == "Allow" {
				wide = append(wide, wideParts(r, s)...)
			}
		}
	}
	return wide
}

func wideParts(r pulumitest.GoldenResource, statement map[string]any) []string {
	var wide []string
	for _, element := range []string{"NotAction", "NotResource", "NotPrincipal"} {
		if statement[element] != nil {
			wide = append(wide, element)
		}
	}
	for _, element := range []string{"Action", "Resource"} {
		for _, value := range listed(statement[element]) {
			if strings.ContainsAny(fmt.Sprint(value), "*?") {
				wide = append(wide, fmt.Sprintf("%s %v", element, value))
			}
		}
	}
	walk("Principal", statement["Principal"], func(path string, value any) {
		if path != "Principal.Service" && value != nil {
			wide = append(wide, fmt.Sprintf("%s %v of %s", path, value, kind(r)))
		}
	})
	return wide
}

func TestEveryExceptionIsNeeded(t *testing.T) {
	needed := map[string]bool{}
	for _, v := range variants(t) {
		for _, r := range v.Resources {
			for _, grant := range grants(r) {
				for _, w := range wildcards {
					needed[w.reason] = needed[w.reason] || w.what.MatchString(grant)
				}
			}
		}
	}
	for _, w := range wildcards {
		if !needed[w.reason] {
			t.Errorf("nothing needs the exception %s (%s): take it out", w.what, w.reason)
		}
	}
}
