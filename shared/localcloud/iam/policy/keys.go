package policy

import "strings"

// keys are the condition keys that are evaluated, in lower case, with the kinds of
// policies in which somebody supplies their value. A policy with any other is refused:
// a condition that silently never holds, or always, is worse than none.
var keys = map[string][]Kind{
	"aws:currenttime":           {Identity, Trust, Resource},
	"aws:epochtime":             {Identity, Trust, Resource},
	"aws:principalaccount":      {Identity, Resource},
	"aws:principalarn":          {Identity, Resource},
	"aws:principalisawsservice": {Identity, Trust, Resource},
	"aws:principalservicename":  {Trust, Resource},
	"aws:requestedregion":       {Identity, Trust, Resource},
	"aws:resourceaccount":       {Identity, Resource},
	"aws:securetransport":       {Identity, Trust, Resource},
	"aws:sourceaccount":         {Trust, Resource},
	"aws:sourcearn":             {Resource},
	"sts:externalid":            {Trust},
	"s3:delimiter":              {Identity, Resource},
	"s3:max-keys":               {Identity, Resource},
	"s3:prefix":                 {Identity, Resource},
	"s3:resourceaccount":        {Identity, Resource},
	"secretsmanager:secretid":   {Identity},
}

func checkKey(kind Kind, key string) error {
	if !strings.Contains(key, ":") {
		return syntaxf("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
	}
	for _, k := range keys[lower(key)] {
		if k == kind {
			return nil
		}
	}
	return syntaxf("the local cloud does not evaluate condition key %q in %s", key, kind)
}

func (k Kind) String() string {
	return [...]string{"an identity policy", "a trust policy", "a resource policy"}[k]
}

// Honoured returns the names of the condition operators and keys that are evaluated,
// for the documentation.
func Honoured() (operatorNames, keyNames []string) {
	return sortedKeys(operators), sortedKeys(keys)
}

// Services are the service principals that a policy may name, for the documentation.
func Services() []string { return sortedKeys(knownServices) }
