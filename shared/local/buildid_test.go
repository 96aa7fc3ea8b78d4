package local

import (
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
)

func TestTheBuildIDIsTheOneThatGoTells(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "tool", "buildid", program).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := strings.TrimSpace(string(out))
	if got, err := (Cloud{Binary: program}).build(t.Context()); err != nil || got != want {
		t.Errorf("the build ID is %q (%v), want %q", got, err, want)
	}
	if _, ok := noted(program); !ok && runtime.GOOS == "linux" {
		t.Error("the build ID is not read from the program itself")
	}
}
