-- What a sequence is called, beside its documents, so that lists of any length are ordered by it without reading one:
-- title is of the measurement document (Metadata/SequenceTitle.cs), given_title what a SciCat client insists on beside it.
ALTER TABLE sequence ADD COLUMN title {key};
ALTER TABLE sequence ADD COLUMN given_title {key};

-- The first characters only: an entry of an index has an end, a title has none.
CREATE INDEX sequence_title ON sequence (substr(COALESCE(given_title, title, ref), 1, 200));

-- What is in the catalogue already is read once (SciCat/NameDatasets.cs).
INSERT INTO work (queue, subject, asked, attempts, due_at, created_at)
SELECT 'dataset-names', 'all', 1, 0, 0, 0
WHERE EXISTS (SELECT 1 FROM metadata) OR EXISTS (SELECT 1 FROM scicat_dataset);
