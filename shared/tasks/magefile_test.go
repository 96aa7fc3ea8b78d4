package tasks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pipeline/shared/manifest"
)

// target is an exported function of the magefile.
type target struct {
	namespace, name, doc string
	statements           int
	calls                string   // the first words of its one call: tasks.Run
	operation            string   // of tasks.Run: layers.Deploy
	texts                []string // string arguments of the call
}

func targets(t *testing.T) []target {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../magefile.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	var all []target
	for _, d := range file.Decls {
		f, isFunc := d.(*ast.FuncDecl)
		if !isFunc || !f.Name.IsExported() {
			continue
		}
		one := target{name: f.Name.Name, doc: strings.TrimSpace(f.Doc.Text()), statements: len(f.Body.List)}
		if f.Recv != nil {
			one.namespace = f.Recv.List[0].Type.(*ast.Ident).Name
		}
		if r, isReturn := f.Body.List[0].(*ast.ReturnStmt); isReturn {
			if call, isCall := r.Results[0].(*ast.CallExpr); isCall {
				one.calls = selector(call.Fun)
				for _, a := range call.Args {
					if literal, isText := a.(*ast.BasicLit); isText {
						text, _ := strconv.Unquote(literal.Value)
						one.texts = append(one.texts, text)
					}
					if s := selector(a); strings.HasPrefix(s, "layers.") {
						one.operation = s
					}
				}
			}
		}
		all = append(all, one)
	}
	return all
}

func selector(e ast.Expr) string {
	s, isSelector := e.(*ast.SelectorExpr)
	if !isSelector {
		return ""
	}
	return s.X.(*ast.Ident).Name + "." + s.Sel.Name
}

func TestEveryTargetIsASentenceAndACall(t *testing.T) {
	for _, one := range targets(t) {
		if !strings.HasPrefix(one.doc, one.name+" ") {
			t.Errorf("the comment of %s %s does not begin with its name: %q", one.namespace, one.name, one.doc)
		}
		if one.statements != 1 || !strings.HasPrefix(one.calls, "tasks.") {
			t.Errorf("%s %s is %d statements and calls %q, want one call of package tasks", one.namespace, one.name, one.statements, one.calls)
		}
	}
}

func TestTheTargetsOfLayersAreTheManifestsLayers(t *testing.T) {
	m, err := manifest.Find(".")
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]string{}
	for _, one := range targets(t) {
		if one.calls != "tasks.Run" || one.name == "All" {
			continue
		}
		got[one.namespace] = append(got[one.namespace], strings.Join(one.texts, " "))
		if one.name != strings.ToUpper(one.texts[0][:1])+one.texts[0][1:] || one.operation != "layers."+one.namespace {
			t.Errorf("%s:%s runs %s of %v", one.namespace, one.name, one.operation, one.texts)
		}
	}
	want := slices.Sorted(slices.Values(m.LayerNames()))
	for _, namespace := range []string{"Deploy", "Preview", "Destroy"} {
		if have := slices.Sorted(slices.Values(got[namespace])); !slices.Equal(have, want) {
			t.Errorf("the targets of %s are for %v, and the manifest has %v: mend magefile.go", namespace, have, want)
		}
	}
	if len(got) != 3 {
		t.Errorf("layers have targets in %v, want Deploy, Preview and Destroy", slices.Collect(maps.Keys(got)))
	}
}
