package events

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"pipeline/shared/command"
)

// TestMain also lets the script run PSQL as a program of its own: a terminal belongs to a
// session, and this test has none.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"events-psql": psqlAsAnn})
}

func psqlAsAnn() {
	secrets := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"SecretString": "{\"username\":\"ann\",\"password\":\"Correct-horse1\"}"}`)
	}))
	p := Path{
		AWS: Local(secrets.URL, "eu-central-1"), Out: os.Stdout, Talk: os.Stderr,
		Output: func(layer, key string) (string, error) {
			return map[string]string{"jdbcUrl": "jdbc:redshift://127.0.0.1:5439/events", "database": "events"}[key], nil
		},
	}
	if err := p.PSQL(context.Background(), command.OS{}, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func TestPSQL(t *testing.T) {
	testscript.Run(t, testscript.Params{Dir: "testdata", Deadline: time.Now().Add(time.Minute)})
}
