package engine

import (
	"context"
	"slices"
	"strings"
	"time"

	"pipeline/shared/localcloud/redshift/sqltext"
)

// control makes a plan that changes the session's transaction.
func (s *Session) control(c *sqltext.Cursor, tag string, f func(ctx context.Context) (string, error)) (*Plan, error) {
	c.AcceptOne("transaction", "work")
	for !c.Done() && isWord(c, "isolation", "level", "serializable", "read", "write", ",") {
		c.Next()
	}
	if isWord(c, "only") {
		return nil, refuse("READ ONLY transactions")
	}
	return &Plan{control: true, run: func(ctx context.Context, _ []any, _ Output) (string, error) { return f(ctx) }}, c.End()
}

func (s *Session) planBegin(_ context.Context, c *sqltext.Cursor) (*Plan, error) {
	return s.control(c, "BEGIN", func(ctx context.Context) (string, error) {
		if s.state != Idle {
			return "BEGIN", nil // PostgreSQL warns: there is already a transaction in progress
		}
		return "BEGIN", s.begin(ctx)
	})
}

func (s *Session) planCommit(_ context.Context, c *sqltext.Cursor) (*Plan, error) {
	return s.control(c, "COMMIT", func(ctx context.Context) (string, error) {
		switch s.state {
		case Idle:
			return "COMMIT", nil
		case Failed:
			return s.end(ctx, "ROLLBACK")
		}
		return s.end(ctx, "COMMIT")
	})
}

func (s *Session) planRollback(_ context.Context, c *sqltext.Cursor) (*Plan, error) {
	return s.control(c, "ROLLBACK", func(ctx context.Context) (string, error) {
		if s.state == Idle {
			return "ROLLBACK", nil
		}
		return s.end(ctx, "ROLLBACK")
	})
}

// tuning are settings that change how Redshift runs a query and not what it answers;
// they are taken and have no effect.
var tuning = wordSet(`query_group wlm_query_slot_count enable_result_cache_for_session extra_float_digits application_name
	analyze_threshold_percent mv_enable_aqmv_for_session stored_proc_log_min_messages describe_field_name_in_uppercase`)

// fixed are settings that have one value here.
var fixed = map[string][]string{
	"client_encoding": {"utf8", "utf-8", "unicode"}, "datestyle": {"iso", "iso, mdy", "iso, ymd", "iso,mdy"},
	"autocommit": {"on", "true"}, "client_min_messages": {"notice", "warning", "error"},
	"intervalstyle": {"postgres"}, "json_parse_truncate_strings": {"off", "false"},
	"navigate_super_null_on_error": {"on", "true"}, "cast_super_null_on_error": {"on", "true"}, "parse_super_null_on_error": {"off", "false"},
	"enable_case_sensitive_super_attribute": {"off", "false"}, "default_transaction_isolation": {"serializable"},
}

// planSet plans SET [SESSION] name {TO | =} value.
func (s *Session) planSet(_ context.Context, c *sqltext.Cursor) (*Plan, error) {
	if c.Accept("local") {
		return nil, refuse("SET LOCAL")
	}
	c.Accept("session")
	if c.Accept("characteristics") || c.Accept("transaction") || c.Accept("authorization") {
		return nil, refuse("SET TRANSACTION or SESSION AUTHORIZATION")
	}
	name := c.Name()
	if name == "time" {
		c.Expect("zone")
		name = "timezone"
	} else if !c.Accept("to") {
		c.Expect("=")
	}
	value := settingValue(c.Rest())
	if err := c.End(); err != nil {
		return nil, err
	}
	return &Plan{control: true, run: func(ctx context.Context, _ []any, _ Output) (string, error) { return "SET", s.set(ctx, name, value) }}, nil
}

func settingValue(st sqltext.Statement) string {
	var parts []string
	for _, t := range st.Tokens {
		switch {
		case t.Is(","):
			continue
		case t.Kind == sqltext.Quoted:
			parts = append(parts, sqltext.QuoteName(t.Text))
		default:
			parts = append(parts, t.Text)
		}
	}
	return strings.Join(parts, ", ")
}

// Set is SET name TO value.
func (s *Session) Set(ctx context.Context, name, value string) error {
	return translate(s.set(ctx, strings.ToLower(name), value))
}

func (s *Session) set(ctx context.Context, name, value string) error {
	lower := strings.ToLower(value)
	switch {
	case lower == "default" && (fixed[name] != nil || tuning[name] || shown[name] != ""):
		return s.reset(ctx, name)
	case name == "timezone":
		return s.setTimeZone(ctx, value)
	case name == "enable_case_sensitive_identifier":
		s.caseSensitive = lower == "true" || lower == "on" || lower == "1"
	case name == "statement_timeout":
		millis, err := time.ParseDuration(value + "ms")
		if err != nil {
			return errorf(codeInvalidParameter, "invalid value for parameter \"statement_timeout\": %q", value)
		}
		s.timeout = millis
	case name == "search_path", tuning[name]:
	default:
		allowed, known := fixed[name]
		if !known {
			return errorf(codeUndefinedObject, "unrecognized configuration parameter %q", name)
		}
		if !slices.Contains(allowed, strings.Trim(lower, "'")) {
			return refuse(strings.ToUpper(name) + " " + value)
		}
	}
	s.settings[name] = value
	return nil
}

// Version is that of PostgreSQL at which Redshift branched off (Redshift, VERSION).
const Version = "8.0.2"

// shown are the settings that SHOW answers before they are set.
var shown = map[string]string{
	"search_path": `$user, public`, "timezone": "UTC", "client_encoding": "UTF8", "datestyle": "ISO, MDY", "server_version": Version,
	"enable_case_sensitive_identifier": "off", "statement_timeout": "0", "transaction_isolation": "serializable",
	"application_name": "", "query_group": "default", "server_encoding": "UTF8",
	"default_transaction_isolation": "serializable", "max_index_keys": "32", "is_superuser": "",
}

// planShow plans SHOW name.
func (s *Session) planShow(_ context.Context, c *sqltext.Cursor) (*Plan, error) {
	if isWord(c, "databases", "schemas", "tables", "columns", "grants", "table", "view", "procedure", "all", "datashares", "external", "model") {
		return nil, refuse("SHOW " + strings.ToUpper(c.Peek().Text))
	}
	name := c.Name()
	if name == "time" && c.Accept("zone") {
		name = "timezone"
	}
	if name == "transaction" && c.Accept("isolation", "level") {
		name = "transaction_isolation"
	}
	if err := c.End(); err != nil {
		return nil, err
	}
	value, err := s.setting(name)
	if err != nil {
		return nil, err
	}
	return &Plan{Columns: []Column{{Name: name, Type: Type{Name: "character varying", Length: 256}}}, reads: true,
		run: func(_ context.Context, _ []any, out Output) (string, error) { return "SHOW", out.Row([]any{value}) }}, nil
}

func (s *Session) setting(name string) (string, error) {
	if value, ok := s.settings[name]; ok {
		return value, nil
	}
	value, ok := shown[name]
	if !ok {
		return "", errorf(codeUndefinedObject, "unrecognized configuration parameter %q", name)
	}
	return value, nil
}

// planReset plans RESET name.
func (s *Session) planReset(_ context.Context, c *sqltext.Cursor) (*Plan, error) {
	name := c.Name()
	if err := c.End(); err != nil {
		return nil, err
	}
	return &Plan{control: true, run: func(ctx context.Context, _ []any, _ Output) (string, error) { return "RESET", s.reset(ctx, name) }}, nil
}

// reset gives a setting its default.
func (s *Session) reset(ctx context.Context, name string) error {
	switch name {
	case "all":
		s.settings, s.caseSensitive, s.timeout = map[string]string{}, false, 0
		return s.setTimeZone(ctx, "UTC")
	case "timezone":
		return s.setTimeZone(ctx, "UTC")
	case "enable_case_sensitive_identifier":
		s.caseSensitive = false
	case "statement_timeout":
		s.timeout = 0
	}
	delete(s.settings, name)
	return nil
}

// planMaintenance plans ANALYZE and VACUUM, which tune a cluster and change no answer.
// The table that they name must exist.
func planMaintenance(word string) planner {
	return func(s *Session, ctx context.Context, c *sqltext.Cursor) (*Plan, error) {
		if isWord(c, "compression") {
			return nil, refuse(word + " COMPRESSION")
		}
		c.AcceptOne("full", "verbose")
		c.AcceptOne("sort", "delete", "reindex", "recluster")
		c.Accept("only")
		if c.Peek().Name() {
			schema, name := c.QualifiedName()
			if c.Err() == nil {
				o, err := s.table(ctx, schema, name)
				if err == nil {
					err = s.own(o)
				}
				if err != nil {
					return nil, err
				}
			}
		}
		plan := &Plan{run: tagged(word), control: true, alone: word == "VACUUM"}
		if c.Accept("to") {
			c.Int()
			c.Accept("percent")
		}
		return plan, c.End()
	}
}
