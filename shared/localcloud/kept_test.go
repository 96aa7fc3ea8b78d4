package main

import (
	"maps"
	"testing"
)

// kept are arguments that the Terraform provider computes where a program does not write them.
var kept = map[string][]string{
	"subnet-a":    {"availabilityZone"},
	"cluster":     {"databaseName", "clusterSubnetGroupName", "clusterParameterGroupName", "vpcSecurityGroupIds"},
	"workgroup":   {"baseCapacity", "subnetIds", "securityGroupIds"},
	"integration": {"passthroughBehavior"},
}

func TestWhatAProgramTakesOutAndAWSKeepsStays(t *testing.T) {
	c := newRestarted(t)
	made := c.everything()
	for name, out := range kept {
		m := made[name]
		less := maps.Clone(m.Inputs)
		for _, property := range out {
			delete(less, property)
		}
		if got := c.engine(name).Differences(m, c.engine(name).Written(m, less)); len(got) > 0 {
			t.Errorf("%s without %v, which AWS keeps, differs in %v", m.Token, out, got)
		}
	}
}
