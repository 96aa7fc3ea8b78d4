package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"golang.org/x/term"

	"pipeline/shared/command"
	"pipeline/shared/outputs"
)

// PSQL runs psql as the warehouse's admin, on the given input. The password goes to it
// in its environment, never on its command line. At a terminal psql takes this process
// over: a program that is run from here has no terminal of its own, and so no history,
// no pager and no Ctrl-C.
func (p Path) PSQL(ctx context.Context, run command.Runner, stdin io.Reader) error {
	psql, err := exec.LookPath("psql")
	if err != nil {
		return errors.New("no psql on PATH: install PostgreSQL's client, or ask with `go tool mage events:sql`")
	}
	w, err := p.warehouse()
	if err != nil {
		return err
	}
	var o outputs.Warehouse
	jdbcURL, err := p.Output("warehouse", outputs.Key(&o, &o.JDBCURL))
	if err != nil {
		return err
	}
	env, err := p.libpq(ctx, jdbcURL, w)
	if err != nil {
		return err
	}
	env = append(os.Environ(), env...)
	if file, isFile := stdin.(*os.File); isFile && term.IsTerminal(int(file.Fd())) {
		return fmt.Errorf("start %s: %w", psql, syscall.Exec(psql, []string{"psql"}, env))
	}
	return run.Run(ctx, command.Command{Name: psql, Env: env, Stdin: stdin, Stdout: p.Out, Stderr: p.Talk})
}

// libpq is how psql finds the database (PostgreSQL manual, "Environment Variables").
func (p Path) libpq(ctx context.Context, jdbcURL string, w warehouse) ([]string, error) {
	u, err := url.Parse(strings.TrimPrefix(jdbcURL, "jdbc:"))
	if err != nil {
		return nil, fmt.Errorf("read the warehouse's URL: %w", err)
	}
	secret, err := secretsmanager.NewFromConfig(p.AWS).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(w.secretARN)})
	if err != nil {
		return nil, fmt.Errorf("read the admin's password: %w", err)
	}
	var admin struct{ Username, Password string }
	if err := json.Unmarshal([]byte(aws.ToString(secret.SecretString)), &admin); err != nil {
		return nil, errors.New("read the admin's password: the secret holds no JSON object")
	}
	env := []string{"PGHOST=" + u.Hostname(), "PGPORT=" + u.Port(), "PGDATABASE=" + w.database,
		"PGUSER=" + admin.Username, "PGPASSWORD=" + admin.Password, "PGSSLMODE=require"}
	if strings.HasSuffix(u.Hostname(), ".localhost") { // not every resolver knows such names
		env = append(env, "PGHOSTADDR="+net.IPv4(127, 0, 0, 1).String())
	}
	return env, nil
}
