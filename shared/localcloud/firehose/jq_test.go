package firehose

import (
	"os/exec"
	"strings"
	"testing"
)

// jqQueries are what makes a game's name, and what of it JQ 1.6 does not have; "" where it
// has all.
var jqQueries = map[string]string{
	`{game_name:.game_name}`:                                    "",
	`{game_name:.game_name,day:.at|strftime("%d")}`:             "",
	`{game_name:.game_name|ascii_downcase|ltrimstr("x")}`:       "",
	`{game_name:(.game_name//"none")}`:                          "",
	`{game_name:.game_name//"none"}`:                            `{game_name: .game_name // "none"} without parentheses`,
	`{game_name:.a+.b}`:                                         `{game_name: .a + .b} without parentheses`,
	`{game_name:-.a|tostring}`:                                  "",
	`{game_name:if .a then 1 else 2 end}`:                       "without parentheses",
	`{game_name:(if .a then 1 else 2 end)}`:                     "",
	`{game_name:(if .a then 1 elif .b then 2 end)}`:             "if without else",
	`{game_name:(.a as [$x] | reduce $x[] as $y (0; . + $y))}`:  "",
	`{game_name:.game_name|trim}`:                               "trim/0",
	`{game_name:[.a|ltrim,"\(.b|rtrim)"]|add}`:                  "ltrim/0",
	`{game_name:"\(.b|rtrim)"}`:                                 "rtrim/0",
	`{game_name:.n|abs}`:                                        "abs/0",
	`{game_name:pick(.a)}`:                                      "pick/1",
	`{game_name:add(.a[])}`:                                     "add/1",
	`{game_name:first(.a|scan("x";"g"))}`:                       "scan/2",
	`{game_name:trimstr("x")}`:                                  "trimstr/1",
	`{game_name:first(skip(1;.a[]))}`:                           "skip/2",
	`{game_name:.a|toboolean}`:                                  "toboolean/0",
	`{game_name:.a|debug("x")}`:                                 "debug/1",
	`{game_name:.a|_tohtml}`:                                    "_tohtml/0",
	`{game_name:.a|@urid}`:                                      "@urid",
	`{game_name:@base32d "\(.a)"}`:                              "@base32d",
	`{game_name:.a|@base64d|@uri "\(.)"}`:                       "",
	`{game_name:getpath(["a"])}`:                                "",
	`{game_name:$ENV.A}`:                                        "",
	`def trim: .; {game_name:.a|trim}`:                          "",
	`def f(abs; $pick): abs + $pick + pick; {game_name:f(1;2)}`: "",
	`(def trim: .; .a) | {game_name:trim}`:                      "trim/0",
	`def f: def abs: 1; abs; {game_name:abs}`:                   "abs/0",
}

func TestAQueryUsesWhatJQ16Has(t *testing.T) {
	for query, want := range jqQueries {
		err := Check(partitioned(func(e *ExtendedS3) {
			e.ProcessingConfiguration.Processors[2].Parameters[1].ParameterValue = query
		}))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q to be missing", query, err, want)
		}
	}
}

// jq returns the path of JQ 1.6.
func jq(t *testing.T) string {
	t.Helper()
	version, err := exec.Command("jq", "--version").Output()
	if got := strings.TrimSpace(string(version)); got != "jq-1.6" {
		t.Skipf("this compares with JQ 1.6; installed is %q (%v)", got, err)
	}
	return "jq"
}

func TestJQ16ItselfHasTheSame(t *testing.T) {
	program := jq(t)
	builtins, err := exec.Command(program, "-nr", "builtins | sort[]").Output()
	if want := strings.Join(jqFunctions, "\n"); err != nil || strings.TrimSpace(string(builtins)) != want {
		t.Errorf("JQ 1.6 has the functions %s (%v), want %s", builtins, err, want)
	}
	for query, missing := range jqQueries {
		said, _ := exec.Command(program, "-n", query).CombinedOutput() // what fails with null compiles
		refused := strings.Contains(string(said), "compile error") || strings.Contains(string(said), "is not a valid format")
		if refused != (missing != "") {
			t.Errorf("JQ 1.6 refuses %s: %t, want %q to be missing: %s", query, refused, missing, said)
		}
	}
}
