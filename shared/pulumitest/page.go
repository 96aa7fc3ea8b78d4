package pulumitest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pipeline/shared/manifest"
	"pipeline/shared/settings"
)

const (
	page       = "README.md"
	pageMarker = "<!-- Below this line: go test -update. -->"
)

// Page compares the end of a project's README.md with what the layer exports and what its
// settings are. The page's own words stand above the marker.
func Page(t *testing.T, defaults any) {
	t.Helper()
	text, err := generated(defaults)
	if err != nil {
		t.Fatal(err)
	}
	have, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	words, _, found := strings.Cut(string(have), pageMarker)
	if !found {
		t.Fatalf("%s lacks the line %s, below which outputs and settings are", page, pageMarker)
	}
	compare(t, page, words+pageMarker+"\n\n"+text)
	for line := range strings.Lines(text) {
		if cells := strings.Split(line, "|"); len(cells) == 7 && strings.TrimSpace(cells[4]) == "" {
			t.Errorf("the setting%sis not explained: it has no help tag", cells[1])
		}
	}
}

func generated(defaults any) (string, error) {
	m, layer, err := here()
	if err != nil {
		return "", err
	}
	exported, err := outputsTable(filepath.Join(m.Root, "shared", "outputs", layer.Name+".go"))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("## Outputs\n\n%s\n\n%s\n## Settings\n\n`Pulumi.<environment>.yaml` has them as `%s:<setting>`.\n\n%s",
		readers(m, layer), exported, m.Project(layer.Name), settings.Table(defaults)), nil
}

// here is the layer whose folder the test runs in.
func here() (*manifest.Manifest, manifest.Layer, error) {
	m, err := manifest.Find(".")
	if err != nil {
		return nil, manifest.Layer{}, err
	}
	dir, err := os.Getwd()
	if err != nil {
		return nil, manifest.Layer{}, err
	}
	i := slices.IndexFunc(m.Layers, func(l manifest.Layer) bool { return m.Dir(l) == dir })
	if i < 0 {
		return nil, manifest.Layer{}, fmt.Errorf("%s has no layer in %s", manifest.FileName, dir)
	}
	return m, m.Layers[i], nil
}

func readers(m *manifest.Manifest, layer manifest.Layer) string {
	var names []string
	for _, l := range m.Layers {
		if slices.Contains(l.DependsOn, layer.Name) {
			names = append(names, "["+l.Name+"](../"+filepath.Base(l.Path)+")")
		}
	}
	if len(names) == 0 {
		return "No layer reads them; `go tool mage outputs` prints them."
	}
	return "Read by " + strings.Join(names, ", ") + "."
}

// outputsTable is the struct of a layer's outputs as a Markdown table, in its order.
func outputsTable(path string) (string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		return "", err
	}
	keys := map[string]string{} // by field
	var fields []*ast.Field
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.StructType:
			fields = append(fields, n.Fields.List...)
		case *ast.KeyValueExpr:
			if key, field, ok := entry(n); ok {
				keys[field] = key
			}
		}
		return true
	})
	var b strings.Builder
	b.WriteString("| output | what it is |\n| --- | --- |\n")
	for _, f := range fields {
		fmt.Fprintf(&b, "| `%s` | %s |\n", keys[f.Names[0].Name], strings.TrimSpace(f.Comment.Text()))
	}
	return b.String(), nil
}

// entry is "key": &o.Field.
func entry(n *ast.KeyValueExpr) (key, field string, ok bool) {
	literal, isText := n.Key.(*ast.BasicLit)
	address, isAddress := n.Value.(*ast.UnaryExpr)
	if !isText || !isAddress {
		return "", "", false
	}
	selected, isField := address.X.(*ast.SelectorExpr)
	if !isField {
		return "", "", false
	}
	key, err := strconv.Unquote(literal.Value)
	return key, selected.Sel.Name, err == nil
}
