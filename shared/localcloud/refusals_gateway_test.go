package main

import (
	"context"
	"net/http"
	"strings"

	"pipeline/shared/localcloud/drills"
)

// gatewayRefusals are what API Gateway answers by itself (developer guide, "Gateway
// response types"), to a plain HTTP client. The code is that of x-amzn-ErrorType.
var gatewayRefusals = []refusal{
	{"an event without a token", posts("/events", event), 401, "UnauthorizedException", "Unauthorized"},
	{"an event with a token that nobody signed", posts("/events", event, "Authorization", "e30.e30.e30"), 401, "UnauthorizedException", "Unauthorized"},
	{"an event with a tampered token", posts("/events", event, "Authorization", "{idToken}x"), 401, "UnauthorizedException", "Unauthorized"},
	{"an event with an access token where an id token is wanted", posts("/events", event, "Authorization", "{accessToken}"), 401, "UnauthorizedException", "Unauthorized"},
	{"an event with an id token where a scope is wanted", posts("/scoped", event, "Authorization", "{idToken}"), 401, "UnauthorizedException", "Unauthorized"},
	{"a path that is not there", posts("/nowhere", event), 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
	{"a method that is not there", asks(http.MethodGet, "/events", ""), 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
	{"a stage that is not there", asks(http.MethodPost, "/../prod/events", event), 403, "ForbiddenException", "Forbidden"},
	{"an event that the web ACL of the stage blocks", asks(http.MethodPost, "/../guarded/events", event), 403, "ForbiddenException", "Forbidden"},
	{"a body that the model does not allow", posts("/events", `{"game":"chess"}`, "Authorization", "{idToken}"), 400, "BadRequestException", "Invalid request body"},
	{"a body that is no JSON", posts("/events", `{"game_name":`, "Authorization", "{idToken}"), 400, "BadRequestException", "Invalid request body"},
	{"no body", posts("/events", "", "Authorization", "{idToken}"), 400, "BadRequestException", "Invalid request body"},
	{"a body of a type without a template", posts("/events", event, "Authorization", "{idToken}", "Content-Type", "text/plain"),
		415, "BadRequestException", "Unsupported Media Type"},
	{"a body of more than 10 MB", posts("/events", strings.Repeat(" ", 10<<20)+event, "Authorization", "{idToken}"),
		413, "", "HTTP content length exceeded 10485760 bytes."},
	{"more than 10,240 bytes of headers", posts("/events", event, "Authorization", "{idToken}", "Cookie", strings.Repeat("x", 10240)),
		413, "", "HTTP header is larger than 10240 bytes."},
	{"a web socket", asks(http.MethodGet, "/events", "", "Connection", "Upgrade", "Upgrade", "websocket"), 403, "MissingAuthenticationTokenException", "Missing Authentication Token"},
	{"more requests than the throttle lets through", posts("/busy", event), 429, "TooManyRequestsException", "Too Many Requests"},
	{"an integration whose role does not trust API Gateway", posts("/untrusted", event), 500, "InternalServerErrorException", "Internal server error"},
	// The last one: no token that was issued before is good after it.
	{"an event with a token that has expired", drill("expire-tokens", drills.Arguments{}, posts("/events", event, "Authorization", "{idToken}")),
		401, "UnauthorizedException", "The incoming token has expired"},
}

// posts sends JSON to a path of the stage.
func posts(path, body string, headers ...string) func(context.Context, *account) error {
	return asks(http.MethodPost, path, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

func asks(method, path, body string, headers ...string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		address := strings.Replace(a.names["stage"]+path, "/dev/../", "/", 1)
		return a.call(ctx, method, address, body, inHeader, a.fillAll(headers)...)
	}
}
