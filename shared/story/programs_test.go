package story

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/firehose"
	firehosetypes "github.com/aws/aws-sdk-go-v2/service/firehose/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"pipeline/shared/events"
)

// endpointVariable says where a story's local cloud is.
const endpointVariable = "CLOUD"

// programs are what a story can run beside what is installed.
var programs = map[string]func(){
	"deletesecret": program("deletesecret secret", deleteSecret),
	"isolated":     isolated,
	"leaks":        program("leaks file...", leaks),
	"listen":       program("listen port", listen),
	"machinetoken": program("machinetoken", machineToken),
	"objects":      program("objects bucket [prefix]", objects),
	"post":         program("post url body", post),
	"processes":    program("processes file", processes),
	"putrecord":    program("putrecord stream data", putRecord),
	"samechanges":  program("samechanges planned made", sameChanges),
}

// program is a main function for run, which returns this error for wrong arguments.
func program(usage string, run func(context.Context, []string) error) func() {
	return func() {
		err := run(context.Background(), os.Args[1:])
		if errors.Is(err, errUsage) {
			err = fmt.Errorf("usage: %s", usage)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}

var errUsage = errors.New("wrong arguments")

func account() aws.Config { return events.Local(os.Getenv(endpointVariable), "eu-central-1") }

// post sends a body to the API and prints the answer. The token, if there is one, is in
// the variable TOKEN: a command line is for everybody to read.
func post(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errUsage
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, args[0], strings.NewReader(args[1]))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	if token := os.Getenv("TOKEN"); token != "" {
		request.Header.Set("Authorization", token)
	}
	return do(request, os.Stdout)
}

func do(request *http.Request, out io.Writer) error {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	fmt.Fprintln(out, response.Status)
	_, err = io.Copy(out, response.Body)
	return err
}

var change = regexp.MustCompile(`(?m)^\S+ +\| (create|update|replace|delete) .+$`)

// sameChanges compares the changes of resources in what two runs of mage said.
func sameChanges(_ context.Context, args []string) error {
	if len(args) != 2 {
		return errUsage
	}
	var changes [2][]string
	for i, path := range args {
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		changes[i] = slices.Sorted(slices.Values(change.FindAllString(string(text), -1)))
	}
	if len(changes[0]) == 0 || !slices.Equal(changes[0], changes[1]) {
		return fmt.Errorf("%s has %d changes\n%s\nand %s has %d\n%s", args[0], len(changes[0]), strings.Join(changes[0], "\n"),
			args[1], len(changes[1]), strings.Join(changes[1], "\n"))
	}
	return nil
}

// machineToken prints the access token of the client for programs: it asks Cognito for
// the client's secret as an administrator, and for the token as the client.
func machineToken(ctx context.Context, _ []string) error {
	pool, client, err := machineClient(ctx)
	if err != nil {
		return err
	}
	form := url.Values{"grant_type": {"client_credentials"}}
	page := os.Getenv(endpointVariable) + "/_aws/cognito/" + pool + "/oauth2/token"
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, page, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.SetBasicAuth(client.id, client.secret)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var answer struct {
		Token string `json:"access_token"`
		Error string
	}
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || answer.Token == "" {
		return fmt.Errorf("Cognito gives no token: %s %s %v", response.Status, answer.Error, err)
	}
	fmt.Println(answer.Token)
	return nil
}

type client struct{ id, secret string }

// machineClient is the deployed pool's domain and its client that has a secret.
func machineClient(ctx context.Context) (domain string, c client, err error) {
	cognito := cognitoidentityprovider.NewFromConfig(account())
	pools, err := cognito.ListUserPools(ctx, &cognitoidentityprovider.ListUserPoolsInput{MaxResults: aws.Int32(1)})
	if err != nil || len(pools.UserPools) == 0 {
		return "", c, fmt.Errorf("no user pool: %w", err)
	}
	id := pools.UserPools[0].Id
	pool, err := cognito.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: id})
	if err != nil {
		return "", c, err
	}
	clients, err := cognito.ListUserPoolClients(ctx, &cognitoidentityprovider.ListUserPoolClientsInput{UserPoolId: id})
	if err != nil {
		return "", c, err
	}
	for _, one := range clients.UserPoolClients {
		found, err := cognito.DescribeUserPoolClient(ctx, &cognitoidentityprovider.DescribeUserPoolClientInput{UserPoolId: id, ClientId: one.ClientId})
		if err != nil {
			return "", c, err
		}
		if secret := aws.ToString(found.UserPoolClient.ClientSecret); secret != "" {
			return aws.ToString(pool.UserPool.Domain), client{aws.ToString(one.ClientId), secret}, nil
		}
	}
	return "", c, errors.New("no client has a secret")
}

// putRecord gives Firehose a record, past the API.
func putRecord(ctx context.Context, args []string) error {
	if len(args) != 2 {
		return errUsage
	}
	_, err := firehose.NewFromConfig(account()).PutRecord(ctx, &firehose.PutRecordInput{
		DeliveryStreamName: aws.String(args[0]), Record: &firehosetypes.Record{Data: []byte(args[1])}})
	return err
}

// deleteSecret deletes a secret at once, behind Pulumi's back.
func deleteSecret(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errUsage
	}
	_, err := secretsmanager.NewFromConfig(account()).DeleteSecret(ctx,
		&secretsmanager.DeleteSecretInput{SecretId: &args[0], ForceDeleteWithoutRecovery: aws.Bool(true)})
	return err
}

// objects prints the keys below a prefix, each with its content, which it unpacks.
func objects(ctx context.Context, args []string) error {
	if len(args) < 1 || len(args) > 2 {
		return errUsage
	}
	args = append(args, "")
	bucket, prefix := aws.String(args[0]), aws.String(args[1])
	buckets := s3.NewFromConfig(account(), func(o *s3.Options) { o.UsePathStyle = true })
	pages := s3.NewListObjectsV2Paginator(buckets, &s3.ListObjectsV2Input{Bucket: bucket, Prefix: prefix})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, object := range page.Contents {
			if err := printObject(ctx, buckets, bucket, object.Key); err != nil {
				return err
			}
		}
	}
	return nil
}

func printObject(ctx context.Context, buckets *s3.Client, bucket, key *string) error {
	object, err := buckets.GetObject(ctx, &s3.GetObjectInput{Bucket: bucket, Key: key})
	if err != nil {
		return err
	}
	defer object.Body.Close()
	content := io.Reader(object.Body)
	if strings.HasSuffix(*key, ".gz") {
		if content, err = gzip.NewReader(object.Body); err != nil {
			return err
		}
	}
	fmt.Println("---", *key)
	_, err = io.Copy(os.Stdout, content)
	return err
}

// listen takes a port until it is killed, and says so.
func listen(_ context.Context, args []string) error {
	if len(args) != 1 {
		return errUsage
	}
	l, err := net.Listen("tcp", "127.0.0.1:"+args[0])
	if err != nil {
		return err
	}
	fmt.Println("listening")
	for {
		connection, err := l.Accept()
		if err != nil {
			return err
		}
		connection.Close()
	}
}
