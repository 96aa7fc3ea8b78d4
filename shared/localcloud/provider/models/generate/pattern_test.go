package main

import "testing"

func TestAJavaPatternIsTranslatedOrRefused(t *testing.T) {
	for pattern, want := range map[string]struct {
		in, not string
		refused bool
	}{
		`[a-z]+`:              {},
		`[\u0020-\u00FF]+`:    {in: `[\x{0020}-\x{00FF}]+`},
		`[\w\s]`:              {in: `[\w\t\n\x0B\f\r ]`},
		`a.b`:                 {in: `a[^\n\r\x{85}\x{2028}\x{2029}]b`},
		`a\.b`:                {},
		`^(?!aws:)[a-z:]*$`:   {in: `[a-z:]*$`, not: `aws:[\s\S]*`},
		`^(?!\s*$)[a-z ]+`:    {in: `[a-z ]+`, not: `\s*$`},
		`a(?!b)`:              {refused: true},
		`[a-z&&[^b]]`:         {refused: true},
		`a++`:                 {refused: true},
		`(a)\1`:               {refused: true},
		`\p{javaLowerCase}`:   {refused: true},
		`[^_\p{Z}][\p{L}]{3}`: {},
	} {
		in, not, err := translate(pattern)
		if in != want.in || not != want.not || (err != nil) != want.refused {
			t.Errorf("%s is %q and not %q (%v), want %+v", pattern, in, not, err, want)
		}
	}
}
