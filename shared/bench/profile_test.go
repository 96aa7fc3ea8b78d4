package bench

import (
	"math"
	"testing"
)

func TestAProfileIsReadAsCoresByFunction(t *testing.T) {
	got := shares(`File: localcloud
Type: cpu
Duration: 5s, Total samples = 7.5s (150.00%)
Showing nodes accounting for 7.5s, 100% of 7.5s total
      flat  flat%   sum%        cum   cum%
         0     0%     0%      3.00s 40.00%  net/http.(*conn).serve
     1.50s 20.00% 20.00%      1.50s 20.00%  pipeline/shared/localcloud/gateway.(*Service).ServeHTTP
     0.10s  1.33% 21.33%      0.75s 10.00%  pipeline/shared/localcloud/journal.(*Journal).commit (inline)
`)
	for name, want := range map[string]float64{"total": 1.5, "http.(*conn).serve": 0.6,
		"gateway.(*Service).ServeHTTP": 0.3, "journal.(*Journal).commit": 0.15} {
		if math.Abs(got[name]-want) > 1e-9 {
			t.Errorf("%s takes %v cores, want %v", name, got[name], want)
		}
	}
}
