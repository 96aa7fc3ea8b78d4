package generate

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
)

// source is what was parsed of one package of the SDK: its types and constructors.
type source struct {
	types map[string]*ast.TypeSpec
	news  map[string]*ast.FuncDecl
}

func (s *source) parse(pattern string) error {
	files, err := filepath.Glob(pattern)
	if err != nil {
		return err
	}
	for _, path := range files {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("read the SDK: %w", err)
		}
		s.add(file)
	}
	return nil
}

func (s *source) add(file *ast.File) {
	for _, declaration := range file.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && strings.HasPrefix(d.Name.Name, "New") {
				s.news[d.Name.Name] = d
			}
		case *ast.GenDecl:
			for _, one := range d.Specs {
				if spec, ok := one.(*ast.TypeSpec); ok {
					if spec.Doc == nil {
						spec.Doc = d.Doc
					}
					s.types[spec.Name.Name] = spec
				}
			}
		}
	}
}

// fields are a struct type's named fields.
func fields(spec *ast.TypeSpec) []*ast.Field {
	var named []*ast.Field
	if structure, ok := spec.Type.(*ast.StructType); ok {
		for _, field := range structure.Fields.List {
			if len(field.Names) == 1 {
				named = append(named, field)
			}
		}
	}
	return named
}

// deprecated is the text of a comment's Deprecated paragraph.
func deprecated(comment *ast.CommentGroup) string {
	_, text, _ := strings.Cut(comment.Text(), "Deprecated: ")
	text, _, _ = strings.Cut(text, "\n\n")
	return strings.Join(strings.Fields(text), " ")
}
