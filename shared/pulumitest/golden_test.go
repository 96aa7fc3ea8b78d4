package pulumitest

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"pipeline/shared/outputs"
	"pipeline/shared/stack"
)

// keeper is a program with what a golden has to tell apart: a secret, JSON, lines, options,
// an upstream that it needs and one that it does not.
func keeper(ctx *pulumi.Context) error {
	s, err := stack.Load(ctx)
	if err != nil {
		return err
	}
	up, err := outputs.ReadStorage(ctx, s)
	if err != nil {
		return err
	}
	hidden := pulumi.ToSecret(pulumi.String("hunter2")).(pulumi.StringOutput)
	_, err = secretsmanager.NewSecretVersion(ctx, "kept", &secretsmanager.SecretVersionArgs{SecretId: up.BucketName, SecretString: hidden},
		pulumi.Protect(true), pulumi.IgnoreChanges([]string{"secretString"}))
	if err != nil {
		return err
	}
	_, err = cloudwatch.NewDashboard(ctx, "shown", &cloudwatch.DashboardArgs{DashboardBody: pulumi.String(`{"b":[1]}`), DashboardName: pulumi.String("one\ntwo")})
	ctx.Export("hidden", hidden)
	ctx.Export("seen", pulumi.String("yes"))
	return err
}

func keeperWorld() World {
	return World{Project: "events-warehouse", Upstream: map[string]map[string]string{"events-storage": {"bucketName": "b", "bucketArn": "a"}}}
}

func goldenOf(t *testing.T) (Golden, string) {
	t.Helper()
	r := keeperWorld().Run(t, keeper)
	if r.Err != nil {
		t.Fatal(r.Err)
	}
	golden := r.golden()
	return golden, golden.text(t)
}

func TestAGoldenHoldsNoSecret(t *testing.T) {
	golden, text := goldenOf(t)
	if strings.Contains(text, "hunter2") {
		t.Errorf("the secret is there:\n%s", text)
	}
	if golden.Outputs["hidden"] != "[secret]" || golden.Outputs["seen"] != "yes" {
		t.Errorf("the outputs are %v", golden.Outputs)
	}
}

func TestAGoldenIsInTheOrderOfURNsWithWhatDecidesWhatIsLost(t *testing.T) {
	golden, _ := goldenOf(t)
	var names []string
	for _, r := range golden.Resources {
		names = append(names, r.URN.Name())
	}
	if !slices.Equal(names, []string{"shown", "kept"}) { // cloudwatch before secretsmanager
		t.Fatalf("the resources are %v", names)
	}
	if o := golden.Resources[1].Options; o == nil || !o.Protect || !slices.Equal(o.IgnoreChanges, []string{"secretString"}) {
		t.Errorf("the options are %+v", o)
	}
	in, err := json.Marshal(golden.Resources[0].Inputs)
	if want := `{"dashboardBody":{"\u003cjson\u003e":{"b":[1]}},"dashboardName":{"\u003clines\u003e":["one","two"]}}`; err != nil || string(in) != want {
		t.Errorf("the inputs are %s, want %s", in, want)
	}
}

func TestWhatALayerCannotDoWithoutIsRead(t *testing.T) {
	if got := fmt.Sprint(keeperWorld().reads(t, keeper)); got != "map[events-storage:[bucketName]]" {
		t.Errorf("the program reads %s, want bucketName alone", got)
	}
}

// A World is not the repository's: nobody's account, region or owner is in a golden.
func TestAWorldHasEnvironmentsAndOwnersOfItsOwn(t *testing.T) {
	for name, protected := range map[string]bool{"local": false, "dev": false, "prod": true} {
		var got *stack.Stack
		w := World{Project: "events-iam", Stack: name}
		r := w.Run(t, func(ctx *pulumi.Context) (err error) {
			got, err = stack.Load(ctx)
			return err
		})
		if r.Err != nil || got.Environment.Protected != protected || got.Layer.Owner != "@owners/iam" || got.Account != environments[name].AccountID {
			t.Errorf("%s: %v, %+v", name, r.Err, got)
		}
	}
}

func TestADifferenceIsShown(t *testing.T) {
	for want, c := range map[string][2]string{
		"it has b where the program has c": {"a\n  b\n", "a\n  c\n"},
		"it ends before c":                 {"a\nb", "a\nb\n  c"},
		"it has more than the program":     {"a\nb\nc", "a\nb"},
	} {
		if got := firstDifference(c[0], c[1]); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}

func TestThePageHasTheOutputsInTheirOrderWithTheirComments(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.go")
	source := "package outputs\n\ntype X struct {\n\tB pulumi.StringOutput // the second\n\tA pulumi.StringOutput\n}\n\n" +
		"func (o *X) fields() fields { return fields{\"first\": &o.A, \"second\": &o.B} }\n"
	if err := os.WriteFile(path, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := outputsTable(path)
	if want := "| output | what it is |\n| --- | --- |\n| `second` | the second |\n| `first` |  |\n"; err != nil || got != want {
		t.Errorf("the table is %s (%v), want %s", got, err, want)
	}
}

func TestAnEncryptedSettingIsASecretOfNoMeaning(t *testing.T) {
	settings, secrets := fileSettings(t, "events-auth", "config:\n  events-auth:tier: LITE\n  events-iam:roles: []\n  events-auth:passwords:\n    ada:\n      secure: AAABB\n")
	if fmt.Sprint(settings) != "map[tier:LITE]" || fmt.Sprint(secrets) != "map[passwords:map[ada:"+Password+"]]" {
		t.Errorf("settings are %v, secrets %v", settings, secrets)
	}
}

func TestWhatACommentProposesIsASetting(t *testing.T) {
	text := "# Only you know:\nconfig:\n  # events-gateway:routes:\n  #   - {path: /events}\n  # Batches come from one address.\n  # events-gateway:throttle: {burst: 1}\n"
	settings, _ := fileSettings(t, "events-gateway", proposed.ReplaceAllString(text, "  $1"))
	if got := fmt.Sprint(settings); got != "map[routes:[map[path:/events]] throttle:map[burst:1]]" {
		t.Errorf("the comments propose %s", got)
	}
}
