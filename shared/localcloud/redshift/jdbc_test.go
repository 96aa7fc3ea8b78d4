package redshift

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// driver is where Debian's package libpostgresql-jdbc-java has PostgreSQL's JDBC driver.
const driver = "/usr/share/java/postgresql.jar"

func TestTheJDBCDriverReadsTablesColumnsAndRows(t *testing.T) {
	_, missing := os.Stat(driver)
	for _, tool := range []string{"java", "javac"} {
		if _, err := exec.LookPath(tool); err != nil {
			missing = err
		}
	}
	if missing != nil {
		t.Skipf("no JDBC driver to run (%v): apt-get install default-jdk-headless libpostgresql-jdbc-java", missing)
	}
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	conn := w.connect(t)
	exec1(t, conn, "CREATE TABLE public.events (round integer, name varchar(20), data super, at timestamptz)")
	exec1(t, conn, "CREATE VIEW public.latest AS SELECT name FROM public.events")
	exec1(t, conn, "INSERT INTO public.events VALUES (7, 'seven', json_parse('{}'), getdate()), (8, 'eight', NULL, NULL)")
	cmd := exec.CommandContext(t.Context(), "java", "-Duser.timezone=Europe/Berlin", "-cp", driver, "testdata/Client.java", fmt.Sprintf("jdbc:postgresql://127.0.0.1:%d/events", w.port), "admin")
	cmd.Env = append(os.Environ(), "PGPASSWORD="+adminPassword)
	var complaints strings.Builder
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	want := "version 8.0.2\nschema information_schema\nschema pg_catalog\nschema public\n" +
		"table events TABLE\ntable latest VIEW\ncolumn round int4\ncolumn name varchar\ncolumn data super\ncolumn at timestamptz\nday 2026-07-02\n" +
		strings.Repeat("named seven\n", 8) + "round 7\nround 8\nvalid true\n"
	if err != nil || string(out) != want {
		t.Errorf("the driver's client: %v\n%s%s\nwant\n%s", err, out, complaints.String(), want)
	}
}
