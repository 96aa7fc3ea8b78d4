package engine

import (
	"strings"
	"testing"
)

// An explicit cast cuts, and never a character in two. Of a long text only the beginning
// is looked at.
func TestACastToVARCHARKeepsWholeCharacters(t *testing.T) {
	_, s := open(t)
	wantRows(t, s, map[string]string{
		"SELECT 'é'::varchar(1), 'éé'::varchar(3), ''::varchar(1), NULL::varchar(1)": "|é||∅",
		"SELECT repeat('é', 2000000)::varchar(10)":                                   strings.Repeat("é", 5),
	})
}
