-- The views that answer for pg_catalog, information_schema and Redshift's system tables.
-- Each name is the one that clients use; a name of information_schema has it in front.

CREATE OR REPLACE VIEW localcloud.pg_namespace AS
    SELECT oid, name AS nspname, owner AS nspowner, NULL::VARCHAR AS nspacl FROM localcloud.objects WHERE kind = 'n'
    UNION ALL VALUES (11, 'pg_catalog', 1, NULL), (13000, 'information_schema', 1, NULL);

CREATE OR REPLACE VIEW localcloud.pg_class AS
    SELECT o.oid, o.name AS relname, n.oid AS relnamespace, 0 AS reltype, 0 AS reloftype, o.owner AS relowner, 0 AS relam,
        0 AS relfilenode, 0 AS reltablespace, 1 AS relpages, 0::DOUBLE AS reltuples, 0 AS reltoastrelid, false AS relhasindex,
        false AS relisshared, 'p' AS relpersistence, o.kind AS relkind,
        (SELECT count(*)::SMALLINT FROM localcloud.columns c WHERE c.oid = o.oid) AS relnatts, 0::SMALLINT AS relchecks,
        false AS relhasoids, o.kind = 'v' AS relhasrules, false AS relhastriggers, false AS relhassubclass,
        false AS relrowsecurity, false AS relforcerowsecurity, true AS relispopulated, 'd' AS relreplident,
        false AS relispartition, NULL::VARCHAR AS relacl, NULL::VARCHAR AS reloptions, NULL::VARCHAR AS relpartbound
    FROM localcloud.objects o JOIN localcloud.objects n ON n.kind = 'n' AND n.name = o.schema WHERE o.kind IN ('r', 'v');

CREATE OR REPLACE VIEW localcloud.pg_attribute AS
    SELECT oid AS attrelid, name AS attname, typoid AS atttypid, -1 AS attstattarget,
        CASE WHEN typmod < 0 THEN 8 ELSE -1 END::SMALLINT AS attlen, num::SMALLINT AS attnum, 0 AS attndims, typmod AS atttypmod,
        false AS attbyval, 'x' AS attstorage, '' AS attcompression, 'i' AS attalign, not_null AS attnotnull,
        default_text IS NOT NULL AS atthasdef, '' AS attidentity, '' AS attgenerated, false AS attisdropped, true AS attislocal,
        0 AS attinhcount, 0 AS attcollation, NULL::VARCHAR AS attacl, NULL::VARCHAR AS attoptions, NULL::VARCHAR AS attfdwoptions,
        distkey AS attisdistkey, sortkey AS attsortkeyord, encoding AS attencodingtype
    FROM localcloud.columns;

CREATE OR REPLACE VIEW localcloud.pg_attrdef AS
    SELECT oid * 1000 + num AS oid, oid AS adrelid, num::SMALLINT AS adnum, default_text AS adbin, default_text AS adsrc
    FROM localcloud.columns WHERE default_text IS NOT NULL;

CREATE OR REPLACE VIEW localcloud.pg_type AS
    SELECT t.oid, t.typname, 11 AS typnamespace, 1 AS typowner, t.typlen::SMALLINT AS typlen, 'b' AS typtype, t.typcategory,
        true AS typisdefined, ',' AS typdelim, 0 AS typrelid, 0 AS typelem, 0 AS typarray, 0 AS typbasetype, -1 AS typtypmod,
        0 AS typndims, 0 AS typcollation, false AS typnotnull, NULL::VARCHAR AS typdefault, t.typname || 'in' AS typinput
    FROM (VALUES (16, 'bool', 1, 'B'), (20, 'int8', 8, 'N'), (21, 'int2', 2, 'N'), (23, 'int4', 4, 'N'), (25, 'text', -1, 'S'),
        (26, 'oid', 4, 'N'), (700, 'float4', 4, 'N'), (701, 'float8', 8, 'N'), (1042, 'bpchar', -1, 'S'), (1043, 'varchar', -1, 'S'),
        (1082, 'date', 4, 'D'), (1083, 'time', 8, 'D'), (1114, 'timestamp', 8, 'D'), (1184, 'timestamptz', 8, 'D'),
        (1700, 'numeric', -1, 'N'), (4000, 'super', -1, 'U'), (6551, 'varbyte', -1, 'U')) t(oid, typname, typlen, typcategory);

CREATE OR REPLACE VIEW localcloud.pg_user AS
    SELECT usename, usesysid, usecreatedb, usesuper, false AS usecatupd, '********' AS passwd, valuntil, NULL::VARCHAR AS useconfig
    FROM localcloud.users;

CREATE OR REPLACE VIEW localcloud.pg_user_info AS SELECT *, connlimit AS useconnlimit, NULL::VARCHAR AS externalid FROM (
    SELECT usename, usesysid, usecreatedb, usesuper, false AS usecatupd, '********' AS passwd, valuntil, NULL::VARCHAR AS useconfig, connlimit
    FROM localcloud.users);

CREATE OR REPLACE VIEW localcloud.svl_user_info AS
    SELECT usename, usesysid, usecreatedb, usesuper, false AS usecatupd, connlimit AS useconnlimit, 'RESTRICTED' AS syslogaccess FROM localcloud.users;

CREATE OR REPLACE VIEW localcloud.pg_roles AS
    SELECT usename AS rolname, usesuper AS rolsuper, true AS rolinherit, usesuper AS rolcreaterole, usecreatedb AS rolcreatedb,
        true AS rolcanlogin, connlimit AS rolconnlimit, valuntil AS rolvaliduntil, false AS rolreplication, false AS rolbypassrls,
        usesysid AS oid, '********' AS rolpassword, NULL::VARCHAR AS rolconfig
    FROM localcloud.users;

CREATE OR REPLACE VIEW localcloud.pg_database AS
    SELECT 100 AS oid, catalog_name AS datname, 100 AS datdba, 6 AS encoding, 'C' AS datcollate, 'C' AS datctype, 'c' AS datlocprovider,
        NULL::VARCHAR AS daticulocale, NULL::VARCHAR AS datcollversion, false AS datistemplate, true AS datallowconn, -1 AS datconnlimit,
        0 AS dattablespace, NULL::VARCHAR AS datacl
    FROM (SELECT current_database() AS catalog_name);

CREATE OR REPLACE VIEW localcloud.pg_tables AS
    SELECT o.schema AS schemaname, o.name AS tablename, u.usename AS tableowner, NULL::VARCHAR AS tablespace,
        false AS hasindexes, false AS hasrules, false AS hastriggers
    FROM localcloud.objects o LEFT JOIN localcloud.users u ON u.usesysid = o.owner WHERE o.kind = 'r';

CREATE OR REPLACE VIEW localcloud.pg_views AS
    SELECT o.schema AS schemaname, o.name AS viewname, u.usename AS viewowner, o.definition
    FROM localcloud.objects o LEFT JOIN localcloud.users u ON u.usesysid = o.owner WHERE o.kind = 'v';

CREATE OR REPLACE VIEW localcloud.pg_proc AS
    SELECT o.oid, o.name AS proname, n.oid AS pronamespace, o.owner AS proowner, 'p' AS prokind, 0 AS prorettype, o.diststyle AS proargtypes, o.definition AS prosrc
    FROM localcloud.objects o JOIN localcloud.objects n ON n.kind = 'n' AND n.name = o.schema WHERE o.kind = 'p';

CREATE OR REPLACE VIEW localcloud.pg_settings AS
    SELECT * FROM (VALUES ('server_version', '8.0.2'), ('TimeZone', current_setting('TimeZone')), ('DateStyle', 'ISO, MDY'), ('server_encoding', 'UTF8')) t(name, setting);

-- formatted is pg_catalog.format_type of every column.
CREATE OR REPLACE VIEW localcloud.formatted AS
    SELECT *, type || CASE WHEN length > 0 THEN '(' || length || ')' WHEN type = 'numeric' THEN '(' || prec || ',' || scale || ')' ELSE '' END AS formatted
    FROM localcloud.columns;

CREATE OR REPLACE VIEW localcloud.pg_table_def AS
    SELECT o.schema AS schemaname, o.name AS tablename, c.name AS "column", c.formatted AS type, coalesce(c.encoding, 'none') AS encoding,
        c.distkey, c.sortkey, c.not_null AS "notnull"
    FROM localcloud.objects o JOIN localcloud.formatted c ON c.oid = o.oid WHERE o.kind = 'r';

CREATE OR REPLACE VIEW localcloud.svv_tables AS
    SELECT current_database() AS table_catalog, schema AS table_schema, name AS table_name,
        CASE kind WHEN 'v' THEN 'VIEW' ELSE 'BASE TABLE' END AS table_type, NULL::VARCHAR AS remarks
    FROM localcloud.objects WHERE kind IN ('r', 'v');

CREATE OR REPLACE VIEW localcloud.svv_columns AS
    SELECT current_database() AS table_catalog, o.schema AS table_schema, o.name AS table_name, c.name AS column_name,
        c.num AS ordinal_position, c.default_text AS column_default, CASE WHEN c.not_null THEN 'NO' ELSE 'YES' END AS is_nullable,
        c.type AS data_type, nullif(c.length, 0) AS character_maximum_length, nullif(c.prec, 0) AS numeric_precision,
        CASE WHEN c.prec > 0 THEN c.scale END AS numeric_scale
    FROM localcloud.objects o JOIN localcloud.columns c ON c.oid = o.oid WHERE o.kind IN ('r', 'v');

CREATE OR REPLACE VIEW localcloud.svv_all_schemas AS
    SELECT current_database() AS database_name, name AS schema_name, owner AS schema_owner, 'local' AS schema_type,
        NULL::VARCHAR AS schema_acl, NULL::VARCHAR AS source_database, NULL::VARCHAR AS schema_option
    FROM localcloud.objects WHERE kind = 'n';
CREATE OR REPLACE VIEW localcloud.svv_all_tables AS
    SELECT table_catalog AS database_name, table_schema AS schema_name, table_name,
        CASE table_type WHEN 'VIEW' THEN 'VIEW' ELSE 'TABLE' END AS table_type, NULL::VARCHAR AS table_acl, remarks FROM localcloud.svv_tables;
CREATE OR REPLACE VIEW localcloud.svv_all_columns AS
    SELECT table_catalog AS database_name, table_schema AS schema_name, table_name, column_name, ordinal_position, column_default,
        is_nullable, data_type, character_maximum_length, numeric_precision, numeric_scale, NULL::VARCHAR AS remarks FROM localcloud.svv_columns;

CREATE OR REPLACE VIEW localcloud.svv_table_info AS
    SELECT current_database() AS database, o.schema, o.oid AS table_id, o.name AS "table", 'Y' AS encoded, o.diststyle,
        coalesce((SELECT c.name FROM localcloud.columns c WHERE c.oid = o.oid AND c.sortkey = 1 LIMIT 1), 'AUTO(SORTKEY)') AS sortkey1,
        coalesce(t.estimated_size, 0) AS tbl_rows
    FROM localcloud.objects o LEFT JOIN duckdb_tables() t ON t.schema_name = o.schema AND t.table_name = o.name WHERE o.kind = 'r';

CREATE OR REPLACE VIEW localcloud.information_schema_tables AS SELECT * EXCLUDE (remarks) FROM localcloud.svv_tables;
CREATE OR REPLACE VIEW localcloud.information_schema_columns AS SELECT * FROM localcloud.svv_columns;
CREATE OR REPLACE VIEW localcloud.information_schema_schemata AS
    SELECT current_database() AS catalog_name, o.name AS schema_name, u.usename AS schema_owner
    FROM localcloud.objects o LEFT JOIN localcloud.users u ON u.usesysid = o.owner WHERE o.kind = 'n';
CREATE OR REPLACE VIEW localcloud.information_schema_views AS
    SELECT current_database() AS table_catalog, schemaname AS table_schema, viewname AS table_name, definition AS view_definition FROM localcloud.pg_views;

CREATE OR REPLACE VIEW localcloud.stl_load_errors AS SELECT * FROM localcloud.load_errors;
CREATE OR REPLACE VIEW localcloud.sys_load_error_detail AS
    SELECT userid AS user_id, query AS query_id, session AS session_id, starttime AS start_time, filename AS file_name,
        line_number, colname AS column_name, type AS column_type, col_length AS column_length, position, err_code AS error_code,
        err_reason AS error_message, raw_line AS raw_line_data, raw_field_value AS raw_field_data, tbl AS table_id
    FROM localcloud.load_errors;
CREATE OR REPLACE VIEW localcloud.stl_load_commits AS SELECT * FROM localcloud.load_commits;
CREATE OR REPLACE VIEW localcloud.sys_load_history AS
    SELECT userid AS user_id, query AS query_id, name AS table_name, count(*) AS file_count, sum(lines_scanned - errors)::BIGINT AS loaded_rows,
        sum(errors)::BIGINT AS error_count, 'completed' AS status, max(curtime) AS end_time
    FROM localcloud.load_commits GROUP BY ALL;

-- What clients ask for and a warehouse here never has any of.
CREATE OR REPLACE VIEW localcloud.pg_index AS SELECT NULL::INTEGER AS indexrelid, NULL::INTEGER AS indrelid, NULL::BOOLEAN AS indisprimary, NULL::BOOLEAN AS indisunique, NULL::BOOLEAN AS indisclustered, NULL::BOOLEAN AS indisvalid, NULL::BOOLEAN AS indisreplident, NULL::VARCHAR AS indkey, NULL::INTEGER AS indnatts, NULL::BOOLEAN AS indnullsnotdistinct WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_constraint AS SELECT NULL::INTEGER AS oid, NULL::VARCHAR AS conname, NULL::INTEGER AS connamespace, NULL::VARCHAR AS contype, NULL::BOOLEAN AS condeferrable, NULL::BOOLEAN AS condeferred, NULL::INTEGER AS conrelid, NULL::INTEGER AS confrelid, NULL::INTEGER AS conindid, NULL::INTEGER AS conparentid, NULL::VARCHAR AS conkey, NULL::VARCHAR AS confkey, NULL::VARCHAR AS confupdtype, NULL::VARCHAR AS confdeltype, NULL::VARCHAR AS consrc WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_description AS SELECT NULL::INTEGER AS objoid, NULL::INTEGER AS classoid, NULL::INTEGER AS objsubid, NULL::VARCHAR AS description WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_inherits AS SELECT NULL::INTEGER AS inhrelid, NULL::INTEGER AS inhparent, NULL::INTEGER AS inhseqno, NULL::BOOLEAN AS inhdetachpending WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_trigger AS SELECT NULL::INTEGER AS oid, NULL::INTEGER AS tgrelid, NULL::VARCHAR AS tgname, NULL::INTEGER AS tgfoid, NULL::VARCHAR AS tgenabled, NULL::BOOLEAN AS tgisinternal, NULL::INTEGER AS tgconstraint, NULL::INTEGER AS tgparentid, NULL::BOOLEAN AS tgdeferrable, NULL::BOOLEAN AS tginitdeferred WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_policy AS SELECT NULL::INTEGER AS oid, NULL::VARCHAR AS polname, NULL::INTEGER AS polrelid, NULL::BOOLEAN AS polpermissive, NULL::VARCHAR AS polroles, NULL::VARCHAR AS polqual, NULL::VARCHAR AS polwithcheck, NULL::VARCHAR AS polcmd WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_statistic_ext AS SELECT NULL::INTEGER AS oid, NULL::INTEGER AS stxrelid, NULL::VARCHAR AS stxname, NULL::INTEGER AS stxnamespace, NULL::VARCHAR AS stxkind, NULL::INTEGER AS stxstattarget WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_publication AS SELECT NULL::INTEGER AS oid, NULL::VARCHAR AS pubname, NULL::BOOLEAN AS puballtables WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_publication_rel AS SELECT NULL::INTEGER AS oid, NULL::INTEGER AS prpubid, NULL::INTEGER AS prrelid, NULL::VARCHAR AS prqual, NULL::VARCHAR AS prattrs WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_publication_namespace AS SELECT NULL::INTEGER AS oid, NULL::INTEGER AS pnpubid, NULL::INTEGER AS pnnspid WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_auth_members AS SELECT NULL::INTEGER AS roleid, NULL::INTEGER AS member, NULL::INTEGER AS grantor, NULL::BOOLEAN AS admin_option WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_group AS SELECT NULL::VARCHAR AS groname, NULL::INTEGER AS grosysid, NULL::VARCHAR AS grolist WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_am AS SELECT NULL::INTEGER AS oid, NULL::VARCHAR AS amname, NULL::VARCHAR AS amtype WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_collation AS SELECT NULL::INTEGER AS oid, NULL::VARCHAR AS collname, NULL::INTEGER AS collnamespace WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_tablespace AS SELECT NULL::INTEGER AS oid, NULL::VARCHAR AS spcname, NULL::INTEGER AS spcowner WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_foreign_table AS SELECT NULL::INTEGER AS ftrelid, NULL::INTEGER AS ftserver WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_rewrite AS SELECT NULL::INTEGER AS oid, NULL::VARCHAR AS rulename, NULL::INTEGER AS ev_class, NULL::BOOLEAN AS is_instead, NULL::VARCHAR AS ev_enabled WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_language AS SELECT NULL::INTEGER AS oid, NULL::VARCHAR AS lanname WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_range AS SELECT NULL::INTEGER AS rngtypid, NULL::INTEGER AS rngsubtype WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_enum AS SELECT NULL::INTEGER AS oid, NULL::INTEGER AS enumtypid, NULL::VARCHAR AS enumlabel, NULL::INTEGER AS enumsortorder WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_extension AS SELECT NULL::INTEGER AS oid, NULL::VARCHAR AS extname WHERE false;
CREATE OR REPLACE VIEW localcloud.pg_db_role_setting AS SELECT NULL::INTEGER AS setdatabase, NULL::INTEGER AS setrole, NULL::VARCHAR AS setconfig WHERE false;
CREATE OR REPLACE VIEW localcloud.svv_external_schemas AS SELECT NULL::INTEGER AS esoid, NULL::INTEGER AS eskind, NULL::VARCHAR AS schemaname, NULL::INTEGER AS esowner, NULL::VARCHAR AS databasename, NULL::VARCHAR AS esoptions WHERE false;
CREATE OR REPLACE VIEW localcloud.svv_external_tables AS SELECT NULL::VARCHAR AS schemaname, NULL::VARCHAR AS tablename, NULL::VARCHAR AS tabletype, NULL::VARCHAR AS location, NULL::VARCHAR AS redshift_database_name WHERE false;
CREATE OR REPLACE VIEW localcloud.svv_external_columns AS SELECT NULL::VARCHAR AS schemaname, NULL::VARCHAR AS tablename, NULL::VARCHAR AS columnname, NULL::VARCHAR AS external_type, NULL::INTEGER AS columnnum, NULL::INTEGER AS part_key, NULL::VARCHAR AS is_nullable, NULL::VARCHAR AS redshift_database_name WHERE false;
CREATE OR REPLACE VIEW localcloud.svv_redshift_databases AS SELECT NULL::VARCHAR AS database_name, NULL::INTEGER AS database_owner, NULL::VARCHAR AS database_type, NULL::VARCHAR AS database_acl, NULL::VARCHAR AS database_options WHERE false;
