package redshift

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pipeline/shared/localcloud/iam"
)

// layerSQL is the schema of layer warehouse as its program runs it.
func layerSQL(t *testing.T, password string) []string {
	t.Helper()
	files, err := filepath.Glob("../../../projects/warehouse/schema/*.sql")
	if err != nil || len(files) == 0 {
		t.Fatalf("layer warehouse has no schema: %v", err)
	}
	var all []string
	for _, file := range files {
		sql, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, strings.NewReplacer("${loader}", "loader", "${loaderPassword}", password).Replace(string(sql)))
	}
	return all
}

func (w *world) asAdmin(t *testing.T, sql string) {
	t.Helper()
	if err := w.Exec(t.Context(), "", "events", "admin", adminPassword, sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

const deliveryCopy = `COPY public.events (event_id,game_name,event_name,event_data,subject,received_at) FROM 's3://staging/manifests/1'
	CREDENTIALS 'aws_access_key_id=ASIA1;aws_secret_access_key=x;token=t' MANIFEST
	FORMAT JSON 'auto ignorecase' TIMEFORMAT 'auto' TRUNCATECOLUMNS ACCEPTINVCHARS MAXERROR 100`

// The layer's SQL runs twice, and its loader can then do what Firehose does and nothing
// else.
func TestTheLayersSchemaRunsTwiceAndItsLoaderCanOnlyLoad(t *testing.T) {
	w := newWorld(t)
	w.cluster(t, eventsCluster())
	w.callers["ASIA1"] = iam.Caller{Service: "firehose.amazonaws.com", Role: "arn:aws:iam::000000000000:role/delivery"}
	w.objects["staging/manifests/1"] = `{"entries":[{"url":"s3://staging/a","mandatory":true}]}`
	w.objects["staging/a"] = `{"event_id":"e1","game_name":"myfirstgame","event_name":"weapon.fired","event_data":{"weapon_name":"m4a1"},"subject":"s","received_at":"2026-11-22T14:10:00.123Z"}` + "\n"
	for _, password := range []string{"First1234", "Second1234"} {
		hash := "sha256|" + sha256Of(password+"\x01") + "|01"
		for _, sql := range layerSQL(t, hash) {
			w.asAdmin(t, sql)
		}
		if err := w.Exec(t.Context(), "", "events", "loader", password, deliveryCopy); err != nil {
			t.Errorf("with %s: %v", password, err)
		}
	}
	conn := w.connect(t)
	var rows, once int
	var weapon string
	err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM events), (SELECT count(*) FROM events_once),
		(SELECT event_data.weapon_name::varchar FROM events_once WHERE event_data.weapon_name = 'm4a1')`).Scan(&rows, &once, &weapon)
	if err != nil || rows != 2 || once != 1 || weapon != "m4a1" {
		t.Errorf("%d rows, %d once, weapon %q: %v", rows, once, weapon, err)
	}
	for _, sql := range []string{"SELECT * FROM events", "DELETE FROM events", "TRUNCATE events", "DROP TABLE events CASCADE",
		"CREATE TABLE mine (a int)", "CREATE USER other PASSWORD 'Other1234'", "GRANT SELECT ON events TO loader", "ALTER USER admin PASSWORD 'Other1234'"} {
		err := w.Exec(t.Context(), "", "events", "loader", "Second1234", sql)
		if e := new(Error); !errors.As(err, &e) || e.Code != "42501" {
			t.Errorf("the loader may %s: %v", sql, err)
		}
	}
}

func TestCopyReadsS3AsWhoeverItsCredentialsStandFor(t *testing.T) {
	w := newWorld(t)
	c := eventsCluster()
	c.IAMRoles = []string{"arn:aws:iam::000000000000:role/warehouse", "arn:aws:iam::000000000000:role/blind"}
	w.cluster(t, c)
	w.objects["staging/a"] = `{"a":1}`
	w.asAdmin(t, "CREATE TABLE t (a int)")
	for credentials, want := range map[string]string{
		"IAM_ROLE 'arn:aws:iam::000000000000:role/warehouse'": "",
		"IAM_ROLE 'arn:aws:iam::000000000000:role/blind'":     "Access Denied,Status 403,Error AccessDenied",
		"IAM_ROLE 'arn:aws:iam::000000000000:role/other'":     "is not authorized to assume IAM Role",
		"IAM_ROLE default": "is not authorized to assume IAM Role",
		"CREDENTIALS 'aws_access_key_id=gone;aws_secret_access_key=x'":    "InvalidAccessKeyId",
		"CREDENTIALS 'aws_iam_role=arn:aws:iam::000000000000:role/other'": "is not authorized to assume IAM Role",
		"ACCESS_KEY_ID 'gone' SECRET_ACCESS_KEY 'x' SESSION_TOKEN 't'":    "InvalidAccessKeyId",
	} {
		err := w.Exec(t.Context(), "", "events", "admin", adminPassword, "COPY t FROM 's3://staging/a' "+credentials+" JSON 'auto'")
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: got %v, want %q", credentials, err, want)
		}
	}
}

func TestWithEnhancedRoutingCopyTakesTheWayOfTheVPC(t *testing.T) {
	w := newWorld(t)
	if _, err := w.PutSubnetGroup(SubnetGroup{Name: "events", SubnetIDs: []string{"subnet-1", "subnet-2"}}, false); err != nil {
		t.Fatal(err)
	}
	c := eventsCluster()
	c.SubnetGroup, c.IAMRoles, c.EnhancedVPCRouting = "events", []string{"arn:aws:iam::000000000000:role/warehouse"}, true
	w.cluster(t, c)
	w.objects["staging/a"] = `{"a":1}`
	w.asAdmin(t, "CREATE TABLE t (a int)")
	const staging, object = "arn:aws:s3:::staging", "arn:aws:s3:::staging/a"
	const timeout, denied = "S3CurlException: Connection timed out", "Access Denied,Status 403,Error AccessDenied"
	for _, try := range []struct {
		network fakeNetwork
		want    string
	}{
		{fakeNetwork{}, timeout},
		{fakeNetwork{"subnet-1": ""}, timeout},
		{fakeNetwork{"subnet-1": "", "subnet-2": ""}, ""},
		{fakeNetwork{"subnet-1": object, "subnet-2": object}, ""},
		{fakeNetwork{"subnet-1": staging, "subnet-2": staging}, denied},
		{fakeNetwork{"subnet-1": object, "subnet-2": "arn:aws:s3:::other/a"}, denied},
	} {
		clear(w.network)
		maps.Copy(w.network, try.network)
		err := w.Exec(t.Context(), "", "events", "admin", adminPassword, "COPY t FROM 's3://staging/a' IAM_ROLE 'arn:aws:iam::000000000000:role/warehouse' JSON 'auto'")
		if try.want == "" && err != nil || try.want != "" && (err == nil || !strings.Contains(err.Error(), try.want)) {
			t.Errorf("by %v: got %v, want %q", try.network, err, try.want)
		}
	}
}

func TestARNsAreOfTheRegionsPartition(t *testing.T) {
	w := newWorld(t)
	w.Service.cfg.Region = "cn-north-1"
	if _, err := w.PutSubnetGroup(SubnetGroup{Name: "events", SubnetIDs: []string{"subnet-1"}}, false); err != nil {
		t.Fatal(err)
	}
	c := eventsCluster()
	c.SubnetGroup, c.IAMRoles, c.EnhancedVPCRouting = "events", []string{"arn:aws-cn:iam::000000000000:role/warehouse"}, true
	c = w.cluster(t, c)
	n, err := w.CreateNamespace(t.Context(), Namespace{Name: "serverless", ManagePassword: true}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, arn := range []string{c.ARN, c.Namespace, n.ARN} {
		if !strings.HasPrefix(arn, "arn:aws-cn:") {
			t.Errorf("in cn-north-1 there is %s", arn)
		}
	}
	w.objects["staging/a"] = `{"a":1}`
	w.network["subnet-1"] = "arn:aws-cn:s3:::staging/a"
	w.asAdmin(t, "CREATE TABLE t (a int)")
	w.asAdmin(t, "COPY t FROM 's3://staging/a' IAM_ROLE 'arn:aws-cn:iam::000000000000:role/warehouse' JSON 'auto'")
	err = w.Exec(t.Context(), "", "events", "admin", adminPassword, "COPY t FROM 's3://staging/a' IAM_ROLE 'other' JSON 'auto'")
	if err == nil || !strings.Contains(err.Error(), "User arn:aws-cn:redshift:cn-north-1:000000000000:dbuser:events/admin is not") {
		t.Errorf("COPY with another role: %v", err)
	}
}
