package engine

// typeParameter gives a parameter of an arithmetic operator the type of its other side, as
// PostgreSQL does: DuckDB would take it for text and find no such operator.
func (r *rewriter) typeParameter(n node, sc *scope) {
	args := n.list("children")
	switch n.str("function_name") {
	case "+", "-", "*", "/", "%":
	default:
		return
	}
	for i := range args {
		if len(args) != 2 || asNode(args[i]).str("class") != "PARAMETER" {
			continue
		}
		switch t := r.typeOf(asNode(args[1-i]), sc); t {
		case "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE":
			args[i] = r.expand("CAST($1 AS "+t+")", asNode(args[i]))
		}
	}
}

// ofDays says whether an operation is the difference of two dates, which is an INTEGER; DuckDB's
// is a BIGINT.
func (r *rewriter) ofDays(n node, sc *scope) bool {
	args := nodes(n.list("children"))
	return n.str("function_name") == "-" && len(args) == 2 && r.typeOf(args[0], sc) == "DATE" && r.typeOf(args[1], sc) == "DATE"
}
