package journal

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func open(t *testing.T, dir string, opts Options) *Journal {
	t.Helper()
	j, err := Open(dir, opts)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { j.Close() })
	return j
}

func appendText(t *testing.T, j *Journal, texts ...string) uint64 {
	t.Helper()
	records := make([][]byte, len(texts))
	for i, text := range texts {
		records[i] = []byte(text)
	}
	first, err := j.Append(context.Background(), records...)
	if err != nil {
		t.Fatalf("append: %v", err)
	}
	return first
}

// read returns index:data of every record from the index on, and the damage met.
func read(t *testing.T, j *Journal, from uint64) (got []string, damage []*DamagedError) {
	t.Helper()
	r := j.ReaderAt(from)
	defer r.Close()
	for {
		rec, ok, err := r.Next()
		var d *DamagedError
		switch {
		case errors.As(err, &d):
			damage = append(damage, d)
		case err != nil:
			t.Fatalf("read: %v", err)
		case !ok:
			return got, damage
		default:
			got = append(got, fmt.Sprintf("%d:%s", rec.Index, rec.Data))
		}
	}
}

func want(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, " ") != strings.Join(want, " ") {
		t.Errorf("the journal holds %q, want %q", got, want)
	}
}

func lastSegment(t *testing.T, dir string) string {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join(dir, "*"+suffix))
	if len(paths) == 0 {
		t.Fatal("the journal has no segment")
	}
	return paths[len(paths)-1]
}

// damageByte makes a byte of a file another one.
func damageByte(t *testing.T, path string, at int) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	data[at] ^= 0xff
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsComeBackInOrderAfterReopening(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{SegmentBytes: 40})
	appendText(t, j, "a", "b")
	appendText(t, j, "", "d")
	j.Close()
	j = open(t, dir, Options{SegmentBytes: 40})
	if first := appendText(t, j, "e"); first != 4 {
		t.Errorf("the fifth record has index %d, want 4", first)
	}
	got, _ := read(t, j, 0)
	want(t, got, "0:a", "1:b", "2:", "3:d", "4:e")
	got, _ = read(t, j, 3)
	want(t, got, "3:d", "4:e")
}

func TestATornTailIsCutAndToldOf(t *testing.T) {
	for _, torn := range []int64{1, 8, 16, 17} {
		dir := t.TempDir()
		j := open(t, dir, Options{})
		appendText(t, j, "whole", "torn")
		j.Close()
		path := lastSegment(t, dir)
		info, _ := os.Stat(path)
		if err := os.Truncate(path, info.Size()-torn); err != nil {
			t.Fatal(err)
		}
		var log strings.Builder
		j = open(t, dir, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
		appendText(t, j, "next")
		got, _ := read(t, j, 0)
		want(t, got, "0:whole", "1:next")
		if !strings.Contains(log.String(), "cut the tail") {
			t.Errorf("the log does not tell of the cut: %q", log.String())
		}
	}
}

func TestZerosBehindTheTailAreCut(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	appendText(t, j, "a")
	j.Close()
	f, _ := os.OpenFile(lastSegment(t, dir), os.O_APPEND|os.O_WRONLY, 0)
	f.Write(make([]byte, 100))
	f.Close()
	j = open(t, dir, Options{})
	appendText(t, j, "b")
	got, _ := read(t, j, 0)
	want(t, got, "0:a", "1:b")
}

func TestWhatAKillLeavesIsReadWithoutAWord(t *testing.T) {
	dir, killed := t.TempDir(), t.TempDir()
	j := open(t, dir, Options{})
	appendText(t, j, "a", "b")
	data, err := os.ReadFile(lastSegment(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	if int64(len(data)) <= j.Size() {
		t.Fatalf("the segment has %d bytes and the records %d: no room was made for the next", len(data), j.Size())
	}
	if err := os.WriteFile(filepath.Join(killed, filepath.Base(lastSegment(t, dir))), data, 0o600); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	again := open(t, killed, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	appendText(t, again, "c")
	got, _ := read(t, again, 0)
	want(t, got, "0:a", "1:b", "2:c")
	if log.Len() > 0 {
		t.Errorf("the log says %s", &log)
	}
}

func TestOneDamagedRecordCostsOnlyItself(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	appendText(t, j, "aaaa", "bbbb", "cccc")
	j.Close()
	path := lastSegment(t, dir)
	damageByte(t, path, headerBytes+4+headerBytes)
	j = open(t, dir, Options{})
	appendText(t, j, "dddd")
	got, damage := read(t, j, 0)
	want(t, got, "0:aaaa", "2:cccc", "3:dddd")
	if len(damage) != 1 || damage[0].From != 1 || damage[0].To != 2 {
		t.Errorf("the damage told of is %v, want record 1", damage)
	}
}

func TestADamagedLengthCostsTheRestOfItsSegmentOnly(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{SegmentBytes: 60})
	appendText(t, j, "aaaa", "bbbb", "cccc")
	appendText(t, j, "dddd")
	damageByte(t, filepath.Join(dir, fmt.Sprintf("%020d%s", 0, suffix)), headerBytes+4+3)
	got, damage := read(t, j, 0)
	want(t, got, "0:aaaa", "3:dddd")
	if len(damage) != 1 || damage[0].From != 1 || damage[0].To != 3 {
		t.Errorf("the damage told of is %v, want records 1 and 2", damage)
	}
}

func TestWhatIsBehindADamagedLengthIsSetAsideAndTold(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	appendText(t, j, "aaaa", "bbbb", "cccc")
	j.Close()
	path := lastSegment(t, dir)
	damageByte(t, path, headerBytes+4+3) // of bbbb's length
	var log strings.Builder
	j = open(t, dir, Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	got, _ := read(t, j, 0)
	want(t, got, "0:aaaa")
	aside, err := os.ReadFile(path + ".damaged")
	if err != nil || !strings.Contains(string(aside), "cccc") {
		t.Errorf("set aside is %q (%v), want the sound record cccc with it", aside, err)
	}
	if !strings.Contains(log.String(), "may be lost") || strings.Contains(log.String(), "not completely written") {
		t.Errorf("the log tells %q, want that records may be lost", log.String())
	}
}

func TestDamageBeforeTheEndOfTheSegmentBeingWrittenDoesNotShiftIndexes(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	appendText(t, j, "aaaa", "bbbb")
	path := lastSegment(t, dir)
	f, _ := os.OpenFile(path, os.O_RDWR, 0)
	f.WriteAt([]byte{0xff}, headerBytes+4+headerBytes)
	f.Close()
	r := j.ReaderAt(0)
	defer r.Close()
	r.Next()
	if _, _, err := r.Next(); err == nil {
		t.Fatal("a damaged record was read")
	}
	appendText(t, j, "cccc", "dddd", "eeee")
	if rec, ok, err := r.Next(); !ok || err != nil || rec.Index != 2 || string(rec.Data) != "cccc" {
		t.Errorf("behind the damage comes %d:%s (%v, %v), want 2:cccc", rec.Index, rec.Data, ok, err)
	}
}

// corrupted is a change of the last record's frame, which begins at an offset.
func corrupted(random *rand.Rand, data []byte, begins int) (what string, changed []byte) {
	changed = bytes.Clone(data)
	at := begins + random.IntN(len(data)-begins)
	switch random.IntN(4) {
	case 0:
		return fmt.Sprintf("cut at %d", at), changed[:at]
	case 1:
		return fmt.Sprintf("zeros from %d", at), append(changed[:at], make([]byte, random.IntN(64))...)
	case 2:
		garbage := make([]byte, 1+random.IntN(200))
		for i := range garbage {
			garbage[i] = byte(random.Uint32())
		}
		return fmt.Sprintf("garbage from %d", at), append(changed[:at], garbage...)
	}
	bit := random.IntN(8)
	changed[at] ^= 1 << bit
	return fmt.Sprintf("bit %d flipped at %d", bit, at), changed
}

// Whatever becomes of the last record, the others are there in order, nothing that was
// never appended is, and the journal goes on.
func TestACorruptedTailCostsNothingButTheLastRecord(t *testing.T) {
	for seed := range uint64(400) {
		random := rand.New(rand.NewPCG(seed, 0))
		dir := t.TempDir()
		j := open(t, dir, Options{NoSync: true})
		var kept []string
		n := 1 + random.IntN(8)
		for i := range n {
			text := strings.Repeat(string(rune('a'+i)), random.IntN(40))
			appendText(t, j, text)
			kept = append(kept, fmt.Sprintf("%d:%s", i, text))
		}
		last := len(kept[n-1]) - len(fmt.Sprintf("%d:", n-1)) + headerBytes
		j.Close()
		data, err := os.ReadFile(lastSegment(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		what, changed := corrupted(random, data, len(data)-last)
		if err := os.WriteFile(lastSegment(t, dir), changed, 0o600); err != nil {
			t.Fatal(err)
		}
		j = open(t, dir, Options{NoSync: true, Log: slog.New(slog.DiscardHandler)})
		at := appendText(t, j, "new")
		got, _ := read(t, j, 0)
		if bytes.Equal(changed, data) { // zeros in the place of zeros
			n++
			kept = append(kept, "")
		}
		wanted := append(kept[:n-1:n-1], fmt.Sprintf("%d:new", at))
		if !slices.Equal(got, wanted) {
			t.Errorf("seed %d, %s: the journal holds %q, want %q", seed, what, got, wanted)
		}
		j.Close()
	}
}

// A bad sector holds more than one record.
func TestDamagedNeighboursCostOnlyThemselves(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{NoSync: true})
	appendText(t, j, "aaaa", "bbbb", "cccc", "dddd", "eeee")
	j.Close()
	data, err := os.ReadFile(lastSegment(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	for _, record := range []string{"bbbb", "cccc", "dddd"} {
		data[bytes.Index(data, []byte(record))] ^= 1
	}
	if err := os.WriteFile(lastSegment(t, dir), data, 0o600); err != nil {
		t.Fatal(err)
	}
	j = open(t, dir, Options{NoSync: true})
	got, damage := read(t, j, 0)
	want(t, got, "0:aaaa", "4:eeee")
	if len(damage) != 3 {
		t.Errorf("the reader tells of %d damaged records, want 3", len(damage))
	}
}

func TestAFailedWriteIsNotAcknowledgedAndTheNextOneIs(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	appendText(t, j, "a")
	j.segs[0].writer.Close() // the disk goes away
	if _, err := j.Append(context.Background(), []byte("lost")); err == nil {
		t.Fatal("a record that could not be written was acknowledged")
	}
	appendText(t, j, "b")
	got, _ := read(t, j, 0)
	want(t, got, "0:a", "1:b")
	j.Close()
	got, _ = read(t, open(t, dir, Options{}), 0)
	want(t, got, "0:a", "1:b")
}

func TestAFullJournalRefuses(t *testing.T) {
	j := open(t, t.TempDir(), Options{MaxBytes: 40, SegmentBytes: 20})
	appendText(t, j, "aaaa")
	appendText(t, j, "bbbb")
	if _, err := j.Append(context.Background(), []byte("c")); !errors.Is(err, ErrFull) {
		t.Errorf("a full journal answers %v, want %v", err, ErrFull)
	}
	if err := j.DropBefore(1); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Append(context.Background(), []byte("c")); err != nil {
		t.Errorf("a journal with room again answers %v", err)
	}
}

func TestDroppedRecordsAreGoneAndTheRestStays(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{SegmentBytes: 1})
	for i := range 5 {
		appendText(t, j, strconv.Itoa(i))
	}
	j.DropBefore(3)
	got, _ := read(t, j, 0)
	want(t, got, "3:3", "4:4")
	j.DropBefore(100)
	j.Close()
	j = open(t, dir, Options{SegmentBytes: 1})
	if first := appendText(t, j, "5"); first != 5 {
		t.Errorf("an index was handed out again: %d, want 5", first)
	}
}

func TestIndexesBelowAtLeastAreNotHandedOut(t *testing.T) {
	dir := t.TempDir()
	j := open(t, dir, Options{})
	appendText(t, j, "a")
	j.Close()
	j = open(t, dir, Options{AtLeast: 7})
	if first := appendText(t, j, "b"); first != 7 {
		t.Errorf("the index is %d, want 7", first)
	}
	got, _ := read(t, j, 7)
	want(t, got, "7:b")
}

func TestAReaderFollowsConcurrentWriters(t *testing.T) {
	const writers, each = 8, 500
	j := open(t, t.TempDir(), Options{SegmentBytes: 4 << 10, NoSync: true})
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for i := range each {
				if _, err := j.Append(t.Context(), []byte(strconv.Itoa(i))); err != nil {
					t.Errorf("append: %v", err)
				}
			}
		})
	}
	r := j.ReaderAt(0)
	defer r.Close()
	for n := uint64(0); n < writers*each; {
		changed := j.Changed()
		rec, ok, err := r.Next()
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		if !ok {
			<-changed
			continue
		}
		if rec.Index != n {
			t.Fatalf("record %d came, want %d", rec.Index, n)
		}
		n++
	}
	wg.Wait()
}

// TestAcknowledgedRecordsSurviveKill runs this test binary as a writer, kills it, and
// counts.
func TestAcknowledgedRecordsSurviveKill(t *testing.T) {
	if dir := os.Getenv("JOURNAL_WRITER"); dir != "" {
		write(dir)
		return
	}
	dir := t.TempDir()
	acknowledged := uint64(0)
	for range 5 {
		acknowledged = writeAndKill(t, dir)
	}
	j := open(t, dir, Options{})
	got, damage := read(t, j, 0)
	if uint64(len(got)) <= acknowledged || len(damage) > 0 {
		t.Fatalf("%d records are there, damage %v; the last acknowledged index is %d", len(got), damage, acknowledged)
	}
	for i, g := range got {
		if g != fmt.Sprintf("%d:%d", i, i) {
			t.Fatalf("record %d is %s", i, g)
		}
	}
}

func write(dir string) {
	j, err := Open(dir, Options{SegmentBytes: 2 << 10})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	for {
		first, err := j.Append(context.Background(), []byte(strconv.FormatUint(j.Next(), 10)))
		if err != nil {
			os.Exit(1)
		}
		fmt.Println(first)
	}
}

func writeAndKill(t *testing.T, dir string) (last uint64) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestAcknowledgedRecordsSurviveKill$")
	cmd.Env = append(os.Environ(), "JOURNAL_WRITER="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; lines.Scan(); n++ {
		if n == 100 {
			cmd.Process.Kill()
		}
		if i, err := strconv.ParseUint(lines.Text(), 10, 64); err == nil {
			last = i
		}
	}
	cmd.Wait()
	return last
}

// BenchmarkGroupCommit appends single records from many goroutines.
func BenchmarkGroupCommit(b *testing.B) {
	j, err := Open(b.TempDir(), Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer j.Close()
	data := make([]byte, 300)
	b.SetParallelism(64)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := j.Append(b.Context(), data); err != nil {
				b.Error(err)
			}
		}
	})
}

// A call that has no more time does not wait for a disk that hangs, and what it left is
// written once when the disk goes on.
func TestAnAppendEndsWithItsContext(t *testing.T) {
	j := open(t, t.TempDir(), Options{})
	j.mu.Lock() // the commit cannot go on
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := j.Append(ctx, []byte("late"))
	j.mu.Unlock()
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("append answers %v, want that its time is up", err)
	}
	if first, err := j.Append(t.Context(), []byte("next")); err != nil || first != 1 {
		t.Errorf("the next record is number %d (%v), want 1: behind the late one", first, err)
	}
}

func TestAReaderGoesOnWhereTheOldestSegmentIsDroppedMeanwhile(t *testing.T) {
	j := open(t, t.TempDir(), Options{NoSync: true, SegmentBytes: 64})
	written := make(chan error, 1)
	go func() {
		var failed error
		for range 500 {
			_, err := j.Append(context.Background(), make([]byte, 64))
			_, dropErr := j.DropToSize(1)
			failed = errors.Join(failed, err, dropErr)
		}
		written <- failed
	}()
	for {
		r := j.ReaderAt(0)
		if _, _, err := r.Next(); err != nil {
			t.Fatalf("read while the oldest segment is dropped: %v", err)
		}
		r.Close()
		select {
		case err := <-written:
			if err != nil {
				t.Error(err)
			}
			return
		default:
		}
	}
}
