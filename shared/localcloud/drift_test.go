package main

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"pipeline/shared/localcloud/provider/providertest"
)

// drifts are changes of what is declared, beside each declaration's own.
var drifts = map[string][]object{
	"role":    {{"maxSessionDuration": 7200}, {"tags": object{"a": "b"}}, {"assumeRolePolicy": strings.Replace(aTrust, "firehose", "lambda", 1)}},
	"blocked": {{"blockPublicPolicy": false, "ignorePublicAcls": false}, {"restrictPublicBuckets": false}},
	"lifecycle": {{"rules": []any{object{"id": "old", "status": "Disabled", "filter": object{"prefix": "p/"}, "expiration": object{"days": 14},
		"abortIncompleteMultipartUpload": object{"daysAfterInitiation": 1}}}}},
	"secret": {{"tags": object{"a": "b"}}},
	"logs":   {{"tags": object{"a": "b"}}},
	"topic":  {{"tags": object{"a": "b"}}},
	"alarm": {{"period": 300}, {"evaluationPeriods": 2, "datapointsToAlarm": 2}, {"actionsEnabled": false}, {"alarmDescription": "changed"},
		{"treatMissingData": "breaching"}, {"comparisonOperator": "LessThanThreshold"}, {"dimensions": object{"a": "b"}}, {"tags": object{"a": "b"}}},
	"vpc":        {{"enableDnsHostnames": false}, {"enableDnsHostnames": false, "enableDnsSupport": false}},
	"subnet-a":   {{"mapPublicIpOnLaunch": true}},
	"endpoint":   {{"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"*"}]}`}},
	"subnets":    {{"tags": object{"a": "b"}}},
	"parameters": {{"parameters": []any{object{"name": "require_ssl", "value": "false"}}}},
	"cluster": {{"nodeType": "ra3.xlplus"}, {"numberOfNodes": 2}, {"port": 5440}, {"publiclyAccessible": false}, {"enhancedVpcRouting": true},
		{"manualSnapshotRetentionPeriod": 7}, {"preferredMaintenanceWindow": "sun:05:00-sun:05:30"}, {"maintenanceTrackName": "trailing"},
		{"allowVersionUpgrade": false}, {"tags": object{"a": "b"}}, {"iamRoles": []any{"arn:aws:iam::000000000000:role/all"}}},
	"namespace": {{"iamRoles": []any{"arn:aws:iam::000000000000:role/all"}}},
	"workgroup": {{"maxCapacity": 64}, {"port": 5440}, {"publiclyAccessible": false}, {"enhancedVpcRouting": true}, {"tags": object{"a": "b"}},
		{"configParameters": []any{object{"parameterKey": "require_ssl", "parameterValue": "true"}}}},
	"stream": {{"extendedS3Configuration": object{"bucketArn": "arn:aws:s3:::staging", "roleArn": "arn:aws:iam::000000000000:role/all", "bufferingInterval": 120,
		"prefix": "changed/", "compressionFormat": "UNCOMPRESSED"}}, {"serverSideEncryption": object{"enabled": true}}},
	"users": {{"passwordPolicy": object{"minimumLength": 10}}, {"deletionProtection": "ACTIVE"}, {"userPoolTier": "PLUS"}, {"name": "changed"}},
	"user":  {{"enabled": false}},
	"client": {{"explicitAuthFlows": []any{"ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"}}, {"logoutUrls": []any{"https://example.com/"}},
		{"enableTokenRevocation": false}, {"authSessionValidity": 5}, {"preventUserExistenceErrors": "ENABLED"}, {"name": "changed"},
		{"idTokenValidity": 30, "tokenValidityUnits": object{"idToken": "minutes"}}},
	"api-scopes":  {{"scopes": []any{object{"scopeName": "read", "scopeDescription": "Get events"}}}},
	"api":         {{"disableExecuteApiEndpoint": true}, {"tags": object{"a": "b"}}, {"name": "changed"}},
	"model":       {{"schema": `{"type":"string"}`}},
	"validator":   {{"validateRequestBody": false}},
	"authorizer":  {{"identitySource": "method.request.header.X"}, {"identityValidationExpression": "a.*"}},
	"method":      {{"requestParameters": object{"method.request.header.X": true}}, {"requestModels": object{"application/json": "Event"}}},
	"integration": {{"requestTemplates": object{"application/json": "changed"}}},
	"mapped":      {{"selectionPattern": "5.."}},
	"refusal":     {{"responseParameters": object{"gatewayresponse.header.X": "'x'"}}},
	"stage":       {{"variables": object{"a": "b"}}, {"tags": object{"a": "b"}}},
	"settings":    {{"settings": object{"metricsEnabled": false, "throttlingRateLimit": 5.5, "throttlingBurstLimit": 7}}},
	"guard": {{"defaultAction": object{"block": object{}}}, {"tags": object{"a": "b"}},
		{"visibilityConfig": object{"cloudwatchMetricsEnabled": true, "metricName": "changed", "sampledRequestsEnabled": true}},
		{"rules": []any{object{"name": "rate", "priority": 1, "action": object{"count": object{}}, "statement": object{"rateBasedStatement": object{"limit": 100}},
			"visibilityConfig": object{"cloudwatchMetricsEnabled": true, "metricName": "rate", "sampledRequestsEnabled": true}}}}},
}

// Another stack changes what a program has made: a refresh names what it changed, and
// nothing once it is as it was.
func TestARefreshNamesWhatSomebodyElseChanged(t *testing.T) {
	c := newRestarted(t)
	made := c.everything()
	for _, d := range declarations {
		changes := drifts[d.name]
		if d.changed != nil {
			changes = append(slices.Clone(changes), d.changed)
		}
		for _, change := range changes {
			engine, other, m := c.engine(d.name), c.engine("other-"+d.name), made[d.name]
			was, _, _ := engine.Read(m)
			other.Update(m, change)
			now, _, there := engine.Read(m)
			if want := slices.Sorted(maps.Keys(change)); !there || !slices.Equal(changed(t, was, now), want) {
				t.Errorf("%s: a refresh finds %v changed, want %v: %v", d.token, changed(t, was, now), want, now)
			}
			if !c.engine(d.name).Differs(providertest.Made{Token: m.Token, ID: m.ID, Inputs: now, Outputs: m.Outputs}, restored(m.Inputs, now)) {
				t.Errorf("%s: the deployment after a refresh that found %v changed changes nothing", d.token, change)
			}
			if engine.Differs(providertest.Made{Token: m.Token, ID: m.ID, Inputs: now, Outputs: m.Outputs}, object{}) {
				t.Errorf("%s: the deployment of a program that has adopted %v after a refresh changes something", d.token, change)
			}
			other.Update(m, object{})
			if again, _, _ := engine.Read(m); len(changed(t, was, again)) > 0 {
				t.Errorf("%s is as it was before %v, and a refresh finds %v", d.token, change, again)
			}
		}
	}
}

// changed are the properties that are not the same.
func changed(t *testing.T, was, now object) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(merged(was, now))) {
		if text(t, was[name]) != text(t, now[name]) {
			names = append(names, name)
		}
	}
	return names
}

// restored takes now back to what the program wrote.
func restored(program, now object) object {
	back := object{}
	for name := range now {
		back[name] = nil
	}
	maps.Copy(back, program)
	return back
}

// lasting are those that a deletion leaves as they are, on AWS too.
var lasting = []string{"account", "table", "value", "versioning", "encrypted"}

func TestARefreshFindsNothingOfWhatSomebodyElseDeleted(t *testing.T) {
	c := newRestarted(t)
	made := c.everything()
	for _, d := range slices.Backward(declarations) {
		if err := c.engine("other-" + d.name).TryDelete(made[d.name]); err != nil {
			t.Fatalf("delete %s: %v", d.token, err)
		}
		if there := c.engine(d.name).Exists(made[d.name]); there != slices.Contains(lasting, d.name) {
			t.Errorf("%s %s was deleted, and a refresh says that it is there: %v", d.token, d.name, there)
		}
	}
}
