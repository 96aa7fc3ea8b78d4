package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pipeline/shared/localcloud/cognito"
	"pipeline/shared/localcloud/firehose"
	"pipeline/shared/localcloud/gateway"
	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/network"
	"pipeline/shared/localcloud/redshift"
	"pipeline/shared/localcloud/secrets"
)

// path is the whole path deployed through the planes' own calls, with the SQL and the
// mapping templates of the layers: a shorter way to what six deployments make.
type path struct {
	options
	cluster       redshift.Cluster
	events, batch string // URLs to post to
	client        string // app client
}

const (
	streamName    = "events"
	bucketName    = "staging-000000000000"
	deliveryLog   = "delivery" // the group, and the stream in it
	adminPassword = "Admin-1234"
	userPassword  = "Sender-1234"
	loaderSecret  = `{"username":"loader","password":"Loader-1234"}`
)

// deployPath deploys the path into a new state folder, for a process that listens at a
// free port, and closes it again. buffering is the stream's interval in seconds.
func deployPath(t *testing.T, state string, buffering int) *path {
	t.Helper()
	p := &path{options: options{State: state, Port: freePort(t), RedshiftPort: freePort(t), Region: "eu-central-1", Account: "000000000000"}}
	if err := os.MkdirAll(state, 0o700); err != nil {
		t.Fatal(err)
	}
	c, err := open(p.options, p.url(), p.RedshiftPort)
	if err != nil {
		t.Fatal(err)
	}
	err = errors.Join(p.deploy(t.Context(), c, buffering), c.close())
	if err != nil {
		t.Fatalf("deploy the path: %v", err)
	}
	return p
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

func (p *path) url() string { return fmt.Sprintf("http://127.0.0.1:%d", p.Port) }

func (p *path) deploy(ctx context.Context, c *cloud, buffering int) error {
	if _, err := c.buckets.CreateBucket(bucketName, nil); err != nil {
		return err
	}
	gatewayRole, err := makeRole(c, "gateway", "apigateway.amazonaws.com", "firehose:*")
	if err != nil {
		return err
	}
	deliveryRole, err := makeRole(c, "delivery", "firehose.amazonaws.com", "s3:*", "secretsmanager:GetSecretValue", "logs:*")
	if err != nil {
		return err
	}
	if err := p.makeWarehouse(ctx, c); err != nil {
		return fmt.Errorf("warehouse: %w", err)
	}
	if err := p.makeStream(ctx, c, deliveryRole, buffering); err != nil {
		return fmt.Errorf("stream: %w", err)
	}
	pool, err := p.makeUsers(ctx, c)
	if err != nil {
		return fmt.Errorf("auth: %w", err)
	}
	return p.makeAPI(c, pool, gatewayRole)
}

// makeRole makes a role that the service may take on and that may do the actions.
func makeRole(c *cloud, name, service string, actions ...string) (arn string, err error) {
	role, err := c.roles.CreateRole(iam.Role{Name: name, TrustPolicy: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"` + service + `"}}]}`})
	if err != nil {
		return "", err
	}
	policy, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": []any{map[string]any{"Effect": "Allow", "Action": actions, "Resource": "*"}}})
	if err != nil {
		return "", err
	}
	return role.ARN, c.roles.PutRolePolicy(name, name, string(policy))
}

// makeWarehouse makes a cluster that Firehose reaches, with the schema of layer warehouse.
func (p *path) makeWarehouse(ctx context.Context, c *cloud) error {
	subnet, group, err := makeNetwork(c.nets)
	if err != nil {
		return err
	}
	if _, err := c.redshift.PutSubnetGroup(redshift.SubnetGroup{Name: "public", SubnetIDs: []string{subnet}}, false); err != nil {
		return err
	}
	p.cluster, err = c.redshift.CreateCluster(ctx, redshift.Cluster{Identifier: "events", DatabaseName: "events", MasterUsername: "awsadmin",
		NodeType: "ra3.large", Encrypted: true, PubliclyAccessible: true, SubnetGroup: "public", SecurityGroupIDs: []string{group}}, adminPassword)
	if err != nil {
		return err
	}
	files, err := filepath.Glob("../../projects/warehouse/schema/*.sql")
	if err != nil || len(files) == 0 {
		return fmt.Errorf("layer warehouse has no schema: %w", err)
	}
	for _, file := range files {
		sql, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		text := strings.NewReplacer("${loader}", "loader", "${loaderPassword}", "Loader-1234").Replace(string(sql))
		if err := c.redshift.Exec(ctx, p.cluster.Endpoint, "events", "awsadmin", adminPassword, text); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
	}
	return nil
}

// makeNetwork makes a public subnet and a security group that admits Firehose.
func makeNetwork(nets *network.Service) (subnet, group string, err error) {
	vpc, err := nets.CreateVPC(network.VPC{CIDR: "10.0.0.0/16"})
	if err != nil {
		return "", "", err
	}
	internet, err := nets.CreateInternetGateway(network.InternetGateway{VPCID: vpc.ID})
	if err != nil {
		return "", "", err
	}
	if err := nets.CreateRoute(vpc.MainRouteTableID, network.Route{DestinationCIDR: "0.0.0.0/0", GatewayID: internet.ID}); err != nil {
		return "", "", err
	}
	s, err := nets.CreateSubnet(network.Subnet{VPCID: vpc.ID, CIDR: "10.0.0.0/24"})
	if err != nil {
		return "", "", err
	}
	_, err = nets.CreateRule(network.Rule{GroupID: vpc.DefaultSecurityGroupID, Protocol: "tcp", FromPort: 5439, ToPort: 5439, CIDR: "35.158.127.160/27"})
	return s.ID, vpc.DefaultSecurityGroupID, err
}

func (p *path) makeStream(ctx context.Context, c *cloud, role string, buffering int) error {
	secret, err := c.vault.CreateSecret(ctx, secrets.Secret{Name: "loader"})
	if err != nil {
		return err
	}
	if _, err := c.vault.PutSecretValue(ctx, secret.ARN, loaderSecret); err != nil {
		return err
	}
	if err := errors.Join(c.events.CreateLogGroup(ctx, deliveryLog), c.events.CreateLogStream(ctx, deliveryLog, deliveryLog)); err != nil {
		return err
	}
	size := 5 // MiB
	_, err = c.streams.CreateDeliveryStream(ctx, firehose.Spec{DeliveryStreamName: streamName, Redshift: &firehose.Redshift{
		RoleARN: role, ClusterJDBCURL: "jdbc:redshift://" + p.cluster.Endpoint + ":5439/events",
		CopyCommand: firehose.CopyCommand{DataTableName: "public.events", DataTableColumns: "event_id,game_name,event_name,event_data,subject,received_at",
			CopyOptions: "FORMAT JSON 'auto ignorecase' TIMEFORMAT 'auto' TRUNCATECOLUMNS ACCEPTINVCHARS MAXERROR 100 GZIP"},
		SecretsManagerConfiguration: &firehose.SecretsManager{Enabled: true, SecretARN: secret.ARN},
		CloudWatchLoggingOptions:    firehose.LoggingOptions{Enabled: true, LogGroupName: deliveryLog, LogStreamName: deliveryLog},
		S3Configuration: firehose.S3{RoleARN: role, BucketARN: "arn:aws:s3:::" + bucketName, Prefix: "staging/", CompressionFormat: "GZIP",
			BufferingHints: firehose.BufferingHints{SizeInMBs: &size, IntervalInSeconds: &buffering}},
	}})
	return err
}

func (p *path) makeUsers(ctx context.Context, c *cloud) (poolARN string, err error) {
	pool, err := c.pools.CreateUserPool(ctx, cognito.Pool{Name: "users", AdminCreateOnly: true})
	if err != nil {
		return "", err
	}
	client, err := c.pools.CreateUserPoolClient(ctx, cognito.Client{PoolID: pool.ID, Name: "public", AuthFlows: []string{"ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"}}, false)
	if err != nil {
		return "", err
	}
	p.client = client.ID
	if _, err := c.pools.CreateUser(ctx, cognito.NewUser{PoolID: pool.ID, Username: "sender"}); err != nil {
		return "", err
	}
	return pool.ARN, c.pools.SetUserPassword(ctx, pool.ID, "sender", userPassword, true)
}

// makeAPI makes /events and /events/batch, and deploys them.
func (p *path) makeAPI(c *cloud, poolARN, role string) error {
	api, err := c.apis.CreateRestAPI(gateway.RestAPI{Name: "events", EndpointType: "REGIONAL"})
	if err != nil {
		return err
	}
	users, err := c.apis.CreateAuthorizer(api.ID, gateway.Authorizer{Name: "users", Type: "COGNITO_USER_POOLS", ProviderARNs: []string{poolARN},
		IdentitySource: "method.request.header.Authorization", ResultTTLSeconds: 300})
	if err != nil {
		return err
	}
	events, err := c.apis.CreateResource(api.ID, api.RootResourceID, "events")
	if err != nil {
		return err
	}
	batch, err := c.apis.CreateResource(api.ID, events.ID, "batch")
	if err != nil {
		return err
	}
	for action, route := range map[string]struct{ resource, templates string }{"PutRecord": {events.ID, "single"}, "PutRecordBatch": {batch.ID, "batch"}} {
		ref := gateway.MethodRef{APIID: api.ID, ResourceID: route.resource, HTTPMethod: "POST"}
		if err := makeRoute(c.apis, ref, users.ID, role, action, route.templates); err != nil {
			return fmt.Errorf("route %s: %w", action, err)
		}
	}
	deployment, err := c.apis.CreateDeployment(api.ID, "")
	if err != nil {
		return err
	}
	_, err = c.apis.CreateStage(api.ID, gateway.Stage{Name: "dev", DeploymentID: deployment.ID})
	p.events = c.apis.InvokeURL(api.ID, "dev") + "/events"
	p.batch = p.events + "/batch"
	return err
}

// makeRoute maps as layer gateway does.
func makeRoute(apis *gateway.Service, ref gateway.MethodRef, authorizer, role, action, templates string) error {
	if err := apis.PutMethod(ref, gateway.Method{Authorization: "COGNITO_USER_POOLS", AuthorizerID: authorizer}); err != nil {
		return err
	}
	request, err := template(templates)
	if err != nil {
		return err
	}
	err = apis.PutIntegration(ref, gateway.Integration{Type: "AWS", HTTPMethod: "POST", Credentials: role, PassthroughBehavior: "NEVER",
		URI:               "arn:aws:apigateway:eu-central-1:firehose:action/" + action,
		RequestParameters: map[string]string{"integration.request.header.Content-Type": "'application/x-amz-json-1.1'"},
		RequestTemplates:  map[string]string{"application/json": request}})
	if err != nil {
		return err
	}
	for _, answer := range []struct{ status, pattern, template string }{{"200", "", templates + ".200"}, {"400", `4\d{2}`, "400"}, {"503", `5\d{2}`, "503"}} {
		text, err := template(answer.template)
		if err != nil {
			return err
		}
		if err := apis.PutMethodResponse(ref, gateway.MethodResponse{StatusCode: answer.status}); err != nil {
			return err
		}
		err = apis.PutIntegrationResponse(ref, gateway.IntegrationResponse{StatusCode: answer.status, SelectionPattern: answer.pattern,
			ResponseTemplates: map[string]string{"application/json": text}})
		if err != nil {
			return err
		}
	}
	return nil
}

// template is a mapping template of layer gateway.
func template(name string) (string, error) {
	text, err := os.ReadFile("../../projects/gateway/templates/" + name + ".vtl")
	return strings.ReplaceAll(string(text), "@stream@", streamName), err
}

// token signs the user in at the running local cloud.
func (p *path) token(ctx context.Context) (string, error) {
	body := fmt.Sprintf(`{"AuthFlow":"USER_PASSWORD_AUTH","ClientId":%q,"AuthParameters":{"USERNAME":"sender","PASSWORD":%q}}`, p.client, userPassword)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.url(), strings.NewReader(body))
	if err != nil {
		return "", err
	}
	req.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService.InitiateAuth")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return "", err
	}
	defer resp.Body.Close()
	var answer struct{ AuthenticationResult struct{ IdToken string } }
	err = json.NewDecoder(resp.Body).Decode(&answer)
	if err == nil && answer.AuthenticationResult.IdToken == "" {
		err = fmt.Errorf("sign in: %s", resp.Status)
	}
	return answer.AuthenticationResult.IdToken, err
}

// post posts a body with a token and returns status and answer.
func post(ctx context.Context, client *http.Client, url, token string, body []byte) (status int, answer []byte, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Authorization", token)
	req.Header.Set("Content-Type", "application/json")
	resp, err := client.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	return resp.StatusCode, answer, err
}
