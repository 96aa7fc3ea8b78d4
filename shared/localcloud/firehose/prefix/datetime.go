package prefix

import (
	"fmt"
	"strings"
	"time"
)

// fields are the letters of Java's DateTimeFormatter that are honoured, in UTC and the
// root locale. n is how often the letter stands in a row.
var fields = map[byte]func(t time.Time, n int) string{
	'y': year, 'u': year,
	'M': month, 'L': month,
	'd': func(t time.Time, n int) string { return pad(t.Day(), n) },
	'D': func(t time.Time, n int) string { return pad(t.YearDay(), n) },
	'E': func(t time.Time, n int) string { return text(t.Weekday().String(), n) },
	'Q': func(t time.Time, n int) string { return pad((int(t.Month())+2)/3, n) },
	'a': func(t time.Time, _ int) string { return t.Format("PM") },
	'H': func(t time.Time, n int) string { return pad(t.Hour(), n) },
	'k': func(t time.Time, n int) string { return pad((t.Hour()+23)%24+1, n) },
	'K': func(t time.Time, n int) string { return pad(t.Hour()%12, n) },
	'h': func(t time.Time, n int) string { return pad((t.Hour()+11)%12+1, n) },
	'm': func(t time.Time, n int) string { return pad(t.Minute(), n) },
	's': func(t time.Time, n int) string { return pad(t.Second(), n) },
	'S': func(t time.Time, n int) string { return fmt.Sprintf("%09d", t.Nanosecond())[:n] },
	'n': func(t time.Time, n int) string { return pad(t.Nanosecond(), n) },
	'z': func(time.Time, int) string { return "UTC" },
	'Z': func(time.Time, int) string { return "+0000" },
	'X': func(time.Time, int) string { return "Z" },
}

// longest is how often a letter may stand in a row.
var longest = map[byte]int{'y': 19, 'u': 19, 'M': 4, 'L': 4, 'd': 2, 'D': 3, 'E': 4, 'Q': 2, 'a': 1, 'H': 2,
	'k': 2, 'K': 2, 'h': 2, 'm': 2, 's': 2, 'S': 9, 'n': 19, 'z': 3, 'Z': 3, 'X': 3}

// item is a run of one letter, or literal text.
type item struct {
	letter byte // 0 for literal text
	text   string
}

// checkPattern refuses a pattern that Java would, or that is not honoured.
func checkPattern(pattern string) error {
	items, err := splitPattern(pattern)
	if err != nil {
		return err
	}
	for _, it := range items {
		if it.letter == 0 {
			continue
		}
		if _, ok := fields[it.letter]; !ok {
			return fmt.Errorf("!{timestamp:%s}: the pattern letter %c is not honoured", pattern, it.letter)
		}
		if len(it.text) > longest[it.letter] {
			return fmt.Errorf("!{timestamp:%s}: too many pattern letters: %c", pattern, it.letter)
		}
	}
	return nil
}

// formatTime formats t by a pattern that checkPattern accepted.
func formatTime(t time.Time, pattern string) string {
	items, _ := splitPattern(pattern)
	var b strings.Builder
	for _, it := range items {
		if it.letter == 0 {
			b.WriteString(it.text)
			continue
		}
		b.WriteString(fields[it.letter](t, len(it.text)))
	}
	return b.String()
}

func splitPattern(pattern string) ([]item, error) {
	var items []item
	for i := 0; i < len(pattern); {
		c := pattern[i]
		switch {
		case c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z':
			n := 1
			for i+n < len(pattern) && pattern[i+n] == c {
				n++
			}
			items = append(items, item{c, pattern[i : i+n]})
			i += n
		case c == '\'':
			text, n, err := quoted(pattern[i:])
			if err != nil {
				return nil, fmt.Errorf("!{timestamp:%s}: %w", pattern, err)
			}
			items = append(items, item{0, text})
			i += n
		case strings.IndexByte("[]{}#", c) >= 0:
			return nil, fmt.Errorf("!{timestamp:%s}: the pattern character %c is reserved", pattern, c)
		default:
			items = append(items, item{0, string(c)})
			i++
		}
	}
	return items, nil
}

// quoted reads a text in single quotes, where two of them stand for one, and returns how
// long it was with its quotes.
func quoted(s string) (string, int, error) {
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		if s[i] != '\'' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '\'' {
			b.WriteByte('\'')
			i++
			continue
		}
		if i == 1 { // '' outside of quotes is a quote
			return "'", 2, nil
		}
		return b.String(), i + 1, nil
	}
	return "", 0, fmt.Errorf("a single quote is not closed")
}

func pad(v, n int) string { return fmt.Sprintf("%0*d", n, v) }

// year is as Java's: two letters are the last two digits, any other number pads.
func year(t time.Time, n int) string {
	if n == 2 {
		return pad(t.Year()%100, 2)
	}
	return pad(t.Year(), n)
}

func month(t time.Time, n int) string {
	if n <= 2 {
		return pad(int(t.Month()), n)
	}
	return text(t.Month().String(), n)
}

// text is a name: short up to three letters, full with four.
func text(name string, n int) string {
	if n <= 3 {
		return name[:3]
	}
	return name
}

// Stamp formats t as in an object's name: yyyy-MM-dd-HH-mm-ss.
func Stamp(t time.Time) string { return t.UTC().Format("2006-01-02-15-04-05") }

// Hour formats t as the default prefix: yyyy/MM/dd/HH/.
func Hour(t time.Time) string { return t.UTC().Format("2006/01/02/15") + "/" }
