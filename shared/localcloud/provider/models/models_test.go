package models

import (
	"regexp"
	"strings"
	"testing"
)

func number(n float64) *float64 { return &n }

func TestARuleHoldsForTheWholeValue(t *testing.T) {
	for name, c := range map[string]struct {
		rule  Rule
		value any
		fails bool
	}{
		"a pattern that only a part matches":      {Rule{Pattern: "[a-z]+"}, "ab1", true},
		"a pattern that a line of it matches":     {Rule{Pattern: "[a-z]+"}, "ab\n", true},
		"an alternative":                          {Rule{Pattern: "a|b"}, "ab", true},
		"what a lookahead excludes":               {Rule{Pattern: "^(?!aws:).*$", Go: ".*", Not: "aws:.*"}, "aws:x", true},
		"what it does not":                        {Rule{Pattern: "^(?!aws:).*$", Go: ".*", Not: "aws:.*"}, "x-aws:x", false},
		"a text of two code units that is one":    {Rule{Max: number(1)}, "😀", true},
		"a number at the bound":                   {Rule{Min: number(1), Max: number(2)}, 2.0, false},
		"a list that is too long":                 {Rule{Max: number(1)}, []any{"a", "b"}, true},
		"a map that is too small":                 {Rule{Min: number(1)}, map[string]any{}, true},
		"a value that is in no enumeration":       {Rule{Enum: []string{"A", "B"}}, "a", true},
		"true, which no length or range excludes": {Rule{Min: number(1)}, true, false},
	} {
		if err := c.rule.Check(c.value); (err != nil) != c.fails {
			t.Errorf("%s is answered %v", name, err)
		}
	}
}

func TestEachRuleNamesItsShapeAndCanBeChecked(t *testing.T) {
	all, err := load()
	if err != nil || len(all.Types) == 0 {
		t.Fatalf("the table has %d types (%v)", len(all.Types), err)
	}
	for token, rules := range all.Types {
		for path, rule := range rules {
			if !strings.Contains(rule.Shape, " ") {
				t.Errorf("%s %s has the shape %q, want model and shape", token, path, rule.Shape)
			}
			for _, pattern := range []string{rule.Pattern, rule.Go, rule.Not} {
				if _, err := regexp.Compile(pattern); err != nil && (pattern != rule.Pattern || rule.Go == "") {
					t.Errorf("%s %s: %v", token, path, err)
				}
			}
		}
	}
}
