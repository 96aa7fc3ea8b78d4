package events

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// services answer as those that the client calls do, on one port, by X-Amz-Target;
// an action without an answer fails.
type services struct {
	t       *testing.T
	answers map[string]any
	asked   map[string]map[string]any
	post    http.HandlerFunc
}

func (a *services) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	target := r.Header.Get("X-Amz-Target")
	if target == "" {
		a.post(w, r)
		return
	}
	action := target[strings.LastIndexByte(target, '.')+1:]
	var input map[string]any
	if err := json.NewDecoder(r.Body).Decode(&input); err != nil {
		a.t.Errorf("%s: %v", action, err)
	}
	a.asked[action] = input
	answer, known := a.answers[action]
	if !known {
		a.t.Errorf("nobody answers %s", action)
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	if failure, isError := answer.(error); isError {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":"NotAuthorizedException","message":%q}`, failure.Error())
		return
	}
	json.NewEncoder(w).Encode(answer)
}

// path is a deployed path whose services are a.
func path(t *testing.T) (Path, *services, *bytes.Buffer) {
	t.Helper()
	t.Setenv(passwordVariable, "")
	a := &services{t: t, asked: map[string]map[string]any{}, answers: map[string]any{
		"GetSecretValue":    map[string]any{"SecretString": "Correct-horse1"},
		"InitiateAuth":      map[string]any{"AuthenticationResult": map[string]any{"IdToken": "the.id.token"}},
		"ExecuteStatement":  map[string]any{"Id": "s1"},
		"DescribeStatement": map[string]any{"Id": "s1", "Status": "FINISHED", "HasResultSet": true},
	}}
	server := httptest.NewServer(a)
	t.Cleanup(server.Close)
	outputs := map[string]string{
		"auth.userName": "ann", "auth.CognitoUserPoolClientId": "client1", "auth.userSecretArn": "arn:secret",
		"gateway.apiGatewayUrl": server.URL + "/dev", "warehouse.clusterIdentifier": "main", "warehouse.workgroupName": "",
		"warehouse.database": "events", "warehouse.adminSecretArn": "arn:admin", "warehouse.table": "public.events",
	}
	out := &bytes.Buffer{}
	return Path{
		AWS: Local(server.URL, "eu-central-1"), HTTP: server.Client(), Out: out, Talk: io.Discard,
		Output: func(layer, key string) (string, error) {
			value, known := outputs[layer+"."+key]
			if !known {
				return "", fmt.Errorf("layer %s has no output %q", layer, key)
			}
			return value, nil
		},
	}, a, out
}

func TestAnEventIsPostedWithTheTokenOfTheConfiguredUser(t *testing.T) {
	p, a, out := path(t)
	a.post = func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got := fmt.Sprintf("%s %s %s %s", r.Method, r.URL.Path, r.Header.Get("Authorization"), body)
		if want := "POST /dev/events the.id.token " + Example; got != want {
			t.Errorf("the API got\n%s\nwant\n%s", got, want)
		}
		io.WriteString(w, `{"message":"success"}`)
	}
	if err := p.Send(t.Context(), "/events", Example); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), `{"message":"success"}`+"\n"; got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	parameters := a.asked["InitiateAuth"]["AuthParameters"].(map[string]any)
	if parameters["USERNAME"] != "ann" || parameters["PASSWORD"] != "Correct-horse1" {
		t.Errorf("signed in with %v, want the user and the secret's password", parameters)
	}
}

func TestThePasswordMayComeFromTheEnvironmentOrAJSONSecret(t *testing.T) {
	p, a, _ := path(t)
	a.answers["GetSecretValue"] = map[string]any{"SecretString": `{"username":"ann","password":"In-json1"}`}
	if got, err := p.password(t.Context(), "arn:secret"); err != nil || got != "In-json1" {
		t.Errorf("the password is %q (%v), want In-json1", got, err)
	}
	delete(a.answers, "GetSecretValue")
	t.Setenv(passwordVariable, "From-env1")
	if got, err := p.password(t.Context(), "arn:secret"); err != nil || got != "From-env1" {
		t.Errorf("the password is %q (%v), want From-env1", got, err)
	}
}

func TestARefusedEventIsAnErrorAndItsAnswerIsShown(t *testing.T) {
	p, a, out := path(t)
	a.post = func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnauthorized)
		io.WriteString(w, `{"message":"Unauthorized"}`)
	}
	err := p.Send(t.Context(), "/events", Example)
	if want := "the API refused the event: 401 Unauthorized"; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
	if !strings.Contains(out.String(), "Unauthorized") {
		t.Errorf("the answer is not shown: %q", out)
	}
}

func TestAWrongPasswordNamesTheUser(t *testing.T) {
	p, a, _ := path(t)
	a.answers["InitiateAuth"] = fmt.Errorf("Incorrect username or password.")
	err := p.Send(t.Context(), "/events", Example)
	if err == nil || !strings.Contains(err.Error(), "sign ann in") || !strings.Contains(err.Error(), "Incorrect username or password.") {
		t.Errorf("the error is %v, want user and Cognito's words", err)
	}
}

func TestAnEventIsTheExampleATextOrAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "event.json")
	if err := os.WriteFile(file, []byte(`{"file":1}`), 0o644); err != nil {
		t.Fatal(err)
	}
	for argument, want := range map[string]string{"": Example, `{"a":1}`: `{"a":1}`, ` [1]`: ` [1]`, "-": `{"stdin":1}`, file: `{"file":1}`} {
		got, err := Read(argument, strings.NewReader(`{"stdin":1}`))
		if err != nil || got != want {
			t.Errorf("%q is the event %q (%v), want %q", argument, got, err, want)
		}
	}
	if _, err := Read("no-such-file.json", nil); err == nil {
		t.Error("a file that is not there is an event")
	}
}

func TestAQueryPrintsEveryPageAsATable(t *testing.T) {
	p, a, out := path(t)
	a.answers["GetStatementResult"] = map[string]any{
		"ColumnMetadata": []any{map[string]any{"name": "game_name"}, map[string]any{"name": "n"}, map[string]any{"name": "event_data"}},
		"Records": []any{
			[]any{map[string]any{"stringValue": "my\tgame"}, map[string]any{"longValue": 7}, map[string]any{"stringValue": `{"a":1}`}},
			[]any{map[string]any{"isNull": true}, map[string]any{"doubleValue": 0.5}, map[string]any{"booleanValue": true}},
		},
	}
	if err := p.Query(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	want := "game_name  n    event_data\nmy game    7    {\"a\":1}\n           0.5  true\n"
	if out.String() != want {
		t.Errorf("printed\n%swant\n%s", out, want)
	}
	if sql := a.asked["ExecuteStatement"]["Sql"]; sql != "SELECT * FROM public.events ORDER BY ingested_at DESC LIMIT 20" {
		t.Errorf("the default statement is %v", sql)
	}
	if a.asked["ExecuteStatement"]["ClusterIdentifier"] != "main" || a.asked["ExecuteStatement"]["WorkgroupName"] != nil {
		t.Errorf("the statement went to %v, want the cluster", a.asked["ExecuteStatement"])
	}
}

func TestAFailedStatementSaysWhatRedshiftSaid(t *testing.T) {
	p, a, _ := path(t)
	a.answers["DescribeStatement"] = map[string]any{"Id": "s1", "Status": "FAILED", "Error": `ERROR: relation "x" does not exist`}
	err := p.Query(t.Context(), "SELECT * FROM x")
	if want := `query the warehouse: ERROR: relation "x" does not exist`; err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestAnUndeployedLayerIsNamed(t *testing.T) {
	p, _, _ := path(t)
	p.Output = func(layer, _ string) (string, error) { return "", fmt.Errorf("layer %s is not deployed", layer) }
	if err := p.Query(t.Context(), ""); err == nil || err.Error() != "layer warehouse is not deployed" {
		t.Errorf("the error is %v, want the layer that is not deployed, once", err)
	}
}
