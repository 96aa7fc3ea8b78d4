// Package redshift is the local cloud's Amazon Redshift: clusters with their subnet and
// parameter groups, SQL over the PostgreSQL protocol and over the Redshift Data API, and
// COPY from S3. The databases are package engine's, one DuckDB file a cluster.
//
// # One port for every cluster
//
// All clusters share the port that the service was given, on 127.0.0.1. A cluster's
// endpoint is "<identifier>.<12 characters>.<region>.redshift.localhost:<port>", a
// loopback name with which a JDBC URL matches AWS's pattern for it. Which cluster a
// connection is for is told by that name when it is sent with TLS (SNI), as psql and
// pgx do, else by the name of the database, when only one cluster has it.
//
// Redshift Serverless is the same database behind a workgroup, whose endpoint is
// "<workgroup>.<account>.<region>.redshift-serverless.localhost:<port>".
//
// # What differs from a cluster on AWS
//
// One node and one process: node types and counts, keys, encodings, ANALYZE and VACUUM are
// checked, kept and change nothing. SUM of integers is a BIGINT only where it can be seen
// that it is of small ones (a column, a cast), and NUMERIC elsewhere; divisions, AVG of
// NUMERIC and PERCENTILE_CONT of integers are DOUBLE PRECISION. SUPER compares by the other
// side's type, and functions of text take it as text. Blanks at the end of a text do not
// count where it is compared, but do in GROUP BY, DISTINCT, set operations and JOIN USING;
// CHAR is not padded with them. Literals of dates are read in all documented formats but
// those BC, and text in columns in ISO 8601 alone. ALTER TABLE of a column waits for whoever
// writes in the database, and they for it, not in its table alone. SET TIMEZONE takes a
// name, and of offsets such as GMT-02:00; COPY takes a time without an offset as UTC's
// whatever the session's time zone. Notices are not sent. What is not served is refused with
// SQLSTATE 0A000.
package redshift
