package firehose

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pipeline/shared/localcloud/journal"
)

func partitioned(change func(*ExtendedS3)) Spec {
	return toS3(func(e *ExtendedS3) {
		e.BufferingHints = hints(64, 60)
		e.Prefix = "game=!{partitionKeyFromQuery:game_name}/"
		e.ErrorOutputPrefix = "errors/!{firehose:error-output-type}/"
		e.DynamicPartitioningConfiguration = &DynamicPartitioning{Enabled: true}
		e.ProcessingConfiguration = &Processing{true, []Processor{
			{"RecordDeAggregation", []ProcessorParameter{{"SubRecordType", "JSON"}}},
			{"AppendDelimiterToRecord", []ProcessorParameter{{"Delimiter", `\n`}}},
			{"MetadataExtraction", []ProcessorParameter{{"JsonParsingEngine", "JQ-1.6"}, {"MetadataExtractionQuery", "{game_name:.game_name}"}}},
		}}
		if change != nil {
			change(e)
		}
	})
}

func TestEachPartitionHasItsOwnObjects(t *testing.T) {
	within(t, partitioned(nil), func(t *testing.T, c *cloud, s *Service) {
		put(t, s, `{"game_name":"doom","n":1}{"game_name":"quake","n":2}`+"\n"+`{"game_name":"doom","n":3}`)
		pass(time.Minute)
		doom, quake := c.keys("game=doom/2000/"), c.keys("game=quake/2000/")
		if len(doom) != 1 || len(quake) != 1 {
			t.Fatalf("the bucket has %q, want one object for each game", c.keys(""))
		}
		if got, want := c.object(t, doom[0]), `{"game_name":"doom","n":1}`+"\n"+`{"game_name":"doom","n":3}`+"\n"; got != want {
			t.Errorf("doom's object holds %q, want %q", got, want)
		}
	})
}

func TestRecordsWithoutAPartitionGoToTheErrorPrefix(t *testing.T) {
	within(t, partitioned(nil), func(t *testing.T, c *cloud, s *Service) {
		put(t, s, `{"other":1}`, `not JSON`)
		pass(time.Minute)
		keys := c.keys("errors/processing-failed/events-1-")
		if len(keys) != 1 || len(c.keys("game=")) != 0 {
			t.Fatalf("the bucket has %q, want one object of errors", c.keys(""))
		}
		lines := strings.Split(strings.TrimSpace(c.object(t, keys[0])), "\n")
		if len(lines) != 2 {
			t.Fatalf("the errors are %q, want two lines", lines)
		}
		var line struct {
			ErrorCode, ErrorMessage string
			RawData                 []byte
		}
		if err := json.Unmarshal([]byte(lines[0]), &line); err != nil || line.ErrorCode != "DynamicPartitioning.MetadataExtractionFailed" ||
			line.ErrorMessage != "partitionKeys values must not be null or empty" || string(line.RawData) != `{"other":1}` {
			t.Errorf("the first error is %+v (%v)", line, err)
		}
	})
}

func TestMoreThan500PartitionsAtOnceGoToTheErrorPrefix(t *testing.T) {
	within(t, partitioned(nil), func(t *testing.T, c *cloud, s *Service) {
		for i := range 501 {
			put(t, s, fmt.Sprintf(`{"game_name":"g%03d"}`, i))
		}
		pass(time.Minute)
		if games, failed := len(c.keys("game=")), len(c.keys("errors/")); games != 500 || failed != 1 {
			t.Errorf("%d partitions and %d objects of errors, want 500 and 1", games, failed)
		}
		if got := c.published("PartitionCountExceeded"); slices.Max(got) != 1 {
			t.Errorf("PartitionCountExceeded is %v, want 1 among it", got)
		}
	})
}

func TestAPartitionDeliveredBeforeARestartIsNotDeliveredAgain(t *testing.T) {
	within(t, partitioned(nil), func(t *testing.T, c *cloud, s *Service) {
		put(t, s, `{"game_name":"doom","n":1}`)
		pass(30 * time.Second)
		put(t, s, `{"game_name":"quake"}`)
		pass(30 * time.Second) // doom is delivered, quake is not
		if _, err := s.UpdateDestination(t.Context(), partitioned(nil)); err != nil {
			t.Fatal(err)
		}
		put(t, s, `{"game_name":"doom","n":2}`)
		pass(2 * time.Minute)
		doom := c.keys("game=doom/")
		if len(doom) != 2 || len(c.keys("game=quake/")) != 1 {
			t.Fatalf("the bucket has %q, want two objects of doom and one of quake", c.keys(""))
		}
		if got := c.object(t, doom[0]) + c.object(t, doom[1]); strings.Count(got, `"n":1`) != 1 || strings.Count(got, `"n":2`) != 1 {
			t.Errorf("doom's objects hold %q, want each record once", got)
		}
	})
}

func TestDelimitedRecordsAreTakenApart(t *testing.T) {
	spec := toS3(func(e *ExtendedS3) {
		e.ProcessingConfiguration = &Processing{true, []Processor{
			{"RecordDeAggregation", []ProcessorParameter{{"SubRecordType", "DELIMITED"}, {"Delimiter", "Iyo="}}},
			{"AppendDelimiterToRecord", nil},
		}}
	})
	within(t, spec, func(t *testing.T, c *cloud, s *Service) {
		put(t, s, "a#*b#*")
		pass(time.Minute)
		if got := c.object(t, c.keys("")[0]); got != "a\nb\n" {
			t.Errorf("the object holds %q, want a and b", got)
		}
	})
}

// AWS's guide: objects are on a single line, one behind the other or a line each, and at
// most 500.
func TestARecordIsTakenApartAsAWSSays(t *testing.T) {
	const fails = -1
	object := process{subType: "JSON"}
	delimited := process{subType: "DELIMITED", subDelimiter: []byte("#")}
	for what, row := range map[string]struct {
		process
		data  string
		parts int
	}{
		"objects side by side":      {object, `{"a":1}{"a":{"b":[2]}}`, 2},
		"an object a line":          {object, `{"a":1}` + "\n" + `{"a":2}` + "\r\n", 2},
		"a line break in a text":    {object, `{"a":"\n"}`, 1},
		"an array":                  {object, `[{"a":1},{"a":2}]`, fails},
		"an object, then an array":  {object, `{"a":1}[]`, fails},
		"a number":                  {object, `1`, fails},
		"a text":                    {object, `{"a":1}"b"`, fails},
		"null":                      {object, `null`, fails},
		"an object over two lines":  {object, `{"a":1}{"a":` + "\n" + `2}`, fails},
		"commas between":            {object, `{"a":1},{"a":2}`, fails},
		"500 objects":               {object, strings.Repeat(`{"a":1}`, 500), 500},
		"501 objects":               {object, strings.Repeat(`{"a":1}`, 501), fails},
		"500 with a delimiter":      {delimited, strings.Repeat("a#", 500), 500},
		"501 with a delimiter":      {delimited, strings.Repeat("a#", 501), fails},
		"delimiters with no record": {delimited, strings.Repeat("#", 501), 0},
	} {
		pieces := row.apply(nil, []byte(row.data), false)
		parts := len(pieces)
		if parts == 1 && pieces[0].failed != nil && pieces[0].failed.code == "DynamicPartitioning.DeaggregationFailed" && string(pieces[0].data) == row.data {
			parts = fails // as a whole
		}
		if parts != row.parts {
			t.Errorf("%s: a record has %d parts, want %d", what, parts, row.parts)
		}
	}
}

func FuzzSplitJSON(f *testing.F) {
	f.Add([]byte(`{"a":1}{"b":2} [3]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		parts, failed := splitJSON(data)
		if failed != nil {
			return
		}
		for _, p := range parts {
			if !json.Valid(p) || p[0] != '{' {
				t.Errorf("%q is a part of %q and no object", p, data)
			}
		}
	})
}

// byGame is partitioned by what the query makes of the name of a game.
func byGame(query string) Spec {
	return partitioned(func(e *ExtendedS3) {
		e.ProcessingConfiguration.Processors[2].Parameters[1].ParameterValue = "{game_name:" + query + "}"
	})
}

// A record that another query puts into a partition of which later records are delivered
// is not itself delivered.
func TestRecordsWhoseProcessingChangesAreDelivered(t *testing.T) {
	for _, reachable := range []bool{true, false} {
		within(t, byGame(".game_name"), func(t *testing.T, c *cloud, s *Service) {
			put(t, s, `{"game_name":"doom","n":1}`)
			pass(30 * time.Second)
			put(t, s, `{"game_name":"Doom","n":2}`, `{"game_name":"doom","n":3}`)
			pass(30 * time.Second) // doom is delivered, Doom is not
			if !reachable {
				c.putObject = func(string) error { return errors.New("NoSuchBucket: staging") }
			}
			if _, err := s.UpdateDestination(t.Context(), byGame(".game_name|ascii_downcase")); err != nil {
				t.Fatal(err)
			}
			c.mu.Lock()
			c.putObject = nil
			c.mu.Unlock()
			pass(10 * time.Minute)
			all := ""
			for _, key := range c.keys("game=") {
				all += c.object(t, key)
			}
			for _, n := range []string{`"n":1`, `"n":2`, `"n":3`} {
				if got := strings.Count(all, n); got == 0 || got > 1 && reachable {
					t.Errorf("with the bucket reachable: %t, the record %s is delivered %d times", reachable, n, got)
				}
			}
			if told := strings.Contains(string(c.log), "may be delivered twice"); told == reachable {
				t.Errorf("with the bucket reachable: %t, the operator is told of doubles: %t", reachable, told)
			}
		})
	}
}

// What was one partition too many may have one after a restart, of which later records are
// delivered.
func TestARecordBeyondTheLimitOfPartitionsOutlivesARestart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dir, c := t.TempDir(), newCloud()
		s, closeAll := c.service(t, dir, nil)
		create(t, s, partitioned(nil))
		for i := range activePartitions {
			put(t, s, fmt.Sprintf(`{"game_name":"g%03d"}`, i))
		}
		pass(30 * time.Second)
		const beyond = `{"game_name":"doom","n":1}`
		put(t, s, beyond)
		pass(30 * time.Second) // the partitions are delivered
		large := `{"game_name":"doom","data":"` + strings.Repeat("x", 1_000_000) + `"}`
		for range 68 { // of 64 MiB
			put(t, s, large)
		}
		closeAll()
		_, closeAll = c.service(t, dir, nil)
		defer closeAll()
		pass(2 * time.Minute)
		all := ""
		for _, key := range c.keys("errors/") {
			all += c.object(t, key)
		}
		if !strings.Contains(all, base64.StdEncoding.EncodeToString([]byte(beyond[:24]))) { // without what ends it
			t.Errorf("the record beyond the limit is in no object of errors: %q", c.keys("errors/"))
		}
	})
}

func TestARecordThatFailsForNowIsNotTakenForDelivered(t *testing.T) {
	within(t, partitioned(nil), func(t *testing.T, _ *cloud, s *Service) {
		synctest.Wait()
		d := s.streams["events"].deliveries[0]
		d.done[failedPart] = 10
		for _, passing := range []bool{false, true} {
			p := d.partFor(&piece{failed: &failure{passing: passing}}, journal.Record{Index: 5})
			if buffered := p != nil; buffered != passing {
				t.Errorf("below the position of the failed ones a record whose failure is passing: %t is buffered: %t", passing, buffered)
			}
		}
	})
}

func TestARecordThatFailsUnderALongPrefixHasAKey(t *testing.T) {
	long := strings.Repeat("p", 490) + "/" // leaves no room for the words that AWS puts behind it
	spec := toS3(func(e *ExtendedS3) {
		e.Prefix = long
		e.ProcessingConfiguration = &Processing{true, []Processor{{"RecordDeAggregation", []ProcessorParameter{{"SubRecordType", "JSON"}}}}}
	})
	within(t, spec, func(t *testing.T, c *cloud, s *Service) {
		put(t, s, "not JSON")
		pass(time.Minute)
		if keys := c.keys("events-1-"); len(keys) != 1 {
			t.Errorf("the bucket has %q, want an object of errors with a key", c.keys(""))
		}
	})
}
