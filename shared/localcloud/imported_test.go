package main

import (
	"slices"
	"testing"

	"pipeline/shared/localcloud/provider"
	"pipeline/shared/localcloud/provider/providertest"
)

// Importing by what a person writes finds the inputs that the program has, but for those
// that AWS never tells: the next deployment has nothing to change.
func TestEachTypeIsImportedAsTheProgramHasIt(t *testing.T) {
	c := newRestarted(t)
	untold := provider.Untold(c.kinds...)
	made := c.everything()
	for _, d := range declarations {
		t.Run(d.token+" "+d.name, func(t *testing.T) {
			written := made[d.name].ID
			if d.importID != nil {
				written = d.importID(made)
			}
			importsAs(t, providertest.Over(t, c.provider, "events").As("imported-"+d.name), made[d.name], written, untold[d.token])
		})
	}
}

// redundant are properties that a layer writes although AWS has the same without them, and
// whose default depends on others: an import leaves them out, and the next deployment is an
// update that changes nothing.
var redundant = map[string][]string{
	"aws:cognito/userPool:UserPool":             {"passwordPolicy.temporaryPasswordValidityDays"},
	"aws:cognito/userPoolClient:UserPoolClient": {"accessTokenValidity", "idTokenValidity", "refreshTokenValidity", "tokenValidityUnits"},
}

func importsAs(t *testing.T, engine *providertest.Engine, m providertest.Made, written string, untold []string) {
	t.Helper()
	found, program := engine.Imported(m.Token, written), object{}
	for name, value := range m.Inputs {
		if !slices.Contains(untold, name) {
			program[name] = value
		}
	}
	different := slices.DeleteFunc(engine.Differences(found, program), func(path string) bool { return slices.Contains(redundant[m.Token], path) })
	if len(different) > 0 {
		t.Errorf("the import of %s differs in %v: it finds %v, the program has %v", m.Token, different, found.Inputs, program)
	}
	if again := engine.Imported(m.Token, written); again.ID != found.ID {
		t.Errorf("the import of %s gives the ids %s and %s", m.Token, found.ID, again.ID)
	}
	if in, _, there := engine.Read(found); !there {
		t.Errorf("a refresh does not find the %s that was imported as %s, with %v", m.Token, found.ID, in)
	}
}

// written by a person who imports it.
func importID(m providertest.Made) string {
	of := func(names ...string) string {
		id := ""
		for _, name := range names {
			id += m.Inputs[name].(string) + "/"
		}
		return id
	}
	switch m.Token {
	case "aws:cloudwatch/logStream:LogStream":
		return m.Inputs["logGroupName"].(string) + ":" + m.ID
	case "aws:ec2/routeTableAssociation:RouteTableAssociation":
		return of("subnetId") + m.Inputs["routeTableId"].(string)
	case "aws:cognito/userPoolClient:UserPoolClient":
		return of("userPoolId") + m.ID
	case "aws:apigateway/model:Model":
		return of("restApi") + m.Inputs["name"].(string)
	case "aws:apigateway/methodSettings:MethodSettings":
		return of("restApi", "stageName") + m.Inputs["methodPath"].(string)
	case "aws:apigateway/requestValidator:RequestValidator", "aws:apigateway/authorizer:Authorizer", "aws:apigateway/resource:Resource",
		"aws:apigateway/deployment:Deployment":
		return of("restApi") + m.ID
	}
	return m.ID
}
