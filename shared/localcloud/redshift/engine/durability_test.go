package engine

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const killedDir = "REDSHIFT_KILLED_DIR"

// TestMain is the process that TestACommittedCopySurvivesKill kills, where that asks for it.
func TestMain(m *testing.M) {
	if dir := os.Getenv(killedDir); dir != "" {
		fmt.Fprintln(os.Stderr, loadForever(context.Background(), dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// loadForever loads the same 100 events over and over and says so after each commit.
func loadForever(ctx context.Context, dir string) error {
	b := bucket{"staging/a": strings.Repeat(`{"event_id":"1","n":1}`, 100)}
	d, err := Open(filepath.Join(dir, "dev.duckdb"), Options{Name: "dev", Files: b, Sources: b})
	if err != nil {
		return err
	}
	s, err := d.NewSession(ctx, User{ID: adminID, Name: "admin", Super: true})
	if err != nil {
		return err
	}
	if _, err := s.Exec(ctx, "CREATE TABLE IF NOT EXISTS events (event_id varchar(64), n integer)", Discard); err != nil {
		return err
	}
	for {
		if _, err := s.Exec(ctx, "COPY events FROM 's3://staging/a'"+copyKeys+"JSON 'auto'", Discard); err != nil {
			return err
		}
		fmt.Println("committed")
	}
}

func TestACommittedCopySurvivesKill(t *testing.T) {
	dir := t.TempDir()
	committed := 0
	for kill := 1; kill <= 3; kill++ {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), killedDir+"="+dir)
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		for seen := 0; seen < 5*kill && lines.Scan(); {
			if lines.Text() == "committed" {
				seen++
				committed++
			}
		}
		if err := child.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = child.Wait() // it was killed
	}
	d, err := Open(filepath.Join(dir, "dev.duckdb"), Options{Name: "dev"})
	if err != nil {
		t.Fatalf("open after kill: %v", err)
	}
	defer d.Close()
	var rows int
	if err := d.pool.QueryRow("SELECT count(*) FROM public.events").Scan(&rows); err != nil {
		t.Fatal(err)
	}
	// A COPY that was killed between its commit and its word counts as well; half a COPY never.
	if rows%100 != 0 || rows < 100*committed {
		t.Errorf("after three kills there are %d rows, want whole COPYs and at least %d", rows, 100*committed)
	}
}
