package settings

import (
	"fmt"
	"slices"
)

// logRetention are the days that CloudWatch Logs can keep a log group's events for
// (CloudWatch Logs API, PutRetentionPolicy).
var logRetention = []int{1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653}

// CheckLogRetention says whether CloudWatch Logs can keep events for so many days, which the
// setting of that name asks for. For ever is not among them: it costs for ever.
func CheckLogRetention(name string, days int) error {
	if slices.Contains(logRetention, days) {
		return nil
	}
	return fmt.Errorf("%s is %d; CloudWatch Logs takes %v", name, days, logRetention)
}
