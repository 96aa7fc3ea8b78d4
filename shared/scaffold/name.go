package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A layer's name is a folder, a package's last part, a program, a target of mage
// (deploy:audit) and, with a capital, a type in shared/outputs.
var nameRule = regexp.MustCompile(`^[a-z][a-z0-9]{1,19}$`)

// taken are names that are something else already.
var taken = map[string]string{
	"all": "deploy:all is a target", "stale": "deploy:stale is a target", "changed": "deploy:changed is a target",
	"localcloud": "the local cloud's program has it", "main": "a Go package has it",
	"internal": "Go hides folders of that name", "vendor": "Go reads folders of that name as copies", "testdata": "Go ignores folders of that name",
}

func checkName(name string) error {
	if !nameRule.MatchString(name) {
		return fmt.Errorf("layer name %q: it has to be 2 to 20 small letters and digits, a letter first", name)
	}
	if why, is := taken[name]; is {
		return fmt.Errorf("layer name %q: %s", name, why)
	}
	return nil
}

// typeName is the layer's name as Go exports it.
func typeName(name string) string { return strings.ToUpper(name[:1]) + name[1:] }

// Split reads names with commas between them, in order and once each.
func Split(list string) []string {
	var names []string
	for _, name := range strings.FieldsFunc(list, func(c rune) bool { return c == ',' || c == ' ' }) {
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}
