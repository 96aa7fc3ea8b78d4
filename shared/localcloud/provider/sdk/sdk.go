// Package sdk tells the properties of the resource types in the pulumi-aws SDK, from a
// table: linking the SDK itself would make the local cloud a hundred megabytes larger.
//
// The table is made from the SDK's source, at the version that go.mod names (package
// generate): UPDATE=1 go test -run SDK . in shared/localcloud makes it anew, and the test
// fails while it is old. It has the resource types that the local cloud serves; objects
// that the local cloud does not look into are in it without their fields.
package sdk

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"sync"

	"pipeline/shared/localcloud/provider/property"
)

// Resource is one resource type of the SDK.
type Resource struct {
	Args property.Type `json:"args"`
	// Outputs are what the type declares, and whether each is always present.
	Outputs map[string]bool `json:"outputs"`
	// Secrets are the outputs that are secret whatever the inputs are.
	Secrets []string `json:"secrets,omitempty"`
	// Deprecated is what the SDK says to use instead of the type, if it does.
	Deprecated string `json:"deprecated,omitempty"`
}

//go:embed types.json
var types []byte

var table = sync.OnceValues(func() (map[string]Resource, error) {
	var t map[string]Resource
	err := json.Unmarshal(types, &t)
	return t, err
})

// Lookup returns the resource type of a token such as aws:s3/bucketV2:BucketV2.
func Lookup(token string) (Resource, error) {
	all, err := table()
	if err != nil {
		return Resource{}, fmt.Errorf("the table of the SDK's types: %w", err)
	}
	r, ok := all[token]
	if !ok {
		return Resource{}, fmt.Errorf("the table of the SDK's types has no %s: see package sdk for how it is made", token)
	}
	return r, nil
}
