package provider

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"pipeline/shared/localcloud/provider/property"
)

type refreshedInnerArgs struct {
	Mode     string    `pulumi:"mode,optional"`
	Password string    `pulumi:"password,optional"`
	Allow    *struct{} `pulumi:"allow"`
	Block    *struct{} `pulumi:"block"`
}

type refreshedArgs struct {
	Name  string               `pulumi:"name"`
	Days  int                  `pulumi:"days,optional"`
	On    bool                 `pulumi:"on,optional"`
	Inner *refreshedInnerArgs  `pulumi:"inner"`
	Rules []refreshedInnerArgs `pulumi:"rules"`
}

func TestARefreshShowsWhatIsNotAsWrittenAndNothingElse(t *testing.T) {
	defaults := Outputs{"days": 7, "inner": Outputs{"mode": "usual"}, "rules": []any{Outputs{"mode": "usual"}}}
	type object = map[string]any
	for rule, c := range map[string]struct{ written, told, want object }{
		"what is not told stays":                    {object{"name": "a", "days": 1}, object{"name": "a"}, object{"name": "a", "days": 1.0}},
		"what is told as nil goes":                  {object{"inner": object{"mode": "x"}}, object{"inner": nil}, object{}},
		"what changed is there":                     {object{"days": 1}, object{"days": 2}, object{"days": 2.0}},
		"what was written and is the default stays": {object{"days": 1}, object{"days": 7}, object{"days": 7.0}},
		"what nobody wrote comes":                   {object{}, object{"days": 2, "on": true}, object{"days": 2.0, "on": true}},
		"a default does not":                        {object{}, object{"days": 7, "inner": object{"mode": "usual"}, "rules": []any{}}, object{}},
		"nor what is empty":                         {object{}, object{"on": false}, object{}},
		"0 does where the default is another":       {object{}, object{"days": 0}, object{"days": 0.0}},
		"an object is gone into":                    {object{"inner": object{"password": "p"}}, object{"inner": object{"mode": "usual"}}, object{"inner": object{"password": "p"}}},
		"one takes another's place": {object{"inner": object{"allow": object{}}}, object{"inner": object{"allow": nil, "block": object{}}},
			object{"inner": object{"block": object{}}}},
		"elements are gone into": {object{"rules": []any{object{"password": "p"}}}, object{"rules": []any{object{"mode": "other"}}},
			object{"rules": []any{object{"password": "p", "mode": "other"}}}},
	} {
		got := refreshed(resource.NewPropertyMapFromMap(c.written), resource.NewPropertyMapFromMap(c.told), property.Of(reflect.TypeFor[refreshedArgs]()),
			resource.NewPropertyMapFromMap(defaults))
		if !reflect.DeepEqual(got.Mappable(), c.want) {
			t.Errorf("%s: a refresh finds %v, want %v", rule, got.Mappable(), c.want)
		}
	}
}

func TestASecretStaysSecretWhereverItIs(t *testing.T) {
	secret := func(text string) resource.PropertyValue { return resource.MakeSecret(resource.NewStringProperty(text)) }
	in := func(password resource.PropertyValue) resource.PropertyValue {
		return resource.NewObjectProperty(resource.PropertyMap{"password": password})
	}
	written := resource.PropertyMap{"name": secret("old"), "inner": in(secret("old")),
		"rules": resource.NewArrayProperty([]resource.PropertyValue{in(secret("old"))})}
	told := resource.NewPropertyMapFromMap(Outputs{"name": "new", "inner": Outputs{"password": "new"},
		"rules": []any{Outputs{"password": "new"}, Outputs{"password": "newer"}}})
	got := refreshed(written, told, property.Of(reflect.TypeFor[refreshedArgs]()), nil)
	for key, value := range got {
		if !value.ContainsSecrets() || same(resource.PropertyMap{key: value}, resource.PropertyMap{key: written[key]}) {
			t.Errorf("%s is %v", key, value)
		}
	}
	if len(got) != len(written) {
		t.Errorf("a refresh finds %v", got)
	}
}
