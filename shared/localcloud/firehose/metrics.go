package firehose

import (
	"context"
	"maps"
	"sync"
	"time"
)

// counters are a stream's metrics by AWS's names (developer guide, "Monitoring with
// CloudWatch metrics"). They count since the local cloud started.
type counters struct {
	mu     sync.Mutex
	values map[string]float64
	last   Failure
}

// Failure is a stream's last delivery error.
type Failure struct {
	Code  string
	Cause string
}

func newCounters() *counters { return &counters{values: map[string]float64{}} }

func (c *counters) accepted(operation string, records int, bytes int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values["IncomingRecords"] += float64(records)
	c.values["IncomingBytes"] += float64(bytes)
	c.values["IncomingPutRequests"]++
	c.values[operation+".Requests"]++
	c.values[operation+".Bytes"] += float64(bytes)
	if operation == "PutRecordBatch" {
		c.values["PutRecordBatch.Records"] += float64(records)
	}
}

// partitions tells how many partitions are buffered, and whether there were more than
// may be.
func (c *counters) partitions(active int, exceeded bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values["PartitionCount"] = float64(active)
	c.values["PartitionCountExceeded"] = 0
	if exceeded {
		c.values["PartitionCountExceeded"] = 1
	}
}

func (c *counters) throttled(records int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values["ThrottledRecords"] += float64(records)
}

// metricNames is what AWS calls a delivery's metrics.
var metricNames = map[string]string{"destination": "DeliveryToS3", "backup": "BackupToS3", "redshift": "DeliveryToRedshift"}

// delivered counts an object in a bucket. Success is 1 or 0, that of the last try.
func (c *counters) delivered(delivery string, records int, bytes int64, age time.Duration) {
	name := metricNames[delivery]
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[name+".Records"] += float64(records)
	c.values[name+".Bytes"] += float64(bytes)
	c.values[name+".DataFreshness"] = age.Seconds()
	c.values[name+".Success"] = 1
}

func (c *counters) loaded(l loading) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, o := range l.Objects {
		c.values["DeliveryToRedshift.Records"] += float64(o.Records)
		c.values["DeliveryToRedshift.Bytes"] += float64(o.Bytes)
	}
	c.values["DeliveryToRedshift.Success"] = 1
}

func (c *counters) failed(delivery string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values[metricNames[delivery]+".Success"] = 0
}

func (c *counters) failure(code string, cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last = Failure{code, cause.Error()}
}

// Metrics returns a stream's metrics by AWS's names, and its last delivery error, for
// tools; it is no AWS operation. JournalBytes is what waits on disk.
func (s *Service) Metrics(ctx context.Context, name string) (map[string]float64, Failure, error) {
	st, err := s.find(ctx, "DescribeDeliveryStream", name)
	if err != nil {
		return nil, Failure{}, err
	}
	st.counts.mu.Lock()
	defer st.counts.mu.Unlock()
	values := maps.Clone(st.counts.values)
	values["JournalBytes"] = float64(st.journal.Size())
	return values, st.counts.last, nil
}
