package main

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a file system of so many bytes.
func smallDisk(t *testing.T, bytes int) string {
	t.Helper()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, fmt.Sprintf("size=%d", bytes)); err != nil {
		t.Skipf("this test mounts a small file system, which takes root: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Errorf("unmount the small file system: %v", err)
		}
	})
	return dir
}

// fill takes all the space that is left and returns what gives it back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	path := filepath.Join(dir, "ballast")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	for chunk := make([]byte, 1<<20); len(chunk) > 0; {
		if _, err := f.Write(chunk); errors.Is(err, syscall.ENOSPC) {
			chunk = chunk[:len(chunk)/2]
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAFullDiskAcknowledgesNothing fills the disk under a running local cloud. What it
// cannot store it refuses; when there is space it goes on; and a kill loses nothing of
// what it acknowledged before, during and after.
func TestAFullDiskAcknowledgesNothing(t *testing.T) {
	disk := smallDisk(t, 96<<20)
	p := &practice{path: deployPath(t, filepath.Join(disk, "state"), 0), t: t}
	running := launch(t, p.path)
	running.ready(t)
	p.signIn()
	acknowledged := p.until(t, "", 200, 1)
	for round := range 2 {
		free := fill(t, disk)
		when := fmt.Sprintf("on a full disk, round %d", round)
		acknowledged = append(acknowledged, p.until(t, when, 503, 5)...)
		p.refusesObjects(when)
		if round == 1 {
			running.kill()
		}
		free()
		if round == 1 {
			running = launch(t, p.path)
			running.ready(t)
		}
		acknowledged = append(acknowledged, p.until(t, "with space again", 200, 3)...)
	}
	p.waitForEvents(t, acknowledged)
	t.Logf("%d events acknowledged", len(acknowledged))
}

// until sends events until so many had the status, and returns those that were
// acknowledged. Any other status than 200 and 503 is a failure.
func (p *practice) until(t *testing.T, when string, status, times int) (acknowledged []string) {
	t.Helper()
	eventually(t, fmt.Sprintf("%s %d events are answered %d", when, times, status), func() error {
		id, got, answer := p.send()
		switch {
		case got == http.StatusOK:
			acknowledged = append(acknowledged, id)
		case got != http.StatusServiceUnavailable || !strings.Contains(answer, "was not accepted, send it again"):
			t.Fatalf("%s an event is answered %d %s", when, got, answer)
		}
		if got == status {
			times--
		}
		if times > 0 {
			return fmt.Errorf("%d are left", times)
		}
		return nil
	})
	return acknowledged
}

func (p *practice) refusesObjects(when string) {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPut, p.url()+"/"+bucketName+"/large", strings.NewReader(strings.Repeat("x", 1<<20)))
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", signature("s3"))
	req.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD")
	if status, answer := do(p.t, req); status != http.StatusInternalServerError || !strings.Contains(answer, "InternalError") {
		p.t.Errorf("%s an object is answered %d %s, want 500 InternalError", when, status, answer)
	}
}
