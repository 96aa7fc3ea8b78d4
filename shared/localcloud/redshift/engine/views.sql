-- The views that answer for pg_catalog, information_schema and Redshift's system tables.
CREATE OR REPLACE VIEW localcloud.stl_load_errors AS SELECT * FROM localcloud.load_errors;
