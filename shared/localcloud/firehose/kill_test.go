package firehose

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

// disk is a bucket in a folder: one that outlives a killed process.
type disk struct {
	*cloud
	dir string
}

func (d disk) PutObject(_ context.Context, _, key string, body []byte, _ string) error {
	path := filepath.Join(d.dir, filepath.Base(key))
	if err := os.WriteFile(path+".new", body, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

func (d disk) delivered(t *testing.T) map[string]int {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(d.dir, "events-*"))
	count := map[string]int{}
	for _, p := range paths {
		if strings.HasSuffix(p, ".new") {
			continue
		}
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		for _, record := range strings.Fields(string(data)) {
			count[record]++
		}
	}
	return count
}

// TestAcknowledgedRecordsAreDeliveredAfterKills runs this test binary as a service that
// is killed while it accepts and delivers, and starts it again.
func TestAcknowledgedRecordsAreDeliveredAfterKills(t *testing.T) {
	if dir := os.Getenv("FIREHOSE_VICTIM"); dir != "" {
		accept(t, dir)
		return
	}
	dir := t.TempDir()
	var acknowledged []string
	for run := range 6 {
		acknowledged = append(acknowledged, killed(t, dir, run)...)
	}
	if len(acknowledged) < 600 {
		t.Fatalf("only %d records were acknowledged", len(acknowledged))
	}
	bucket := disk{newCloud(), dir}
	bucket.service(t, dir, func(c *Config) { c.S3 = bucket })
	eventually(t, "every acknowledged record is delivered", func() bool {
		got := bucket.delivered(t)
		for _, record := range acknowledged {
			if got[record] == 0 {
				return false
			}
		}
		return true
	})
}

func accept(t *testing.T, dir string) {
	bucket := disk{newCloud(), dir}
	s, _ := bucket.service(t, dir, func(c *Config) { c.S3 = bucket })
	if names, _ := s.ListDeliveryStreams(t.Context()); len(names) == 0 {
		create(t, s, soon())
	}
	for i := 0; ; i++ {
		record := fmt.Sprintf("%s-%d", os.Getenv("FIREHOSE_RUN"), i)
		put(t, s, record+"\n")
		fmt.Println("acknowledged", record)
	}
}

// killed lets a service accept at least a hundred records, kills it, and returns what it
// had acknowledged.
func killed(t *testing.T, dir string, run int) (acknowledged []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAcknowledgedRecordsAreDeliveredAfterKills$")
	cmd.Env = append(os.Environ(), "FIREHOSE_VICTIM="+dir, fmt.Sprintf("FIREHOSE_RUN=%d", run))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if record, ok := strings.CutPrefix(lines.Text(), "acknowledged "); ok {
			acknowledged = append(acknowledged, record)
		}
		if len(acknowledged) == 100+37*run {
			cmd.Process.Kill()
		}
	}
	cmd.Wait()
	return acknowledged
}
