-- INSERT is all that COPY needs, and all that Firehose gets.
GRANT INSERT ON TABLE public.events TO ${loader}
