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
	Throttle      throttle            `json:"throttle"`
	Cache         *throttle           `json:"cache"`
	Schema        map[string]any      `json:"schema"`
}

type route struct {
	Path   string `json:"path" help:"Where."`
	Action string `json:"action"`
	Cors   *cors  `json:"cors"`
}

func (route) Defaults() route { return route{Action: "single"} }

type cors struct {
	Origins []string `json:"origins"`
}

type throttle struct {
	Rate  float64 `json:"rate" help:"A second."`
	Burst int     `json:"burst"`
}

func (throttle) Defaults() throttle { return throttle{Rate: 7} }

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

func defaults() example {
	return example{RetentionDays: 14, Name: "default", Throttle: throttle{Rate: 500, Burst: 1000}, Routes: []route{{Path: "/events"}}}
}

func read(t *testing.T, set map[string]string) (example, error) {
	t.Helper()
	text, err := json.Marshal(set)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("PULUMI_CONFIG", string(text))
	var got example
	err = pulumi.RunErr(func(ctx *pulumi.Context) error {
		got, err = Load(ctx, defaults())
		return err
	}, pulumi.WithMocks("storage", "local", none{}))
	return got, err
}

func TestWhatIsNotSetKeepsItsDefault(t *testing.T) {
	got, err := read(t, map[string]string{"storage:name": "set", "other:retentionDays": "1"})
	if err != nil {
		t.Fatal(err)
	}
	if got.RetentionDays != 14 || got.Name != "set" || got.Password.OutputState != nil {
		t.Errorf("settings are %+v, want 14 days by default, the name that is set, no password", got)
	}
}

func TestObjectsAndListsAreRead(t *testing.T) {
	got, err := read(t, map[string]string{"storage:routes": `[{"path":"/events"}]`, "storage:labels": `{"a":"b"}`, "storage:password": "secret"})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Routes) != 1 || got.Routes[0].Path != "/events" || got.Labels["a"] != "b" || got.Password.OutputState == nil {
		t.Errorf("settings are %+v, want one route, a label and a password", got)
	}
}

func TestOfAnObjectOnlyWhatIsSetChanges(t *testing.T) {
	got, err := read(t, map[string]string{"storage:throttle": `{"burst": 5}`, "storage:cache": `{"burst": 6}`})
	if err != nil {
		t.Fatal(err)
	}
	if got.Throttle != (throttle{500, 5}) {
		t.Errorf("the throttle is %v, want the default's rate and the burst that is set", got.Throttle)
	}
	if got.Cache == nil || *got.Cache != (throttle{7, 6}) {
		t.Errorf("the cache is %v, want its type's rate and the burst that is set", got.Cache)
	}
}

func TestAListIsReplacedWholeAndItsObjectsBeginWithTheirDefaults(t *testing.T) {
	got, err := read(t, map[string]string{"storage:routes": `[{"path": "/a"}, {"action": "batch"}]`})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Routes) != 2 || got.Routes[0] != (route{Path: "/a", Action: "single"}) || got.Routes[1] != (route{Action: "batch"}) {
		t.Errorf("routes are %+v", got.Routes)
	}
}

func TestWhatIsFreeKeepsItsShape(t *testing.T) {
	got, err := read(t, map[string]string{"storage:schema": `{"maxLength": 5, "required": ["a"], "deep": {"x": null}}`})
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := json.Marshal(got.Schema); string(text) != `{"deep":{"x":null},"maxLength":5,"required":["a"]}` {
		t.Errorf("the schema is %s", text)
	}
}

func TestASecretIsNotInTheMessage(t *testing.T) {
	t.Setenv("PULUMI_CONFIG_SECRET_KEYS", `["storage:labels"]`)
	_, err := read(t, map[string]string{"storage:labels": `{"a": ["hunter2"]}`})
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "setting storage:labels.a is secret, and no string") {
		t.Errorf("the error is %v", err)
	}
}

func TestAWrongSettingIsRefusedByName(t *testing.T) {
	for rule, c := range map[string]struct {
		key, value, want string
	}{
		"unknown": {"storage:retention", "3", "unknown setting storage:retention; there are storage:cache, storage:labels, storage:name, " +
			"storage:password, storage:retentionDays, storage:routes, storage:schema, storage:throttle"},
		"of other type":        {"storage:retentionDays", "many", `setting storage:retentionDays is "many", want whole number`},
		"a part of a number":   {"storage:retentionDays", "1.5", `setting storage:retentionDays is 1.5, want whole number`},
		"two values":           {"storage:retentionDays", "1 2", `setting storage:retentionDays is "1 2", want whole number`},
		"nothing":              {"storage:throttle", `{"rate": null}`, `setting storage:throttle.rate is null, want number`},
		"a number in quotes":   {"storage:throttle", `{"rate": "5"}`, `setting storage:throttle.rate is "5", want number`},
		"no object":            {"storage:throttle", `5`, `setting storage:throttle is 5, want object of rate, burst`},
		"no list":              {"storage:routes", `{"path":"/"}`, `setting storage:routes is {"path":"/"}, want list of object`},
		"unknown in an object": {"storage:throttle", `{"rates": 5}`, `unknown setting storage:throttle.rates; there are storage:throttle.burst, storage:throttle.rate`},
		"unknown in a list":    {"storage:routes", `[{"path":"/"},{"pth":"/"}]`, `unknown setting storage:routes[1].pth; there are storage:routes[1].action, storage:routes[1].cors, storage:routes[1].path`},
		"in another case":      {"storage:throttle", `{"Rate": 5}`, `unknown setting storage:throttle.Rate`},
		"deep in a list":       {"storage:routes", `[{"cors":{"origins":[1]}}]`, `setting storage:routes[0].cors.origins[0] is 1, want string`},
		"in a map":             {"storage:labels", `{"a": 1}`, `setting storage:labels.a is 1, want string`},
		"out of range":         {"storage:retentionDays", "0", "Pulumi.local.yaml: retentionDays is below 1"},
	} {
		t.Run(rule, func(t *testing.T) {
			_, err := read(t, map[string]string{c.key: c.value})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v, want it to hold %q", err, c.want)
			}
		})
	}
}

func TestTheTableHasEverySettingWithItsLimit(t *testing.T) {
	table := Table(defaults())
	for _, want := range []string{
		"| `retentionDays` | whole number | `14` | Days to keep. | 1-365 |",
		"| `password` | secret |  |  |  |",
		"| `routes[].path` | string |  | Where. |  |",
		"| `routes[].action` | string | `\"single\"` |  |  |",
		"| `throttle` | object |  |  |  |",
		"| `throttle.rate` | number | `500` | A second. |  |",
		"| `cache.rate` | number | `7` | A second. |  |",
		"| `throttle.burst` | whole number | `1000` |  |  |",
	} {
		if !strings.Contains(table, want) {
			t.Errorf("the table lacks %q:\n%s", want, table)
		}
	}
}
