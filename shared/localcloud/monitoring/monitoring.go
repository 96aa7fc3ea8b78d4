// Package monitoring is what the layers declare of CloudWatch and SNS: alarms,
// dashboards, topics and subscriptions, and the metrics that the planes publish.
//
// An alarm is evaluated, on one published metric, whenever somebody asks for its state
// (aws cloudwatch describe-alarms, go tool mage local:status). No topic sends: an alarm's
// actions are checked and kept. Metrics are summed by the minute, kept for a day in
// memory, and begin anew when the local cloud starts. Data is missing that an alarm's own
// periods lack; CloudWatch looks further back first, how far is not published.
// Percentiles, metric math, missing data "ignore" and custom metrics are refused. API
// Gateway and WAF publish none here, also where a stage or a web ACL says that they shall
// (metricsEnabled, cloudwatchMetricsEnabled); an alarm on one is refused.
//
// CloudWatch is read in JSON, as AWS CLI 1 does, and in CBOR, as the AWS SDKs do; SNS has
// no API here.
package monitoring

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/iam"
	"pipeline/shared/localcloud/store"
)

// Authorizer decides whether the caller in ctx may act on a resource.
type Authorizer interface {
	Authorize(ctx context.Context, action, resource string, conditions map[string]string) error
}

// Service is CloudWatch and SNS in one account and region.
type Service struct {
	account, region string
	iam             Authorizer
	now             func() time.Time
	metrics         metrics
	alarms          store.Collection[Alarm]        // by name
	dashboards      store.Collection[Dashboard]    // by name
	topics          store.Collection[Topic]        // by ARN
	subscriptions   store.Collection[Subscription] // by ARN
}

// Topic is an SNS topic.
type Topic struct {
	Name        string
	ARN         string
	DisplayName string `json:",omitempty"`
	KMSKeyID    string `json:",omitempty"`
	Tags        map[string]string
}

// Subscription sends what a topic gets to an endpoint. It stays pending: nobody here
// confirms it.
type Subscription struct {
	ARN      string
	TopicARN string
	Protocol string // email, email-json, https or sms
	Endpoint string
}

// New opens what the store keeps.
func New(st *store.Store, iam Authorizer, account, region string, now func() time.Time) (*Service, error) {
	s := &Service{account: account, region: region, iam: iam, now: now, metrics: metrics{series: map[string]*series{}}}
	var err error
	if s.alarms, err = store.NewCollection[Alarm](st, "cloudwatch-alarms"); err != nil {
		return nil, err
	}
	if s.dashboards, err = store.NewCollection[Dashboard](st, "cloudwatch-dashboards"); err != nil {
		return nil, err
	}
	if s.topics, err = store.NewCollection[Topic](st, "sns-topics"); err != nil {
		return nil, err
	}
	s.subscriptions, err = store.NewCollection[Subscription](st, "sns-subscriptions")
	return s, err
}

func errNotFound(what, name string) error {
	return awsjson.Errorf("ResourceNotFound", "%s %s does not exist", what, name)
}

// PutTopic makes or changes a topic.
func (s *Service) PutTopic(t Topic) (Topic, error) {
	if err := t.Check(); err != nil {
		return Topic{}, err
	}
	t.ARN = fmt.Sprintf("arn:%s:sns:%s:%s:%s", iam.Partition(s.region), s.region, s.account, t.Name)
	return t, s.topics.Put(t.ARN, t)
}

// Topic returns a topic.
func (s *Service) Topic(arn string) (Topic, error) {
	t, found, err := s.topics.Get(arn)
	if err == nil && !found {
		err = errNotFound("Topic", arn)
	}
	return t, err
}

// DeleteTopic removes a topic with its subscriptions, as SNS does.
func (s *Service) DeleteTopic(arn string) error {
	items, err := s.subscriptions.List()
	if err != nil {
		return err
	}
	for _, item := range items {
		if item.Value.TopicARN == arn {
			if err := s.subscriptions.Delete(item.Key); err != nil {
				return err
			}
		}
	}
	return s.topics.Delete(arn)
}

// Subscribe makes a subscription.
func (s *Service) Subscribe(sub Subscription) (Subscription, error) {
	if err := sub.Check(); err != nil {
		return Subscription{}, err
	}
	if _, err := s.Topic(sub.TopicARN); err != nil {
		return Subscription{}, err
	}
	sub.ARN = sub.TopicARN + ":" + uuid.NewString()
	return sub, s.subscriptions.Put(sub.ARN, sub)
}

// Subscription returns a subscription.
func (s *Service) Subscription(arn string) (Subscription, error) {
	sub, found, err := s.subscriptions.Get(arn)
	if err == nil && !found {
		err = errNotFound("Subscription", arn)
	}
	return sub, err
}

// Unsubscribe removes a subscription.
func (s *Service) Unsubscribe(arn string) error { return s.subscriptions.Delete(arn) }
