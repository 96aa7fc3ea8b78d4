package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"pipeline/shared/settings"
)

// errorType has to be in an error prefix that has any expression.
const errorType = "!{firehose:error-output-type}"

func (c config) validatePrefixes() error {
	prefix := c.Prefix
	if c.Partitioning != nil {
		prefix = c.Partitioning.Prefix
	}
	switch {
	case strings.Contains(prefix, errorType):
		return fmt.Errorf("prefix has %s, which is for errorPrefix", errorType)
	case strings.Contains(prefix, "!{") && c.ErrorPrefix == "":
		return errors.New("prefix has expressions: errorPrefix must be set")
	case strings.Contains(c.ErrorPrefix, "!{") && !strings.Contains(c.ErrorPrefix, errorType):
		return fmt.Errorf("errorPrefix has expressions and lacks %s", errorType)
	case c.Partitioning == nil && strings.Contains(prefix, "!{partitionKeyFrom"):
		return errors.New("prefix has partition keys: set partitioning, with this as its prefix")
	}
	return errors.Join(
		checkExpressions("prefix", prefix, "timestamp", "firehose", "partitionKeyFromQuery"),
		checkExpressions("errorPrefix", c.ErrorPrefix, "timestamp", "firehose"),
	)
}

// maxPartitionKeys is what Firehose takes of a stream.
const maxPartitionKeys = 50

var (
	anyExpression = regexp.MustCompile(`!\{([^}]*)(}?)`)
	ofPartition   = regexp.MustCompile(`!\{partitionKeyFromQuery:([^}]*)}`)
)

// checkExpressions wants !{namespace:value} of the namespaces that there are (Firehose
// developer guide, "Understand custom prefixes for Amazon S3 objects").
func checkExpressions(name, prefix string, namespaces ...string) error {
	for _, e := range anyExpression.FindAllStringSubmatch(prefix, -1) {
		namespace, value, _ := strings.Cut(e[1], ":")
		switch {
		case e[2] == "" || value == "":
			return fmt.Errorf("%s has the expression %s, want !{namespace:value}", name, e[0])
		case !slices.Contains(namespaces, namespace):
			return fmt.Errorf("%s has the namespace %s, want one of %s", name, namespace, strings.Join(namespaces, ", "))
		case namespace == "firehose" && value != "random-string" && e[0] != errorType:
			return fmt.Errorf("%s has firehose:%s, which there is not", name, value)
		}
	}
	return nil
}

// keys are what the prefix has objects parted by.
func (p partitioning) keys() []string {
	var keys []string
	for _, e := range ofPartition.FindAllStringSubmatch(p.Prefix, -1) {
		keys = append(keys, e[1])
	}
	return keys
}

func (c config) validatePartitioning() error {
	if c.Partitioning == nil {
		return nil
	}
	p := c.Partitioning
	switch {
	case c.Destination != toS3:
		return fmt.Errorf("partitioning is for destination %s", toS3)
	case c.BufferIntervalSeconds < 60:
		return fmt.Errorf("bufferIntervalSeconds is %d, want 60 to 900 with partitioning", c.BufferIntervalSeconds)
	case c.BufferSizeMiB != 0 && c.BufferSizeMiB < 64:
		return fmt.Errorf("bufferSizeMiB is %d, want 64 to 128 with partitioning", c.BufferSizeMiB)
	case !strings.Contains(p.Prefix, "!{partitionKeyFromQuery:"):
		return errors.New("partitioning.prefix uses no key: want !{partitionKeyFromQuery:key}")
	}
	for _, key := range p.keys() {
		if !regexp.MustCompile(`\b` + regexp.QuoteMeta(key) + `\b`).MatchString(p.Query) {
			return fmt.Errorf("partitioning.prefix has the key %s, which partitioning.query does not make", key)
		}
	}
	if n := len(p.keys()); n > maxPartitionKeys {
		return fmt.Errorf("partitioning.prefix has %d keys, want %d at most", n, maxPartitionKeys)
	}
	return settings.InRange("partitioning.retrySeconds", p.RetrySeconds, 0, 7200)
}
