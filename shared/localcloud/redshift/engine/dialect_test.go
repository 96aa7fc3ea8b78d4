package engine

import (
	"testing"
)

const eventsTable = `
	CREATE TABLE events (event_id varchar(64) NOT NULL, game_name varchar(100), event_data super, at timestamp, n integer) DISTSTYLE AUTO SORTKEY (at);
	INSERT INTO events VALUES
		('1', 'chess', json_parse('{"weapon_name":"m4a1","dmg":12,"hit":true,"items":[{"a":1},{"a":2}],"deep":{"er":{"x":"y"}}}'), '2026-11-22 10:00:00', 5),
		('2', 'go', json_parse('{"weapon_name":"ak","dmg":"none","hit":false}'), '2026-11-23 11:30:00', 7),
		('3', 'go', NULL, NULL, NULL)`

// Each query gives what Redshift's documentation says it gives.
func TestQueriesInRedshiftsDialect(t *testing.T) {
	_, s := open(t)
	must(t, s, eventsTable)
	for query, want := range map[string]string{
		// SUPER
		"SELECT event_data.weapon_name FROM events ORDER BY event_id":                                                                       "\"m4a1\"\n\"ak\"\n∅",
		"SELECT event_data.weapon_name::varchar FROM events WHERE event_data.weapon_name = 'm4a1'":                                          "m4a1",
		"SELECT e.event_data.deep.er.x FROM events e WHERE e.event_id = '1'":                                                                `"y"`,
		"SELECT public.events.event_data.dmg FROM public.events WHERE event_id = '1'":                                                       "12",
		"SELECT event_data.items[1].a, event_data.items[7], event_data.nope.x FROM events WHERE n=5":                                        "2|∅|∅",
		"SELECT event_id FROM events WHERE event_data.dmg > 10":                                                                             "1",
		"SELECT event_id FROM events WHERE event_data.hit":                                                                                  "1",
		"SELECT event_id FROM events WHERE event_data.weapon_name IN ('ak', 'x')":                                                           "2",
		"SELECT event_id FROM events WHERE event_data.weapon_name LIKE 'm%'":                                                                "1",
		"SELECT event_data.dmg + 1, event_data.dmg::int * 2 FROM events WHERE event_id = '1'":                                               "13|24",
		"SELECT sum(event_data.dmg) FROM events":                                                                                            "12",
		"SELECT e.event_id, i.a FROM events e, e.event_data.items i ORDER BY i.a":                                                           "1|1\n1|2",
		"SELECT i.a FROM events e, e.event_data.items AS i WHERE i.a = 2":                                                                   "2",
		"SELECT count(*) FROM events WHERE event_data.nope IS NULL":                                                                         "3",
		"SELECT json_typeof(event_data.dmg), is_array(event_data.items), get_array_length(event_data.items) FROM events WHERE event_id='1'": "number|true|2",
		"SELECT json_typeof(event_data), json_typeof(event_data.nope), json_typeof(event_data.hit), json_typeof(event_data.weapon_name), json_typeof(json_parse('null')) FROM events WHERE n IS NULL OR n = 5 ORDER BY n": "object|∅|boolean|string|null\n∅|∅|∅|∅|null",
		"SELECT json_serialize(json_parse('{\"b\": 1, \"a\": [1, 2]}'))":                              `{"b":1,"a":[1,2]}`,
		"WITH x AS (SELECT event_data AS d FROM events) SELECT d.weapon_name FROM x WHERE d.dmg = 12": `"m4a1"`,
		"SELECT q.d.hit FROM (SELECT event_id, event_data AS d FROM events) q WHERE q.event_id = '2'": "false",
		"SELECT '{\"a\":1}'::super": `"{\"a\":1}"`,
		// functions
		"SELECT nvl(NULL, 'a', 'b'), nvl2(NULL, 1, 2), coalesce(NULL, 3), nullif(1, 1)":                                                                             "a|2|3|∅",
		"SELECT decode(2, 1, 'one', 2, 'two', 'many'), decode(NULL, NULL, 'null', 'x')":                                                                             "two|null",
		"SELECT dateadd(month, 1, '2026-01-31'), dateadd(hr, -2, '2026-01-01 01:00:00')":                                                                            "2026-02-28 00:00:00|2025-12-31 23:00:00",
		"SELECT datediff(day, '2026-01-01', '2026-01-03'), datediff(qtr, '2026-01-01', '2026-12-31')":                                                               "2|3",
		"SELECT date_trunc('month', at), extract(hour FROM at), date_part(dow, at) FROM events WHERE n = 5":                                                         "2026-11-01 00:00:00|10|0",
		"SELECT convert_timezone('Europe/Berlin', '2026-07-01 00:00:00'), convert_timezone('EST', 'UTC', '2026-01-01 00:00:00')":                                    "2026-07-01 02:00:00|2026-01-01 05:00:00",
		"SELECT to_char('2026-01-02 03:04:05'::timestamp, 'YYYY-MM-DD HH24:MI:SS'), to_date('02.01.2026', 'DD.MM.YYYY')":                                            "2026-01-02 03:04:05|2026-01-02",
		"SELECT trunc('2026-01-02 03:04:05'::timestamp), trunc(-1.5), last_day('2026-02-01'::date)":                                                                 "2026-01-02|-1|2026-02-28",
		"SELECT getdate() <= sysdate, getdate() = date_trunc('second', getdate())":                                                                                  "true|true",
		"SELECT listagg(event_id, ',') WITHIN GROUP (ORDER BY event_id DESC), listagg(event_id) WITHIN GROUP (ORDER BY event_id DESC) FROM events":                  "3,2,1|321",
		"SELECT median(n), percentile_cont(0.5) WITHIN GROUP (ORDER BY n), approximate count(DISTINCT game_name) FROM events":                                       "6.0|6|2",
		"SELECT json_extract_path_text('{\"a\":{\"b\":\"c\"}}', 'a', 'b'), json_extract_array_element_text('[1,2]', 1), json_array_length('[1,2]')":                 "c|2|2",
		"SELECT is_valid_json('{'), is_valid_json('{}'), can_json_parse('[1]')":                                                                                     "false|true|true",
		"SELECT len('müsli'), octet_length('müsli'), charindex('b', 'abc'), initcap('ab cd'), btrim(' a ')":                                                         "5|6|2|Ab Cd|a",
		"SELECT regexp_substr('a1b22', '[0-9]+'), regexp_replace('a1b22', '[0-9]'), regexp_count('a1b22', '[0-9]')":                                                 "1|ab|3",
		"SELECT md5('a'), sha1('a'), sha2('a', 256)":                                                                                                                "0cc175b9c0f1b6a831c399e269772661|86f7e437faa5a7fce15d1ddcb9eaeaea377667b8|ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
		"SELECT split_part('a,b', ',', 2), left('abc', 2), lpad('a', 3, 'x'), strpos('abc', 'c'), 'a' || 'b'":                                                       "b|ab|xxa|3|ab",
		"SELECT sum(n), avg(n), avg(n::float), sum(n::bigint), avg(1.5), sum(n) OVER () FROM events WHERE n = 5 GROUP BY n":                                         "5|5|5|5|1.5|5",
		"SELECT avg(n), avg(n + 0.0) FROM (SELECT 1 AS n UNION ALL SELECT 2) t":                                                                                     "1|1.5",
		"SELECT avg(n) FROM (SELECT n FROM events) t":                                                                                                               "6",
		"SELECT dateadd(day, 1, NULL), dateadd(day, NULL, '2026-01-01'), date_trunc('month', NULL), date_part(year, NULL)":                                          "∅|∅|∅|∅",
		"SELECT datediff(hour, '10:00'::time, '12:30'::time), datediff(minute, '10:00'::time, '10:10'::time)":                                                       "2|10",
		"SELECT len('abc  '::char(5)), length(CAST('abc  ' AS character(5))), char_length('a'::char), len('abc  '::varchar(5)), len('abc  '::character varying(4))": "3|3|1|5|4",
		"SELECT length(d), t IS NULL FROM (SELECT current_date::varchar, current_date::timestamp) q(d, t)":                                                          "10|false",
		"SELECT current_date::varchar = to_char(sysdate, 'YYYY-MM-DD'), current_timestamp::date - current_date FROM (SELECT 1) q":                                   "true|0",
		// forms
		"SELECT 5 / 2, 5.0 / 2, 7 % 4":                                                                                  "2|2.5|3",
		"SELECT n / nullif(n - 5, 0), 7.0 / n FROM events WHERE n = 5":                                                  "∅|1.4",
		"SELECT TOP 1 event_id FROM events ORDER BY event_id DESC":                                                      "3",
		"SELECT 'a' MINUS SELECT 'b'":                                                                                   "a",
		"SELECT 'abc' ~ 'b', 'abc' !~ 'b', 'ABC' ~* 'b', 'abc' SIMILAR TO 'a%', 'ABC' ILIKE 'a_c'":                      "true|false|true|true|true",
		"SELECT n FROM events ORDER BY n":                                                                               "5\n7\n∅",
		"SELECT n FROM events ORDER BY n DESC":                                                                          "∅\n7\n5",
		"SELECT 'abcdef'::varchar(3), 'üü'::char(3), CAST('abc' AS character varying(2))":                               "abc|ü|ab",
		"SELECT CONVERT(int, '3') + 1, '2026-01-01'::date + 1":                                                          "4|2026-01-02",
		"SELECT \"EVENT_ID\" FROM Events WHERE EVENT_ID = '1'":                                                          "1",
		"SELECT game_name, row_number() OVER (PARTITION BY game_name ORDER BY event_id) FROM events ORDER BY event_id":  "chess|1\ngo|1\ngo|2",
		"SELECT game_name, count(*) FROM events GROUP BY game_name HAVING count(*) > 1":                                 "go|2",
		"SELECT current_user, current_database(), current_schema(), user":                                               "admin|dev|public|admin",
		"SELECT column_name FROM information_schema.columns WHERE table_name = 'events' ORDER BY ordinal_position":      "event_id\ngame_name\nevent_data\nat\nn",
		"SELECT \"column\", type, \"notnull\" FROM pg_table_def WHERE tablename = 'events' AND \"column\" = 'event_id'": "event_id|character varying(64)|true",
		"SELECT usename, usesuper FROM pg_user WHERE usename = 'admin'":                                                 "admin|true",
	} {
		got, err := run(t.Context(), s, query)
		if err != nil || got != want {
			t.Errorf("%s\n gives %q (%v)\n  want %q", query, got, err, want)
		}
	}
}

// What is not honoured, and what Redshift refuses, is refused with an SQLSTATE and the
// name of the form.
func TestRefusals(t *testing.T) {
	_, s := open(t)
	must(t, s, eventsTable)
	for sql, want := range map[string][2]string{
		// not served here
		"CREATE TEMP TABLE t (a int)":                                                         {"0A000", "CREATE TEMP TABLE"},
		"CREATE TABLE #t (a int)":                                                             {"0A000", "temporary table"},
		"CREATE MATERIALIZED VIEW v AS SELECT 1":                                              {"0A000", "CREATE MATERIALIZED VIEW"},
		"CREATE EXTERNAL SCHEMA s FROM DATA CATALOG":                                          {"0A000", "CREATE EXTERNAL SCHEMA"},
		"CREATE FUNCTION f() RETURNS int":                                                     {"0A000", "CREATE FUNCTION"},
		"CREATE DATABASE other":                                                               {"0A000", "CREATE DATABASE"},
		"CREATE GROUP g":                                                                      {"0A000", "CREATE GROUP"},
		"CREATE ROLE r":                                                                       {"0A000", "CREATE ROLE"},
		"CREATE VIEW v AS SELECT 1 WITH NO SCHEMA BINDING":                                    {"0A000", "WITH NO SCHEMA BINDING"},
		"CREATE TABLE t (LIKE events)":                                                        {"0A000", "LIKE"},
		"CREATE TABLE t (a geometry)":                                                         {"0A000", "GEOMETRY"},
		"CREATE TABLE t (a int IDENTITY(5, 10))":                                              {"0A000", "IDENTITY"},
		"UNLOAD ('SELECT 1') TO 's3://b/k' IAM_ROLE default":                                  {"0A000", "UNLOAD"},
		"MERGE INTO events USING events e ON true":                                            {"0A000", "MERGE"},
		"LOCK events":                                                                         {"0A000", "LOCK"},
		"PREPARE p AS SELECT 1":                                                               {"0A000", "PREPARE"},
		"DECLARE c CURSOR FOR SELECT 1":                                                       {"0A000", "DECLARE"},
		"COMMENT ON TABLE events IS 'x'":                                                      {"0A000", "COMMENT ON"},
		"GRANT SELECT ON events TO GROUP g":                                                   {"0A000", "GROUP"},
		"GRANT SELECT (n) ON events TO PUBLIC":                                                {"0A000", "privilege on columns"},
		"GRANT SELECT ON events TO admin WITH GRANT OPTION":                                   {"0A000", "WITH GRANT OPTION"},
		"ALTER TABLE events APPEND FROM other":                                                {"0A000", "ALTER TABLE"},
		"ALTER TABLE events ALTER DISTKEY event_id":                                           {"0A000", "DISTKEY"},
		"ALTER TABLE events ADD PRIMARY KEY (event_id)":                                       {"0A000", "PRIMARY"},
		"ALTER TABLE events ALTER COLUMN n TYPE bigint":                                       {"0A000", "not supported by ALTER COLUMN TYPE"},
		"EXPLAIN DELETE FROM events":                                                          {"0A000", "EXPLAIN"},
		"SELECT * FROM other.public.events":                                                   {"0A000", "across databases"},
		"SELECT * FROM events TABLESAMPLE 10 PERCENT":                                         {"0A000", "TABLESAMPLE"},
		"INSERT INTO events (event_id) VALUES (DEFAULT)":                                      {"0A000", "DEFAULT in VALUES"},
		"SELECT to_char(1, '999')":                                                            {"0A000", "TO_CHAR of a number"},
		"CREATE PROCEDURE p() AS $$ BEGIN LOOP EXIT; END LOOP; END; $$ LANGUAGE plpgsql":      {"0A000", "PL/pgSQL LOOP"},
		"CREATE PROCEDURE p(INOUT a int) AS $$ BEGIN NULL; END; $$ LANGUAGE plpgsql":          {"0A000", "INOUT"},
		"CREATE PROCEDURE p() AS $$ BEGIN INSERT INTO t VALUES (1); END; $$ LANGUAGE plpgsql": {"0A000", "PL/pgSQL INSERT"},
		// DuckDB's, not Redshift's
		"FROM events":                                      {"42601", "FROM"},
		"SELECT * FROM read_csv('/etc/passwd')":            {"42883", "read_csv"},
		"SELECT read_text('/etc/passwd')":                  {"42883", "read_text"},
		"SELECT * FROM '/etc/passwd'":                      {"42P01", "/etc/passwd"},
		"SELECT * FROM duckdb_settings()":                  {"42883", "duckdb_settings"},
		"SELECT * FROM localcloud.users":                   {"3F000", "localcloud"},
		"ATTACH 'x.db'":                                    {"0A000", "ATTACH"},
		"PRAGMA database_list":                             {"42601", "PRAGMA"},
		"INSTALL httpfs":                                   {"42601", "INSTALL"},
		"SELECT list_transform([1], lambda x: x)":          {"42601", ""},
		"SELECT DISTINCT ON (n) n FROM events":             {"0A000", "DISTINCT ON"},
		"SELECT n FROM events GROUP BY ALL":                {"42601", "all"},
		"SELECT TRY_CAST('a' AS int)":                      {"42601", "try_cast"},
		"SELECT count(*) FILTER (WHERE n > 1) FROM events": {"42601", "filter"},
		"SELECT count(*) FILTER (WHERE (SELECT password FROM localcloud.users WHERE usename='admin') LIKE 's%') OVER ()": {"42601", "filter"},
		"SELECT count(* REPLACE ((SELECT max(password) FROM localcloud.users) AS n)) FROM events":                        {"0A000", "REPLACE"},
		"SELECT $999999999":            {"42P02", "there is no parameter $999999999"},
		"SELECT $0":                    {"42P02", "there is no parameter $0"},
		"SELECT $99999999999999999999": {"42P02", "there is no parameter"},
		// Redshift's own
		"SELEC 1":                                             {"42601", `"SELEC"`},
		"SELECT 1 +":                                          {"42601", "end of input"},
		"SELECT * FROM nowhere":                               {"42P01", `relation "nowhere" does not exist`},
		"SELECT * FROM no.where":                              {"3F000", `schema "no" does not exist`},
		"SELECT nope FROM events":                             {"42703", `column "nope" does not exist`},
		"SELECT e.nope FROM events e":                         {"42703", "nope does not exist"},
		"SELECT n.x FROM events":                              {"42703", "n.x does not exist"},
		"SELECT nope(1)":                                      {"42883", "function nope does not exist"},
		"SELECT 'a'::nope":                                    {"42704", `type "nope" does not exist`},
		"SELECT game_name, count(*) FROM events":              {"42803", "must appear in the GROUP BY clause"},
		"SELECT n / (n - n) FROM events WHERE n = 5":          {"22012", "Divide by zero"},
		"SELECT 1.5 % 0":                                      {"22012", "Divide by zero"},
		"SELECT 'x'::int":                                     {"22P02", "x"},
		"CREATE TABLE events (a int)":                         {"42P07", `Relation "events" already exists`},
		"CREATE TABLE IF NOT EXISTS events AS SELECT 1":       {"42601", `"AS"`},
		"CREATE SCHEMA public":                                {"42P06", `schema "public" already exists`},
		"CREATE SCHEMA pg_mine":                               {"42939", "unacceptable schema name"},
		"CREATE TABLE t (a nope)":                             {"42704", `type "nope" does not exist`},
		"CREATE TABLE t (a varchar(70000))":                   {"22023", "cannot exceed 65535"},
		"CREATE TABLE t (a int, a int)":                       {"42701", "specified more than once"},
		"CREATE TABLE t (a int) SORTKEY (b)":                  {"42703", "does not exist"},
		"CREATE TABLE t (a int ENCODE nope)":                  {"42704", `encoding type "nope"`},
		"INSERT INTO events (event_id, nope) VALUES ('1', 2)": {"42703", `column "nope" of relation "events" does not exist`},
		"INSERT INTO events (event_id) VALUES ('1', 2)":       {"42601", "more expressions than target columns"},
		"INSERT INTO events (event_id) VALUES (NULL)":         {"23502", "Cannot insert a NULL value into column event_id"},
		"INSERT INTO events (event_id, game_name) VALUES ('1', repeat('x', 101))": {"22001", "value too long for type character varying(100)"},
		"UPDATE events SET event_id = repeat('x', 65)":                            {"22001", "value too long for type character varying(64)"},
		"DROP TABLE nowhere":                    {"42P01", "does not exist"},
		"DROP VIEW events":                      {"42809", "is not a view"},
		"GRANT SELECT ON events TO nobody":      {"42704", `user "nobody" does not exist`},
		"GRANT EXECUTE ON events TO PUBLIC":     {"0LP01", "invalid privilege type EXECUTE"},
		"CREATE USER u PASSWORD 'short'":        {"22023", "not strong enough"},
		"CREATE USER admin PASSWORD 'Abcd1234'": {"42710", `user "admin" already exists`},
		"DROP USER nobody":                      {"42704", `user "nobody" does not exist`},
		"SET nonsense TO 1":                     {"42704", "unrecognized configuration parameter"},
		"SHOW nonsense":                         {"42704", "unrecognized configuration parameter"},
		"CALL nowhere()":                        {"42883", "does not exist"},
		"BEGIN; VACUUM events":                  {"25001", "transaction block"},
	} {
		wantCode(t, s, sql, want[0], want[1])
		must(t, s, "ROLLBACK")
	}
}

func TestDDLRunsInATransactionAndRollsBack(t *testing.T) {
	_, s := open(t)
	must(t, s, "BEGIN; CREATE SCHEMA a; CREATE TABLE a.t (x int); INSERT INTO a.t VALUES (1); CREATE USER u PASSWORD 'Abcd1234'; GRANT SELECT ON a.t TO u; ROLLBACK")
	wantCode(t, s, "SELECT * FROM a.t", "3F000", "")
	wantCode(t, s, "DROP USER u", "42704", "")
}

func TestIfNotExistsAndOrReplaceRunTwice(t *testing.T) {
	_, s := open(t)
	for range 2 {
		must(t, s, "CREATE SCHEMA IF NOT EXISTS a; CREATE TABLE IF NOT EXISTS a.t (x int IDENTITY(0,1), y int DEFAULT 3); CREATE OR REPLACE VIEW a.v AS SELECT y FROM a.t; INSERT INTO a.t (y) VALUES (1)")
	}
	if got := must(t, s, "SELECT count(*), count(DISTINCT x) FROM a.t"); got != "2|2" {
		t.Errorf("rows and identities are %s", got)
	}
	if got := must(t, s, "INSERT INTO a.t (y) SELECT 7; SELECT max(y) FROM a.v"); got != "7" {
		t.Errorf("the view shows %s", got)
	}
}

func TestAViewIsReadWithItsOwnPrivilegesAndGoesWithItsTableOnlyByCascade(t *testing.T) {
	d, admin := open(t)
	must(t, admin, eventsTable+"; CREATE VIEW safe AS SELECT event_id FROM events; CREATE USER reader PASSWORD 'Abcd1234'; GRANT SELECT ON safe TO reader")
	reader := session(t, d, "reader")
	if got := must(t, reader, "SELECT count(*) FROM safe"); got != "3" {
		t.Errorf("the reader counts %s", got)
	}
	wantCode(t, reader, "SELECT count(*) FROM events", "42501", "permission denied for relation events")
	wantCode(t, reader, "SELECT event_id FROM safe WHERE event_id IN (SELECT event_id FROM events)", "42501", "events")
	wantCode(t, admin, "DROP TABLE events", "2BP01", "other objects depend on it")
	must(t, admin, "DROP TABLE events CASCADE")
	wantCode(t, admin, "SELECT * FROM safe", "42P01", "")
}

func TestOwnersAndGrantsDecideWhoMayDoWhat(t *testing.T) {
	d, admin := open(t)
	must(t, admin, "CREATE USER owner PASSWORD 'Abcd1234'; CREATE USER other PASSWORD 'Abcd1234'; CREATE SCHEMA s AUTHORIZATION owner")
	owner, other := session(t, d, "owner"), session(t, d, "other")
	must(t, owner, "CREATE TABLE s.t (a int); INSERT INTO s.t VALUES (1)")
	wantCode(t, other, "SELECT * FROM s.t", "42501", "permission denied for schema s")
	must(t, owner, "GRANT USAGE ON SCHEMA s TO other; GRANT SELECT ON ALL TABLES IN SCHEMA s TO other")
	if got := must(t, other, "SELECT a FROM s.t"); got != "1" {
		t.Errorf("after the grant other reads %s", got)
	}
	wantCode(t, other, "DROP TABLE s.t", "42501", "must be owner of relation t")
	wantCode(t, other, "GRANT SELECT ON s.t TO PUBLIC", "42501", "permission denied for relation t")
	wantCode(t, other, "CREATE TABLE s.u (a int)", "42501", "permission denied for schema s")
	must(t, owner, "REVOKE SELECT ON s.t FROM other")
	wantCode(t, other, "SELECT a FROM s.t", "42501", "permission denied for relation t")
	must(t, other, "CREATE TABLE mine (a int)") // schema public is everybody's
	must(t, admin, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
	wantCode(t, other, "CREATE TABLE mine2 (a int)", "42501", "permission denied for schema public")
	wantCode(t, admin, "DROP USER owner", "2BP01", "cannot be dropped")
	must(t, other, "ALTER USER other PASSWORD 'Bcde2345'")
	wantCode(t, other, "ALTER USER owner PASSWORD 'Bcde2345'", "42501", "")
}

func TestAlterTableKeepsRowsLengthsAndViews(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE TABLE t (a varchar(3), b int); INSERT INTO t VALUES ('x', 1); CREATE VIEW v AS SELECT a FROM t")
	must(t, s, "ALTER TABLE t ADD COLUMN c varchar(2) DEFAULT 'y'; ALTER TABLE t ALTER COLUMN a TYPE varchar(5); ALTER TABLE t RENAME COLUMN b TO bb; INSERT INTO t VALUES ('12345', 2, 'zz')")
	if got := must(t, s, "SELECT a, bb, c FROM t ORDER BY bb"); got != "x|1|y\n12345|2|zz" {
		t.Errorf("rows are %q", got)
	}
	wantCode(t, s, "INSERT INTO t VALUES ('123456', 2, 'z')", "22001", "character varying(5)")
	wantCode(t, s, "INSERT INTO t VALUES ('1', 2, 'zzz')", "22001", "character varying(2)")
	must(t, s, "ALTER TABLE t DROP COLUMN bb")
	if got := must(t, s, "SELECT count(*) FROM v"); got != "2" {
		t.Errorf("the view counts %s", got)
	}
}

func TestAProcedureEnsuresAUser(t *testing.T) {
	d, s := open(t)
	must(t, s, `CREATE OR REPLACE PROCEDURE sp_ensure(who varchar(64), secret varchar(256)) AS $$
		DECLARE n integer := 0; sql varchar(500);
		BEGIN
			SELECT INTO n count(*) FROM pg_user WHERE usename = who;
			IF n = 0 THEN sql := 'CREATE USER ';
			ELSIF n = 1 THEN sql := 'ALTER USER ';
			ELSE RAISE EXCEPTION 'there are % users %', n, who;
			END IF;
			EXECUTE sql || quote_ident(who) || ' PASSWORD ' || quote_literal(secret);
		END; $$ LANGUAGE plpgsql SECURITY INVOKER`)
	for _, password := range []string{"Abcd1234", "Bcde2345"} {
		must(t, s, "CALL sp_ensure('loader', '"+password+"')")
		if _, err := d.SignIn(t.Context(), "loader", password); err != nil {
			t.Errorf("with %s: %v", password, err)
		}
	}
	if _, err := d.SignIn(t.Context(), "loader", "Abcd1234"); err == nil {
		t.Error("the old password still signs in")
	}
	wantCode(t, session(t, d, "loader"), "CALL sp_ensure('x', 'Abcd1234')", "42501", "permission denied for procedure")
}

func TestAUserTakesNoOthersName(t *testing.T) {
	_, s := open(t)
	must(t, s, "CREATE USER a PASSWORD 'Abcd1234'; CREATE USER b PASSWORD 'Abcd1234'")
	wantCode(t, s, "ALTER USER a RENAME TO b", "42710", `user "b" already exists`)
	wantCode(t, s, "ALTER USER a RENAME TO public", "42939", "is reserved")
	must(t, s, "ALTER USER a RENAME TO c; DROP USER c; DROP USER IF EXISTS c; DROP SCHEMA IF EXISTS nowhere")
}
