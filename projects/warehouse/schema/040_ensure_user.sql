-- CREATE USER has no IF NOT EXISTS. The password comes as a hash, so no clear one is in
-- the SQL that AWS keeps.
CREATE OR REPLACE PROCEDURE public.sp_ensure_user(loader_name VARCHAR(128), password_hash VARCHAR(256))
AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM pg_user WHERE usename = loader_name) THEN
        EXECUTE 'ALTER USER ' || quote_ident(loader_name) || ' PASSWORD ' || quote_literal(password_hash);
    ELSE
        EXECUTE 'CREATE USER ' || quote_ident(loader_name) || ' PASSWORD ' || quote_literal(password_hash);
    END IF;
END;
$$ LANGUAGE plpgsql
