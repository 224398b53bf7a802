-- The schema of its kind for what no other suits; one for each kind.
ALTER TABLE metadata_schema ADD COLUMN is_general BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE metadata_schema SET is_general = TRUE WHERE id IN ('measurement', 'sample');
