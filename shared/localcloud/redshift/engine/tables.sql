-- What a Redshift database keeps about itself, in the schema that users cannot name.
CREATE SCHEMA IF NOT EXISTS localcloud;
CREATE SCHEMA IF NOT EXISTS public;
CREATE SEQUENCE IF NOT EXISTS localcloud.next_oid START 100100;
CREATE SEQUENCE IF NOT EXISTS localcloud.next_user START 101;

-- Object identifier 0 is the database itself, 2200 schema public (as in PostgreSQL).
CREATE TABLE IF NOT EXISTS localcloud.users (
    usesysid INTEGER, usename VARCHAR, usesuper BOOLEAN, usecreatedb BOOLEAN,
    password VARCHAR, valuntil TIMESTAMP, connlimit INTEGER);
CREATE TABLE IF NOT EXISTS localcloud.objects (
    oid INTEGER, kind VARCHAR, schema VARCHAR, name VARCHAR, owner INTEGER,
    definition VARCHAR, diststyle VARCHAR, created TIMESTAMP);
CREATE TABLE IF NOT EXISTS localcloud.columns (
    oid INTEGER, num INTEGER, name VARCHAR, type VARCHAR, length INTEGER, prec INTEGER, scale INTEGER,
    typoid INTEGER, typmod INTEGER, not_null BOOLEAN, default_text VARCHAR, default_duck VARCHAR,
    identity VARCHAR, encoding VARCHAR, distkey BOOLEAN, sortkey INTEGER);
CREATE TABLE IF NOT EXISTS localcloud.grants (
    oid INTEGER, grantee INTEGER, privilege VARCHAR, grantor INTEGER);

CREATE TABLE IF NOT EXISTS localcloud.load_errors (
    userid INTEGER, slice INTEGER, tbl INTEGER, starttime TIMESTAMP, session INTEGER, query INTEGER,
    filename VARCHAR, line_number BIGINT, colname VARCHAR, type VARCHAR, col_length VARCHAR,
    position INTEGER, raw_line VARCHAR, raw_field_value VARCHAR, err_code INTEGER, err_reason VARCHAR);
CREATE TABLE IF NOT EXISTS localcloud.load_commits (
    userid INTEGER, query INTEGER, slice INTEGER, name VARCHAR, filename VARCHAR, byte_offset INTEGER,
    lines_scanned BIGINT, errors INTEGER, status INTEGER, curtime TIMESTAMP);
CREATE SEQUENCE IF NOT EXISTS localcloud.next_query START 1;
