package prefix

import (
	"strings"
	"testing"
	"time"
)

// 10:30 on 27 August 2018 is the instant of AWS's own examples.
var then = time.Date(2018, 8, 27, 10, 30, 5, 123456789, time.UTC)

func values() Values {
	return Values{Time: then, ErrorType: "processing-failed", Keys: map[string]string{"game": "doom"},
		Random: func() string { return "5abf82daaa5" }}
}

func TestPrefixesEvaluateAsInAWSExamples(t *testing.T) {
	for prefix, want := range map[string]string{
		"":                                  "",
		"plain/":                            "plain/",
		"!{timestamp:yyyy/MM/dd}":           "2018/08/27",
		"!{timestamp:'year='yyyy'/m='MM}/x": "year=2018/m=08/x",
		"myFirehose/DeliveredYear=!{timestamp:yyyy}/anyMonth/rand=!{firehose:random-string}": "myFirehose/DeliveredYear=2018/anyMonth/rand=5abf82daaa5",
		"fail/!{firehose:error-output-type}/!{timestamp:yyyy}/!{timestamp:dd}":               "fail/processing-failed/2018/27",
		"g=!{partitionKeyFromQuery:game}/":                                                   "g=doom/",
		"!{timestamp:EEE d. MMM yy, h:mm:ss.SSS a}":                                          "Mon 27. Aug 18, 10:30:05.123 AM",
		"!{timestamp:EEEE MMMM D Q kk}":                                                      "Monday August 239 3 10",
		"!{timestamp:HH''mm}":                                                                "10'30",
	} {
		tmpl, err := Parse(prefix)
		if err != nil {
			t.Errorf("%s is refused: %v", prefix, err)
			continue
		}
		if got, err := tmpl.Eval(values()); got != want || err != nil {
			t.Errorf("%s evaluates to %q (%v), want %q", prefix, got, err, want)
		}
	}
}

func TestEveryRandomStringIsANewOne(t *testing.T) {
	tmpl, err := Parse("!{firehose:random-string}/!{firehose:random-string}/")
	if err != nil {
		t.Fatal(err)
	}
	v, calls := values(), 0
	v.Random = func() string { calls++; return strings.Repeat("x", calls) }
	for _, want := range []string{"x/xx/", "xxx/xxxx/"} {
		if got, err := tmpl.Eval(v); got != want || err != nil {
			t.Errorf("the prefix is %q (%v), want %q", got, err, want)
		}
	}
}

func TestWhatAWSRefusesIsRefused(t *testing.T) {
	for prefix, want := range map[string]string{
		"a/!{timestamp:yyyy":                  "not closed",
		"!{yyyy}":                             "!{namespace:value}",
		"!{timestamp:}":                       "!{namespace:value}",
		"!{time:yyyy}":                        `"time" does not exist`,
		"!{firehose:partition}":               "random-string",
		"!{partitionKeyFromLambda:x}":         "no Lambda",
		"!{timestamp:YYYY}":                   "letter Y",
		"!{timestamp:yyyy'}":                  "not closed",
		"!{timestamp:[yyyy]}":                 "reserved",
		"!{timestamp:HHH}":                    "too many",
		"!{timestamp:yyyyyyyyyyyyyyyyyyyyyy}": "too many",
	} {
		if _, err := Parse(prefix); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got error %v, want one that says %s", prefix, err, want)
		}
	}
}

func TestAnEvaluatedPrefixHasAtMost512Characters(t *testing.T) {
	tmpl, err := Parse(strings.Repeat("x", MaxLength) + "!{timestamp:d}")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tmpl.Eval(values()); err == nil {
		t.Error("a prefix of 514 characters is accepted")
	}
}

func TestAMissingPartitionKeyIsAnError(t *testing.T) {
	tmpl, _ := Parse("!{partitionKeyFromQuery:team}/")
	if got, err := tmpl.Eval(values()); err == nil {
		t.Errorf("evaluates to %q without the key", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("a/!{timestamp:'x'yyyy}/!{partitionKeyFromQuery:game}/!{firehose:random-string}")
	f.Add("!{timestamp:SSSSSSSSS''}")
	f.Fuzz(func(t *testing.T, s string) {
		tmpl, err := Parse(s)
		if err != nil {
			return
		}
		v := values()
		for _, k := range tmpl.Keys() {
			v.Keys[k] = "v"
		}
		if _, err := tmpl.Eval(v); err != nil && !strings.Contains(err.Error(), "512") {
			t.Errorf("%q parses and does not evaluate: %v", s, err)
		}
	})
}
