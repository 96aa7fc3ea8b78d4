-- Delivery is at least once: of the rows with one event_id this view has the first. A row
-- without an event_id is nobody's duplicate.
CREATE OR REPLACE VIEW public.events_once AS
SELECT event_id, game_name, event_name, event_data, subject, received_at, ingested_at
FROM (
    SELECT event_id, game_name, event_name, event_data, subject, received_at, ingested_at,
           ROW_NUMBER() OVER (PARTITION BY event_id ORDER BY ingested_at, received_at) AS occurrence
    FROM public.events
) AS numbered
WHERE occurrence = 1 OR event_id IS NULL
