-- What the headers of a sequence's files say, beside what people typed. Made anew whenever files change.
CREATE TABLE extraction (
    sequence_row BIGINT PRIMARY KEY,
    at           BIGINT NOT NULL,
    files_read   INTEGER NOT NULL,
    files_passed INTEGER NOT NULL,
    -- JSON array of {file, message}.
    problems     TEXT NOT NULL
);

CREATE TABLE extracted_value (
    sequence_row BIGINT NOT NULL,
    place        INTEGER NOT NULL,
    kind         TEXT NOT NULL,
    path         TEXT NOT NULL,
    -- A JSON string or number.
    value        TEXT NOT NULL,
    unit         TEXT,
    file         TEXT NOT NULL,
    file_path    TEXT NOT NULL,
    files        INTEGER NOT NULL,
    PRIMARY KEY (sequence_row, place)
);
