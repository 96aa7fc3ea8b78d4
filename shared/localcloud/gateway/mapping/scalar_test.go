package mapping

import (
	"testing"
)

func TestAPathOfNamesFindsTheSameWithAndWithoutParsingAll(t *testing.T) {
	bodies := []string{`{"a":1,"b":{"c":"x","d":null,"e":true},"f":[1,{"a":2}]}`, `{"a":1,"a":2}`, `{"b":{"c":1},"b":{"d":2}}`,
		`{"b":{"c":1},"b":3}`, `{"a":{}}`, `{"a":[1]}`, `[{"a":1}]`, `"a"`, `7`, `{"a":1`, `{"a":1} x`, `text`, `{}`, `{"a\u0062":"\u00e9"}`,
		`{"a":123456789012345678901234567890}`}
	told := 0
	for _, body := range bodies {
		for _, path := range []string{"$.a", "$.b.c", "$.b.d", "$.b.e", "$['a']", "$.ab", "$.f.a", "a"} {
			got, found := scalar(body, path)
			if !found {
				continue
			}
			told++
			root, err := parseBody(body)
			if err != nil {
				t.Fatalf("%s is found in %s, which is %v", path, body, err)
			}
			if want, err := evaluate(root, path); err != nil || JSON(got) != JSON(want) {
				t.Errorf("%s in %s is %v, want %v (%v)", path, body, got, want, err)
			}
		}
	}
	if told < 50 {
		t.Errorf("only %d values are found without parsing all", told)
	}
}
