package firehose

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"pipeline/shared/localcloud/firehose/prefix"
	"pipeline/shared/localcloud/journal"
)

// keys makes the keys of a bucket's objects:
// <prefix>YYYY/MM/dd/HH/<stream>-<version>-YYYY-MM-dd-HH-MM-SS-<uuid><extension>, where
// a prefix with a timestamp of its own has no hour appended (developer guide, "Amazon S3
// object name format" and "Custom prefixes").
type keys struct {
	stream    string
	version   int
	normal    prefix.Template
	failed    prefix.Template
	extension string
}

func newKeys(e ExtendedS3, stream string, version int) (keys, error) {
	k := keys{stream: stream, version: version, extension: e.FileExtension}
	if k.extension == "" && e.CompressionFormat == "GZIP" {
		k.extension = ".gz"
	}
	normal, failed := e.Prefix, e.ErrorOutputPrefix
	if failed == "" {
		failed = normal + "!{firehose:error-output-type}/!{timestamp:yyyy/MM/dd/HH}/"
	}
	var err error
	if k.normal, err = prefix.Parse(normal); err != nil {
		return k, err
	}
	if !k.normal.Has("timestamp", "") {
		if k.normal, err = prefix.Parse(normal + "!{timestamp:yyyy/MM/dd/HH}/"); err != nil {
			return k, err
		}
	}
	k.failed, err = prefix.Parse(failed)
	return k, err
}

// object returns a new key for a part.
func (k keys) object(p *part) (string, error) {
	tmpl := k.normal
	if p.failed {
		tmpl = k.failed
	}
	path, err := tmpl.Eval(prefix.Values{Time: p.oldest, ErrorType: "processing-failed", Keys: p.keys, Random: random})
	if err != nil {
		return "", fmt.Errorf("name an object: %w", err)
	}
	return path + k.name(prefix.Stamp(p.oldest)) + k.extension, nil
}

// name is the part of a key that a declaration cannot change.
func (k keys) name(stamp string) string {
	return fmt.Sprintf("%s-%d-%s-%s", k.stream, k.version, stamp, uuid.NewString())
}

// random is 11 characters of an UUID, as in AWS's example 046b6c7f-0b.
func random() string { return uuid.NewString()[:11] }

// bucketName returns the name in a bucket's ARN.
func bucketName(arn string) string {
	return arn[strings.LastIndex(arn, ":")+1:]
}

// errorLine is a record that could not be processed, as it goes to the error prefix.
func (d *delivery) errorLine(rec journal.Record, pc piece) []byte {
	line, err := json.Marshal(map[string]any{
		"attemptsMade":           1,
		"arrivalTimestamp":       rec.Arrived.UnixMilli(),
		"errorCode":              pc.failed.code,
		"errorMessage":           pc.failed.message,
		"attemptEndingTimestamp": d.st.svc.cfg.Now().UnixMilli(),
		"rawData":                pc.data,
	})
	if err != nil {
		panic(err) // strings and numbers
	}
	return append(line, '\n')
}
