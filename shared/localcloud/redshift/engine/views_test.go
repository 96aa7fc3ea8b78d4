package engine

import "testing"

func TestAViewIsReplacedByAQueryOfTheSameColumnsOnly(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE public.t (a int, b varchar(9)); INSERT INTO public.t VALUES (1, 'x'); CREATE VIEW public.v AS SELECT a, b FROM public.t")
	for columns, words := range map[string]string{
		"a":           "cannot change number of columns in view",
		"a, b, a + 1": "cannot change number of columns in view",
		"a, b AS c":   `cannot change name of view column "b"`,
		"a, a AS b":   `cannot change data type of view column "b"`,
	} {
		wantCode(t, s, "CREATE OR REPLACE VIEW public.v AS SELECT "+columns+" FROM public.t", "42P16", words)
	}
	must(t, s, "CREATE OR REPLACE VIEW public.v AS SELECT a, b FROM public.t WHERE a > 1")
	if got := must(t, s, "SELECT count(*) FROM public.v"); got != "0" {
		t.Errorf("the replaced view has %s rows, want 0", got)
	}
}
