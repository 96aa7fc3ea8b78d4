package mapping

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
)

// event is a request written as a file, to try a template with.
type event struct {
	Body           json.RawMessage              `json:"body"`
	Params         map[string]map[string]string `json:"params"`
	Context        map[string]any               `json:"context"`
	StageVariables map[string]string            `json:"stageVariables"`
}

// RenderFile writes what the template in a file makes of the event in another, and then
// the overrides that it set, a line each. The event is the body of a request; or, where
// its members are some of body, params, context and stageVariables and no others, the
// whole request, in which body is JSON, or a string that holds the body as it is. What
// $context the file does not give is that of an example.
func RenderFile(ctx context.Context, templatePath, eventPath string, w io.Writer) error {
	template, err := os.ReadFile(templatePath)
	if err != nil {
		return fmt.Errorf("read template: %w", err)
	}
	data, err := os.ReadFile(eventPath)
	if err != nil {
		return fmt.Errorf("read event: %w", err)
	}
	request, err := readEvent(data)
	if err != nil {
		return fmt.Errorf("read event %s: %w", eventPath, err)
	}
	if err := Check(templatePath, string(template)); err != nil {
		return err
	}
	result, err := Render(ctx, string(template), request)
	if err != nil {
		return fmt.Errorf("render %s: %w", templatePath, err)
	}
	return result.print(w)
}

func readEvent(data []byte) (Request, error) {
	r := Request{Body: data, Context: exampleContext()}
	var e event
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	d.UseNumber() // $context.requestTimeEpoch is no Double
	if d.Decode(&e) != nil || e.Body == nil && e.Params == nil && e.Context == nil && e.StageVariables == nil {
		return r, nil
	}
	r.Body = e.Body
	var text string
	if json.Unmarshal(e.Body, &text) == nil {
		r.Body = []byte(text)
	}
	for name := range e.Params {
		if !slices.Contains([]string{"path", "querystring", "header"}, name) {
			return r, fmt.Errorf("params has %q: want path, querystring or header", name)
		}
	}
	r.Path, r.Query, r.Header = e.Params["path"], singles(e.Params["querystring"]), singles(e.Params["header"])
	maps.Copy(r.Context, e.Context)
	r.StageVariables = e.StageVariables
	return r, nil
}

// singles are parameters with one value each.
func singles(values map[string]string) Values {
	out := Values{}
	for name, value := range values {
		out[name] = []string{value}
	}
	return out
}

// exampleContext is that of a request signed in with a token of a user pool.
func exampleContext() map[string]any {
	return map[string]any{
		"accountId": "000000000000", "apiId": "a1b2c3d4e5", "deploymentId": "d1e2f3", "domainName": "127.0.0.1:4566",
		"domainPrefix": "a1b2c3d4e5", "extendedRequestId": "JKJaXmPLvHcESHA=", "httpMethod": "POST", "path": "/local/events",
		"protocol": "HTTP/1.1", "requestId": "c6af9ac6-7b61-11e6-9a41-93e8deadbeef", "requestTime": "22/Nov/2026:14:10:00 +0000",
		"requestTimeEpoch": int64(1795356600123), "resourceId": "r1s2t3", "resourcePath": "/events", "stage": "local",
		"identity":   map[string]any{"sourceIp": "127.0.0.1", "userAgent": "example"},
		"authorizer": map[string]any{"claims": map[string]any{"sub": "0f5e4d3c-0000-4000-8000-000000000000"}},
	}
}

func (r Result) print(w io.Writer) error {
	var out strings.Builder
	out.Write(r.Body)
	if !bytes.HasSuffix(r.Body, []byte("\n")) {
		out.WriteByte('\n')
	}
	if r.Status != 0 {
		fmt.Fprintf(&out, "responseOverride.status: %d\n", r.Status)
	}
	for _, part := range []struct {
		name   string
		values Values
	}{
		{"requestOverride.path", r.RequestPath}, {"requestOverride.querystring", r.RequestQuery},
		{"requestOverride.header", r.RequestHeader}, {"responseOverride.header", r.ResponseHeader},
	} {
		for _, name := range slices.Sorted(maps.Keys(part.values)) {
			fmt.Fprintf(&out, "%s.%s: %s\n", part.name, name, strings.Join(part.values[name], ", "))
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}
