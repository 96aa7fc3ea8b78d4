package gateway

import (
	"crypto/md5"
	"encoding/hex"
	"slices"
	"strings"
)

// contextVariables are the $context variables that an access log format may name (API
// Gateway developer guide, "Variables for access logging for API Gateway"); a name with
// a dot at its end stands for whatever follows. Those of the second part print "-", as AWS
// does without IAM and Lambda authorizers, API keys, client certificates, endpoints in a VPC,
// canaries and custom domains. The texts of integration.error and integrationErrorMessage
// are not AWS's but the execution log's.
var contextVariables = strings.Fields(`accountId apiId deploymentId domainName domainPrefix extendedRequestId
	httpMethod path protocol requestId requestTime requestTimeEpoch resourceId resourcePath
	responseLatency responseLength stage status xrayTraceId wafResponseCode webaclArn
	error.message error.messageString error.responseType error.validationErrorString
	identity.sourceIp identity.userAgent authorizer.claims.
	integrationLatency integrationStatus integrationErrorMessage awsEndpointRequestId
	integration.error integration.integrationStatus integration.latency integration.requestId integration.status

	authenticate.error authenticate.latency authenticate.status authorize.error authorize.latency authorize.status
	authorizer. customDomain.basePathMatched isCanaryRequest
	identity.accountId identity.apiKey identity.apiKeyId identity.caller
	identity.clientCert.clientCertPem identity.clientCert.issuerDN identity.clientCert.serialNumber
	identity.clientCert.subjectDN identity.clientCert.validity.notAfter identity.clientCert.validity.notBefore
	identity.cognitoAuthenticationProvider identity.cognitoAuthenticationType identity.cognitoIdentityId
	identity.cognitoIdentityPoolId identity.principalOrgId identity.user identity.userArn identity.vpcId identity.vpceId`)

// unknownContext are variables that have a value on AWS and none here.
var unknownContext = strings.Fields(`authorizer.error authorizer.integrationLatency authorizer.integrationStatus
	authorizer.latency authorizer.requestId authorizer.status awsEndpointRequestId2 cipherSuite endpointType
	requestOverride. responseOverride. tlsVersion waf.error waf.latency waf.status`)

// CheckAccessFormat checks an access log format: one line that names the request.
func CheckAccessFormat(format string) error {
	switch {
	case format == "":
		return badRequest("Access Log value must not be empty")
	case strings.Contains(strings.TrimSuffix(format, "\n"), "\n"):
		return badRequest("Access log format must be single line, new line character is allowed only at end of the format")
	case !strings.Contains(format, "$context.requestId") && !strings.Contains(format, "$context.extendedRequestId"):
		return badRequest("Access log format must include at least $context.requestId or $context.extendedRequestId")
	}
	for _, part := range accessText(format) {
		name := strings.Join(part.path, ".")
		switch {
		case part.source != "context":
		case isAmong(unknownContext, name):
			return refused("$context.%s in an access log", name)
		case !isAmong(contextVariables, name):
			return badRequest("Access log format names a variable that API Gateway does not have: $context.%s", name)
		}
	}
	return nil
}

// accessText reads an access log format.
func accessText(format string) text { return parseText(strings.TrimSuffix(format, "\n")) }

// isAmong says whether a variable is one of names, or below one that has a dot at its end.
func isAmong(names []string, variable string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		return name == variable || strings.HasSuffix(name, ".") && strings.HasPrefix(variable, name)
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
