package firehose

import (
	"errors"
	"testing"
)

func TestTheJournalIsKeptFromTheLowestStoredPosition(t *testing.T) {
	var full error
	l := newLedger(progress{}, func(progress) error { return full })
	both := []*delivery{{name: "destination"}, {name: "backup"}}
	move := func(name string, low uint64) {
		_ = l.update(func(p *progress) { p.Deliveries[name] = position{Low: low} })
	}
	if err := l.begin(map[string]position{"destination": {Low: 1}, "backup": {Low: 1}}); err != nil {
		t.Fatal(err)
	}
	move("backup", 10)
	full = errors.New("no space left on device")
	move("destination", 10)
	if got := l.lowest(both); got != 1 {
		t.Errorf("the journal is kept from %d, want 1: the destination's position 10 is not stored", got)
	}
	full = nil
	move("backup", 12)
	if got := l.lowest(both); got != 10 {
		t.Errorf("the journal is kept from %d, want 10, which is stored with the backup's", got)
	}
}
