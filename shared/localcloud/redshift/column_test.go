package redshift

import "testing"

// The page of layer warehouse says how to add a column: this does what it says.
func TestAColumnIsAddedOnceHoweverOftenItsStatementRuns(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	for range 2 {
		for _, sql := range append(layerSQL(t, "sha256|"+sha256Of("First1234\x01")+"|01"), "CALL public.sp_ensure_column('level', 'INTEGER')") {
			w.asAdmin(t, sql)
		}
		w.asAdmin(t, "INSERT INTO public.events (event_id, level) VALUES ('e', 7)")
	}
	var level int
	if err := w.connect(t).QueryRow(t.Context(), "SELECT sum(level) FROM public.events").Scan(&level); err != nil || level != 14 {
		t.Errorf("the column's sum is %d (%v), want 14: the second run must not lose the first's row", level, err)
	}
}
