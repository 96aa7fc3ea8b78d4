package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
)

// node is one node of DuckDB's syntax tree, as json_serialize_sql writes it. Using
// DuckDB's own parser keeps this package from having one, and means that nothing but a
// query gets through: it serializes no other statement.
type node map[string]any

func (n node) str(key string) string {
	s, _ := n[key].(string)
	return s
}

func (n node) child(key string) node {
	switch m := n[key].(type) {
	case map[string]any:
		return m
	case node:
		return m
	}
	return nil
}

func (n node) list(key string) []any {
	l, _ := n[key].([]any)
	return l
}

func (n node) strings(key string) []string {
	var all []string
	for _, v := range n.list(key) {
		s, _ := v.(string)
		all = append(all, s)
	}
	return all
}

func asNode(v any) node {
	switch m := v.(type) {
	case map[string]any:
		return m
	case node:
		return m
	}
	return nil
}

// parseQuery returns the query node of one SELECT in DuckDB's dialect.
func (s *Session) parseQuery(ctx context.Context, text string) (node, error) {
	var serialized string
	if err := s.conn.QueryRowContext(ctx, `SELECT CAST(json_serialize_sql(?::VARCHAR) AS VARCHAR)`, text).Scan(&serialized); err != nil {
		return nil, err
	}
	var answer node
	dec := json.NewDecoder(strings.NewReader(serialized))
	dec.UseNumber() // places that are not known are 2^64-1
	if err := dec.Decode(&answer); err != nil {
		return nil, fmt.Errorf("read DuckDB's syntax tree: %w", err)
	}
	if failed, _ := answer["error"].(bool); failed {
		return nil, parseFailure(text, answer)
	}
	statements := answer.list("statements")
	if len(statements) != 1 {
		return nil, errorf(codeSyntax, "syntax error at end of input")
	}
	return asNode(statements[0]).child("node"), nil
}

func parseFailure(text string, answer node) error {
	message := answer.str("error_message")
	if strings.HasPrefix(message, "Only SELECT") {
		return errorf(codeSyntax, "syntax error at or near %q", strings.Fields(text)[0])
	}
	if strings.HasPrefix(message, "SELECT INTO") {
		return refuse("SELECT INTO")
	}
	message, _, _ = strings.Cut(message, "\n")
	return errorf(codeSyntax, "%s", message)
}

// printQuery writes a query node as DuckDB's SQL.
func (s *Session) printQuery(ctx context.Context, query node) (string, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(map[string]any{"error": false, "statements": []any{
		map[string]any{"node": query, "named_param_map": []any{}},
	}})
	if err != nil {
		return "", fmt.Errorf("write DuckDB's syntax tree: %w", err)
	}
	var text string
	err = s.conn.QueryRowContext(ctx, `SELECT json_deserialize_sql(?::JSON)`, b.String()).Scan(&text)
	return text, err
}

// printExpression writes one expression.
func (s *Session) printExpression(ctx context.Context, e node) (string, error) {
	query, err := s.parseQuery(ctx, "SELECT 1")
	if err != nil {
		return "", err
	}
	e = maps.Clone(e)
	e["alias"] = ""
	query["select_list"] = []any{e}
	text, err := s.printQuery(ctx, query)
	return strings.TrimPrefix(text, "SELECT "), err
}

// The nodes that rewriting makes.

const nowhere = "18446744073709551615"

func constant(typeID string, value any) node {
	return node{
		"class": "CONSTANT", "type": "VALUE_CONSTANT", "alias": "", "query_location": json.Number(nowhere),
		"value": map[string]any{"type": map[string]any{"id": typeID, "type_info": nil}, "is_null": false, "value": value},
	}
}

func text(s string) node { return constant("VARCHAR", s) }

func number(n int) node { return constant("INTEGER", json.Number(strconv.Itoa(n))) }

func columnRef(names ...string) node {
	all := make([]any, len(names))
	for i, name := range names {
		all[i] = name
	}
	return node{"class": "COLUMN_REF", "type": "COLUMN_REF", "alias": "", "query_location": json.Number(nowhere), "column_names": all}
}

// constantText is the value of a string constant.
func constantText(n node) (string, bool) {
	value := n.child("value")
	if n.str("class") != "CONSTANT" || value.child("type").str("id") != "VARCHAR" {
		return "", false
	}
	s, ok := value["value"].(string)
	return s, ok
}

func isNumber(n node) bool {
	switch n.child("value").child("type").str("id") {
	case "INTEGER", "BIGINT", "DECIMAL", "DOUBLE", "HUGEINT", "SMALLINT", "TINYINT", "INTEGER_LITERAL":
		return n.str("class") == "CONSTANT"
	}
	return false
}

func isBoolean(n node) bool {
	return n.str("class") == "CONSTANT" && n.child("value").child("type").str("id") == "BOOLEAN" ||
		n.str("class") == "CAST" && n.child("cast_type").str("id") == "BOOLEAN"
}

// expand puts args in place of $1, $2 ... of a template, an expression in DuckDB's SQL.
func (s *Session) expand(ctx context.Context, template string, args ...node) (node, error) {
	parsed, ok := s.db.templates.Load(template)
	if !ok {
		query, err := s.parseQuery(ctx, "SELECT "+template)
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", template, err)
		}
		data, err := json.Marshal(query.list("select_list")[0])
		if err != nil {
			return nil, fmt.Errorf("template %s: %w", template, err)
		}
		parsed, _ = s.db.templates.LoadOrStore(template, data)
	}
	var tree node
	dec := json.NewDecoder(bytes.NewReader(parsed.([]byte)))
	dec.UseNumber()
	if err := dec.Decode(&tree); err != nil {
		return nil, fmt.Errorf("template %s: %w", template, err)
	}
	return asNode(substitute(tree, args)), nil
}

func substitute(v any, args []node) any {
	switch v := v.(type) {
	case node:
		return substitute(map[string]any(v), args)
	case map[string]any:
		if v["class"] == "PARAMETER" {
			n, _ := strconv.Atoi(v["identifier"].(string))
			return args[n-1]
		}
		for key, value := range v {
			v[key] = substitute(value, args)
		}
	case []any:
		for i := range v {
			v[i] = substitute(v[i], args)
		}
	}
	return v
}
