package engine

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// isoLayouts are how times are written most, the most frequent first.
var isoLayouts = []string{
	"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999", "2006-01-02 15:04:05.999999999-07", "2006-01-02T15:04:05-0700",
	"2006-01-02T15:04", "2006-01-02",
}

// parseTime is time.Parse that knows no zone by its name but UTC and GMT: of others Go has
// the offset only where the machine is in them, and takes it for 0 elsewhere.
func parseTime(layout, text string) (time.Time, error) {
	t, err := time.ParseInLocation(layout, text, time.UTC)
	if name, offset := t.Zone(); err == nil && offset == 0 && name != "" && name != "UTC" && name != "GMT" {
		err = fmt.Errorf("unknown time zone %s", name)
	}
	return t, err
}

// firstTime reads text by the first layout that fits.
func firstTime(layouts []string, text string) (time.Time, bool) {
	for _, layout := range layouts {
		if t, err := parseTime(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// recognised reads a date or a timestamp as TIMEFORMAT 'auto' and casts do ("Using automatic
// recognition with DATEFORMAT and TIMEFORMAT", "Date, time, and timestamp literals"),
// without years BC and without zones that are names.
func recognised(text string) (time.Time, bool) {
	text = strings.TrimSpace(text)
	if t, ok := firstTime(isoLayouts, text); ok {
		return t, true
	}
	d := dateText{zone: time.UTC}
	for _, word := range strings.FieldsFunc(text, func(c rune) bool { return c == ' ' || c == ',' }) {
		if !d.take(word) {
			return time.Time{}, false
		}
	}
	return d.time()
}

func parseTimestamp(text string) (time.Time, error) {
	t, ok := recognised(text)
	if !ok {
		return t, errorf("22007", "invalid timestamp format %q", text)
	}
	return t.UTC(), nil
}

// wallClock is the time that a text shows, in microseconds since 1970: what is no TIMESTAMPTZ
// has no use for the text's zone ("Time zone values in input strings are ignored").
func wallClock(t time.Time) int64 {
	_, offset := t.Zone()
	return t.UnixMicro() + int64(offset)*time.Second.Microseconds()
}

// dateText is what has been read of a date in words.
type dateText struct {
	parts  []string // year, month and day in the order that they are written in
	clock  time.Duration
	timed  bool
	zone   *time.Location
	halved bool // AM or PM was read
}

// julian1970 is the Julian day of 1970-01-01.
const julian1970 = 2440588

func (d *dateText) take(word string) bool {
	number, dated := isDigits(word), len(d.parts) == 3
	lower := strings.ToLower(word)
	switch {
	case strings.Contains(word, ":"):
		return d.takeClock(word, "15:04:05", "15:04")
	case number && len(word) == 6 && dated:
		return d.takeClock(word, "150405")
	case number && len(word) == 14:
		return d.take(word[:8]) && d.take(word[8:])
	case lower == "am" || lower == "pm":
		return d.takeHalf(lower)
	case lower == "utc" || lower == "gmt" || lower == "z":
		return d.timed
	case dated:
		return false
	case number && len(word) == 8: // YYYYMMDD
		d.parts = append(d.parts, word[:4], word[4:6], word[6:])
	case number && len(word) == 6: // YYMMDD
		d.parts = append(d.parts, century(word[:2]), word[2:4], word[4:])
	case len(word) == 8 && word[4] == '.' && isDigits(word[:4]+word[5:]): // YYYY.DDD
		t, err := time.Parse("2006.002", word)
		return err == nil && d.takeDay(t)
	case lower[0] == 'j' && isDigits(word[1:]):
		return len(word) <= len("J2451187") && d.takeDay(time.Unix(0, 0).UTC().AddDate(0, 0, atoi(word[1:])-julian1970))
	default:
		d.parts = append(d.parts, strings.FieldsFunc(lower, func(c rune) bool { return c == '-' || c == '/' || c == '.' })...)
	}
	return len(d.parts) <= 3
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// century is a year of two digits in full, as PostgreSQL takes it.
func century(year string) string {
	switch {
	case len(year) > 2:
		return year
	case year >= "70" && len(year) == 2:
		return "19" + year
	}
	return "20" + strings.Repeat("0", 2-len(year)) + year
}

// atoi is -1 for what is no number.
func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || !isDigits(s) {
		return -1
	}
	return n
}

// takeDay takes the three parts at once.
func (d *dateText) takeDay(t time.Time) bool {
	d.parts = append(d.parts, strings.Fields(t.Format("2006 01 02"))...)
	return len(d.parts) == 3
}

func (d *dateText) takeClock(word string, layouts ...string) bool {
	for _, layout := range layouts {
		for _, zone := range []string{"", "Z07:00", "Z07", "Z0700"} {
			t, err := time.ParseInLocation(layout+zone, word, time.UTC)
			if err != nil {
				continue
			}
			if _, offset := t.Zone(); offset != 0 {
				d.zone = t.Location()
			}
			again := d.timed
			d.clock, d.timed = t.Sub(time.Date(0, 1, 1, 0, 0, 0, 0, t.Location())), true
			return !again
		}
	}
	return false
}

func (d *dateText) takeHalf(half string) bool {
	const noon = 12 * time.Hour
	switch {
	case half == "pm" && d.clock < noon:
		d.clock += noon
	case half == "am" && d.clock >= noon:
		d.clock -= noon
	}
	again := d.halved
	d.halved = true
	return d.timed && !again && d.clock < 2*noon
}

// time puts the parts together: a month's name tells where the others are, a year of four
// digits comes first or last, and all else is month, day, year (DateStyle MDY).
func (d *dateText) time() (time.Time, bool) {
	if len(d.parts) != 3 {
		return time.Time{}, false
	}
	month, day, year := d.parts[0], d.parts[1], d.parts[2]
	switch {
	case monthOf(day) > 0:
		month, day = day, month
	case monthOf(month) == 0 && len(month) > 2:
		month, day, year = day, year, month
	}
	if monthOf(month) > 0 && len(day) > 2 {
		day, year = year, day
	}
	y, m, n := atoi(century(year)), time.Month(max(monthOf(month), atoi(month))), atoi(day)
	t := time.Date(y, m, n, 0, 0, 0, 0, d.zone)
	return t.Add(d.clock), y >= 0 && t.Month() == m && t.Day() == n
}

// monthOf is the number of a month's name, in full or abbreviated; 0 of what is none.
func monthOf(name string) int {
	for m := time.January; m <= time.December; m++ {
		if full := strings.ToLower(m.String()); name == full || name == full[:3] {
			return int(m)
		}
	}
	return 0
}
