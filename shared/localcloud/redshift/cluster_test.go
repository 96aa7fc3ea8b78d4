package redshift

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/redshiftdata"
)

// No cluster's name is that of a folder beside the clusters' own.
func TestAClusterOfAnyNameLeavesResultsAndSnapshotsAlone(t *testing.T) {
	w := newWorld(t)
	d := newDataAPI(t, w)
	id := *d.wait(d.execute("SELECT 1")).Id
	for _, name := range []string{"results", "snapshots"} {
		c := eventsCluster()
		c.Identifier, c.DatabaseName = name, "other"
		w.cluster(t, c)
		if err := w.DeleteCluster(t.Context(), name, false, "final-"+name); err != nil {
			t.Fatalf("delete cluster %s: %v", name, err)
		}
		if _, err := os.Stat(filepath.Join(w.cfg.Dir, name)); !os.IsNotExist(err) {
			t.Errorf("the data of cluster %s are still there (%v)", name, err)
		}
	}
	if _, err := d.GetStatementResult(t.Context(), &redshiftdata.GetStatementResultInput{Id: &id}); err != nil {
		t.Errorf("the result of before: %v", err)
	}
	if out := d.wait(d.execute("SELECT 2")); out.Error != nil {
		t.Errorf("a statement afterwards: %s", *out.Error)
	}
	for _, name := range []string{"final-results", "final-snapshots"} {
		if _, err := os.Stat(filepath.Join(w.cfg.Dir, "_snapshots", name+".duckdb")); err != nil {
			t.Errorf("the final snapshot %s: %v", name, err)
		}
	}
}

func TestTheDataOfADeletedClusterGoAlsoBelowAnOddPath(t *testing.T) {
	w := newWorld(t)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	w.cfg.Dir = filepath.Join(t.TempDir(), "a[b")
	s, err := New(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.Service = s
	defer s.Close()
	w.cluster(t, eventsCluster())
	if err := w.DeleteCluster(t.Context(), "events", true, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(w.cfg.Dir, "events")); !os.IsNotExist(err) {
		t.Errorf("the data are still there (%v)", err)
	}
}
