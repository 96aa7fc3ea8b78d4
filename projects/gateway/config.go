package main

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/settings"
)

// Config is this layer's settings.
type Config struct {
	Stage                string   `json:"stage" help:"Name of the stage, the first segment of every path. Empty: the environment's name." limit:"a-z A-Z 0-9 _ -, up to 128"`
	Routes               []Route  `json:"routes" help:"What can be posted, where, by whom. Replaces the default routes." limit:"300 resources an API"`
	Cors                 Cors     `json:"cors" help:"What browsers are told."`
	Throttle             Throttle `json:"throttle" help:"Requests that each method of the stage takes. Keep it at or below what Firehose takes in the region." limit:"10,000 a second and 5,000 at once for the account"`
	WAFLimit             int      `json:"wafLimit" help:"Requests that one address may send in five minutes, held by a web ACL of AWS WAF. 0: no web ACL, which AWS charges for." limit:"0, or 10-2,000,000,000"`
	IntegrationTimeoutMs int      `json:"integrationTimeoutMs" help:"How long Firehose may take to acknowledge, in milliseconds." limit:"50-29,000"`
	TokenCacheSeconds    int      `json:"tokenCacheSeconds" help:"How long a verified token is remembered, in seconds. A token that is revoked works that much longer." limit:"0-3,600"`
	LogRetentionDays     int      `json:"logRetentionDays" help:"Days that the access log and the execution log are kept." limit:"1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 and more of CloudWatch Logs' periods"`
	LoggingLevel         string   `json:"loggingLevel" help:"Execution log: OFF, ERROR or INFO. Bodies and tokens are never logged."`
	ManageAccountRole    bool     `json:"manageAccountRole" help:"Set the CloudWatch role of API Gateway for the account and region. Turn it off in an account where something else sets it."`
}

// Route is one path that events are posted to.
type Route struct {
	Path      string            `json:"path" help:"Path below the stage, such as /events."`
	Action    string            `json:"action" help:"single: the body is an event (PutRecord). batch: the body is {\"events\": [...]} (PutRecordBatch)." limit:"batch: 500 events, 4 MiB"`
	Auth      string            `json:"auth" help:"id: an id token of the user pool. scopes: an access token with one of the scopes. none: anyone."`
	Scopes    []string          `json:"scopes" help:"For auth scopes. Empty: the write scope that layer auth makes."`
	Schema    map[string]any    `json:"schema" help:"JSON Schema (draft 4) of one event, with type object and additionalProperties false. Empty: game_name, event_name, event_data, event_id." limit:"400 KB"`
	Responses map[string]string `json:"responses" help:"Mapping templates that take the place of the route's own, by status: 200, 400, 503."`
	Cors      *Cors             `json:"cors" help:"What browsers are told of this route. What is left out is as for all routes. The gateway's own answers (401, 403, 415, 429) have the origin of all routes: AWS has them by API. A page cannot read 413, which AWS answers without CORS headers."`
	Retired   bool              `json:"retired" help:"Answer 410. Deploy a route retired before you take it out: Pulumi deletes what is taken out only after it has deployed the API anew, which would serve it on."`
}

// Defaults are those of a route that says its path only.
func (Route) Defaults() Route { return Route{Action: single, Auth: authID} }

// Cors is what a route answers to a browser's preflight.
type Cors struct {
	AllowOrigin   string   `json:"allowOrigin" help:"Origin that may read the answers; * for any. Tokens travel in a header, so * gives no one more rights."`
	AllowHeaders  []string `json:"allowHeaders" help:"Headers that a page may send."`
	AllowMethods  []string `json:"allowMethods" help:"Methods that a page may use."`
	MaxAgeSeconds int      `json:"maxAgeSeconds" help:"How long a browser may remember the answer, in seconds."`
}

// Throttle is a token bucket.
type Throttle struct {
	RatePerSecond float64 `json:"ratePerSecond" help:"Requests a second; 0 stops all."`
	Burst         int     `json:"burst" help:"Requests at once."`
}

func defaults() Config {
	return Config{
		Routes: []Route{
			{Path: "/events", Action: single, Auth: authID},
			{Path: "/events/batch", Action: batch, Auth: authID},
		},
		Cors: Cors{
			AllowOrigin:   "*",
			AllowHeaders:  []string{"Content-Type", "X-Amz-Date", "Authorization", "X-Api-Key", "X-Amz-Security-Token", "X-Amz-User-Agent"},
			AllowMethods:  []string{"DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"},
			MaxAgeSeconds: 600,
		},
		Throttle:             Throttle{RatePerSecond: 500, Burst: 1000},
		IntegrationTimeoutMs: 10000,
		TokenCacheSeconds:    300,
		LogRetentionDays:     30,
		LoggingLevel:         "ERROR",
		ManageAccountRole:    true,
	}
}

const (
	single = "single"
	batch  = "batch"

	authNone   = "none"
	authID     = "id"
	authScopes = "scopes"
)

// maxBatch is Firehose's limit of records in a PutRecordBatch.
const maxBatch = 500

func loadConfig(ctx *pulumi.Context) (Config, error) {
	c, err := settings.Load(ctx, defaults())
	if c.Stage == "" {
		c.Stage = ctx.Stack()
	}
	return c, err
}

// Validate checks what AWS would refuse later, or worse, accept.
func (c Config) Validate() error {
	if len(c.Routes) == 0 {
		return errors.New("routes is empty: an API without methods cannot be deployed")
	}
	paths := map[string]bool{}
	for i, r := range c.Routes {
		if err := r.validate(); err != nil {
			return fmt.Errorf("routes[%d] (%s): %w", i, r.Path, err)
		}
		if paths[r.Path] {
			return fmt.Errorf("routes[%d] (%s): there is a route of that path already", i, r.Path)
		}
		paths[r.Path] = true
	}
	if err := c.validateNames(); err != nil {
		return err
	}
	if !slices.Contains([]string{"OFF", "ERROR", "INFO"}, c.LoggingLevel) {
		return fmt.Errorf("loggingLevel is %q, want OFF, ERROR or INFO", c.LoggingLevel)
	}
	if c.Throttle.RatePerSecond < 0 || c.Throttle.Burst < 0 {
		return fmt.Errorf("throttle is %v: AWS reads a negative limit as none", c.Throttle)
	}
	if c.WAFLimit != 0 && (c.WAFLimit < 10 || c.WAFLimit > 2_000_000_000) {
		return fmt.Errorf("wafLimit is %d, want 0 or 10 to 2000000000", c.WAFLimit)
	}
	return errors.Join(
		c.validateStage(),
		settings.InRange("integrationTimeoutMs", c.IntegrationTimeoutMs, 50, 29000),
		settings.InRange("tokenCacheSeconds", c.TokenCacheSeconds, 0, 3600),
		settings.CheckLogRetention("logRetentionDays", c.LogRetentionDays),
		c.Cors.validate(),
	)
}

var stageName = regexp.MustCompile(`^[a-zA-Z0-9_-]{0,128}$`)

func (c Config) validateStage() error {
	if !stageName.MatchString(c.Stage) {
		return fmt.Errorf("stage is %q, want up to 128 of a-z A-Z 0-9 _ -", c.Stage)
	}
	return nil
}

// validate refuses what would end the quotes that API Gateway has around a static value.
func (c Cors) validate() error {
	for _, text := range append([]string{c.AllowOrigin}, append(c.AllowHeaders, c.AllowMethods...)...) {
		if strings.ContainsAny(text, "'\r\n") {
			return fmt.Errorf("cors has %q: a header of an answer cannot have a quote or a line break", text)
		}
	}
	if c.MaxAgeSeconds < 0 {
		return fmt.Errorf("cors.maxAgeSeconds is %d", c.MaxAgeSeconds)
	}
	return nil
}

// maxResources is what AWS takes in an API unless it is asked for more.
const maxResources = 300

// everyAPI has models of its own (API Gateway developer guide, "Data models for REST APIs").
const everyAPI = "every new API"

// validateNames refuses paths that would share a name in the program or in the API, where
// /a-b and /a/b are both "a-b" and have the model "AB", or whose models AWS would not make.
func (c Config) validateNames() error {
	paths, models := map[string]string{}, map[string]string{"Empty": everyAPI, "Error": everyAPI}
	for _, r := range c.Routes {
		for path := r.Path; path != ""; path = path[:strings.LastIndex(path, "/")] {
			name := resourceName(path)
			if other, taken := paths[name]; taken && other != path {
				return fmt.Errorf("routes have %s and %s, which are both named %s: rename one", other, path, name)
			}
			paths[name] = path
		}
		if r.modelName() == "" {
			return fmt.Errorf("routes have %s, which gives its model no name: it needs a letter or a digit", r.Path)
		}
		if other, taken := models[r.modelName()]; taken {
			return fmt.Errorf("routes have %s, whose model is named %s as that of %s is: rename one", r.Path, r.modelName(), other)
		}
		models[r.modelName()] = r.Path
	}
	if len(paths) > maxResources {
		return fmt.Errorf("routes have %d segments: AWS takes %d resources in an API", len(paths), maxResources)
	}
	return nil
}
