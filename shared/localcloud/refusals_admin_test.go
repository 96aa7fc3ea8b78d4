package main

import (
	"context"
	"encoding/xml"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	watchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"pipeline/shared/localcloud/drills"
)

// iamRefusals are those of IAM and STS (botocore service models iam and sts), to the AWS
// SDK, and what a deployment is told.
var iamRefusals = []refusal{
	{"a role that is not there", func(ctx context.Context, a *account) error {
		_, err := iam.NewFromConfig(a.aws).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String("nowhere")})
		return err
	}, 404, "NoSuchEntity", "The role with name nowhere cannot be found."},
	{"roles, by a role that may not", func(ctx context.Context, a *account) error {
		_, err := iam.NewFromConfig(a.nobody).ListRoles(ctx, &iam.ListRolesInput{})
		return err
	}, 403, "AccessDenied", "User: {session} is not authorized to perform: iam:ListRoles on resource: arn:aws:iam::000000000000:role/ because no identity-based policy allows the iam:ListRoles action"},
	{"keys that have expired", drill("clock", drills.Arguments{By: "24h"}, func(ctx context.Context, a *account) error {
		_, err := sts.NewFromConfig(a.nobody).GetCallerIdentity(ctx, nil)
		return err
	}), 403, "ExpiredToken", "The security token included in the request is expired"},
	{"a caller whom nobody's keys identify", unsigned(http.MethodPost, "/", "Action=GetCallerIdentity&Version=2011-06-15"), 403,
		"MissingAuthenticationToken", "Request is missing Authentication Token"},
	{"the same in a URL", unsigned(http.MethodGet, "/?Action=GetCallerIdentity&Version=2011-06-15", ""), 403,
		"MissingAuthenticationToken", "Request is missing Authentication Token"},
	{"a role that is there, deployed again", deploys(roleType, object{"name": "nobody", "assumeRolePolicy": trust("firehose.amazonaws.com")}), 0,
		"EntityAlreadyExists", "Role with name nobody already exists."},
	{"a trust policy that names a role that is not there", deploys(roleType, object{"name": "other",
		"assumeRolePolicy": `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::000000000000:role/nowhere"},"Action":"sts:AssumeRole"}}`}),
		0, "MalformedPolicyDocument", `Invalid principal in policy: "AWS":"arn:aws:iam::000000000000:role/nowhere"`},
	{"a trust policy that is no JSON", deploys(roleType, object{"name": "other", "assumeRolePolicy": "{"}), 0, "MalformedPolicyDocument", ""},
	{"a trust policy with a resource", deploys(roleType, object{"name": "other", "assumeRolePolicy": strings.Replace(trust("firehose.amazonaws.com"), `"Action"`, `"Resource":"*","Action"`, 1)}), 0,
		"MalformedPolicyDocument", "Has prohibited field Resource"},
	{"a policy without a resource", deploys("aws:iam/rolePolicy:RolePolicy", object{"role": "nobody", "name": "p",
		"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject"}]}`}), 0,
		"MalformedPolicyDocument", "Policy statement must contain resources."},
	{"a policy of a role that is not there", deploys("aws:iam/rolePolicy:RolePolicy", object{"role": "nowhere", "name": "p", "policy": allow("s3:GetObject", "*")}), 0,
		"NoSuchEntity", "The role with name nowhere cannot be found."},
	{"a managed policy that is not there", deploys("aws:iam/rolePolicyAttachment:RolePolicyAttachment", object{"role": "nobody", "policyArn": "arn:aws:iam::aws:policy/Nothing"}), 0,
		"NoSuchEntity", ""}, // the message says as well which there are here
}

// unsigned calls the query protocol without keys.
func unsigned(method, path, body string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		return a.call(ctx, method, a.url+path, body, inQuery, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	}
}

// inQuery is the error of the query protocol.
func inQuery(_ *http.Response, body []byte) (string, string) {
	var text struct {
		Error struct{ Code, Message string }
	}
	_ = xml.Unmarshal(body, &text)
	return text.Error.Code, text.Error.Message
}

// secretRefusals are those of the API (botocore service model secretsmanager), to the AWS
// SDK.
var secretRefusals = []refusal{
	{"a secret that is not there", reads("events/nowhere", ""), 400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret."},
	{"keys that have expired", drill("clock", drills.Arguments{By: "24h"}, func(ctx context.Context, a *account) error {
		_, err := secretsmanager.NewFromConfig(a.nobody).ListSecrets(ctx, nil)
		return err
	}), 400, "ExpiredTokenException", "The security token included in the request is expired"},
	{"a secret without a value", reads("events/empty", ""), 400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT"},
	{"a version that is not there", reads("events/full", "AWSPREVIOUS"), 400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSPREVIOUS"},
	{"a secret that is marked for deletion", reads("events/deleted", ""), 400, "InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion."},
	{"a secret that is there, made again", makesSecret("events/full"), 400, "ResourceExistsException", "The operation failed because the secret events/full already exists."},
	{"a secret of a name that is not free yet", makesSecret("events/deleted"), 400, "InvalidRequestException", "You can't create this secret because a secret with this name is already scheduled for deletion."},
	{"a name that cannot be one", makesSecret("events full"), 400, "ValidationException", "Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!"},
	{"a recovery window of six days", deletes(func(in *secretsmanager.DeleteSecretInput) { in.RecoveryWindowInDays = aws.Int64(6) }), 400, "InvalidParameterException",
		"The RecoveryWindowInDays value must be between 7 and 30 days (inclusive)."},
	{"a recovery window and none", deletes(func(in *secretsmanager.DeleteSecretInput) {
		in.RecoveryWindowInDays, in.ForceDeleteWithoutRecovery = aws.Int64(7), aws.Bool(true)
	}), 400, "InvalidParameterException", "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."},
	{"a password of no characters", func(ctx context.Context, a *account) error {
		_, err := secretsmanager.NewFromConfig(a.aws).GetRandomPassword(ctx, &secretsmanager.GetRandomPasswordInput{
			ExcludeLowercase: aws.Bool(true), ExcludeUppercase: aws.Bool(true), ExcludeNumbers: aws.Bool(true), ExcludePunctuation: aws.Bool(true)})
		return err
	}, 400, "InvalidParameterException", ""},
	{"a role that may not", func(ctx context.Context, a *account) error {
		_, err := secretsmanager.NewFromConfig(a.nobody).GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(a.names["secret"])})
		return err
	}, 400, "AccessDeniedException", "User: {session} is not authorized to perform: secretsmanager:GetSecretValue on resource: {secret} because no identity-based policy allows the secretsmanager:GetSecretValue action"},
}

func reads(id, stage string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		in := &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)}
		if stage != "" {
			in.VersionStage = aws.String(stage)
		}
		_, err := secretsmanager.NewFromConfig(a.aws).GetSecretValue(ctx, in)
		return err
	}
}

func makesSecret(name string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		_, err := secretsmanager.NewFromConfig(a.aws).CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String(name)})
		return err
	}
}

func deletes(change func(*secretsmanager.DeleteSecretInput)) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		in := &secretsmanager.DeleteSecretInput{SecretId: aws.String("events/full")}
		change(in)
		_, err := secretsmanager.NewFromConfig(a.aws).DeleteSecret(ctx, in)
		return err
	}
}

// logRefusals are those of the API (botocore service model logs), to the AWS SDK.
var logRefusals = []refusal{
	{"an event to a group that is not there", writes("/nowhere", "delivery", "x"), 400, "ResourceNotFoundException", "The specified log group does not exist."},
	{"an event to a stream that is not there", writes("/events", "nowhere", "x"), 400, "ResourceNotFoundException", "The specified log stream does not exist."},
	{"no events", writes("/events", "delivery"), 400, "InvalidParameterException", ""},
	{"events out of order", func(ctx context.Context, a *account) error {
		now := time.Now().UnixMilli()
		_, err := cloudwatchlogs.NewFromConfig(a.aws).PutLogEvents(ctx, &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String("/events"), LogStreamName: aws.String("delivery"),
			LogEvents: []logtypes.InputLogEvent{{Message: aws.String("late"), Timestamp: aws.Int64(now)}, {Message: aws.String("early"), Timestamp: aws.Int64(now - 1000)}}})
		return err
	}, 400, "InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order."},
	{"a group that is there", makesGroup("/events"), 400, "ResourceAlreadyExistsException", "The specified log group already exists"},
	{"a group with a name that cannot be one", makesGroup("a group"), 400, "InvalidParameterException",
		`1 validation error detected: Value 'a group' at 'logGroupName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+`},
	{"a stream that is there", func(ctx context.Context, a *account) error {
		_, err := cloudwatchlogs.NewFromConfig(a.aws).CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: aws.String("/events"), LogStreamName: aws.String("delivery")})
		return err
	}, 400, "ResourceAlreadyExistsException", "The specified log stream already exists"},
	{"streams of a group that is not there", func(ctx context.Context, a *account) error {
		_, err := cloudwatchlogs.NewFromConfig(a.aws).DescribeLogStreams(ctx, &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String("/nowhere")})
		return err
	}, 400, "ResourceNotFoundException", "The specified log group does not exist."},
	{"a group that is not there, to be deleted", func(ctx context.Context, a *account) error {
		_, err := cloudwatchlogs.NewFromConfig(a.aws).DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String("/nowhere")})
		return err
	}, 400, "ResourceNotFoundException", "The specified log group does not exist."},
	{"a retention of six days", func(ctx context.Context, a *account) error {
		_, err := cloudwatchlogs.NewFromConfig(a.aws).PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: aws.String("/events"), RetentionInDays: aws.Int32(6)})
		return err
	}, 400, "InvalidParameterException", ""},
	{"a role that may not", func(ctx context.Context, a *account) error {
		_, err := cloudwatchlogs.NewFromConfig(a.nobody).GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String("/events"), LogStreamName: aws.String("delivery")})
		return err
	}, 400, "AccessDeniedException", "User: {session} is not authorized to perform: logs:GetLogEvents on resource: arn:aws:logs:eu-central-1:000000000000:log-group:/events:log-stream:delivery because no identity-based policy allows the logs:GetLogEvents action"},
}

func writes(group, stream string, lines ...string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		in := &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String(stream), LogEvents: []logtypes.InputLogEvent{}}
		for _, line := range lines {
			in.LogEvents = append(in.LogEvents, logtypes.InputLogEvent{Message: aws.String(line), Timestamp: aws.Int64(time.Now().UnixMilli())})
		}
		_, err := cloudwatchlogs.NewFromConfig(a.aws).PutLogEvents(ctx, in)
		return err
	}
}

func makesGroup(name string) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		_, err := cloudwatchlogs.NewFromConfig(a.aws).CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(name)})
		return err
	}
}

// watchRefusals are those of the API (botocore service model cloudwatch), to the AWS SDK,
// and what a deployment is told.
var watchRefusals = []refusal{
	{"a statistic that is none", measures(func(in *cloudwatch.GetMetricStatisticsInput) { in.Statistics = []watchtypes.Statistic{"Median"} }), 400, "InvalidParameterValue",
		"The parameter Statistics.member.1 must be a value in the set [ SampleCount, Average, Sum, Minimum, Maximum ]."},
	{"an end that is the start", measures(func(in *cloudwatch.GetMetricStatisticsInput) { in.EndTime = in.StartTime }), 400, "InvalidParameterValue",
		"The parameter StartTime must not equal parameter EndTime."},
	{"an end before the start", measures(func(in *cloudwatch.GetMetricStatisticsInput) { in.StartTime, in.EndTime = in.EndTime, in.StartTime }), 400, "InvalidParameterValue",
		"The parameter StartTime must be less than the parameter EndTime."},
	{"more than 1,440 datapoints", measures(func(in *cloudwatch.GetMetricStatisticsInput) { in.EndTime = aws.Time(in.StartTime.AddDate(100, 0, 0)) }), 400, "InvalidParameterCombination", ""},
	{"alarms, by a role that may not", func(ctx context.Context, a *account) error {
		_, err := cloudwatch.NewFromConfig(a.nobody).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
		return err
	}, 403, "AccessDenied", "User: {session} is not authorized to perform: cloudwatch:DescribeAlarms on resource: * because no identity-based policy allows the cloudwatch:DescribeAlarms action"},
	{"a dashboard that is no JSON", deploys("aws:cloudwatch/dashboard:Dashboard", object{"dashboardName": "path", "dashboardBody": "{"}), 0, "InvalidParameterInput", ""},
}

func measures(change func(*cloudwatch.GetMetricStatisticsInput)) func(context.Context, *account) error {
	return func(ctx context.Context, a *account) error {
		in := &cloudwatch.GetMetricStatisticsInput{Namespace: aws.String("AWS/Firehose"), MetricName: aws.String("IncomingRecords"), Period: aws.Int32(60),
			StartTime: aws.Time(time.Now().Add(-time.Hour)), EndTime: aws.Time(time.Now()), Statistics: []watchtypes.Statistic{watchtypes.StatisticSum}}
		change(in)
		_, err := cloudwatch.NewFromConfig(a.aws).GetMetricStatistics(ctx, in)
		return err
	}
}
