package settings

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"gopkg.in/yaml.v3"
)

// InClear lists the members of an object setting that Pulumi.<stack>.yaml, in the folder that the
// program runs in, has in clear. To a program all of an object is secret as soon as one member is
// (pulumi/sdk, go/common/resource/config/object.go, Secure). Without the file there are none.
func InClear(ctx *pulumi.Context, name string) ([]string, error) {
	path := "Pulumi." + ctx.Stack() + ".yaml"
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var file struct{ Config map[string]any }
	if err == nil {
		err = yaml.Unmarshal(text, &file)
	}
	if err != nil {
		return nil, fmt.Errorf("look for what is in clear in %s: %w", path, err)
	}
	object, _ := file.Config[ctx.Project()+":"+name].(map[string]any)
	if encrypted(object) {
		return nil, nil
	}
	var clear []string
	for _, member := range slices.Sorted(maps.Keys(object)) {
		if !encrypted(object[member]) {
			clear = append(clear, member)
		}
	}
	return clear, nil
}

// encrypted says whether a value is {secure: <text>}.
func encrypted(value any) bool {
	object, _ := value.(map[string]any)
	_, isText := object["secure"].(string)
	return isText && len(object) == 1
}
