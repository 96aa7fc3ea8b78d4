package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"pipeline/shared/outputs"
)

// passwordVariable holds the user's password where it is not to be read from Secrets
// Manager.
const passwordVariable = "EVENTS_PASSWORD"

// Read is the event that an argument stands for: nothing is the example, a text that
// begins with { or [ is the event itself, - is standard input, all else is a file.
func Read(argument string, stdin io.Reader) (string, error) {
	var text []byte
	var err error
	switch {
	case argument == "":
		return Example, nil
	case strings.HasPrefix(strings.TrimSpace(argument), "{"), strings.HasPrefix(strings.TrimSpace(argument), "["):
		text = []byte(argument)
	case argument == "-":
		text, err = io.ReadAll(stdin)
	default:
		text, err = os.ReadFile(argument)
	}
	if err != nil {
		return "", fmt.Errorf("read the event: %w", err)
	}
	return string(text), nil
}

// Send signs the configured user in, posts the event to path of the API, and prints
// status and answer. An answer other than 2xx is an error.
func (p Path) Send(ctx context.Context, path, event string) error {
	req, err := p.Request(ctx, path, event)
	if err != nil {
		return err
	}
	return p.post(req)
}

// Request signs the configured user in and makes the request that posts the event.
func (p Path) Request(ctx context.Context, path, event string) (*http.Request, error) {
	var o outputs.Gateway
	base, err := p.Output("gateway", outputs.Key(&o, &o.URL))
	if err != nil {
		return nil, err
	}
	token, err := p.signIn(ctx)
	if err != nil {
		return nil, err
	}
	url := strings.TrimSuffix(base, "/") + "/" + strings.TrimPrefix(path, "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(event))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", token)
	req.Header.Set("Content-Type", "application/json")
	return req, nil
}

func (p Path) post(req *http.Request) error {
	resp, err := p.HTTP.Do(req)
	if err != nil {
		return fmt.Errorf("post the event: %w", err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	fmt.Fprintf(p.Talk, "POST %s\n%s\n", req.URL, resp.Status)
	fmt.Fprintln(p.Out, strings.TrimSpace(string(body)))
	if resp.StatusCode/100 != 2 {
		return fmt.Errorf("the API refused the event: %s", resp.Status)
	}
	return nil
}

// signIn returns the id token of the configured user.
func (p Path) signIn(ctx context.Context) (string, error) {
	u, err := p.user()
	if err != nil {
		return "", err
	}
	password, err := p.password(ctx, u.secretARN)
	if err != nil {
		return "", err
	}
	answer, err := cognitoidentityprovider.NewFromConfig(p.AWS).InitiateAuth(ctx, &cognitoidentityprovider.InitiateAuthInput{
		AuthFlow:       types.AuthFlowTypeUserPasswordAuth,
		ClientId:       aws.String(u.clientID),
		AuthParameters: map[string]string{"USERNAME": u.name, "PASSWORD": password},
	})
	if err != nil {
		return "", fmt.Errorf("sign %s in: %w", u.name, err)
	}
	if answer.AuthenticationResult == nil {
		return "", fmt.Errorf("sign %s in: Cognito asks for %s first", u.name, answer.ChallengeName)
	}
	return aws.ToString(answer.AuthenticationResult.IdToken), nil
}

// password is the user's: from the environment, or from its secret, which holds it
// alone or as {"password": ...}.
func (p Path) password(ctx context.Context, secretARN string) (string, error) {
	if password := os.Getenv(passwordVariable); password != "" {
		return password, nil
	}
	if secretARN == "" {
		return "", errors.New("layer auth exports no secret with the user's password: set " + passwordVariable)
	}
	secret, err := secretsmanager.NewFromConfig(p.AWS).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(secretARN)})
	if err != nil {
		return "", fmt.Errorf("read the user's password (or set %s): %w", passwordVariable, err)
	}
	text := aws.ToString(secret.SecretString)
	var fields struct {
		Password string `json:"password"`
	}
	if json.Unmarshal([]byte(text), &fields) == nil && fields.Password != "" {
		return fields.Password, nil
	}
	return text, nil
}
