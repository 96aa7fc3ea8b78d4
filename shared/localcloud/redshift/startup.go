package redshift

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	wire "github.com/jeroenrinzema/psql-wire"

	"pipeline/shared/localcloud/redshift/engine"
)

// notSettings are the startup parameters that are none of the session's settings: the
// protocol's own, and what Redshift's drivers tell of themselves.
var notSettings = map[string]bool{"user": true, "database": true, "options": true,
	"driver_version": true, "os_version": true, "plugin_name": true, "client_protocol_version": true, "driver_discovery_version": true}

// optionForms are the two forms of a setting in "options": -c name=value and --name=value.
var optionForms = regexp.MustCompile(`^\s*(?:-c\s*|--)([\w-]+)=((?:\\.|[^\\\s])*)`)

// applyStartup sets what a client asks for when it connects: first the settings in its
// options, then the parameters of their own, as PostgreSQL does.
func applyStartup(ctx context.Context, session *engine.Session, params wire.Parameters) error {
	rest := params["options"]
	for strings.TrimSpace(rest) != "" {
		m := optionForms.FindStringSubmatch(rest)
		if m == nil {
			return &Error{Code: "42601", Message: fmt.Sprintf("invalid command-line arguments for server process: %s", strings.TrimSpace(rest))}
		}
		rest = rest[len(m[0]):]
		name := strings.ReplaceAll(m[1], "-", "_")
		if err := session.Set(ctx, name, escaped.ReplaceAllString(m[2], "$1")); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		value := params[name]
		switch {
		case notSettings[string(name)]:
		case name == "replication":
			if !slices.Contains([]string{"", "false", "off", "no", "0"}, value) {
				return &Error{Code: "0A000", Message: "replication is not served by the local warehouse"}
			}
		default:
			if err := session.Set(ctx, string(name), value); err != nil {
				return err
			}
		}
	}
	return nil
}

var escaped = regexp.MustCompile(`\\(.)`)
