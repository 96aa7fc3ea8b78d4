package engine

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// loadError is why a record was not loaded (Redshift, "Load error reference").
type loadError struct {
	code   int
	reason string
	column column
	raw    string // the beginning of the field as it was
}

func (e *loadError) Error() string { return e.reason }

func badField(code int, c *column, raw, format string, args ...any) *loadError {
	return &loadError{code: code, reason: fmt.Sprintf(format, args...), column: *c, raw: strings.Clone(clipBytes(raw, maxRaw))}
}

// value is a column's value as DuckDB's vectors have it: text, or bits that are an int64, a
// float64, a bool or microseconds since 1970. The zero value is null.
type value struct {
	set  bool
	text string
	bits uint64
}

func textValue(s string) value { return value{set: true, text: s} }
func intValue(n int64) value   { return value{set: true, bits: uint64(n)} }

// convert makes a column's value of a JSON value.
func (cmd *CopyCommand) convert(c *column, v gjson.Result) (value, *loadError) {
	if v.Type == gjson.Null {
		return cmd.null(c)
	}
	if c.Type.Name == "super" {
		return document(c, v.Raw)
	}
	raw := v.Raw
	if v.Type == gjson.String {
		raw = v.Str
	}
	if kindOf(c.Type) == kindText {
		return cmd.convertText(c, raw)
	}
	raw = strings.TrimSpace(raw)
	if raw == "" { // an empty string is null for every other type
		return cmd.null(c)
	}
	switch c.Type.Name {
	case "smallint":
		return convertInt(c, raw, math.MinInt16, math.MaxInt16, "Short")
	case "integer":
		return convertInt(c, raw, math.MinInt32, math.MaxInt32, "Integer")
	case "bigint":
		return convertInt(c, raw, math.MinInt64, math.MaxInt64, "Long")
	case "numeric":
		return convertNumeric(c, raw)
	case "real", "double precision":
		return convertFloat(c, raw)
	case "boolean":
		return convertBool(c, raw)
	case "date":
		return cmd.convertDate(c, raw)
	case "timestamp without time zone", "timestamp with time zone":
		return cmd.convertTimestamp(c, raw)
	}
	return value{}, badField(1223, c, raw, "Data type %s is not supported by COPY from JSON", c.Type.Name)
}

// document is a SUPER. Half of a surrogate pair is no character, and DuckDB's JSON has none.
func document(c *column, raw string) (value, *loadError) {
	if len(raw) > maxLengths["character varying"] && hasLongString(gjson.Parse(raw)) {
		return value{}, badField(1204, c, raw, "String length exceeds DDL length")
	}
	if hasLoneSurrogate(raw) {
		return value{}, badField(1216, c, raw, "Invalid JSON: half of a surrogate pair in a string")
	}
	return textValue(raw), nil
}

// hasLongString says whether a string of v is longer than a SUPER's may be.
func hasLongString(v gjson.Result) (long bool) {
	if v.Type == gjson.String {
		return len(v.Str) > maxLengths["character varying"]
	}
	if v.Type == gjson.JSON {
		v.ForEach(func(_, inner gjson.Result) bool {
			long = hasLongString(inner)
			return !long
		})
	}
	return long
}

// hasLoneSurrogate says whether valid JSON has a \u that is half of a surrogate pair.
func hasLoneSurrogate(raw string) bool {
	for {
		_, after, found := strings.Cut(raw, `\`)
		if !found {
			return false
		}
		raw = after[1:]
		if after[0] != 'u' {
			continue
		}
		first := escapedUnit(after)
		raw = after[5:]
		if !utf16.IsSurrogate(first) {
			continue
		}
		if !strings.HasPrefix(raw, `\u`) || utf16.DecodeRune(first, escapedUnit(raw[1:])) == utf8.RuneError {
			return true
		}
		raw = raw[6:]
	}
}

// escapedUnit is the UTF-16 unit of "uXXXX".
func escapedUnit(s string) rune {
	n, _ := strconv.ParseUint(s[1:5], 16, 16) // the JSON is valid
	return rune(n)
}

func (cmd *CopyCommand) null(c *column) (value, *loadError) {
	if c.NotNull {
		return value{}, badField(1213, c, "", "Missing data for not-null field")
	}
	return value{}, nil
}

func (cmd *CopyCommand) convertText(c *column, raw string) (value, *loadError) {
	if cmd.EmptyAsNull && raw == "" || cmd.BlanksAsNull && strings.Trim(raw, " ") == "" && raw != "" {
		return cmd.null(c)
	}
	if i := strings.IndexByte(raw, 0); i >= 0 {
		return value{}, badField(1220, c, raw, "String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: 00 (error 3)")
	}
	if c.Type.Name == "character" {
		raw = strings.TrimRight(raw, " ")
		for i := range len(raw) {
			if raw[i] >= utf8.RuneSelf {
				return value{}, badField(1220, c, raw, "Multibyte character not supported for CHAR (Hint: try using VARCHAR). Invalid char: %x", raw[i:i+1])
			}
		}
	}
	if len(raw) > c.Type.Length {
		if !cmd.Truncate {
			return value{}, badField(1204, c, raw, "String length exceeds DDL length")
		}
		cut := c.Type.Length
		for cut > 0 && !utf8.RuneStart(raw[cut]) {
			cut--
		}
		raw = raw[:cut]
	}
	return textValue(raw), nil
}

func convertInt(c *column, raw string, low, high int64, name string) (value, *loadError) {
	n, err := strconv.ParseInt(raw, 10, 64)
	if err == nil && n >= low && n <= high {
		return intValue(n), nil
	}
	if i := strings.IndexFunc(strings.TrimPrefix(raw, "-"), func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		i += len(raw) - len(strings.TrimPrefix(raw, "-"))
		return value{}, badField(1207, c, raw, "Invalid digit, Value '%s', Pos %d, Type: %s", firstCharacter(raw[i:]), i, name)
	}
	return value{}, badField(1222, c, raw, "Overflow for %s", c.Type.Name)
}

// firstCharacter is the first character of a text that is not empty.
func firstCharacter(s string) string {
	_, size := utf8.DecodeRuneInString(s)
	return s[:size]
}

func convertFloat(c *column, raw string) (value, *loadError) {
	f, err := strconv.ParseFloat(raw, 64)
	switch {
	case errors.Is(err, strconv.ErrRange), c.Type.Name == "real" && math.Abs(f) > math.MaxFloat32 && !math.IsInf(f, 0):
		return value{}, badField(1222, c, raw, "Overflow for %s", c.Type.Name)
	case err != nil || isHex(raw):
		return value{}, badField(1208, c, raw, "Invalid digit, Value '%s', Pos 0, Type: Float", firstCharacter(raw))
	}
	return value{set: true, bits: math.Float64bits(f)}, nil
}

// isHex tells the numbers that Go reads and Redshift does not.
func isHex(number string) bool { return strings.ContainsAny(number, "xXpP_") }

// convertNumeric checks a decimal and cuts the digits behind the column's scale: COPY
// rounds with ROUNDEC alone (Redshift, "Data conversion parameters").
func convertNumeric(c *column, raw string) (value, *loadError) {
	f, err := strconv.ParseFloat(raw, 64)
	tooLarge := errors.Is(err, strconv.ErrRange)
	if !tooLarge && (err != nil || math.IsInf(f, 0) || math.IsNaN(f) || isHex(raw)) {
		return value{}, badField(1209, c, raw, "Invalid digit, Value '%s', Pos 0, Type: Decimal", firstCharacter(raw))
	}
	plain := raw
	if strings.ContainsAny(raw, "eE") {
		plain = strconv.FormatFloat(f, 'f', -1, 64)
	}
	whole, fraction, _ := strings.Cut(plain, ".")
	if tooLarge || len(strings.TrimLeft(whole, "+-0")) > c.Type.Precision-c.Type.Scale {
		return value{}, badField(1209, c, raw, "Numeric data overflow (result precision)")
	}
	return textValue(strings.TrimPrefix(whole, "+") + "." + fraction[:min(len(fraction), c.Type.Scale)] + "0"), nil
}

func convertBool(c *column, raw string) (value, *loadError) {
	switch strings.ToLower(raw) {
	case "true", "t", "yes", "y", "1":
		return intValue(1), nil
	case "false", "f", "no", "n", "0":
		return intValue(0), nil
	}
	return value{}, badField(1210, c, raw, "Unknown boolean format")
}

func (cmd *CopyCommand) convertDate(c *column, raw string) (value, *loadError) {
	if t, ok := readTime(cmd.Date, cmd.dates, raw); ok {
		return intValue(wallClock(t)), nil
	}
	if cmd.AnyDate {
		return cmd.null(c)
	}
	if len(raw) < 10 {
		return value{}, badField(1205, c, raw, "Invalid Date Format - length must be 10 or more")
	}
	return value{}, badField(1205, c, raw, "Invalid date format")
}

func (cmd *CopyCommand) convertTimestamp(c *column, raw string) (value, *loadError) {
	if format := strings.ToLower(cmd.Time); format == "epochsecs" || format == "epochmillisecs" {
		return cmd.convertEpoch(c, raw)
	}
	if t, ok := readTime(cmd.Time, cmd.times, raw); ok && c.Type.Name == "timestamp with time zone" {
		return intValue(t.UnixMicro()), nil
	} else if ok {
		return intValue(wallClock(t)), nil
	}
	if cmd.AnyDate {
		return cmd.null(c)
	}
	format := "YYYY-MM-DD HH24:MI:SS"
	if cmd.Time != "" {
		format = cmd.Time
	}
	return value{}, badField(1206, c, raw, "Invalid timestamp format or value [%s]", format)
}

func (cmd *CopyCommand) convertEpoch(c *column, raw string) (value, *loadError) {
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil {
		return value{}, badField(1206, c, raw, "Invalid timestamp format or value [%s]", cmd.Time)
	}
	if strings.EqualFold(cmd.Time, "epochsecs") {
		n *= 1000
	}
	if n *= 1000; !(math.Abs(n) < math.MaxInt64) {
		return value{}, badField(1206, c, raw, "Invalid timestamp format or value [%s]", cmd.Time)
	}
	return intValue(int64(n)), nil
}

// plainTimes and plainDates are what COPY takes without TIMEFORMAT and DATEFORMAT.
var (
	plainTimes = []string{"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999-07", "2006-01-02"}
	plainDates = []string{"2006-01-02"}
)

func readTime(format string, layouts []string, raw string) (time.Time, bool) {
	if strings.EqualFold(format, "auto") {
		return recognised(raw)
	}
	return firstTime(layouts, raw)
}

// layouts are Go's of a format, plain without one. MON is a month's name "abbreviated or
// full" ("DATEFORMAT and TIMEFORMAT strings").
func layouts(format string, plain []string) []string {
	if format == "" {
		return plain
	}
	layout := goLayout.Replace(format)
	return []string{layout, strings.Replace(layout, "Jan", "January", 1)}
}

// goLayout turns Redshift's datetime format strings into Go's.
var goLayout = strings.NewReplacer("YYYY", "2006", "YY", "06", "MONTH", "January", "MON", "Jan", "MM", "01", "DD", "02",
	"HH24", "15", "HH12", "03", "HH", "15", "MI", "04", "SS", "05", "US", "000000", "MS", "000", "AM", "PM")
