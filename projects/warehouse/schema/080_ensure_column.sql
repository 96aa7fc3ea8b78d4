-- ADD COLUMN has no IF NOT EXISTS either. A file behind this one adds a column with
-- CALL public.sp_ensure_column('level', 'INTEGER')
CREATE OR REPLACE PROCEDURE public.sp_ensure_column(new_column VARCHAR(128), new_type VARCHAR(128))
AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'events' AND column_name = new_column) THEN
        EXECUTE 'ALTER TABLE public.events ADD COLUMN ' || quote_ident(new_column) || ' ' || new_type;
    END IF;
END;
$$ LANGUAGE plpgsql
