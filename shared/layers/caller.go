package layers

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"gopkg.in/yaml.v3"

	"pipeline/shared/events"
	"pipeline/shared/manifest"
)

// Caller is whom AWS takes this process for.
type Caller struct{ Account, ARN string }

// Identify asks AWS who is calling. Credentials for another account than the manifest's
// are an error.
func (o *Orchestrator) Identify(ctx context.Context) (Caller, error) {
	ask := o.Caller
	if ask == nil {
		ask = o.askSTS
	}
	who, err := ask(ctx)
	if err != nil {
		return who, fmt.Errorf("ask AWS who is calling: %w; sign in, or set AWS_PROFILE", err)
	}
	if who.Account != o.Environment.AccountID {
		return who, fmt.Errorf("stack %s is for account %s, but the credentials are for %s: set AWS_PROFILE or mend %s",
			o.Environment.Name, o.Environment.AccountID, who.Account, manifest.FileName)
	}
	return who, nil
}

func (o *Orchestrator) askSTS(ctx context.Context) (Caller, error) {
	cfg, err := events.OnAWS(ctx, o.Environment.Region)
	if err != nil {
		return Caller{}, err
	}
	who, err := sts.NewFromConfig(cfg).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return Caller{}, err
	}
	return Caller{Account: aws.ToString(who.Account), ARN: aws.ToString(who.Arn)}, nil
}

// rightPlace refuses a run on AWS with another account's credentials or in another
// region than the manifest's. A layer's program looks again, but Pulumi destroys without
// the program.
func (o *Orchestrator) rightPlace(ctx context.Context, selected []string) error {
	if o.Environment.LocalCloud != nil {
		return nil
	}
	for _, name := range selected {
		if err := o.rightRegion(name); err != nil {
			return err
		}
	}
	_, err := o.Identify(ctx)
	return err
}

// rightRegion looks into the layer's settings, which come before the environment that
// the layer is run in.
func (o *Orchestrator) rightRegion(layer string) error {
	l, err := o.Manifest.Layer(layer)
	if err != nil {
		return err
	}
	file := filepath.Join(l.Path, "Pulumi."+o.Environment.Name+".yaml")
	text, err := os.ReadFile(filepath.Join(o.Manifest.Root, file))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var settings struct {
		Config struct {
			Region string `yaml:"aws:region"`
		} `yaml:"config"`
	}
	if err := yaml.Unmarshal(text, &settings); err != nil {
		return fmt.Errorf("read %s: %w", file, err)
	}
	if region := settings.Config.Region; region != "" && region != o.Environment.Region {
		return fmt.Errorf("%s sets aws:region to %s, and stack %s is for %s: take it out, or mend %s",
			file, region, o.Environment.Name, o.Environment.Region, manifest.FileName)
	}
	return nil
}
