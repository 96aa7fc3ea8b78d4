package monitoring

import (
	"context"
	"strings"

	plane "pipeline/shared/localcloud/monitoring"
	"pipeline/shared/localcloud/provider"
)

type topicArgs struct {
	Name        string            `pulumi:"name,optional"`
	DisplayName string            `pulumi:"displayName,optional"`
	KMSKeyID    string            `pulumi:"kmsMasterKeyId,optional"`
	Tags        map[string]string `pulumi:"tags"`
}

func (a topicArgs) plane() plane.Topic {
	return plane.Topic{Name: a.Name, DisplayName: a.DisplayName, KMSKeyID: a.KMSKeyID, Tags: a.Tags}
}

func (r resources) topic() provider.Resource[topicArgs] {
	return provider.Resource[topicArgs]{
		Token:     "aws:sns/topic:Topic",
		ReplaceOn: []string{"name"}, AutoName: "name",
		Validate: func(_ context.Context, a topicArgs) error { return a.plane().Check() },
		Create: func(_ context.Context, a topicArgs) (string, provider.Outputs, error) {
			t, err := r.plane.PutTopic(a.plane())
			return t.ARN, topicOutputs(t), err
		},
		Read: func(_ context.Context, id string, _ topicArgs) (provider.Outputs, provider.Outputs, bool, error) {
			t, err := r.plane.Topic(id)
			ok, err := absent.Found(err)
			return provider.Outputs{"name": t.Name, "displayName": t.DisplayName, "kmsMasterKeyId": t.KMSKeyID, "tags": provider.Object(t.Tags)},
				topicOutputs(t), ok, err
		},
		Update: func(_ context.Context, _ string, _, a topicArgs) (provider.Outputs, error) {
			t, err := r.plane.PutTopic(a.plane())
			return topicOutputs(t), err
		},
		Delete: func(_ context.Context, id string, _ topicArgs) error { return r.plane.DeleteTopic(id) },
	}
}

// topicOutputs are what AWS fills in. The policy is SNS's default in short: the owner
// may do everything.
func topicOutputs(t plane.Topic) provider.Outputs {
	return provider.Outputs{"arn": t.ARN, "name": t.Name, "namePrefix": "", "owner": owner(t.ARN), "policy": "", "signatureVersion": 1,
		"tracingConfig": "PassThrough", "beginningArchiveTime": "", "fifoThroughputScope": ""}
}

// owner is the account in an ARN.
func owner(arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) < 5 {
		return ""
	}
	return parts[4]
}

type subscriptionArgs struct {
	Topic    string `pulumi:"topic"`
	Protocol string `pulumi:"protocol"`
	Endpoint string `pulumi:"endpoint"`
}

func (a subscriptionArgs) plane() plane.Subscription {
	return plane.Subscription{TopicARN: a.Topic, Protocol: a.Protocol, Endpoint: a.Endpoint}
}

func (r resources) subscription() provider.Resource[subscriptionArgs] {
	return provider.Resource[subscriptionArgs]{
		Token:     "aws:sns/topicSubscription:TopicSubscription",
		ReplaceOn: []string{"*"},
		Validate:  func(_ context.Context, a subscriptionArgs) error { return a.plane().Check() },
		Create: func(_ context.Context, a subscriptionArgs) (string, provider.Outputs, error) {
			s, err := r.plane.Subscribe(a.plane())
			return s.ARN, subscriptionOutputs(s), err
		},
		Read: func(_ context.Context, id string, _ subscriptionArgs) (provider.Outputs, provider.Outputs, bool, error) {
			s, err := r.plane.Subscription(id)
			ok, err := absent.Found(err)
			return provider.Outputs{"topic": s.TopicARN, "protocol": s.Protocol, "endpoint": s.Endpoint}, subscriptionOutputs(s), ok, err
		},
		Delete: func(_ context.Context, id string, _ subscriptionArgs) error {
			return r.plane.Unsubscribe(id)
		},
	}
}

func subscriptionOutputs(s plane.Subscription) provider.Outputs {
	return provider.Outputs{"arn": s.ARN, "ownerId": owner(s.ARN), "pendingConfirmation": true, "confirmationWasAuthenticated": false, "filterPolicyScope": ""}
}
