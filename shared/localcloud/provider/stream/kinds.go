// Package stream is layer stream's share of the provider: the delivery stream, over the
// Firehose plane.
package stream

import (
	"context"

	"pipeline/shared/localcloud/firehose"
	"pipeline/shared/localcloud/logs"
	"pipeline/shared/localcloud/provider"
)

// Logs says whether a log stream is there. AWS accepts a delivery stream that logs to
// nowhere; its errors are then seen by nobody, so here it is refused.
type Logs interface {
	Stream(ctx context.Context, group, stream string) (logs.Stream, error)
}

// Secrets reads a secret as ctx's caller.
type Secrets interface {
	SecretValue(ctx context.Context, secretARN string) (string, error)
}

// Kinds lists the resource types of layer stream.
func Kinds(plane *firehose.Service, logs Logs, secrets Secrets) []provider.Kind {
	return []provider.Kind{resources{plane, logs, secrets}.deliveryStream()}
}

// resources makes resource types over the planes.
type resources struct {
	plane   *firehose.Service
	logs    Logs
	secrets Secrets
}
