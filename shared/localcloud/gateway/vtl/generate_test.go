package vtl_test

import (
	"math/rand"
	"regexp"
	"strings"
	"testing"
	"time"

	"pipeline/shared/localcloud/gateway/vtl"
	"pipeline/shared/localcloud/gateway/vtl/velocitytest"
)

// generator writes templates that are mostly right, and wrong in ways that people are.
type generator struct {
	*rand.Rand
	depth int
}

func (g *generator) pick(choices ...string) string { return choices[g.Intn(len(choices))] }

// word picks one of words separated by blanks.
func (g *generator) word(words string) string { return g.pick(strings.Fields(words)...) }

func (g *generator) blank() string { return g.pick("", "", "", " ", "\n", "  ", "\t", " \n ", "\r\n") }

func (g *generator) text() string {
	return g.pick("", "text ", "x", "\n", " ", `{"k": `, "}", ",", `\`, `\\`, "a.b", "(", ")", "[", "é", `"`, "5", "#", "$ ",
		"%", "'", `\#if`, `\$a`, `\\$a`, `\$u`, "-", "&", "\t\n", "$5", "${", "#x", "C#")
}

func (g *generator) reference() string {
	name := g.word("a b m l s n x y i u f d2 big foreach.index z e")
	for g.Intn(3) == 0 {
		name += g.step()
	}
	return g.pick("$"+name, "$"+name, "$"+name, "${"+name+"}", "$!"+name, "$!{"+name+"}", `\$`+name)
}

func (g *generator) step() string {
	switch g.Intn(8) {
	case 0:
		return "." + g.word("k k2 z foo class.name empty first count parent.index hasNext")
	case 1:
		return "[" + g.word(`0 1 -1 $n $x "k" 'k2' 5 true`) + "]"
	case 2:
		return "." + g.word("size length isEmpty toUpperCase trim keySet values entrySet intValue toString nope hashCode") + "()"
	case 3:
		return "." + g.word("get indexOf contains equals add remove charAt substring startsWith concat containsKey split toString") +
			"(" + g.operands(1+g.Intn(2)) + ")"
	case 4:
		return ".put(" + g.operands(2) + ")"
	case 5:
		return ".replaceAll(" + g.word(`"[aeiou]" 'l+' "(h)(e)" '.'`) + "," + g.word(`'x' "" '$1' '<$0>'`) + ")"
	case 6:
		return ".split(" + g.word(`'l' "" 'e|o' 'h' 'x' 'l',2 'l',-1`) + ")" + g.pick("[0]", ".size()", "[1]", "[-1]")
	}
	return ".substring(" + g.word("0 1 $n -1 0,1 1,3") + ")"
}

func (g *generator) operands(n int) string {
	all := make([]string, n)
	for i := range all {
		all[i] = g.operand()
	}
	return strings.Join(all, g.pick(",", ", ", " ,\n"))
}

func (g *generator) operand() string {
	if g.depth++; g.depth > 6 {
		g.depth--
		return g.word("1 $a 'q'")
	}
	defer func() { g.depth-- }()
	switch g.Intn(10) {
	case 0:
		return g.word("0 1 2 -1 10 2147483647 2147483648 9223372036854775808 1.5 0.1 1e3 123456789.5 .5 1e-5")
	case 1:
		return g.word(`'str' 'it''s' '$a' '' "" 'l' 'k' true false`)
	case 2:
		return `"` + g.text() + g.reference() + `"`
	case 3:
		return `"` + strings.ReplaceAll(g.statements(2), `"`, `""`) + `"`
	case 4:
		return "[" + g.word("1 $n 0 -2") + g.pick("..", " .. ") + g.word("3 $n -1") + "]"
	case 5:
		return "[" + g.operands(g.Intn(4)) + "]"
	case 6:
		return "{" + g.pick("", g.operand()+":"+g.operand()) + "}"
	}
	return g.reference()
}

func (g *generator) expression() string {
	if g.depth++; g.depth > 6 {
		g.depth--
		return g.operand()
	}
	defer func() { g.depth-- }()
	switch g.Intn(8) {
	case 0:
		return g.pick("!", "not ", "!!") + g.expression()
	case 1:
		return "(" + g.expression() + g.blank() + ")"
	case 2, 3:
		return g.expression() + g.pick(" + ", " - ", " * ", " / ", " % ", "*", "+") + g.expression()
	case 4:
		return g.expression() + g.pick(" == ", " != ", " < ", " >= ", " eq ", " lt ", "==") + g.expression()
	case 5:
		return g.expression() + g.pick(" && ", " || ", " and ", " or ") + g.expression()
	}
	return g.operand()
}

func (g *generator) statements(most int) string {
	g.depth++
	defer func() { g.depth-- }()
	var out strings.Builder
	for n := 1 + g.Intn(most); n > 0; n-- {
		out.WriteString(g.statement())
	}
	return out.String()
}

func (g *generator) statement() string {
	if g.depth > 6 {
		return g.text() + g.reference()
	}
	switch g.Intn(16) {
	case 0, 1:
		return g.blank() + "#set(" + g.word("$x $y $m.k $l[0] $m['q'] ${x} $!x $foreach.v $u.v") + " = " + g.expression() + ")" + g.blank()
	case 2, 3:
		return "#if(" + g.expression() + ")" + g.blank() + g.statements(3) +
			g.pick("", "#else"+g.blank()+g.statements(2), "#elseif("+g.expression()+")"+g.statements(2)) + g.pick("#end", "#{end}") + g.blank()
	case 4, 5:
		return "#foreach(" + g.word("$i $e $a ${i}") + " in " + g.pick("$l", "$m", "[1..3]", "$m.keySet()", g.operand()) + ")" + g.blank() +
			g.statements(3) + g.word("$foreach.count $velocityCount #if($foreach.hasNext),#end $!foreach.parent.count") + "#end" + g.blank()
	case 6:
		return "#macro(" + g.word("mm nn") + g.pick(" $p", " $p $q", " $a", "") + ")" + g.blank() + g.statements(2) + g.word("$p $!p $q $bodyContent") + "#end" + g.blank()
	case 7, 8:
		return g.word("#mm( #nn( #oo(") + g.operands(g.Intn(3)) + ")" + g.blank()
	case 9:
		return "#define($d)" + g.blank() + g.statements(2) + "#end" + g.word("$d $!d $d.toString() #if($d)D#end")
	case 10:
		return g.pick("#break", "#stop", "#break($foreach)", "## c\n", "#* c *#", "#[[ $a #if ]]#", "#@mm($a) body $a#end", `\#set($x=1)`, `\#mm`, `\\#end`)
	}
	return g.text() + g.reference() + g.text()
}

// generated are n templates, the same for a seed.
func generated(seed int64, n int) []string {
	g := &generator{Rand: rand.New(rand.NewSource(seed))}
	templates := make([]string, n)
	for i := range templates {
		templates[i] = g.statements(4)
	}
	return templates
}

const generatedVariables = `{"a":"A","b":true,"f":false,"m":{"k":"v","k2":{"z":1}},"l":["x",null,3,["q"]],"s":"hello","n":5,"d2":2.5,"big":123456789012345678901234567890}`

// address is what Java prints of things without a text of their own, some of classes that
// it keeps to itself.
var address = regexp.MustCompile(`(\[Ljava\.lang\.String;|java\.util\.)[\w$]*@[0-9a-f]+`)

// alike: both fail, or have the same text.
func alike(got, want velocitytest.Outcome) bool {
	return (got.Err == nil) == (want.Err == nil) &&
		(got.Err != nil || address.ReplaceAllString(got.Text, "$1") == address.ReplaceAllString(want.Text, "$1"))
}

// TestApacheVelocityRendersGeneratedTemplatesAlike compares outputs and which templates
// fail, for what nobody thought to write down.
func TestApacheVelocityRendersGeneratedTemplatesAlike(t *testing.T) {
	templates := generated(17, 1000)
	for _, mode := range []string{velocity, gateway} {
		var jobs [][]string
		for _, template := range templates {
			jobs = append(jobs, []string{mode, template, generatedVariables})
		}
		worked := 0
		for i, want := range apache(t, jobs) {
			got := render(t, mode, templates[i], generatedVariables)
			if got.Err != nil && strings.Contains(got.Err.Error(), "not supported here") {
				continue
			}
			if got.Err == nil {
				worked++
			}
			if !alike(got, want) {
				t.Errorf("%q as %s has it: %v, Apache Velocity says %v", templates[i], mode, got, want)
			}
		}
		if worked < len(templates)/2 {
			t.Errorf("only %d of %d templates render: too few to compare anything", worked, len(templates))
		}
	}
}

// FuzzATemplateNeverPanicsAndEndsInTime parses and executes anything.
func FuzzATemplateNeverPanicsAndEndsInTime(f *testing.F) {
	for _, c := range velocitytest.Corpus(f) {
		f.Add(c.Template)
	}
	for _, template := range generated(3, 200) {
		f.Add(template)
	}
	limits := vtl.Limits{Iterations: 100, Output: 1 << 20, Memory: 4 << 20, Steps: 20_000}
	f.Fuzz(func(t *testing.T, source string) {
		parsed, err := vtl.Parse("fuzz", source)
		if err != nil {
			return
		}
		started := time.Now()
		for _, empty := range []bool{false, true} {
			out, err := parsed.Execute(t.Context(), scopeOf(t, generatedVariables), vtl.Options{Limits: limits, EmptyUnresolved: empty})
			if err == nil && len(out) > limits.Output {
				t.Errorf("%d bytes of output, at most %d are allowed", len(out), limits.Output)
			}
		}
		if took := time.Since(started); took > 5*time.Second {
			t.Errorf("a template of %d bytes took %v", len(source), took)
		}
	})
}
