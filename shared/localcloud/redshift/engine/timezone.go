package engine

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strings"
	"time"
	_ "time/tzdata" // not every machine has the zones

	"pipeline/shared/localcloud/redshift/sqltext"
)

// posixOffset is an offset as the JDBC drivers write it: POSIX counts westwards, so GMT-02:00
// is two hours ahead of UTC.
var posixOffset = regexp.MustCompile(`(?i)^(?:gmt|utc)([+-])0?(\d{1,2})(:?\d\d)?$`)

// setTimeZone moves the session to a time zone.
func (s *Session) setTimeZone(ctx context.Context, name string) error {
	if m := posixOffset.FindStringSubmatch(name); m != nil {
		if strings.Trim(m[3], ":0") != "" {
			return refuse("TIMEZONE " + name)
		}
		name = "Etc/GMT" + m[1] + m[2] // POSIX's sign
	}
	if strings.Trim(name, "+-:0123456789") == "" {
		return refuse("TIMEZONE " + name + " (name a zone)")
	}
	const zones = `SELECT name FROM pg_timezone_names() WHERE lower(name) = lower(?)`
	err := s.conn.QueryRowContext(ctx, zones, name).Scan(&name)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	zone, unknown := time.LoadLocation(name)
	if err != nil || unknown != nil {
		return errorf(codeInvalidParameter, "invalid value for parameter \"timezone\": %q", name)
	}
	if err := s.execf(ctx, "SET TimeZone=%s", sqltext.QuoteLiteral(name)); err != nil {
		return err
	}
	s.zone, s.settings["timezone"] = zone, name
	return nil
}

// TimeZone is the session's time zone.
func (s *Session) TimeZone() string { return s.zone.String() }

// inZone has the times of a result in the session's time zone.
type inZone struct {
	Output
	columns []Column
	zone    *time.Location
}

func (z inZone) Row(values []any) error {
	for i, v := range values {
		if at, is := v.(time.Time); is && z.columns[i].Type.Name == "timestamp with time zone" {
			values[i] = at.In(z.zone)
		}
	}
	return z.Output.Row(values)
}

// AppendZoned writes a TIMESTAMPTZ in the time zone that it has.
func AppendZoned(buf []byte, v time.Time) []byte {
	layout := "2006-01-02 15:04:05.999999-07"
	if _, offset := v.Zone(); offset%3600 != 0 {
		layout += ":00"
	}
	return v.AppendFormat(buf, layout)
}
