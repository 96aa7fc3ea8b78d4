package conventions

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// documents are the repository's pages, workflows and settings by their path, with what
// they say.
func documents(t *testing.T, patterns ...string) map[string]string {
	t.Helper()
	root := load(t).Root
	list, err := exec.Command("git", append([]string{"-C", root, "ls-files", "--cached", "--others", "--exclude-standard", "--"}, patterns...)...).Output()
	if err != nil {
		t.Fatalf("list the documents: %v", err)
	}
	found := map[string]string{}
	for _, name := range strings.Fields(string(list)) {
		text, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // removed in the work tree
		}
		if err != nil {
			t.Fatal(err)
		}
		found[name] = string(text)
	}
	if len(found) == 0 {
		t.Fatalf("there is no document %v", patterns)
	}
	return found
}

// targets are the magefile's, as they are typed.
func targets(t *testing.T) map[string]bool {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(load(t).Root, "magefile.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || !f.Name.IsExported() {
			continue
		}
		name := f.Name.Name
		if f.Recv != nil {
			name = f.Recv.List[0].Type.(*ast.Ident).Name + ":" + name
		}
		found[strings.ToLower(name)] = true
	}
	return found
}

var mageCommand = regexp.MustCompile(`go tool mage ([A-Za-z:]+)`)

func TestDocumentsNameTargetsThatExist(t *testing.T) {
	known := targets(t)
	for name, text := range documents(t, "*.md", "*.yml", "*.yaml", "*.sh") {
		for _, match := range mageCommand.FindAllStringSubmatch(text, -1) {
			target := strings.ToLower(match[1])
			if strings.HasSuffix(target, ":") { // deploy:<layer>
				target += "all"
			}
			if !known[target] {
				t.Errorf("%s says `%s`, and the magefile has no such target", name, match[0])
			}
		}
	}
}

var link = regexp.MustCompile(`\]\(([^)#:\s]+)(?:#[^)]*)?\)`)

func TestLinksLeadToFilesThatExist(t *testing.T) {
	root := load(t).Root
	for name, text := range documents(t, "*.md") {
		for _, match := range link.FindAllStringSubmatch(text, -1) {
			target := path.Join(path.Dir(name), match[1])
			if _, err := os.Stat(filepath.Join(root, target)); err != nil {
				t.Errorf("%s links to %s: there is no %s", name, match[1], target)
			}
		}
	}
}

// Where people look for a layer's owner and what it reads, the manifest's words stand.
func TestOwnersAreTheManifestsEverywhere(t *testing.T) {
	m := load(t)
	text := documents(t, "README.md")["README.md"]
	for _, l := range m.Layers {
		row := regexp.MustCompile(`(?m)^\| \[` + l.Path + `\]\(` + l.Path + `\) \| ` + l.Owner + ` \| .* \| ` + strings.Join(l.DependsOn, ", ") + ` ?\|$`)
		if !row.MatchString(text) {
			t.Errorf("README.md's table has no row for %s, %s, that reads [%s]", l.Path, l.Owner, strings.Join(l.DependsOn, ", "))
		}
		program := strings.ReplaceAll(source(t, m.Dir(l)), "\n// ", " ")
		if !strings.Contains(program, "Owner: "+l.Owner+".\n") {
			t.Errorf("the comment of %s/main.go does not say \"Owner: %s.\"", l.Path, l.Owner)
		}
	}
}
