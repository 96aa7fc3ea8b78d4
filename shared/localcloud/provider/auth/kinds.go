// Package auth is the share of layer auth in the provider: Cognito's user pools, over the
// cognito plane.
package auth

import (
	"errors"
	"maps"
	"reflect"
	"time"

	plane "pipeline/shared/localcloud/cognito"

	"pipeline/shared/localcloud/awsjson"
	"pipeline/shared/localcloud/provider"
)

// Kinds lists the resource types of Cognito.
func Kinds(s *plane.Service, account, region string) []provider.Kind {
	r := resources{s, account, region}
	return []provider.Kind{r.userPool(), r.user(), r.userPoolDomain(), r.resourceServer(), r.userPoolClient()}
}

// resources makes resource types over one plane.
type resources struct {
	plane           *plane.Service
	account, region string
}

// texts makes a rule of a check on a list of strings.
func texts(check func([]string) error) func(any) error {
	return func(v any) error {
		var values []string
		for _, element := range v.([]any) {
			values = append(values, element.(string))
		}
		return check(values)
	}
}

// unlike are the properties that are not as the program meant them.
func unlike(now, meant map[string]any) map[string]any {
	maps.DeleteFunc(now, func(key string, value any) bool { return reflect.DeepEqual(value, meant[key]) })
	return now
}

// set returns m without what the program did not set: empty strings, lists, maps, and 0.
func set(m provider.Outputs) provider.Outputs {
	for key, value := range m {
		switch v := value.(type) {
		case string:
			if v == "" {
				delete(m, key)
			}
		case int:
			if v == 0 {
				delete(m, key)
			}
		case []any:
			if len(v) == 0 {
				delete(m, key)
			}
		case map[string]any:
			if len(v) == 0 {
				delete(m, key)
			}
		}
	}
	return m
}

func date(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// absent are the errors that say that a thing is not there.
var absent provider.Absent = func(err error) bool {
	var e *awsjson.Error
	return errors.As(err, &e) && (e.Code == "ResourceNotFoundException" || e.Code == "UserNotFoundException")
}
