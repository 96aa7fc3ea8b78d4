package engine

// systemView maps a name to the view of views.sql that answers for it.
func systemView(schema, name string) (string, bool) {
	if name == "stl_load_errors" {
		return name, true
	}
	return "", false
}

// catalogFunctions are the functions of pg_catalog that clients call.
var catalogFunctions = map[string]template{}
