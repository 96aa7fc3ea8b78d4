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

// gone is nil for an error that says that the thing is not there.
func gone(err error) error {
	var e *awsjson.Error
	if errors.As(err, &e) && (e.Code == "ResourceNotFoundException" || e.Code == "ResourceNotFound") {
		return nil
	}
	return err
}

// found is what Read answers for err.
func found(err error) (bool, error) {
	if err == nil {
		return true, nil
	}
	return false, gone(err)
}

func texts(m map[string]string) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	return out
}

func list(all []string) []any {
	out := []any{}
	for _, v := range all {
		out = append(out, v)
	}
	return out
}
