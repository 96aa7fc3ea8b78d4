package firehose

import (
	"maps"
	"sync"
	"time"
)

// metrics publishes a stream's metrics under AWS's names (developer guide, "Monitoring
// with CloudWatch metrics"): those that tell whether records come and are delivered.
type metrics struct {
	publish func(metric string, value float64)

	mu     sync.Mutex
	counts counts
	oldest map[string]time.Time // when the oldest record came that a delivery holds
}

// counts are what calls brought that is not published yet.
type counts struct {
	calls, records, throttled int
	bytes                     int64
}

func (s *Service) newMetrics(stream string) *metrics {
	return &metrics{oldest: map[string]time.Time{}, publish: func(metric string, value float64) {
		s.cfg.Metrics.PutStreamMetric(stream, metric, value)
	}}
}

// metricNames is what AWS calls a delivery's metrics.
var metricNames = map[string]string{"destination": "DeliveryToS3", "backup": "BackupToS3", "redshift": "DeliveryToRedshift"}

// put counts a call, and how many of its records were taken and refused.
func (m *metrics) put(records int, bytes int64, throttled int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts.calls++
	m.counts.records += records
	m.counts.bytes += bytes
	m.counts.throttled += throttled
}

// publishCounts publishes sums: one value for each of thousands of calls is more work than
// a call itself.
func (m *metrics) publishCounts() {
	m.mu.Lock()
	c := m.counts
	m.counts = counts{}
	m.mu.Unlock()
	if c.records > 0 {
		m.publish("IncomingRecords", float64(c.records))
		m.publish("IncomingBytes", float64(c.bytes))
	}
	if c.calls > 0 {
		m.publish("ThrottledRecords", float64(c.throttled))
	}
}

// partitions tells whether there were more active partitions than may be.
func (m *metrics) partitions(exceeded bool) {
	value := 0.0
	if exceeded {
		value = 1
	}
	m.publish("PartitionCountExceeded", value)
}

// delivered is a try that succeeded; its average over a time is the share that did.
func (m *metrics) delivered(delivery string) { m.publish(metricNames[delivery]+".Success", 1) }

func (m *metrics) failed(delivery string) { m.publish(metricNames[delivery]+".Success", 0) }

func (m *metrics) fresh(delivery string, age time.Duration) {
	m.publish(metricNames[delivery]+".DataFreshness", age.Seconds())
}

// holds notes the oldest record that a delivery has not delivered; zero for none.
func (m *metrics) holds(delivery string, since time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if since.IsZero() {
		delete(m.oldest, delivery)
		return
	}
	m.oldest[delivery] = since
}

// observe publishes how old the oldest undelivered records are.
func (m *metrics) observe(now time.Time) {
	m.mu.Lock()
	oldest := maps.Clone(m.oldest)
	m.mu.Unlock()
	for delivery, since := range oldest {
		m.fresh(delivery, now.Sub(since))
	}
}

// observe publishes every second what calls brought, and every minute, as AWS does, what no
// event tells: how long records have been waiting.
func (s *Service) observe() {
	second, minute := time.NewTicker(time.Second), time.NewTicker(time.Minute)
	defer second.Stop()
	defer minute.Stop()
	for {
		select {
		case <-second.C:
			s.eachStream(func(st *stream) { st.metrics.publishCounts() })
		case <-minute.C:
			s.eachStream(func(st *stream) { st.metrics.observe(s.cfg.Now()) })
		case <-s.closed:
			return
		}
	}
}

func (s *Service) eachStream(do func(*stream)) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, st := range s.streams {
		do(st)
	}
}
