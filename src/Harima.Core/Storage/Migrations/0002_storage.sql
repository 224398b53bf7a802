CREATE TABLE bucket (
    id         {bigid},
    name       {key} NOT NULL UNIQUE,
    kind       TEXT NOT NULL,
    owner_ref  {key} NOT NULL,
    folder     TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);

CREATE TABLE data_file (
    id                 {bigid},
    bucket_id          BIGINT NOT NULL REFERENCES bucket (id),
    key                {key} NOT NULL,
    sequence_row       BIGINT,
    size_bytes         BIGINT NOT NULL,
    etag               TEXT NOT NULL,
    crc32              TEXT NOT NULL,
    crc64_nvme         TEXT NOT NULL,
    checksum_algorithm TEXT,
    checksum_value     TEXT,
    checksum_type      TEXT,
    content_type       TEXT,
    headers            TEXT,
    part_sizes         TEXT,
    owner              TEXT NOT NULL,
    modified_at        BIGINT NOT NULL,
    blob               TEXT NOT NULL,
    location           TEXT NOT NULL
);
CREATE UNIQUE INDEX data_file_key ON data_file (bucket_id, key);
CREATE INDEX data_file_sequence ON data_file (sequence_row);

-- Keys whose place on disk may not agree with their row yet: made in the same transaction as the change,
-- removed once the folder entry is known to be on disk. After a crash every one of them is reconciled.
CREATE TABLE unplaced (
    bucket_id BIGINT NOT NULL,
    key       {key} NOT NULL,
    blob      TEXT NOT NULL,
    PRIMARY KEY (bucket_id, key)
);

CREATE TABLE upload (
    id                 {key} PRIMARY KEY,
    bucket_id          BIGINT NOT NULL REFERENCES bucket (id),
    key                {key} NOT NULL,
    owner              TEXT NOT NULL,
    created_at         BIGINT NOT NULL,
    content_type       TEXT,
    headers            TEXT,
    checksum_algorithm TEXT,
    checksum_type      TEXT,
    blob               TEXT NOT NULL,
    part_size_bytes    BIGINT
);
CREATE INDEX upload_key ON upload (bucket_id, key, id);

-- A part lies in the upload's own sparse file (blob = '') at (number - 1) x part size, or in a file of its own.
CREATE TABLE upload_part (
    upload_id      {key} NOT NULL REFERENCES upload (id),
    number         INTEGER NOT NULL,
    state          TEXT NOT NULL,
    size_bytes     BIGINT NOT NULL,
    etag           TEXT NOT NULL,
    crc32          TEXT NOT NULL,
    crc64_nvme     TEXT NOT NULL,
    checksum_value TEXT,
    modified_at    BIGINT NOT NULL,
    blob           TEXT NOT NULL,
    PRIMARY KEY (upload_id, number)
);
