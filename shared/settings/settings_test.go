package settings

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

type example struct {
	RetentionDays int                 `json:"retentionDays" help:"Days to keep." limit:"1-365"`
	Name          string              `json:"name"`
	Routes        []route             `json:"routes"`
	Labels        map[string]string   `json:"labels"`
	Password      pulumi.StringOutput `json:"password"`
}

type route struct {
	Path string `json:"path" help:"Where."`
}

func (e example) Validate() error {
	if e.RetentionDays < 1 {
		return errors.New("retentionDays is below 1")
	}
	return nil
}

type none struct{}

func (none) NewResource(pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return "", nil, nil
}
func (none) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) { return nil, nil }

func load(t *testing.T, set map[string]string) (example, error) {
	t.Helper()
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PULUMI_CONFIG", string(text))
	var got example
	err = pulumi.RunErr(func(ctx *pulumi.Context) error {
		got, err = Load(ctx, example{RetentionDays: 14, Name: "default"})
		return err
	}, pulumi.WithMocks("storage", "local", none{}))
	return got, err
}

func TestWhatIsNotSetKeepsItsDefault(t *testing.T) {
	got, err := load(t, map[string]string{"storage:name": "set", "other:retentionDays": "1"})
	if err != nil {
		t.Fatal(err)
	}
	if got.RetentionDays != 14 || got.Name != "set" || got.Password.OutputState != nil {
		t.Errorf("settings are %+v, want 14 days by default, the name that is set, no password", got)
	}
}

func TestObjectsAndListsAreRead(t *testing.T) {
	got, err := load(t, map[string]string{"storage:routes": `[{"path":"/events"}]`, "storage:labels": `{"a":"b"}`, "storage:password": "secret"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Routes) != 1 || got.Routes[0].Path != "/events" || got.Labels["a"] != "b" || got.Password.OutputState == nil {
		t.Errorf("settings are %+v, want one route, a label and a password", got)
	}
}

func TestAWrongSettingIsRefusedByName(t *testing.T) {
	for rule, c := range map[string]struct {
		key, value, want string
	}{
		"unknown":        {"storage:retention", "3", "unknown setting storage:retention; project storage has labels, name, password, retentionDays, routes"},
		"of other type":  {"storage:retentionDays", "many", `setting storage:retentionDays is "many", want whole number`},
		"unknown inside": {"storage:routes", `[{"pth":"/"}]`, `unknown field "pth"`},
		"out of range":   {"storage:retentionDays", "0", "Pulumi.local.yaml: retentionDays is below 1"},
	} {
		t.Run(rule, func(t *testing.T) {
			_, err := load(t, map[string]string{c.key: c.value})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want it to hold %q", err, c.want)
			}
		})
	}
}

func TestTheTableHasEverySettingWithItsLimit(t *testing.T) {
	table := Table(example{RetentionDays: 14})
	for _, want := range []string{
		"| `retentionDays` | whole number | `14` | Days to keep. | 1-365 |",
		"| `password` | secret |  |  |  |",
		"| `routes[].path` | string |  | Where. |  |",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
}
