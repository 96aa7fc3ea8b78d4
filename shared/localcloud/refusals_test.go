package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"github.com/aws/smithy-go"
	"github.com/jackc/pgx/v5/pgconn"

	"pipeline/shared/localcloud/drills"
	"pipeline/shared/localcloud/provider/providertest"
)

// refusal is one thing that AWS refuses: what is asked of it, by a real client, and what
// it answers. The tables of refusals are here to be read, too.
type refusal struct {
	asked string
	by    func(context.Context, *account) error

	status  int    // of HTTP; 0 for SQL, and for what a deployment is told
	code    string // AWS's error code, or an SQLSTATE
	message string // empty: AWS's words are not known
}

// Every refusal of the tables, by the client that an application or a person would use.
func TestTheLocalCloudRefusesAsAWSDoes(t *testing.T) {
	a := newAccount(t)
	count := 0
	for _, table := range []struct {
		plane    string
		refusals []refusal
	}{
		{"API Gateway", gatewayRefusals}, {"Cognito", cognitoRefusals}, {"Cognito's pages", pageRefusals}, {"Firehose", firehoseRefusals},
		{"S3", s3Refusals}, {"Redshift", sqlRefusals}, {"Redshift Data API", dataRefusals}, {"IAM and STS", iamRefusals},
		{"Secrets Manager", secretRefusals}, {"CloudWatch Logs", logRefusals}, {"CloudWatch", watchRefusals},
	} {
		count += len(table.refusals)
		for _, r := range table.refusals {
			t.Run(table.plane+"/"+r.asked, func(t *testing.T) { r.check(t, a) })
		}
	}
	if count < 60 {
		t.Errorf("the tables have %d refusals, want 60 at least", count)
	}
}

func (r refusal) check(t *testing.T, a *account) {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := r.by(ctx, a)
	if err == nil {
		t.Fatalf("it is done, and AWS answers %d %s", r.status, r.code)
	}
	got := answerOf(err)
	if got.status != r.status || got.code != r.code || r.message != "" && got.message != a.fill(r.message) {
		t.Errorf("the answer is\n%+v, and AWS's is\n%+v", got, answer{r.status, r.code, a.fill(r.message)})
	}
}

// answer is what a client sees of a refusal.
type answer struct {
	status  int
	code    string
	message string
}

func (a answer) Error() string { return fmt.Sprintf("%d %s: %s", a.status, a.code, a.message) }

func answerOf(err error) answer {
	var plain answer
	if errors.As(err, &plain) {
		return plain
	}
	var sql *pgconn.PgError
	if errors.As(err, &sql) {
		return answer{0, sql.Code, sql.Message}
	}
	var response *smithyhttp.ResponseError
	var api smithy.APIError
	if errors.As(err, &response) && errors.As(err, &api) {
		return answer{response.HTTPStatusCode(), api.ErrorCode(), api.ErrorMessage()}
	}
	if told := toldByProvider.FindStringSubmatch(err.Error()); told != nil {
		return answer{0, told[1], told[2]}
	}
	return answer{0, "", err.Error()}
}

// toldByProvider is AWS's code and message in what a deployment is told.
var toldByProvider = regexp.MustCompile(`\b([A-Z][A-Za-z]+): (.*?)(?: \(aws:[^)]*\))?$`)

// account is a local cloud that has one of everything, and the clients' ways to it.
type account struct {
	t      *testing.T
	cloud  *cloud
	engine *providertest.Engine
	url    string
	port   int // of Redshift

	aws    aws.Config // as an administrator
	nobody aws.Config // as a role that may do nothing
	pool   providertest.Made
	names  map[string]string // IDs and other words of what there is
}

// fill puts names into a text: {pool} becomes the user pool's ID.
func (a *account) fill(text string) string {
	for name, value := range a.names {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

func (a *account) fillAll(texts []string) []string {
	filled := make([]string, len(texts))
	for i, text := range texts {
		filled[i] = a.fill(text)
	}
	return filled
}

const (
	accountID = "000000000000"
	region    = "eu-central-1"
)

func newAccount(t *testing.T) *account {
	t.Helper()
	a := &account{t: t, names: map[string]string{}}
	web, sql := listenTo(t), listenTo(t)
	a.url, a.port = "http://"+web.Addr().String(), sql.Addr().(*net.TCPAddr).Port
	var err error
	a.cloud, err = open(options{State: t.TempDir(), Region: region, Account: accountID}, a.url, a.port)
	if err != nil {
		t.Fatal(err)
	}
	server := &httptest.Server{Listener: web, Config: &http.Server{Handler: frontDoor(a.cloud, runtime{}, "", time.Minute)}}
	server.Start()
	ended := make(chan error, 1)
	go func() { ended <- a.cloud.redshift.Serve(sql) }()
	t.Cleanup(func() {
		server.Close()
		if err := a.cloud.close(); err != nil {
			t.Error(err)
		}
		sql.Close()
		<-ended
	})
	a.aws = a.config("local", "local", "")
	a.engine = providertest.New(t, "refusals", slices.Concat(a.cloud.kinds...))
	a.furnish()
	return a
}

func listenTo(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func (a *account) config(key, secret, token string) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: aws.String(a.url), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider(key, secret, token)}
}

// make makes a resource as a deployment does, and keeps its ID under a name.
func (a *account) make(name, token string, inputs providertest.Object) providertest.Made {
	a.t.Helper()
	made := a.engine.Create(token, inputs)
	a.names[name] = made.ID
	return made
}

// deploys is what a deployment of a resource is told.
func deploys(token string, inputs providertest.Object) func(context.Context, *account) error {
	return func(_ context.Context, a *account) error {
		if _, refused := a.engine.Check(token, inputs); refused != "" {
			return errors.New(refused)
		}
		_, err := a.engine.TryCreate(token, inputs)
		return err
	}
}

// drill starts a drill for one refusal, and ends it after that.
func drill(name string, arguments drills.Arguments, by func(context.Context, *account) error) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		if err := a.cloud.drills.Start(ctx, name, arguments); err != nil {
			return err
		}
		defer func() {
			if err := a.cloud.drills.Off(ctx); err != nil {
				a.t.Error(err)
			}
		}()
		return by(ctx, a)
	}
}

// call sends a plain HTTP request; headers are name and value in turn. A status from 400
// on is an answer with the code and message that read finds.
func (a *account) call(ctx context.Context, method, address, body string, read func(*http.Response, []byte) (code, message string), headers ...string) error {
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(body))
	if err != nil {
		return err
	}
	for pair := range slices.Chunk(headers, 2) {
		r.Header.Set(pair[0], pair[1])
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode < http.StatusBadRequest {
		return err
	}
	code, message := read(response, data)
	return answer{response.StatusCode, code, message}
}

// inHeader is the code in a header and the message in JSON, as AWS's JSON services and
// API Gateway answer.
func inHeader(r *http.Response, body []byte) (string, string) {
	var text struct{ Message string }
	if json.Unmarshal(body, &text) != nil {
		text.Message = string(body)
	}
	return r.Header.Get("X-Amzn-Errortype"), text.Message
}

// inOAuth is the error of OAuth 2.0.
func inOAuth(_ *http.Response, body []byte) (string, string) {
	var text struct {
		Error       string
		Description string `json:"error_description"`
	}
	_ = json.Unmarshal(body, &text)
	return text.Error, text.Description
}

func form(pairs ...string) string {
	values := url.Values{}
	for pair := range slices.Chunk(pairs, 2) {
		values.Set(pair[0], pair[1])
	}
	return values.Encode()
}
