-- Columns of a table of search results, kept by a person under a name.
CREATE TABLE column_set (
    owner      {key} NOT NULL,
    title      {key} NOT NULL,
    -- JSON array of names.
    columns    TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (owner, title)
);
