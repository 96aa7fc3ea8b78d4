package engine

import "strings"

// outputName is the name that Redshift gives a column without an alias.
func outputName(n node) string {
	switch n.str("class") {
	case "COLUMN_REF":
		names := n.strings("column_names")
		return names[len(names)-1]
	case "FUNCTION", "WINDOW":
		return functionLabel(n)
	case "CAST":
		if inner := outputName(n.child("child")); inner != "?column?" {
			return inner
		}
		return "?column?"
	case "CASE":
		return "case"
	case "SUBQUERY":
		if list := n.child("subquery").child("node").list("select_list"); n.str("subquery_type") == "SCALAR" && len(list) > 0 {
			return labelOf(asNode(list[0]))
		}
	case "OPERATOR":
		return operatorLabel(n)
	}
	return "?column?"
}

func labelOf(n node) string {
	if alias := n.str("alias"); alias != "" {
		return alias
	}
	return outputName(n)
}

func functionLabel(n node) string {
	name := n.str("function_name")
	if op, _ := n["is_operator"].(bool); op || strings.HasPrefix(name, "regexp_full") {
		return "?column?"
	}
	if name == "nvl" {
		return "coalesce"
	}
	return strings.TrimSuffix(name, "_star")
}

func operatorLabel(n node) string {
	children := n.list("children")
	switch n.str("type") {
	case "ARRAY_EXTRACT":
		return outputName(asNode(children[0]))
	case "STRUCT_EXTRACT":
		name, _ := constantText(asNode(children[1]))
		return name
	case "OPERATOR_COALESCE":
		return "coalesce"
	}
	return "?column?"
}
