package monitoring

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// kept is how long values are kept, in memory: the longest that an alarm looks back.
const kept = 24 * time.Hour

// Metric is one metric of one thing.
type Metric struct {
	Namespace, Name string
	Dimensions      map[string]string
}

func (m Metric) key() string {
	var b strings.Builder
	b.WriteString(m.Namespace + "\x00" + m.Name)
	for _, name := range slices.Sorted(maps.Keys(m.Dimensions)) {
		b.WriteString("\x00" + name + "=" + m.Dimensions[name])
	}
	return b.String()
}

// summary is what there was of a metric in some time (API model, StatisticSet).
type summary struct{ count, sum, least, most float64 }

func (s summary) with(other summary) summary {
	switch {
	case s.count == 0:
		return other
	case other.count == 0:
		return s
	}
	return summary{s.count + other.count, s.sum + other.sum, min(s.least, other.least), max(s.most, other.most)}
}

func (s summary) statistic(name string) float64 {
	switch name {
	case "SampleCount":
		return s.count
	case "Average":
		return s.sum / s.count
	case "Sum":
		return s.sum
	case "Minimum":
		return s.least
	case "Maximum":
		return s.most
	}
	panic("Check has passed statistic " + name)
}

// series are a metric's values by minute, the oldest first.
type series struct {
	metric  Metric
	minutes []minute
}

type minute struct {
	start time.Time
	summary
}

// at is the minute that starts then. Minutes that are more than a day older, and those that
// a clock which was ahead has left, are forgotten.
func (s *series) at(start time.Time) *minute {
	if last := len(s.minutes) - 1; last >= 0 && s.minutes[last].start.Equal(start) {
		return &s.minutes[last]
	}
	s.minutes = slices.DeleteFunc(s.minutes, func(m minute) bool { return m.start.Before(start.Add(-kept)) || m.start.After(start) })
	if last := len(s.minutes) - 1; last < 0 || s.minutes[last].start.Before(start) {
		s.minutes = append(s.minutes, minute{start: start})
	}
	return &s.minutes[len(s.minutes)-1]
}

// between summarises the minutes that start in [from, to).
func (s *series) between(from, to time.Time) summary {
	var all summary
	for _, m := range s.minutes {
		if !m.start.Before(from) && m.start.Before(to) {
			all = all.with(m.summary)
		}
	}
	return all
}

// metrics are what the planes have published since the local cloud started.
type metrics struct {
	mu     sync.Mutex
	series map[string]*series
}

// Put adds a value to a metric, in the minute of now.
func (s *Service) Put(m Metric, value float64) {
	s.metrics.mu.Lock()
	defer s.metrics.mu.Unlock()
	key := m.key()
	all := s.metrics.series[key]
	if all == nil {
		all = &series{metric: m}
		s.metrics.series[key] = all
	}
	now := all.at(s.now().Truncate(time.Minute))
	now.summary = now.with(summary{1, value, value, value})
}

// periods summarises the last n periods of a metric, the newest first. The newest is not
// over yet, as where AWS evaluates an alarm.
func (s *Service) periods(m Metric, period time.Duration, n int) []summary {
	end := s.now().Truncate(time.Minute).Add(time.Minute)
	s.metrics.mu.Lock()
	defer s.metrics.mu.Unlock()
	list := make([]summary, n)
	all := s.metrics.series[m.key()]
	if all == nil {
		return list
	}
	for i := range list {
		list[i] = all.between(end.Add(-period), end)
		end = end.Add(-period)
	}
	return list
}

// since are the periods from a time on that have values, by their start.
func (s *Service) since(m Metric, from, to time.Time, period time.Duration) iter.Seq2[time.Time, summary] {
	return func(yield func(time.Time, summary) bool) {
		s.metrics.mu.Lock()
		all := s.metrics.series[m.key()]
		var minutes series
		if all != nil {
			minutes.minutes = slices.Clone(all.minutes)
		}
		s.metrics.mu.Unlock()
		oldest := s.now().Add(-kept).Truncate(period)
		for start := from.Truncate(period); start.Before(to); start = start.Add(period) {
			if start.Before(oldest) {
				start = oldest
			}
			if found := minutes.between(start, start.Add(period)); found.count > 0 && !yield(start, found) {
				return
			}
		}
	}
}

// published are the namespaces and metrics that the planes publish, with their units where
// Firehose's guide tells them ("Monitor Amazon Data Firehose with CloudWatch metrics"). An
// alarm on another metric, or on another unit, would never change its state, and is refused.
var published = map[string]map[string]string{
	"AWS/Firehose": {"IncomingRecords": "Count", "IncomingBytes": "Bytes", "ThrottledRecords": "Count", "PartitionCountExceeded": "",
		"DeliveryToS3.DataFreshness": "Seconds", "DeliveryToS3.Success": "", "BackupToS3.DataFreshness": "Seconds", "BackupToS3.Success": "",
		"DeliveryToRedshift.Success": ""},
}

// Published returns the namespaces and the names of their metrics, for the documentation.
func Published() map[string][]string {
	all := map[string][]string{}
	for namespace, metrics := range published {
		all[namespace] = slices.Sorted(maps.Keys(metrics))
	}
	return all
}

func (a Alarm) checkPublished() error {
	metrics, known := published[a.Namespace]
	if !known {
		return errInvalid("the local cloud publishes no metrics in namespace %s: it has %s", a.Namespace, strings.Join(slices.Sorted(maps.Keys(published)), ", "))
	}
	unit, known := metrics[a.MetricName]
	if !known {
		return errInvalid("the local cloud does not publish metric %s of %s: it has %s", a.MetricName, a.Namespace, strings.Join(slices.Sorted(maps.Keys(metrics)), ", "))
	}
	if a.Unit != "" && a.Unit != unit {
		return errInvalid("the local cloud does not publish metric %s in unit %s, and the alarm would never change its state: leave the unit out", a.MetricName, a.Unit)
	}
	return nil
}
