package local

import (
	"context"
	"debug/elf"
	"fmt"
	"os/exec"
	"strings"
)

// build names the program that is there now; a local cloud started from another one is
// restarted. It is Go's build ID, which changes with what was compiled: the file's time
// does not tell, because go build touches a file that is up to date.
func (c Cloud) build(ctx context.Context) (string, error) {
	if id, ok := noted(c.Binary); ok {
		return id, nil
	}
	id, err := exec.CommandContext(ctx, "go", "tool", "buildid", c.Binary).Output()
	if err != nil {
		return "", fmt.Errorf("the local cloud's program %s is not built: %w", c.Binary, err)
	}
	return strings.TrimSpace(string(id)), nil
}

// noted is the build ID in a note of an ELF file (cmd/internal/buildid): to ask go for
// it takes a tenth of a second. Programs of other systems have none there.
func noted(path string) (id string, ok bool) {
	file, err := elf.Open(path)
	if err != nil {
		return "", false
	}
	defer file.Close()
	section := file.Section(".note.go.buildid")
	if section == nil {
		return "", false
	}
	note, err := section.Data()
	const header = 16 // sizes of name and text, type, and the name "Go\0\0"
	if err != nil || len(note) < header {
		return "", false
	}
	size := int(file.ByteOrder.Uint32(note[4:]))
	if len(note) < header+size || size == 0 {
		return "", false
	}
	return string(note[header : header+size]), true
}
