package scaffold

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"

	"pipeline/shared/manifest"
)

// workspace adds the layer's module to go.work.
func workspace(text []byte, l manifest.Layer) ([]byte, error) {
	work, err := modfile.ParseWork("go.work", text, nil)
	if err != nil {
		return nil, err
	}
	if err := work.AddUse("./"+l.Path, ""); err != nil {
		return nil, err
	}
	work.SortBlocks()
	work.Cleanup()
	return modfile.Format(work.Syntax), nil
}

// modules adds the module of a layer that is there already, under the new layer's name:
// so it has the versions that all have.
func (c *changes) modules(m *manifest.Manifest, l manifest.Layer) error {
	model := m.Layers[0]
	if model.Name == l.Name {
		return fmt.Errorf("%s has no other layer, whose go.mod a new one begins with", manifest.FileName)
	}
	mod, err := c.read(model.Path + "/go.mod")
	if err != nil {
		return err
	}
	old, name := "module pipeline/"+model.Path+"\n", "module pipeline/"+l.Path+"\n"
	if !bytes.HasPrefix(mod, []byte(old)) {
		return fmt.Errorf("%s/go.mod does not begin with %q", model.Path, old)
	}
	sum, err := c.read(model.Path + "/go.sum")
	if err != nil {
		return err
	}
	if err := c.create(l.Path+"/go.mod", bytes.Replace(mod, []byte(old), []byte(name), 1)); err != nil {
		return err
	}
	return c.create(l.Path+"/go.sum", sum)
}

var readerFunc = regexp.MustCompile(`(?m)^func (Read\w+)\(`)

// readers are the functions of package outputs that read some layers.
func (c *changes) readers(layers []string) ([]string, error) {
	var found []string
	for _, name := range layers {
		text, err := c.read(filepath.Join("shared", "outputs", name+".go"))
		if err != nil {
			return nil, err
		}
		match := readerFunc.FindSubmatch(text)
		if match == nil {
			return nil, fmt.Errorf("shared/outputs/%s.go has no function Read...", name)
		}
		found = append(found, string(match[1]))
	}
	return found, nil
}

// targets adds deploy, preview and destroy of the layer to the magefile, each behind the
// last target of a layer.
func targets(text []byte, l manifest.Layer) ([]byte, error) {
	for _, t := range []struct{ namespace, sentence string }{
		{"Destroy", "destroys"}, {"Preview", "previews a deploy of"}, {"Deploy", "deploys"},
	} {
		end, err := lastOfLayers(text, t.namespace)
		if err != nil {
			return nil, err
		}
		target := fmt.Sprintf("\n\n// %s %s layer %s.\nfunc (%s) %s(ctx context.Context) error {\n\treturn tasks.Run(ctx, layers.%s, %q)\n}",
			typeName(l.Name), t.sentence, l.Name, t.namespace, typeName(l.Name), t.namespace, l.Name)
		text = append(text[:end:end], append([]byte(target), text[end:]...)...)
	}
	return format.Source(text)
}

// lastOfLayers is the end of the last target of a namespace that is for one layer.
func lastOfLayers(text []byte, namespace string) (int, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "magefile.go", text, 0)
	if err != nil {
		return 0, err
	}
	end := 0
	for _, d := range file.Decls {
		f, isFunc := d.(*ast.FuncDecl)
		if !isFunc || f.Recv == nil || f.Recv.List[0].Type.(*ast.Ident).Name != namespace {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok && len(call.Args) == 3 {
				if _, isName := call.Args[2].(*ast.BasicLit); isName {
					end = files.Position(f.End()).Offset
				}
			}
			return true
		})
	}
	if end == 0 {
		return 0, fmt.Errorf("there is no target %s for a layer, behind which the new one goes", namespace)
	}
	return end, nil
}

// row adds the layer to the README's table of layers.
func row(text []byte, l manifest.Layer) ([]byte, error) {
	last := bytes.LastIndex(text, []byte("\n| [projects/"))
	if last < 0 {
		return nil, fmt.Errorf("there is no table of layers, with rows that begin | [projects/")
	}
	length := bytes.IndexByte(text[last+1:], '\n')
	if length < 0 {
		return nil, fmt.Errorf("the table of layers has no end")
	}
	end := last + 1 + length + 1
	line := fmt.Sprintf("| [%s](%s) | %s | its log | %s |\n", l.Path, l.Path, l.Owner, strings.Join(l.DependsOn, ", "))
	return append(text[:end:end], append([]byte(line), text[end:]...)...), nil
}
