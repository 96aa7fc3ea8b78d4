GRANT USAGE ON SCHEMA public TO ${loader}
