-- A watched search may be silent for a while without losing where it tells; one that was deleted can be had back for a day.
ALTER TABLE saved_search ADD COLUMN paused BOOLEAN NOT NULL DEFAULT FALSE;
ALTER TABLE saved_search ADD COLUMN deleted_at BIGINT;
