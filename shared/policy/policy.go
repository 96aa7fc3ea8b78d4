// Package policy writes IAM policy documents as Go values whose ARNs may be outputs,
// and checks the ones that a person wrote as JSON.
package policy

import "github.com/pulumi/pulumi/sdk/v3/go/pulumi"

// Version is the only version of the policy language that is not historic (IAM user
// guide, "IAM JSON policy elements: Version").
const Version = "2012-10-17"

// Document is a policy: what Statements allow or deny.
type Document []Statement

// Statement is one element of a policy. Resources stay empty in a trust policy,
// Principal in a permission policy.
type Statement struct {
	Sid       string
	Deny      bool // else it allows
	Principal Principal
	Actions   []string
	Resources []pulumi.StringInput
	// Conditions are by operator, then key: {"Bool": {"aws:SecureTransport": "false"}}.
	Conditions map[string]pulumi.StringMap
}

// Principal is whom a statement is about. The zero value is nobody.
type Principal struct {
	Service string // "firehose.amazonaws.com"
	Anyone  bool
}

// JSON is the document as AWS takes it.
func (d Document) JSON() pulumi.StringOutput {
	statements := make(pulumi.Array, 0, len(d))
	for _, s := range d {
		statements = append(statements, s.element())
	}
	return pulumi.JSONMarshal(pulumi.Map{"Version": pulumi.String(Version), "Statement": statements})
}

func (s Statement) element() pulumi.Map {
	e := pulumi.Map{"Effect": pulumi.String("Allow"), "Action": pulumi.ToStringArray(s.Actions)}
	if s.Deny {
		e["Effect"] = pulumi.String("Deny")
	}
	if s.Sid != "" {
		e["Sid"] = pulumi.String(s.Sid)
	}
	if len(s.Resources) > 0 {
		e["Resource"] = pulumi.StringArray(s.Resources)
	}
	switch {
	case s.Principal.Anyone:
		e["Principal"] = pulumi.String("*")
	case s.Principal.Service != "":
		e["Principal"] = pulumi.StringMap{"Service": pulumi.String(s.Principal.Service)}
	}
	if len(s.Conditions) > 0 {
		conditions := pulumi.Map{}
		for operator, keys := range s.Conditions {
			conditions[operator] = keys
		}
		e["Condition"] = conditions
	}
	return e
}

// Trust lets services assume a role.
func Trust(services ...string) Document {
	var d Document
	for _, service := range services {
		d = append(d, Statement{Actions: []string{"sts:AssumeRole"}, Principal: Principal{Service: service}})
	}
	return d
}

// ARNs are resources that are known before they exist.
func ARNs(arns ...string) []pulumi.StringInput {
	list := make([]pulumi.StringInput, 0, len(arns))
	for _, arn := range arns {
		list = append(list, pulumi.String(arn))
	}
	return list
}
