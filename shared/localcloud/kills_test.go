package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"
)

// kills is how often the local cloud is killed; KILLS says otherwise.
func kills(t *testing.T) int {
	text := os.Getenv("KILLS")
	if text == "" {
		return 50
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("KILLS is %q, want a number", text)
	}
	return n
}

// TestNoAcknowledgedEventIsLostInFiftyKills kills the local cloud at random moments, also
// while it starts and recovers, under load of clients that send an event again until it
// is acknowledged. Some kills also leave a record half-written, as a power cut would. Then
// every acknowledged event is in the view once.
func TestNoAcknowledgedEventIsLostInFiftyKills(t *testing.T) {
	p := deployPath(t, t.TempDir(), 0)
	first := launch(t, p)
	first.ready(t)
	token, err := p.token(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	load := startLoad(t.Context(), p, token)
	total := kills(t)
	for n, victim := 0, first; n < total; n++ {
		if n%4 != 0 { // else it is killed wherever it is by then
			before := load.acknowledged()
			victim.ready(t)
			eventually(t, "events are acknowledged", func() error { return load.moreThan(before) })
		}
		time.Sleep(time.Duration(rand.IntN(600)) * time.Millisecond) // the moment is the point
		victim.kill()
		if n%3 == 0 {
			p.tear(t)
		}
		victim = launch(t, p)
		if n == total-1 {
			victim.ready(t)
		}
	}
	events := load.stop()
	once := p.waitForEvents(t, events)
	for id, times := range once {
		if times != 1 {
			t.Errorf("event %s is %d times in events_once", id, times)
		}
	}
	rows, err := p.count(t.Context(), "SELECT count(*) FROM events")
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d kills: %d events acknowledged, %d of them in events_once, %d rows in events", total, len(events), len(once), rows)
}

// tear leaves the beginning of a record that was not completely written at the end of
// the stream's journal.
func (p *path) tear(t *testing.T) {
	t.Helper()
	segments, err := filepath.Glob(filepath.Join(p.State, "firehose", "*", "journal", "*.journal"))
	if err != nil || len(segments) == 0 {
		t.Fatalf("the stream has no journal: %v", err)
	}
	f, err := os.OpenFile(slices.Max(segments), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	torn := make([]byte, 1+rand.IntN(300))
	for i := range torn {
		torn[i] = byte(rand.Uint32())
	}
	_, err = f.Write(torn)
	if err := errors.Join(err, f.Close()); err != nil {
		t.Fatal(err)
	}
}

// waitForEvents waits until all events are in the view, and returns what is there.
func (p *path) waitForEvents(t *testing.T, events []string) (once map[string]int) {
	t.Helper()
	eventually(t, fmt.Sprintf("%d acknowledged events are in the view", len(events)), func() (err error) {
		if once, err = p.arrived(t.Context(), "events_once"); err != nil {
			return err
		}
		missing := 0
		for _, id := range events {
			if once[id] == 0 {
				missing++
			}
		}
		if missing > 0 {
			err = fmt.Errorf("%d are not", missing)
		}
		return err
	})
	return once
}

// load is clients that post events one by one and in batches.
type load struct {
	mu      sync.Mutex
	ids     []string // acknowledged
	ends    context.CancelFunc
	clients sync.WaitGroup
}

func startLoad(ctx context.Context, p *path, token string) *load {
	ctx, ends := context.WithCancel(ctx)
	l := &load{ends: ends}
	for n := range 4 {
		l.clients.Go(func() { l.client(ctx, p, token, n) })
	}
	return l
}

// stop ends the clients and returns what was acknowledged.
func (l *load) stop() []string {
	l.ends()
	l.clients.Wait()
	return l.ids
}

func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.ids)
}

func (l *load) moreThan(n int) error {
	if have := l.acknowledged(); have <= n {
		return fmt.Errorf("there are %d", have)
	}
	return nil
}

// client sends events, each again until it is acknowledged.
func (l *load) client(ctx context.Context, p *path, token string, number int) {
	client := &http.Client{Transport: &http.Transport{}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	for n := 0; ctx.Err() == nil; n++ {
		url, size := p.events, 1
		if n%5 == 4 {
			url, size = p.batch, 20
		}
		var ids []string
		for i := range size {
			ids = append(ids, fmt.Sprintf("client-%d.%d.%d", number, n, i))
		}
		for ctx.Err() == nil {
			status, _, err := post(ctx, client, url, token, body(ids))
			if err == nil && status == http.StatusOK {
				l.add(ids)
				break
			}
			time.Sleep(5 * time.Millisecond) // it is being restarted
		}
	}
}

func (l *load) add(ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ids = append(l.ids, ids...)
}

// body is one event, or several as a batch.
func body(ids []string) []byte {
	var events []map[string]any
	for _, id := range ids {
		events = append(events, map[string]any{"event_id": id, "game_name": "myfirstgame", "event_name": "weapon.fired",
			"event_data": map[string]any{"weapon_name": "m4a1"}})
	}
	var what any = map[string]any{"events": events}
	if len(events) == 1 {
		what = events[0]
	}
	text, err := json.Marshal(what)
	if err != nil {
		panic(err) // strings
	}
	return text
}
