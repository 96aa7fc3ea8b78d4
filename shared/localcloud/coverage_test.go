package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/doc"
	"go/doc/comment"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/iam/policy"
	"pipeline/shared/localcloud/monitoring"
	"pipeline/shared/localcloud/provider"
	"pipeline/shared/localcloud/provider/models"
	"pipeline/shared/localcloud/redshift/engine"
	"pipeline/shared/localcloud/s3"
)

const coverageIntroduction = `# What the local cloud honours

Generated from the tables that the code enforces, and from the planes' own package
comments: UPDATE=1 go test -run Coverage . makes it anew, and the test fails while it is
old. What is not on this page is refused, naming it.

`

const importsIntroduction = `pulumi import takes the ids that pulumi-aws documents, and finds what a program would set, but
for what AWS does not tell.
`

const valuesIntroduction = `A value that is known is checked when it is previewed: by AWS's own service models (lengths,
ranges, patterns and enumerations, from %s),
and by rules here for what the models do not say. * is a rule about several properties.
What neither column names is checked for its type, and by the plane when it is made.
`

// planes are the packages whose comments tell what differs from AWS.
var planes = []string{"gateway", "gateway/mapping", "gateway/vtl", "cognito", "firehose", "s3", "redshift", "iam", "secrets", "logs", "monitoring", "network", "drills"}

func TestTheCoveragePageIsUpToDate(t *testing.T) {
	want := coverage(t, anyCloud(t))
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile("COVERAGE.md", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("COVERAGE.md")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Error("COVERAGE.md is old: run UPDATE=1 go test -run Coverage . in shared/localcloud")
	}
}

// anyCloud is a local cloud with nothing in it.
func anyCloud(t *testing.T) *cloud {
	t.Helper()
	c, err := open(options{State: t.TempDir(), Region: "eu-central-1", Account: "000000000000"}, "http://127.0.0.1:4566", 5439)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	})
	return c
}

func coverage(t *testing.T, c *cloud) string {
	var b strings.Builder
	b.WriteString(coverageIntroduction)
	b.WriteString("## Provider\n\nStands in for pulumi-aws " + awsVersion + ".\n\n")
	resources, err := provider.Coverage(c.kinds...)
	if err != nil {
		t.Fatal(err)
	}
	b.WriteString(resources)
	values, err := provider.Values(c.kinds...)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "\n### Imports\n\n%s\n%s", importsIntroduction, provider.Imports(c.kinds...))
	fmt.Fprintf(&b, "\n### Values\n\n"+valuesIntroduction+"\n%s", models.Source(), values)
	b.WriteString("\n## AWS APIs\n\n| service | operations |\n| --- | --- |\n")
	type api interface {
		Name() string
		Operations() []string
	}
	for _, target := range slices.Sorted(maps.Keys(c.targets)) {
		api, ok := c.targets[target].(api)
		if !ok {
			t.Fatalf("the API %s does not say what it serves", target)
		}
		fmt.Fprintf(&b, "| %s | %s |\n", api.Name(), strings.Join(api.Operations(), ", "))
	}
	for _, name := range slices.Sorted(maps.Keys(c.queries)) {
		fmt.Fprintf(&b, "| %s | %s |\n", name, strings.Join(c.queries[name].Operations(), ", "))
	}
	fmt.Fprintf(&b, "| s3 | %s |\n", strings.Join(s3.Served(), ", "))
	b.WriteString("\n## SQL\n\n| | honoured |\n| --- | --- |\n")
	for _, row := range []struct {
		what string
		list []string
	}{{"statements", engine.Forms()}, {"options of COPY", engine.CopyOptions()}, {"functions", engine.FunctionNames()}} {
		fmt.Fprintf(&b, "| %s | %s |\n", row.what, strings.Join(row.list, ", "))
	}
	operators, keys := policy.Honoured()
	fmt.Fprintf(&b, "\n## IAM policies\n\nHonoured are the condition operators %s and the keys %s. A policy may name the services %s. Of AWS's managed policies there is %s.\n",
		strings.Join(operators, ", "), strings.Join(keys, ", "), strings.Join(policy.Services(), ", "), strings.Join(iam.ManagedPolicies(), ", "))
	b.WriteString("\n## Metrics\n\n| namespace | published |\n| --- | --- |\n")
	published := monitoring.Published()
	for _, namespace := range slices.Sorted(maps.Keys(published)) {
		fmt.Fprintf(&b, "| %s | %s |\n", namespace, strings.Join(published[namespace], ", "))
	}
	b.WriteString("\n## Planes\n\n")
	for _, name := range planes {
		fmt.Fprintf(&b, "### %s\n\n%s\n", name, packageComment(t, name))
	}
	return b.String()
}

// packageComment is a package's comment as Markdown, its headings below level 3.
func packageComment(t *testing.T, dir string) string {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var parsed []*ast.File
	for _, f := range files {
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, f, nil, parser.ParseComments|parser.PackageClauseOnly)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	pkg, err := doc.NewFromFiles(set, parsed, "pipeline/shared/localcloud/"+dir)
	if err != nil {
		t.Fatal(err)
	}
	if pkg.Doc == "" {
		t.Fatalf("package %s has no comment", dir)
	}
	printer := pkg.Printer()
	printer.HeadingLevel = 4
	printer.HeadingID = func(*comment.Heading) string { return "" }
	return string(bytes.TrimLeft(printer.Markdown(pkg.Parser().Parse(pkg.Doc)), "\n"))
}
