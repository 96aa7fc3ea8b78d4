package redshift

import (
	"strings"
	"testing"
)

func TestAServerlessWorkgroupAnswersAsAClusterDoesAndItsNamespaceKeepsTheData(t *testing.T) {
	w := newWorld(t)
	n, err := w.CreateNamespace(t.Context(), Namespace{Name: "events", DatabaseName: "events", AdminUsername: "awsadmin", ManagePassword: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.PutWorkgroup(Workgroup{Name: "events", Namespace: "nowhere"}, false); !IsNotFound(err) {
		t.Errorf("a workgroup without a namespace: %v", err)
	}
	run := func(sql string) *DescribeStatementOutput {
		t.Helper()
		started, err := w.ExecuteStatement(t.Context(), &ExecuteStatementInput{WorkgroupName: "events", Database: "events", SecretArn: n.SecretARN, Sql: sql})
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		done, err := w.WaitStatement(t.Context(), started.Id)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		return done
	}
	for _, sql := range []string{"CREATE TABLE t AS SELECT 1 AS a", "SELECT a FROM t"} {
		group, err := w.PutWorkgroup(Workgroup{Name: "events", Namespace: "events", BaseCapacity: 8}, false)
		if err != nil {
			t.Fatal(err)
		}
		if group.Endpoint != "events.000000000000.eu-central-1.redshift-serverless.localhost" {
			t.Errorf("endpoint is %s", group.Endpoint)
		}
		if done := run(sql); done.Status != statusFinished || done.WorkgroupName != "events" || done.ClusterIdentifier != "" {
			t.Errorf("%s: %+v", sql, done)
		}
		if err := w.DeleteNamespace(t.Context(), "events"); err == nil || !strings.Contains(err.Error(), "existing workgroup") {
			t.Errorf("deleting a namespace in use: %v", err)
		}
		if err := w.DeleteWorkgroup("events"); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Exec(t.Context(), "", "events", "awsadmin", "x", "SELECT 1"); err == nil || !strings.Contains(err.Error(), `database "events" does not exist`) {
		t.Errorf("a namespace without a workgroup: %v", err)
	}
	if err := w.DeleteNamespace(t.Context(), "events"); err != nil {
		t.Fatal(err)
	}
	if len(w.secrets) != 0 {
		t.Errorf("the managed secret is left: %v", w.secrets)
	}
}

func TestServerlessRefusals(t *testing.T) {
	for name, err := range map[string]error{
		"a short name":                CheckServerlessName("ab"),
		"capitals":                    CheckServerlessName("Events"),
		"a capacity between":          CheckCapacity(12),
		"no capacity":                 CheckCapacity(0),
		"an unknown parameter":        CheckConfigParameters(map[string]string{"nope": "1"}),
		"a maximum below the base":    CheckWorkgroup(Workgroup{Name: "events", BaseCapacity: 16, MaxCapacity: 8}),
		"no password":                 CheckNamespace(Namespace{Name: "events"}, ""),
		"two passwords":               CheckNamespace(Namespace{Name: "events", ManagePassword: true}, "Abcd1234"),
		"a default role not attached": CheckNamespace(Namespace{Name: "events", ManagePassword: true, DefaultIAMRole: "r"}, ""),
	} {
		if err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
