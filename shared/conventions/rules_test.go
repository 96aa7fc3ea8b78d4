package conventions

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/pulumitest"
)

// rules are what every variant of every layer has to keep. A rule returns what breaks it.
var rules = map[string]func(*testing.T, variant) []string{
	"no permission is wider than it has to be":        wildPermissions,
	"no bucket is public":                             publicBuckets,
	"no secret is in clear":                           clearSecrets,
	"what takes tags has them":                        untagged,
	"nothing is open to the world":                    openToTheWorld,
	"logs are kept for a while, and not for ever":     logsForEver,
	"what is stored and sent is encrypted":            unencrypted,
	"a protected environment loses nothing by itself": unprotected,
}

func TestEveryLayerKeepsTheRules(t *testing.T) {
	for name, rule := range rules {
		t.Run(name, func(t *testing.T) {
			for _, v := range variants(t) {
				for _, problem := range rule(t, v) {
					t.Errorf("%s: %s", v, problem)
				}
			}
		})
	}
}

// publicBuckets finds buckets that lack a part of what keeps them private.
func publicBuckets(_ *testing.T, v variant) []string {
	var problems []string
	for _, bucket := range v.of("s3/bucketV2:BucketV2") {
		for part, has := range map[string]bool{
			"a block of public access": anyOf(v, bucket, "s3/bucketPublicAccessBlock:BucketPublicAccessBlock", blocksAll),
			"owners without ACLs": anyOf(v, bucket, "s3/bucketOwnershipControls:BucketOwnershipControls", func(r pulumitest.GoldenResource) bool {
				return at(r, "rule", "objectOwnership") == "BucketOwnerEnforced"
			}),
			"a policy that denies plain HTTP": anyOf(v, bucket, "s3/bucketPolicy:BucketPolicy", deniesHTTP),
		} {
			if !has {
				problems = append(problems, fmt.Sprintf("bucket %s lacks %s", bucket.URN.Name(), part))
			}
		}
	}
	for _, r := range v.Resources {
		if strings.Contains(strings.ToLower(kind(r)), "acl") && strings.HasPrefix(kind(r), "s3/") {
			problems = append(problems, fmt.Sprintf("%s gives rights by an ACL", r.URN.Name()))
		}
	}
	return problems
}

func anyOf(v variant, bucket pulumitest.GoldenResource, typ string, holds func(pulumitest.GoldenResource) bool) bool {
	return slices.ContainsFunc(v.of(typ), func(r pulumitest.GoldenResource) bool {
		return r.Inputs["bucket"] == bucket.Inputs["bucket"] && holds(r)
	})
}

func blocksAll(r pulumitest.GoldenResource) bool {
	for _, flag := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
		if r.Inputs[flag] != true {
			return false
		}
	}
	return true
}

func deniesHTTP(r pulumitest.GoldenResource) bool {
	return slices.ContainsFunc(policies(r), func(p document) bool {
		return slices.ContainsFunc(p.statements, func(s map[string]any) bool {
			return s["Effect"] == "Deny" && fmt.Sprint(s["Condition"]) == "map[Bool:map[aws:SecureTransport:false]]"
		})
	})
}

var (
	secretName = regexp.MustCompile(`(?i)(password|secret|token|credential|privatekey)[a-z]*$`)
	// publicName is what has such a name and is no secret: an identifier, a switch, a place.
	publicName = regexp.MustCompile(`(?i)(secret(id|name)|tokenvalidityunits|passwordpolicy)$|\.tags\.|TokenValidityUnits\.`)
)

// clearSecrets finds texts in clear below a secret's name, and the password that every
// test's Secrets Manager makes.
func clearSecrets(_ *testing.T, v variant) []string {
	var problems []string
	if strings.Contains(v.text, pulumitest.Password) {
		problems = append(problems, "the generated password is in clear")
	}
	look := func(path string, value any) {
		text, isText := value.(string)
		path = strings.TrimSuffix(path, "."+pulumitest.LinesKey)
		if !isText || text == "" || text == "[secret]" || strings.HasPrefix(text, "arn:") || publicName.MatchString(path) || !secretName.MatchString(path) {
			return
		}
		problems = append(problems, fmt.Sprintf("%s is %q", path, text))
	}
	for _, r := range v.Resources {
		walk(r.URN.Name(), r.Inputs, look)
	}
	walk("output", v.Outputs, look)
	return problems
}

// openMethods are variants that exist to show a route without a token.
var openMethods = []string{"gateway/open"}

// openToTheWorld finds blocks of addresses that admit anybody, and methods without a token.
func openToTheWorld(_ *testing.T, v variant) []string {
	var problems []string
	for _, r := range v.Resources {
		if kind(r) == "ec2/route:Route" {
			continue // says where packets go, not who may send them
		}
		walk(r.URN.Name(), r.Inputs, func(path string, value any) {
			block, err := netip.ParsePrefix(fmt.Sprint(value))
			if err == nil && block.Bits() < 8 {
				problems = append(problems, fmt.Sprintf("%s is %s", path, block))
			}
		})
	}
	for _, m := range v.of("apigateway/method:Method") {
		calls := slices.ContainsFunc(v.of("apigateway/integration:Integration"), func(i pulumitest.GoldenResource) bool {
			return i.URN.Name() == m.URN.Name() && i.Inputs["type"] != "MOCK"
		})
		if m.Inputs["authorization"] == "NONE" && calls && !slices.Contains(openMethods, v.String()) {
			problems = append(problems, fmt.Sprintf("method %s asks for no token", m.URN.Name()))
		}
	}
	return problems
}

func logsForEver(_ *testing.T, v variant) []string {
	var problems []string
	for _, r := range v.of("cloudwatch/logGroup:LogGroup") {
		if days, _ := r.Inputs["retentionInDays"].(float64); days < 1 {
			problems = append(problems, fmt.Sprintf("log group %s has no retention", r.URN.Name()))
		}
	}
	return problems
}

// keepers are the types that hold what nobody can make again, with what else has to be
// set where their environment is protected.
var keepers = map[string]map[string]any{
	"s3/bucketV2:BucketV2":                   {"forceDestroy": false},
	"redshift/cluster:Cluster":               {"skipFinalSnapshot": false},
	"redshiftserverless/namespace:Namespace": {},
	"cognito/userPool:UserPool":              {"deletionProtection": "ACTIVE"},
}

// unprotected looks at stack prod, which the tests' manifest protects.
func unprotected(_ *testing.T, v variant) []string {
	var problems []string
	for _, r := range v.Resources {
		set, keeps := keepers[kind(r)]
		if r.URN.Stack() != "prod" {
			continue
		}
		if keeps && (r.Options == nil || !r.Options.Protect) {
			problems = append(problems, fmt.Sprintf("%s can be deleted or replaced by a deploy", r.URN.Name()))
		}
		for property, want := range set {
			if r.Inputs[property] != want {
				problems = append(problems, fmt.Sprintf("%s of %s is %v, want %v", property, r.URN.Name(), r.Inputs[property], want))
			}
		}
		if days, set := r.Inputs["recoveryWindowInDays"].(float64); set && days < 7 {
			problems = append(problems, fmt.Sprintf("secret %s cannot be restored", r.URN.Name()))
		}
	}
	return problems
}
