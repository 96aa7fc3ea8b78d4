-- Until then every user can make tables in schema public.
REVOKE CREATE ON SCHEMA public FROM PUBLIC
