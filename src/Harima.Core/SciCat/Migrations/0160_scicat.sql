-- What a SciCat client says of a dataset and the catalogue has no place for. A sequence without a row is a dataset like any other;
-- what these columns say is then taken from the sequence.
CREATE TABLE scicat_dataset (
    sequence_row      BIGINT PRIMARY KEY,
    type              {key} NOT NULL,
    source_folder     {key} NOT NULL,
    -- Microseconds, as everywhere.
    creation_time     BIGINT NOT NULL,
    creation_location {key},
    -- All of the fields as they were given, the columns above among them.
    json              TEXT NOT NULL,
    changed_at        BIGINT NOT NULL,
    changed_by        TEXT NOT NULL
);

-- Files that a client described (origdatablocks) and that are not in the sequence, or were not then.
CREATE TABLE scicat_file (
    sequence_row BIGINT NOT NULL,
    -- Relative to the sequence.
    path         {key} NOT NULL,
    block        {key} NOT NULL,
    size_bytes   BIGINT NOT NULL,
    -- The rest of its description, as it was given.
    json         TEXT NOT NULL,
    PRIMARY KEY (sequence_row, path)
);
