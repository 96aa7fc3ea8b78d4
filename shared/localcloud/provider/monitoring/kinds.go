// Package monitoring is CloudWatch Logs, CloudWatch and SNS in the provider: log groups
// and streams, alarms, dashboards and topics.
package monitoring

import (
	"errors"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/logs"
	plane "pipeline/shared/localcloud/monitoring"
	"pipeline/shared/localcloud/provider"
)

// Kinds lists the resource types.
func Kinds(logs *logs.Service, plane *plane.Service) []provider.Kind {
	r := resources{logs, plane}
	return []provider.Kind{r.logGroup(), r.logStream(), r.metricAlarm(), r.dashboard(), r.topic(), r.subscription()}
}

// resources makes resource types over the planes.
type resources struct {
	logs  *logs.Service
	plane *plane.Service
}

// absent are the errors that say that a thing is not there.
var absent provider.Absent = func(err error) bool {
	var e *awsjson.Error
	return errors.As(err, &e) && (e.Code == "ResourceNotFoundException" || e.Code == "ResourceNotFound")
}
