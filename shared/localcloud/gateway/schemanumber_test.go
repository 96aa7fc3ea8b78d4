package gateway

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAnIntegerIsWrittenWithoutFractionAndExponent(t *testing.T) {
	refusal := `[instance type (number) does not match any allowed primitive type (allowed: ["integer"])]`
	m := modelOf(t, `{"type":"integer"}`)
	for body, want := range map[string]string{`1`: "", `-0`: "", `12345678901234567890`: "", `1.0`: refusal, `1e2`: refusal} {
		if got := m.check([]byte(body)); got != want {
			t.Errorf("%s is told %q, want %q", body, got, want)
		}
	}
	if got := modelOf(t, `{"type":["number","integer"]}`).check([]byte(`1.0`)); got != "" {
		t.Errorf("1.0 is told %q where a number may be", got)
	}
}

func TestNumbersOfAnySizeAreJudged(t *testing.T) {
	for _, c := range []struct{ schema, body, want string }{
		{`{"minimum":1}`, `1e9999999`, ""},
		{`{"minimum":1}`, `-1e99999999999999999999`, "[numeric instance is lower than the required minimum (minimum: 1, found: -1e1000)]"},
		{`{"maximum":1}`, `1e999999`, "[numeric instance is greater than the required maximum (maximum: 1, found: 1e1000)]"},
		{`{"minimum":0,"exclusiveMinimum":true}`, `1e-9999999`, ""},
		{`{"minimum":0,"exclusiveMinimum":true}`, `0e9999999`, "[numeric instance is not strictly greater than the required minimum 0]"},
		{`{"type":"integer","maximum":1}`, strings.Repeat("9", 1<<20), "[numeric instance is greater than the required maximum (maximum: 1, found: " + strings.Repeat("9", maxDigits) + ")]"},
		{`{"maximum":0.5}`, `0.` + strings.Repeat("3", 1<<20), ""},
		{`{"multipleOf":2}`, `1e-9999999`, "[remainder of division is not zero (1e-1000 / 2)]"},
	} {
		if got := modelOf(t, c.schema).check([]byte(c.body)); got != c.want {
			t.Errorf("%s of %.30s says %.200q, want %.200q", c.schema, c.body, got, c.want)
		}
	}
}

func FuzzABoundedNumberIsOneAndComparesAlike(f *testing.F) {
	for _, n := range []string{"1", "-1e9999", "0e99999", "1.5E-2000", strings.Repeat("1", 2000)} {
		f.Add(n)
	}
	f.Fuzz(func(t *testing.T, n string) {
		if !json.Valid([]byte(n)) || strings.Trim(n, "-+.eE0123456789") != "" {
			return
		}
		got := boundedNumber(json.Number(n))
		if !json.Valid([]byte(got)) || len(got) > maxDigits || isWhole(got) != isWhole(json.Number(n)) || (got[0] == '-') != (n[0] == '-') {
			t.Errorf("%.50s becomes %.50s", n, got)
		}
	})
}
