-- Folders outside Harima's own tree whose files are catalogued where they lie. A row never changes: what is remembered of it is true.
-- prefix: what the keys of its files begin with, such as 'S0042/'.
CREATE TABLE registered_folder (
    id        {bigid},
    bucket_id BIGINT NOT NULL REFERENCES bucket (id),
    path      {key} NOT NULL,
    prefix    {key} NOT NULL,
    UNIQUE (bucket_id, prefix, path)
);

-- Keys whose registered file somebody has replaced or removed in Harima, where only the catalogue changes: a re-scan finds the file
-- on the storage as before, and must not undo that.
CREATE TABLE registered_replaced (
    bucket_id BIGINT NOT NULL,
    key       {key} NOT NULL,
    PRIMARY KEY (bucket_id, key)
);

-- Files whose checksums nobody knows yet.
CREATE INDEX data_file_without_sums ON data_file (id) WHERE crc32 = '';
