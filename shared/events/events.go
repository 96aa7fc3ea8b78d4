// Package events is the client of the deployed path: it posts an event as a user of
// the application would, and asks the warehouse for the rows. It speaks AWS's own
// protocols, so the same code serves AWS and the local cloud.
package events

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"pipeline/shared/outputs"
)

// Example is the event that is sent when none is given.
const Example = `{"game_name": "myfirstgame", "event_name": "weapon.fired", "event_data": {"weapon_name": "m4a1"}}`

// Path is a deployed path.
type Path struct {
	AWS  aws.Config
	HTTP *http.Client
	Out  io.Writer // answers and rows
	Talk io.Writer

	// Output is the value of a layer's output; its error says how to deploy the layer.
	Output func(layer, key string) (string, error)
}

// Local is the configuration of AWS clients for the local cloud at endpoint. It reads
// neither the user's profile nor the environment.
func Local(endpoint, region string) aws.Config {
	return aws.Config{
		Region:       region,
		BaseEndpoint: aws.String(endpoint),
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
	}
}

// OnAWS is the configuration of AWS clients for a region, with the user's own
// credentials.
func OnAWS(ctx context.Context, region string) (aws.Config, error) {
	cfg, err := config.LoadDefaultConfig(ctx, config.WithRegion(region))
	if err != nil {
		return cfg, fmt.Errorf("read the AWS configuration: %w", err)
	}
	return cfg, nil
}

// user is who signs in, and where.
type user struct{ name, clientID, secretARN string }

func (p Path) user() (user, error) {
	var o outputs.Auth
	var errs []error
	u := user{}
	for _, field := range []struct {
		key  string
		into *string
	}{
		{outputs.Key(&o, &o.UserName), &u.name},
		{outputs.Key(&o, &o.ClientID), &u.clientID},
		{outputs.Key(&o, &o.UserSecretARN), &u.secretARN},
	} {
		value, err := p.Output("auth", field.key)
		*field.into = value
		errs = append(errs, err)
	}
	return u, firstError(errs)
}

// firstError is one of several errors that are likely to have one cause.
func firstError(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return errors.Join()
}
