package gateway

import (
	"maps"
	"sync/atomic"
	"time"
)

// Metrics are API Gateway's CloudWatch metrics of a stage, or of one method of it, since
// the stage was last changed (developer guide, "Amazon API Gateway dimensions and
// metrics").
type Metrics struct {
	Count         int64
	ClientErrors  int64         // 4XXError
	ServerErrors  int64         // 5XXError
	Latency       time.Duration // sum over all requests
	IntegrationMs int64         // sum of IntegrationLatency, in milliseconds
}

// counters are Metrics that requests add to.
type counters struct{ count, client, server, latency, integration atomic.Int64 }

func (c *counters) add(status int, latency time.Duration, integrationMs int64) {
	c.count.Add(1)
	c.latency.Add(int64(latency))
	c.integration.Add(integrationMs)
	switch status / 100 {
	case 4:
		c.client.Add(1)
	case 5:
		c.server.Add(1)
	}
}

func (c *counters) metrics() Metrics {
	return Metrics{Count: c.count.Load(), ClientErrors: c.client.Load(), ServerErrors: c.server.Load(),
		Latency: time.Duration(c.latency.Load()), IntegrationMs: c.integration.Load()}
}

// StageMetrics returns a stage's metrics, and those of each method, as "/events/POST",
// whose settings have them enabled.
func (s *Service) StageMetrics(apiID, stage string) (all Metrics, methods map[string]Metrics, err error) {
	served := (*s.served.Load())[apiID+"/"+stage]
	if served == nil {
		return Metrics{}, nil, notFound("Invalid stage identifier specified")
	}
	methods = map[string]Metrics{}
	for key, c := range maps.All(served.methodMetrics) {
		methods[key] = c.metrics()
	}
	return served.metrics.metrics(), methods, nil
}

// measure counts a request that was answered with status.
func (inv *invocation) measure(status int) {
	latency := inv.service.Now().Sub(inv.started)
	integration, _ := inv.context["integrationLatency"].(int64)
	inv.stage.metrics.add(status, latency, integration)
	if inv.method == nil {
		return
	}
	if inv.method.metrics != nil {
		inv.method.metrics.add(status, latency, integration)
	}
}
