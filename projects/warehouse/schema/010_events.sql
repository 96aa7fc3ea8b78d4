-- Where COPY puts events. A column that an event does not have is null; ingested_at is
-- when the row came, and is not loaded.
CREATE TABLE IF NOT EXISTS public.events (
    event_id    VARCHAR(128),
    game_name   VARCHAR(100),
    event_name  VARCHAR(100),
    event_data  SUPER,
    subject     VARCHAR(128),
    received_at TIMESTAMPTZ,
    ingested_at TIMESTAMP DEFAULT GETDATE()
)
DISTSTYLE AUTO
SORTKEY (received_at)
