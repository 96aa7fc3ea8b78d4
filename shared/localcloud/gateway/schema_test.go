package gateway

import "testing"

// The texts are those that json-schema-validator 2.2 gives.
func TestAnInvalidBodyIsToldInTheWordsOfAWSsValidator(t *testing.T) {
	for _, c := range []struct{ schema, body, want string }{
		{`{"oneOf":[{"type":"string"},{"type":"array"}]}`, `1`, "instance failed to match exactly one schema (matched 0 out of 2)"},
		{`{"anyOf":[{"type":"string"},{"type":"array"},{"type":"null"}]}`, `1`, "instance failed to match at least one required schema among 3"},
		{`{"format":"date-time"}`, `"today"`, `string "today" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]`},
		{`{"maximum":1}`, `1.50`, "numeric instance is greater than the required maximum (maximum: 1, found: 1.50)"},
		{`{"not":{}}`, `1`, "instance matched a schema which it should not have"},
	} {
		if got := modelOf(t, c.schema).check([]byte(c.body)); got != "["+c.want+"]" {
			t.Errorf("%s of %s says %s, want [%s]", c.schema, c.body, got, c.want)
		}
	}
}
