package gateway

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"
)

// contextVariables are the $context variables that an access log format may name (API
// Gateway developer guide, "Variables for access logging for API Gateway"); a name with
// a dot at its end stands for whatever follows. Those that have no value here print "-". The
// texts of integration.error and integrationErrorMessage are not AWS's but the execution log's.
var contextVariables = strings.Fields(`accountId apiId deploymentId domainName domainPrefix extendedRequestId
	httpMethod isCanaryRequest path protocol requestId requestTime requestTimeEpoch resourceId resourcePath
	responseLatency responseLength stage status xrayTraceId integrationLatency integrationStatus
	error.message error.messageString error.responseType error.validationErrorString
	identity. integration. integrationErrorMessage authorizer. authorize. authenticate. customDomain. endpointType
	waf. wafResponseCode webaclArn awsEndpointRequestId awsEndpointRequestId2 requestOverride. responseOverride.`)

// CheckAccessFormat checks an access log format.
func CheckAccessFormat(format string) error {
	_, err := parseAccessFormat(format)
	return err
}

// parseAccessFormat reads an access log format: one line that names the request.
func parseAccessFormat(format string) (text, error) {
	switch {
	case format == "":
		return nil, badRequest("Access Log value must not be empty")
	case strings.Contains(strings.TrimSuffix(format, "\n"), "\n"):
		return nil, badRequest("Access log format must be single line, new line character is allowed only at end of the format")
	case !strings.Contains(format, "$context.requestId") && !strings.Contains(format, "$context.extendedRequestId"):
		return nil, badRequest("Access log format must include at least $context.requestId or $context.extendedRequestId")
	}
	parsed := parseText(strings.TrimSuffix(format, "\n"))
	for _, part := range parsed {
		if name := strings.Join(part.path, "."); part.source == "context" && !knownContext(name) {
			return nil, badRequest("Access log format names a variable that API Gateway does not have: $context.%s", name)
		}
	}
	return parsed, nil
}

func knownContext(name string) bool {
	return slices.ContainsFunc(contextVariables, func(known string) bool {
		return known == name || strings.HasSuffix(known, ".") && strings.HasPrefix(name, known)
	})
}

// logStream is the name of a stage's log stream: hexadecimal, as AWS's are.
func logStream(apiID, stage string) string {
	sum := md5.Sum([]byte(apiID + "/" + stage))
	return hex.EncodeToString(sum[:])
}

// executionLogs is what the names of all execution log groups begin with.
const executionLogs = "API-Gateway-Execution-Logs_"

// executionLogGroup is where a stage's execution log goes.
func executionLogGroup(apiID, stage string) string { return executionLogs + apiID + "/" + stage }
