package conventions

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"pipeline/shared/pulumitest"
)

// sdkDir is where the source of pulumi-aws is.
var sdkDir = sync.OnceValues(func() (string, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/pulumi/pulumi-aws/sdk/v6").Output()
	return strings.TrimSpace(string(out)), err
})

// arguments are the fields of a resource type's Args in pulumi-aws.
func arguments(t *testing.T, r pulumitest.GoldenResource) []string {
	t.Helper()
	dir, err := sdkDir()
	if err != nil {
		t.Fatalf("go list: where is pulumi-aws: %v", err)
	}
	file, typ, _ := strings.Cut(kind(r), ":")
	path := filepath.Join(dir, "go", "aws", filepath.FromSlash(file)+".go")
	parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(parsed, func(n ast.Node) bool {
		spec, isType := n.(*ast.TypeSpec)
		if !isType || spec.Name.Name != typ+"Args" {
			return true
		}
		for _, f := range spec.Type.(*ast.StructType).Fields.List {
			names = append(names, f.Names[0].Name)
		}
		return false
	})
	if len(names) == 0 {
		t.Fatalf("%s has no %sArgs", path, typ)
	}
	return names
}

func isAWS(r pulumitest.GoldenResource) bool { return strings.HasPrefix(string(r.URN.Type()), "aws:") }

// untagged finds resources whose type takes tags and that lack one of the manifest's.
func untagged(t *testing.T, v variant) []string {
	var problems []string
	for _, r := range v.Resources {
		if !isAWS(r) || !contains(arguments(t, r), "^Tags$") {
			continue
		}
		for _, tag := range []string{"product", "layer", "owner", "environment"} {
			if value, _ := at(r, "tags", tag).(string); value == "" {
				problems = append(problems, fmt.Sprintf("%s %s has no tag %s", kind(r), r.URN.Name(), tag))
			}
		}
	}
	return problems
}

func contains(names []string, pattern string) bool {
	p := regexp.MustCompile(pattern)
	for _, name := range names {
		if p.MatchString(name) {
			return true
		}
	}
	return false
}

// encrypted says for each type that can be encrypted how it is: by a property of its own,
// or (by a reason) by nobody's doing.
var encrypted = map[string]func(variant, pulumitest.GoldenResource) bool{
	"redshift/cluster:Cluster": func(v variant, r pulumitest.GoldenResource) bool { return r.Inputs["encrypted"] == true },
	"kinesis/firehoseDeliveryStream:FirehoseDeliveryStream": func(v variant, r pulumitest.GoldenResource) bool {
		return at(r, "serverSideEncryption", "enabled") == true
	},
	"s3/bucketV2:BucketV2": func(v variant, bucket pulumitest.GoldenResource) bool {
		return anyOf(v, bucket, "s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2",
			func(r pulumitest.GoldenResource) bool { return strings.Contains(fmt.Sprint(r.Inputs), "sseAlgorithm:") })
	},
}

// encryptedByAWS are types that AWS encrypts with a key of its own when no other is named.
var encryptedByAWS = map[string]string{
	"cloudwatch/logGroup:LogGroup":           "CloudWatch Logs encrypts every group",
	"secretsmanager/secret:Secret":           "Secrets Manager encrypts with aws/secretsmanager",
	"redshiftserverless/namespace:Namespace": "a namespace is encrypted with a key of AWS's when it names none",
	"sns/topic:Topic":                        "alarms hold no event; CloudWatch cannot use AWS's key for SNS, and a key of ours would cost a dollar a month",
}

// unencrypted finds what could be encrypted and is not, and what is reached without TLS.
func unencrypted(t *testing.T, v variant) []string {
	var problems []string
	for _, r := range v.Resources {
		if !isAWS(r) || !contains(arguments(t, r), "(?i)kms|encrypt") {
			continue
		}
		check, known := encrypted[kind(r)]
		switch {
		case encryptedByAWS[kind(r)] != "" || strings.Contains(kind(r), "Encryption"):
		case !known:
			problems = append(problems, fmt.Sprintf("%s can be encrypted, and no rule says how", kind(r)))
		case !check(v, r):
			problems = append(problems, fmt.Sprintf("%s %s is not encrypted", kind(r), r.URN.Name()))
		}
	}
	for _, typ := range []string{"redshift/parameterGroup:ParameterGroup", "redshiftserverless/workgroup:Workgroup"} {
		for _, r := range v.of(typ) {
			if !strings.Contains(fmt.Sprint(r.Inputs), "require_ssl") || !strings.Contains(strings.ToLower(fmt.Sprint(r.Inputs)), "value:true") {
				problems = append(problems, fmt.Sprintf("%s %s takes connections without TLS", kind(r), r.URN.Name()))
			}
		}
	}
	return problems
}
