package engine

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
)

// bucket is S3 in memory: objects by bucket/key.
type bucket map[string]string

func (b bucket) List(_ context.Context, name, prefix string) ([]string, error) {
	var keys []string
	for _, path := range slices.Sorted(maps.Keys(b)) {
		if key, ok := strings.CutPrefix(path, name+"/"); ok && strings.HasPrefix(key, prefix) {
			keys = append(keys, key)
		}
	}
	return keys, nil
}

func (b bucket) Open(_ context.Context, name, key string) (io.ReadCloser, error) {
	body, ok := b[name+"/"+key]
	if !ok {
		return nil, errors.New("NoSuchKey: The specified key does not exist.")
	}
	return io.NopCloser(strings.NewReader(body)), nil
}

func (b bucket) As(ctx context.Context, c CopyCredentials) (context.Context, error) {
	if c.AccessKeyID == "stranger" {
		return nil, s3Failure("The AWS Access Key Id you provided does not exist in our records.,Status 403,Error InvalidAccessKeyId")
	}
	return ctx, nil
}

func (b bucket) Region() string { return "eu-central-1" }

const copyKeys = ` CREDENTIALS 'aws_access_key_id=k;aws_secret_access_key=s;token=t' `

func openWithBucket(t *testing.T) (bucket, *Database, *Session) {
	t.Helper()
	d, s := open(t)
	b := bucket{}
	d.Files, d.Sources = b, b
	must(t, s, `CREATE TABLE events (event_id varchar(64) NOT NULL, game_name varchar(10), event_data super,
		received_at timestamptz, n integer, amount numeric(5,2), ok boolean, day date, ingested_at timestamp DEFAULT getdate())`)
	return b, d, s
}

const listedColumns = " events (event_id, game_name, event_data, received_at, n, amount, ok, day) "

func TestCopyLoadsObjectsWithNothingBetweenThem(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/2026/11/a"] = `{"event_id":"1","game_name":"chess","event_data":{"weapon": "m4a1", "n":[1, 2]},"received_at":"2026-11-22T10:00:00.5Z","n":7,"amount":"1.005","ok":true,"day":"2026-11-22","other":1}` +
		`{"event_id":2}` + "\n" + `{ "event_id" : "3", "n": null }`
	must(t, s, "COPY"+listedColumns+"FROM 's3://staging/2026/'"+copyKeys+"FORMAT JSON 'auto' TIMEFORMAT 'auto'")
	got := must(t, s, "SELECT event_id, game_name, event_data, received_at, n, amount, ok, day, ingested_at IS NOT NULL FROM events ORDER BY 1")
	want := `1|chess|{"weapon":"m4a1","n":[1,2]}|2026-11-22 10:00:00.5+00|7|1.00|true|2026-11-22|true
2|∅|∅|∅|∅|∅|∅|∅|true
3|∅|∅|∅|∅|∅|∅|∅|true`
	if got != want {
		t.Errorf("rows are\n%s\nwant\n%s", got, want)
	}
	if n := must(t, s, "SELECT pg_last_copy_count()"); n != "3" {
		t.Errorf("pg_last_copy_count() is %s, want 3", n)
	}
	if n := must(t, s, "SELECT count(*) FROM stl_load_commits WHERE query = pg_last_copy_id()"); n != "1" {
		t.Errorf("pg_last_copy_id() finds %s files, want 1", n)
	}
}

func TestAutoMatchesNamesByCaseAndIgnorecaseDoesNot(t *testing.T) {
	for option, want := range map[string]string{"auto": "∅", "auto ignorecase": "chess"} {
		b, _, s := openWithBucket(t)
		b["staging/a"] = `{"event_id":"1","Game_Name":"chess"}`
		must(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"FORMAT AS JSON '"+option+"'")
		if got := must(t, s, "SELECT game_name FROM events"); got != want {
			t.Errorf("%s: game_name is %q, want %q", option, got, want)
		}
	}
}

func TestAColumnThatIsListedAndMissingIsNullAndOneNotListedGetsItsDefault(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/a"] = `{"event_id":"1"}`
	must(t, s, "COPY events (event_id, ingested_at) FROM 's3://staging/a'"+copyKeys+"JSON 'auto'")
	must(t, s, "COPY events (event_id) FROM 's3://staging/a'"+copyKeys+"JSON 'auto'")
	must(t, s, "COPY events FROM 's3://staging/a'"+copyKeys+"JSON 'auto'")
	if got := must(t, s, "SELECT ingested_at IS NULL, count(*) FROM events GROUP BY 1 ORDER BY 1"); got != "false|1\ntrue|2" {
		t.Errorf("null defaults and counts are %q", got)
	}
}

func TestOneBadRecordFailsTheLoadAndIsKeptInStlLoadErrors(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/a"] = `{"event_id":"1"}` + "\n" + `{"event_id":"2","game_name":"a very long name"}`
	wantCode(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto'", "XX000",
		"Load into table 'events' failed.  Check 'stl_load_errors' system table for details.")
	if got := must(t, s, "SELECT count(*) FROM events"); got != "0" {
		t.Errorf("%s rows were loaded by a COPY that failed", got)
	}
	got := must(t, s, "SELECT trim(filename), line_number, trim(colname), type, col_length, err_code, trim(err_reason), trim(raw_field_value) FROM stl_load_errors")
	for _, text := range []string{"SELECT nope", "COPY events FROM 's3://nowhere/a'" + copyKeys + "JSON 'auto'"} {
		if _, err := run(t.Context(), s, text); err == nil {
			t.Errorf("%s is no error", text)
		}
	}
	if n := must(t, s, "SELECT count(*) FROM stl_load_errors WHERE query = pg_last_copy_id()"); n != "1" {
		t.Errorf("pg_last_copy_id() finds %s errors, want 1", n)
	}
	if n := must(t, session(t, s.db, "admin"), "SELECT pg_last_copy_id()"); n != "-1" {
		t.Errorf("before any COPY pg_last_copy_id() is %s, want -1", n)
	}
	if want := "s3://staging/a|2|game_name|varchar|10|1204|String length exceeds DDL length|a very long name"; got != want {
		t.Errorf("stl_load_errors has\n%s\nwant\n%s", got, want)
	}
}

func TestMaxErrorSkipsFewerBadRecordsThanItSays(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/a"] = `{"event_id":"1"}{"event_id":"2","n":"x"}[1]` + "\n" + `{"event_id":"3"}`
	must(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto' MAXERROR 3")
	if got := must(t, s, "SELECT listagg(event_id, ',') WITHIN GROUP (ORDER BY event_id) FROM events"); got != "1,3" {
		t.Errorf("loaded %s, want 1,3", got)
	}
	wantCode(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto' MAXERROR 2", "XX000", "failed")
}

// A commit is an fsync: one for each of a hundred thousand records would take minutes.
func TestWhatIsRejectedIsKeptInOneCommit(t *testing.T) {
	b, d, s := openWithBucket(t)
	load := func(bad int) int64 {
		b["staging/a"] = strings.Repeat("[1]\n", bad)
		before := commits(t, d)
		must(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto' MAXERROR 10")
		return commits(t, d) - before
	}
	if one, nine := load(1), load(9); one != nine {
		t.Errorf("with one bad record a COPY takes %d transactions, with nine %d", one, nine)
	}
	if got := must(t, s, "SELECT count(*), min(line_number), max(line_number) FROM stl_load_errors"); got != "10|1|9" {
		t.Errorf("stl_load_errors has %s, want 10|1|9", got)
	}
}

// commits is a number of the transactions so far: DuckDB gives each that begins the next.
func commits(t *testing.T, d *Database) (n int64) {
	t.Helper()
	if err := d.pool.QueryRowContext(t.Context(), "SELECT txid_current()").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// Each bad value is refused with Redshift's number and words.
func TestValuesOutOfTheirTypeAreRejectedWithRedshiftsCodes(t *testing.T) {
	for record, want := range map[string]string{
		`{"event_id":"1","n":"12a"}`:                     "1207|Invalid digit, Value 'a', Pos 2, Type: Integer",
		`{"event_id":"1","n":1.5}`:                       "1207|Invalid digit, Value '.', Pos 1, Type: Integer",
		`{"event_id":"1","n":3000000000}`:                "1222|Overflow for integer",
		`{"event_id":"1","amount":1000}`:                 "1209|Numeric data overflow (result precision)",
		`{"event_id":"1","amount":"x"}`:                  "1209|Invalid digit, Value 'x', Pos 0, Type: Decimal",
		`{"event_id":"1","amount":1e400}`:                "1209|Numeric data overflow (result precision)",
		`{"event_id":"1","ok":"maybe"}`:                  "1210|Unknown boolean format",
		`{"event_id":"1","day":"1"}`:                     "1205|Invalid Date Format - length must be 10 or more",
		`{"event_id":"1","received_at":"yesterday"}`:     "1206|Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]",
		`{"event_id":"1","received_at":1700000000000}`:   "1206|Invalid timestamp format or value [YYYY-MM-DD HH24:MI:SS]",
		`{"game_name":"x"}`:                              "1213|Missing data for not-null field",
		`{"event_id":"1","game_name":"` + "\xff" + `"}`:  "1220|String contains invalid or unsupported UTF8 codepoints. Bad UTF8 hex sequence: ff (error 3)",
		`{"event_id":"1","n":"12a","ok":true,"day":"1"}`: "1207|Invalid digit, Value 'a', Pos 2, Type: Integer",
		`{"event_id":"1","n":"12a","ok":}`:               "1216|Invalid JSON: the object cannot be parsed",
		`{"event_id":"1",}`:                              "1216|Invalid JSON: the object cannot be parsed",
		`{"event_id":"1"`:                                "1216|Invalid JSON: unexpected end of input in an object",
		`["event_id"]`:                                   "1216|Invalid JSONPath format: Member is not an object.",
	} {
		b, _, s := openWithBucket(t)
		b["staging/a"] = record
		wantCode(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto'", "XX000", "failed")
		if got := must(t, s, "SELECT err_code, trim(err_reason) FROM stl_load_errors"); got != want {
			t.Errorf("%s: got %s, want %s", record, got, want)
		}
	}
}

// "By default, COPY truncates values when necessary to fit the scale of a column".
func TestCopyCutsDecimalsAndDoesNotRoundThem(t *testing.T) {
	b, _, s := openWithBucket(t)
	must(t, s, "CREATE TABLE prices (id integer, price numeric(5,2), whole numeric(18,0))")
	b["staging/a"] = `{"id":1,"price":20.259,"whole":999999999999999999}{"id":2,"price":"999.996","whole":"-7.9"}
		{"id":3,"price":".5","whole":".5"}{"id":4,"price":"+1.","whole":1.5e3}{"id":5,"price":"-0.009","whole":"00012"}{"id":6,"price":1e-400}`
	must(t, s, "COPY prices FROM 's3://staging/a'"+copyKeys+"JSON 'auto'")
	want := "20.25|999999999999999999\n999.99|-7\n0.50|0\n1.00|1500\n0.00|12\n0.00|∅"
	if got := must(t, s, "SELECT price, whole FROM prices ORDER BY id"); got != want {
		t.Errorf("prices are\n%s\nwant\n%s", got, want)
	}
}

// MAXERROR is about records: none may fail the COPY because DuckDB does not take what is
// in it, or what is said of it.
func TestOneBadRecordCostsNoOther(t *testing.T) {
	for record, want := range map[string]string{
		`{"event_id":"2","n":"1é"}`:                                                                 "1207|Invalid digit, Value 'é', Pos 1, Type: Integer",
		`{"event_id":"2","amount":"é"}`:                                                             "1209|Invalid digit, Value 'é', Pos 0, Type: Decimal",
		`{"event_id":"2","ratio":"é"}`:                                                              "1208|Invalid digit, Value 'é', Pos 0, Type: Float",
		`{"event_id":"2","ratio":"0x1p1"}`:                                                          "1208|Invalid digit, Value '0', Pos 0, Type: Float",
		`{"event_id":"2","ratio":1e39}`:                                                             "1222|Overflow for real",
		`{"event_id":"2","ratio":-1e400}`:                                                           "1222|Overflow for real",
		`{"event_id":"2","event_data":{"s":"\ud800"}}`:                                              "1216|Invalid JSON: half of a surrogate pair in a string",
		`{"event_id":"2","event_data":"\ud83d\ud83d"}`:                                              "1216|Invalid JSON: half of a surrogate pair in a string",
		`{"event_id":"2","event_data":"\\\ude00"}`:                                                  "1216|Invalid JSON: half of a surrogate pair in a string",
		`{"event_id":"2","event_data":"\\ud800 \ud83d\ude00"}`:                                      "",
		`{"event_id":"2","event_data":1e400}`:                                                       "",
		`{"event_id":"2","event_data":["\u0000", -0, 1E+2]}`:                                        "",
		`{"event_id":"2","event_data":` + strings.Repeat("[", 900) + strings.Repeat("]", 900) + `}`: "",
		`{"event_id":"2","event_data":{"a":1,"a":2,"":3}}`:                                          "",
	} {
		b, _, s := openWithBucket(t)
		must(t, s, "ALTER TABLE events ADD COLUMN ratio real")
		b["staging/a"] = `{"event_id":"1"}` + record + `{"event_id":"3"}`
		must(t, s, "COPY events FROM 's3://staging/a'"+copyKeys+"JSON 'auto' MAXERROR 3")
		if got := must(t, s, "SELECT count(*) FROM events WHERE event_id IN ('1', '3')"); got != "2" {
			t.Errorf("%s: %s of the two records beside it were loaded", record, got)
		}
		if got := must(t, s, "SELECT err_code, trim(err_reason) FROM stl_load_errors"); got != want {
			t.Errorf("%s: got %s, want %s", record, got, want)
		}
	}
}

func TestTruncatecolumnsCutsAtACharacterAndAcceptinvcharsReplaces(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/a"] = `{"event_id":"1","game_name":"123456789ü"}{"event_id":"2","game_name":"a` + "\xff" + `b"}`
	must(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto' TRUNCATECOLUMNS ACCEPTINVCHARS AS '^'")
	if got := must(t, s, "SELECT game_name FROM events ORDER BY event_id"); got != "123456789\na^b" {
		t.Errorf("names are %q", got)
	}
}

func TestEpochsAreReadOnlyWhenTimeformatSaysSo(t *testing.T) {
	for format, value := range map[string]string{"epochsecs": "1700000000", "epochmillisecs": "1700000000000"} {
		b, _, s := openWithBucket(t)
		b["staging/a"] = `{"event_id":"1","received_at":` + value + `}`
		must(t, s, "COPY"+listedColumns+"FROM 's3://staging/a'"+copyKeys+"JSON 'auto' TIMEFORMAT '"+format+"'")
		if got := must(t, s, "SELECT received_at FROM events"); got != "2023-11-14 22:13:20+00" {
			t.Errorf("%s: received_at is %s", format, got)
		}
	}
}

func TestAManifestNamesTheObjectsAndWhichMustExist(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/a.gz"] = zipped(t, `{"event_id":"1"}`)
	b["staging/m"] = `{"entries":[{"url":"s3://staging/a.gz","mandatory":true},{"url":"s3://staging/gone","mandatory":false}]}`
	b["staging/bad"] = `{"entries":[{"url":"s3://staging/gone","mandatory":true}]}`
	must(t, s, "COPY events FROM 's3://staging/m'"+copyKeys+"MANIFEST FORMAT JSON 'auto' GZIP")
	if got := must(t, s, "SELECT count(*) FROM events"); got != "1" {
		t.Errorf("loaded %s rows, want 1", got)
	}
	wantCode(t, s, "COPY events FROM 's3://staging/bad'"+copyKeys+"MANIFEST FORMAT JSON 'auto' GZIP", "XX000", "S3ServiceException")
	wantCode(t, s, "COPY events FROM 's3://staging/none'"+copyKeys+"FORMAT JSON 'auto'", "XX000", "The specified S3 prefix 'none' does not exist")
}

func zipped(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestJsonpathsPickTheValuesInTheOrderOfTheColumns(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/data/a"] = `{"id":"1","game":{"name":"chess","scores":[4,5]}}`
	b["staging/paths"] = `{"jsonpaths":["$.id","$['game']['name']","$.game.scores[1]"]}`
	must(t, s, "COPY events (event_id, game_name, n) FROM 's3://staging/data/'"+copyKeys+"JSON 's3://staging/paths'")
	if got := must(t, s, "SELECT event_id, game_name, n FROM events"); got != "1|chess|5" {
		t.Errorf("row is %s", got)
	}
	wantCode(t, s, "COPY events (event_id, n) FROM 's3://staging/data/'"+copyKeys+"JSON 's3://staging/paths'", "XX000",
		"Number of jsonpaths and the number of columns should match. JSONPath size: 3, Number of columns in table or column list: 2")
}

// "Load from JSON arrays using a JSONPaths file".
func TestJsonpathsReadArraysByTheirPlaces(t *testing.T) {
	b, _, s := openWithBucket(t)
	b["staging/data/a"] = `[1,"one","2026-01-01"][2, "]}[", null]` + "\n" + `[3,["a",{"b":"\"]"}],"2026-01-03", {}]` + "\n" + `[4` + "\n" + `]{"5":[0]} [6`
	b["staging/paths"] = `{"jsonpaths":["$[0]","$[1]","$[2]"]}`
	b["staging/names"] = `{"jsonpaths":["$.id","$[1]","$[2]"]}`
	into := "COPY events (n, event_data, day) FROM 's3://staging/data/'" + copyKeys
	must(t, s, "ALTER TABLE events DROP COLUMN event_id")
	must(t, s, into+"JSON 's3://staging/paths' MAXERROR 2")
	wantRows(t, s, map[string]string{
		"SELECT n, event_data, day FROM events ORDER BY n":  `1|"one"|2026-01-01` + "\n" + `2|"]}["|∅` + "\n" + `3|["a",{"b":"\"]"}]|2026-01-03` + "\n4|∅|∅\n∅|∅|∅",
		"SELECT line_number, err_code FROM stl_load_errors": "4|1216",
	})
	wantCode(t, s, into+"JSON 's3://staging/names'", "XX000", "failed")
	wantRows(t, s, map[string]string{"SELECT trim(err_reason) FROM stl_load_errors WHERE line_number = 1": "Invalid JSONPath format: Member is not an object."})
}

func TestNoshredLoadsTheWholeDocumentIntoOneSuper(t *testing.T) {
	b, _, s := openWithBucket(t)
	must(t, s, "CREATE TABLE documents (d super)")
	b["staging/a"] = `{"a":{"b":1}}{"a":{"b":2}}`
	must(t, s, "COPY documents FROM 's3://staging/a'"+copyKeys+"FORMAT JSON 'noshred'")
	if got := must(t, s, "SELECT d.a.b FROM documents ORDER BY 1"); got != "1\n2" {
		t.Errorf("values are %q", got)
	}
	wantCode(t, s, "COPY events FROM 's3://staging/a'"+copyKeys+"FORMAT JSON 'noshred'", "XX000", "exactly one column of type SUPER")
}

// Rows go to DuckDB in chunks of 2048 rows, of less with much text; short strings lie
// elsewhere than long ones.
func TestTextOfAnyLengthAndNullsComeThroughInEveryRowOfManyChunks(t *testing.T) {
	b, _, s := openWithBucket(t)
	must(t, s, "CREATE TABLE texts (n integer, a varchar(65535), b super, c boolean)")
	var file strings.Builder
	for n := range 6000 {
		fmt.Fprintf(&file, `{"n":%d`, n)
		if n%3 > 0 {
			text := strings.Repeat(string(rune('a'+n%26)), n%40+n%500/499*60000)
			fmt.Fprintf(&file, `,"a":"%s","b":["%s\u00fc"],"c":%t`, text, text, n%2 == 0)
		}
		file.WriteString("}")
	}
	b["staging/a"] = file.String()
	must(t, s, "COPY texts FROM 's3://staging/a'"+copyKeys+"JSON 'auto'")
	got := must(t, s, `SELECT count(*), count(a), count(c), sum(CASE WHEN a = repeat(chr(97 + n % 26), n % 40 + (n % 500) / 499 * 60000)
		AND b[0] = a || 'ü' AND c = (n % 2 = 0) THEN 1 ELSE 0 END), sum(length(a)) > 480000 FROM texts`)
	if want := "6000|4000|4000|4000|true"; got != want {
		t.Errorf("rows, texts, booleans and what is as it was: %s, want %s", got, want)
	}
}

func TestALoaderWithInsertAloneMayCopyAndNotRead(t *testing.T) {
	b, d, admin := openWithBucket(t)
	b["staging/a"] = `{"event_id":"1"}`
	must(t, admin, "CREATE USER loader PASSWORD 'Loader1234'")
	loader := session(t, d, "loader")
	wantCode(t, loader, "COPY events FROM 's3://staging/a'"+copyKeys+"JSON 'auto'", "42501", "permission denied for relation events")
	must(t, admin, "GRANT INSERT ON events TO loader")
	must(t, loader, "COPY events FROM 's3://staging/a'"+copyKeys+"JSON 'auto'")
	wantCode(t, loader, "SELECT * FROM events", "42501", "permission denied for relation events")
	wantCode(t, loader, "DELETE FROM events", "42501", "permission denied for relation events")
}

func TestCopyOptionsThatAreNotHonouredAreRefusedByName(t *testing.T) {
	_, _, s := openWithBucket(t)
	for options, want := range map[string]string{
		copyKeys + "CSV":                                                    "COPY ... CSV",
		copyKeys + "FORMAT AVRO 'auto'":                                     "COPY ... FORMAT AVRO",
		copyKeys + "JSON 'auto' LZOP":                                       "COPY ... LZOP",
		copyKeys + "JSON 'auto' DELIMITER ','":                              "DELIMITER argument is not supported for JSON based COPY",
		copyKeys + "JSON 'auto' NONSENSE":                                   "syntax error at or near \"nonsense\"",
		copyKeys + "JSON 'nonsense'":                                        "Invalid JSONPath format",
		copyKeys + "JSON 'auto' MAXERROR 100001":                            "MAXERROR must be between 0 and 100000",
		copyKeys + "JSON 'auto' REGION 'us-east-1'":                         "PermanentRedirect",
		" JSON 'auto'":                                                      "No credentials specified",
		copyKeys + "GZIP":                                                   "COPY without FORMAT JSON",
		copyKeys + "JSON 'auto' GZIP MAXERROR 1 GZIP":                       "conflicting or redundant options",
		copyKeys + "FORMAT JSON 'auto' JSON 'noshred'":                      "conflicting or redundant options",
		copyKeys + "JSON 'auto' IAM_ROLE default":                           "conflicting or redundant options",
		copyKeys + "JSON 'auto' TOKEN 't'":                                  "conflicting or redundant options",
		" ACCESS_KEY_ID 'k' SECRET_ACCESS_KEY 's' IAM_ROLE 'r' JSON 'auto'": "conflicting or redundant options",
		" CREDENTIALS 'aws_iam_role=r' IAM_ROLE 'r' JSON 'auto'":            "conflicting or redundant options",
		" CREDENTIALS 'aws_iam_role=r;aws_access_key_id=k;aws_secret_access_key=s' JSON 'auto'": "conflicting authorization",
		" CREDENTIALS 'aws_access_key_id=stranger;aws_secret_access_key=s' JSON 'auto'":         "InvalidAccessKeyId",
	} {
		_, err := run(t.Context(), s, "COPY events FROM 's3://staging/a'"+options)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", options, err, want)
		}
	}
}

func FuzzParseCopy(f *testing.F) {
	f.Add("COPY events (a) FROM 's3://b/k' CREDENTIALS 'aws_iam_role=x' FORMAT JSON 'auto' MAXERROR 3 GZIP")
	f.Fuzz(func(t *testing.T, text string) {
		cmd, err := ParseCopy(text)
		if err == nil && (cmd.Table == "" || cmd.JSON == "" || !strings.HasPrefix(cmd.From, "s3://")) {
			t.Fatalf("%q was read as %+v", text, cmd)
		}
	})
}

func FuzzRecordReader(f *testing.F) {
	f.Add([]byte(`{"a":"}"}{"b":1} [x] {`), false)
	f.Add([]byte(`[1,["]"],{}] {"a":[} [`), true)
	f.Fuzz(func(t *testing.T, data []byte, arrays bool) {
		r := newRecordReader(bytes.NewReader(data))
		r.arrays = arrays
		for range len(data) + 2 {
			_, err := r.read()
			var rejected *loadError
			if err != nil && !errors.As(err, &rejected) {
				if !errors.Is(err, io.EOF) {
					t.Fatalf("read %q: %v", data, err)
				}
				return
			}
		}
		t.Fatalf("reading %q does not end", data)
	})
}

// BenchmarkCopy loads what a stream delivers at the end of a short and of a long buffer
// interval: how many events a COPY has is what its cost depends on.
func BenchmarkCopy(b *testing.B) {
	for _, events := range []int{10_000, 100_000} {
		b.Run(fmt.Sprint(events, " events"), func(b *testing.B) { benchmarkCopy(b, events) })
	}
}

func benchmarkCopy(b *testing.B, events int) {
	d, err := Open(b.TempDir()+"/dev.duckdb", Options{Name: "dev", Files: bucket{"staging/a": zippedEvents(b, events)}, Sources: bucket{}})
	if err != nil {
		b.Fatal(err)
	}
	defer d.Close()
	s, err := d.NewSession(b.Context(), User{ID: adminID, Name: "admin", Super: true})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := run(b.Context(), s, `CREATE TABLE events (event_id varchar(64), game_name varchar(100), event_name varchar(100), event_data super, subject varchar(128), received_at timestamptz, ingested_at timestamptz default getdate())`); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := run(b.Context(), s, "COPY events (event_id, game_name, event_name, event_data, subject, received_at) FROM 's3://staging/a'"+copyKeys+"JSON 'auto ignorecase' TIMEFORMAT 'auto' GZIP"); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(events)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

func zippedEvents(b *testing.B, events int) string {
	b.Helper()
	var text strings.Builder
	for i := range events {
		fmt.Fprintf(&text, `{"event_id":"%036d","game_name":"myfirst","event_name":"weapon.fired","event_data":{"weapon_name":"m4a1","round":%d,"hit":true},"subject":"b6a1f3c2-93a4-4d10-8a77-8a3c5be0a111","received_at":"2026-11-22T10:00:00.123Z"}`+"\n", i, i)
	}
	return zipped(b, text.String())
}
