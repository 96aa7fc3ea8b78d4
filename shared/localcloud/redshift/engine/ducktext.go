package engine

import (
	"errors"
	"strconv"
	"strings"

	"pipeline/shared/localcloud/redshift/sqltext"
)

const (
	// superElements marks the value that FROM unnests, for rewriting to find.
	superElements = "localcloud_elements"
	// charPrefix and varcharPrefix start the names of the types that stand for CHAR(n) and
	// VARCHAR(n) in a cast.
	charPrefix    = "char_"
	varcharPrefix = "var" + charPrefix
)

// matchOperators are operators that DuckDB reads otherwise than PostgreSQL: ~ is a
// partial match. They get names that nothing else has.
var matchOperators = map[string]string{"~": "<~>", "~*": "<~*>", "!~": "<!~>", "!~*": "<!~*>"}

// duckText writes a query so that DuckDB's parser takes it: the forms that only
// Redshift has become forms that rewriting then understands. Params are the names of
// the parameters in the order of the $1, $2 ... that they become.
func duckText(st sqltext.Statement) (text string, params []string, err error) {
	w := &duckWriter{in: st.Tokens, frames: []*frame{{}}}
	for w.at < len(w.in) && w.err == nil {
		w.token()
	}
	if w.limit != "" && w.united {
		return "", nil, refuse("TOP beside UNION, EXCEPT, MINUS or INTERSECT: write it in parentheses, with LIMIT")
	}
	if w.limit != "" {
		w.write("LIMIT " + w.limit)
	}
	return w.out.String(), w.params, w.err
}

// frame is what is open at one depth of parentheses.
type frame struct {
	query   bool // SELECT was seen
	inFrom  bool
	aliases map[string]bool // of FROM; true for one that is an element of an array
}

type duckWriter struct {
	in     []sqltext.Token
	at     int
	out    strings.Builder
	frames []*frame
	params []string
	limit  string // of SELECT TOP n
	united bool   // the outermost query is a set operation
	err    error
}

func (w *duckWriter) write(s string) {
	w.out.WriteString(s)
	w.out.WriteByte(' ')
}

func (w *duckWriter) peek(n int) sqltext.Token {
	if w.at+n < len(w.in) {
		return w.in[w.at+n]
	}
	return sqltext.Token{Kind: sqltext.Operator}
}

func (w *duckWriter) is(words ...string) bool {
	for i, word := range words {
		if !w.peek(i).Is(word) {
			return false
		}
	}
	return true
}

func (w *duckWriter) top() *frame { return w.frames[len(w.frames)-1] }

// token writes the token at hand, or the form that starts with it.
func (w *duckWriter) token() {
	w.track()
	switch t := w.peek(0); {
	case w.special(), w.err != nil:
	case w.top().inFrom && t.Name() && w.tablePosition():
		w.tableName()
	default:
		w.write(w.plain(t))
		w.at++
	}
}

// duckOnly are words that are names in Redshift and reserved by DuckDB's parser.
var duckOnly = wordSet("lambda map struct columns generated unpack glob anti semi asof positional summarize describe show variadic inout")

func (w *duckWriter) plain(t sqltext.Token) string {
	if t.Kind == sqltext.Word && (duckOnly[t.Text] || t.Text == "at" && !w.peek(1).Is("time")) {
		return sqltext.QuoteName(t.Text)
	}
	switch t.Kind {
	case sqltext.Quoted:
		return sqltext.QuoteName(t.Text)
	case sqltext.String:
		return sqltext.QuoteLiteral(t.Text)
	case sqltext.Param:
		return w.param(t.Text)
	case sqltext.Operator:
		if op, ok := matchOperators[t.Text]; ok {
			return op
		}
	}
	return t.Text
}

// maxParams is how many parameters Bind can give (PostgreSQL, "Message Formats": Int16).
const maxParams = 65535

// param numbers a parameter: $2 stays the second, :name gets the next number.
func (w *duckWriter) param(name string) string {
	n, err := strconv.Atoi(name)
	switch {
	case errors.Is(err, strconv.ErrRange), err == nil && (n < 1 || n > maxParams):
		w.err = errorf("42P02", "there is no parameter $%s", name)
		return ""
	case err == nil:
		for len(w.params) < n {
			w.params = append(w.params, strconv.Itoa(len(w.params)+1))
		}
		return "$" + name
	}
	for i, known := range w.params {
		if known == name {
			return "$" + strconv.Itoa(i+1)
		}
	}
	w.params = append(w.params, name)
	return "$" + strconv.Itoa(len(w.params))
}

// fromEnds are the words that end FROM.
var fromEnds = wordSet("where group order having limit offset union except intersect minus qualify window")

var setOperators = wordSet("union except intersect minus")

// track follows parentheses and clauses.
func (w *duckWriter) track() {
	switch t := w.peek(0); {
	case t.Is("("):
		w.frames = append(w.frames, &frame{})
	case t.Is(")") && len(w.frames) > 1:
		w.frames = w.frames[:len(w.frames)-1]
		w.trackAlias()
	case t.Is("select"):
		*w.top() = frame{query: true}
	case t.Is("from") && w.top().query && !w.is("from", "current"):
		w.top().inFrom = true
		w.top().aliases = map[string]bool{}
	case t.Kind == sqltext.Word && fromEnds[t.Text]:
		w.top().inFrom = false
		w.united = w.united || len(w.frames) == 1 && setOperators[t.Text]
	}
}

// trackAlias remembers what a subquery in FROM, whose end is at hand, is called.
func (w *duckWriter) trackAlias() {
	t := w.peek(1)
	if t.Is("as") {
		t = w.peek(2)
	}
	if w.top().inFrom && t.Name() && (t.Kind == sqltext.Quoted || !notAlias[t.Text]) {
		w.top().aliases[t.Text] = false
	}
}

// special writes a form of several tokens, and says whether there was one.
func (w *duckWriter) special() bool {
	switch {
	case w.is("array", "(") && !w.peek(2).Is("select"):
		w.err = refuse("function ARRAY")
	case w.top().inFrom && w.is("unpivot") && w.tablePosition():
		w.err = refuse("UNPIVOT of a SUPER in FROM")
	case w.is("select", "top"):
		w.selectTop()
	case w.is("minus") && w.setOperator():
		w.replace(1, "EXCEPT")
	case w.is("sysdate") && !w.peek(1).Is("(") && !w.behind("."):
		w.replace(1, "sysdate()")
	case w.is("approximate", "count"):
		w.replace(1, "")
	case w.is("approximate", "percentile_disc"):
		w.err = refuse("APPROXIMATE PERCENTILE_DISC")
	case w.is("operator", "(", "pg_catalog", "."):
		op := w.peek(4)
		w.replace(6, w.plain(op))
	case w.is("collate", "pg_catalog", "."):
		w.replace(4, "")
	case w.behind("::") && w.is("pg_catalog", "."):
		w.replace(2, "")
	case w.is("listagg", "("):
		w.listagg()
	case w.is("convert", "("):
		w.convert()
	case w.castLength(), w.castDefault():
	default:
		return false
	}
	return true
}

func (w *duckWriter) replace(n int, with string) {
	if with != "" {
		w.write(with)
	}
	w.at += n
}

func (w *duckWriter) behind(word string) bool { return w.at > 0 && w.in[w.at-1].Is(word) }

// setOperator tells MINUS between queries from a column of that name.
func (w *duckWriter) setOperator() bool { return w.peek(1).Is("select") || w.peek(1).Is("(") }

func (w *duckWriter) selectTop() {
	n := w.peek(2)
	if n.Kind != sqltext.Number || len(w.frames) > 1 {
		w.err = refuse("TOP other than SELECT TOP n of the outermost query")
		return
	}
	w.limit = n.Text
	w.replace(3, "SELECT")
}

// castLength writes VARCHAR(n) behind :: or AS as a type of its own.
func (w *duckWriter) castLength() bool {
	if !w.behind("::") && !w.behind("as") {
		return false
	}
	n, prefix := 1, varcharPrefix
	switch t := w.peek(0).Text; {
	case t == "character" && w.peek(1).Is("varying"):
		n = 2
	case t == "character" || typeNames[t] == "character":
		prefix = charPrefix
	case typeNames[t] != "character varying":
		return false
	}
	length := w.peek(n + 1).Text
	if length == "max" {
		length = itoa(maxLengths["character varying"])
	}
	if !w.peek(n).Is("(") || w.peek(n+1).Kind != sqltext.Number && !w.peek(n+1).Is("max") || !w.peek(n+2).Is(")") {
		return false
	}
	w.replace(n+3, prefix+length)
	return true
}

// castDefaults are types whose short names mean something else to DuckDB in a cast.
var castDefaults = map[string]string{"float": "DOUBLE", "numeric": "DECIMAL(18,0)", "decimal": "DECIMAL(18,0)",
	"char": charPrefix + "1", "nchar": charPrefix + "1"}

// castDefault writes FLOAT and NUMERIC without a size as what Redshift takes them for.
func (w *duckWriter) castDefault() bool {
	name, ok := castDefaults[w.peek(0).Text]
	inCast := w.behind("as") && w.peek(1).Is(")")
	if !ok || w.peek(0).Kind != sqltext.Word || w.peek(1).Is("(") || !w.behind("::") && !inCast {
		return false
	}
	w.replace(1, name)
	return true
}

// listagg moves WITHIN GROUP (ORDER BY ...) into the call, where DuckDB wants it.
func (w *duckWriter) listagg() {
	end := w.closing(w.at + 1)
	if end < 0 || !(end+3 < len(w.in) && w.in[end+1].Is("within") && w.in[end+2].Is("group") && w.in[end+3].Is("(")) {
		w.replace(1, "listagg")
		return
	}
	groupEnd := w.closing(end + 3)
	if groupEnd < 0 {
		w.replace(1, "listagg")
		return
	}
	w.write("listagg(")
	w.nested(w.in[w.at+2 : end])
	w.nested(w.in[end+4 : groupEnd])
	w.write(")")
	w.at = groupEnd + 1
}

// convert writes CONVERT(type, value) as a cast.
func (w *duckWriter) convert() {
	end := w.closing(w.at + 1)
	comma := w.at + 2
	for depth := 0; end >= 0 && comma < end && !(depth == 0 && w.in[comma].Is(",")); comma++ {
		if w.in[comma].Is("(") {
			depth++
		} else if w.in[comma].Is(")") {
			depth--
		}
	}
	if end < 0 || comma >= end {
		w.replace(1, "convert")
		return
	}
	typeTokens := append([]sqltext.Token{{Kind: sqltext.Word, Text: "as"}}, w.in[w.at+2:comma]...)
	w.write("CAST(")
	w.nested(w.in[comma+1 : end])
	w.nested(append(typeTokens, w.in[end]))
	w.at = end + 1
}

// nested writes tokens out of their place.
func (w *duckWriter) nested(tokens []sqltext.Token) {
	inner := &duckWriter{in: tokens, frames: []*frame{{}}, params: w.params}
	for inner.at < len(tokens) && inner.err == nil {
		inner.token()
	}
	w.params, w.err = inner.params, inner.err
	w.write(inner.out.String())
}

// closing is the place of the parenthesis that closes the one at open, or -1.
func (w *duckWriter) closing(open int) int {
	depth := 0
	for i := open; i < len(w.in); i++ {
		switch {
		case w.in[i].Is("("):
			depth++
		case w.in[i].Is(")"):
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// tablePosition says that the name at hand is where FROM has a table.
func (w *duckWriter) tablePosition() bool {
	return w.behind("from") || w.behind(",") || w.behind("join")
}

// notAlias are the words that can follow a table without being its alias.
var notAlias = wordSet(`where group order having limit offset union except intersect minus qualify window
	join inner left right full cross natural on using as tablesample pivot unpivot fetch`)

// tableName writes a table of FROM. A path that starts with an alias that FROM already
// has is PartiQL's unnesting: FROM events e, e.event_data.items i.
func (w *duckWriter) tableName() {
	start := w.at
	end := start + 1
	for end+1 < len(w.in) && (w.in[end].Is(".") && w.in[end+1].Name() || w.in[end].Is("[")) {
		if w.in[end].Is("[") {
			end++
		}
		end += 2
	}
	path := w.in[start:min(end, len(w.in))]
	w.at = start + len(path)
	alias, given := w.alias(path)
	if w.is("at") && w.peek(1).Name() && !w.is("at", "time") {
		w.err = refuse("AT in FROM, the index of an element")
		return
	}
	known, element := w.known(path[0].Text)
	unnests := known && len(path) > 1 || element
	if unnests {
		w.write("unnest(" + superElements + "(")
		w.nested(path)
		w.write(")) AS " + sqltext.QuoteName(alias) + "(" + sqltext.QuoteName(alias) + ")")
	} else {
		for _, t := range path {
			w.write(w.plain(t))
		}
		if given {
			w.write("AS " + sqltext.QuoteName(alias))
		}
	}
	w.top().aliases[alias] = unnests
}

// known says whether FROM has an alias, and whether that is an element of an array.
func (w *duckWriter) known(alias string) (known, element bool) {
	for _, f := range w.frames {
		is, found := f.aliases[alias]
		known, element = known || found, element || is
	}
	return known, element
}

// alias takes [AS] name behind a table; without one the table's own name serves.
func (w *duckWriter) alias(path []sqltext.Token) (name string, given bool) {
	if w.is("as") && w.peek(1).Name() {
		w.at += 2
		return w.in[w.at-1].Text, true
	}
	if t := w.peek(0); t.Kind == sqltext.Quoted || t.Kind == sqltext.Word && !notAlias[t.Text] {
		w.at++
		return t.Text, true
	}
	return path[len(path)-1].Text, false
}
