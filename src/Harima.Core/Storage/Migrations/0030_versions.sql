-- none: never asked for, every key has one version, 'null'. enabled; suspended: the old versions stay, new ones are 'null'.
ALTER TABLE bucket ADD COLUMN versioning TEXT NOT NULL DEFAULT 'none';

ALTER TABLE data_file ADD COLUMN version TEXT NOT NULL DEFAULT 'null';
-- JSON array of the parts' checksums by checksum_algorithm, beside part_sizes.
ALTER TABLE data_file ADD COLUMN part_checksums TEXT;
-- JSON array of [key, value], or null for none.
ALTER TABLE data_file ADD COLUMN tags TEXT;
ALTER TABLE upload ADD COLUMN tags TEXT;

-- Versions that are not, or no longer, the current one of their key, which stays in data_file; and delete markers, of which the
-- newest may be what its key "is". Within a key a greater id is newer: a row is made when its version ceases to be current.
CREATE TABLE file_version (
    id                 {bigid},
    bucket_id          BIGINT NOT NULL REFERENCES bucket (id),
    key                {key} NOT NULL,
    version            TEXT NOT NULL,
    is_marker          BOOLEAN NOT NULL,
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
    part_checksums     TEXT,
    tags               TEXT,
    owner              TEXT NOT NULL,
    modified_at        BIGINT NOT NULL,
    blob               {key} NOT NULL,
    location           TEXT NOT NULL
);
CREATE UNIQUE INDEX file_version_key ON file_version (bucket_id, key, id);
CREATE UNIQUE INDEX file_version_version ON file_version (bucket_id, key, version);
CREATE INDEX file_version_blob ON file_version (blob);

-- As unplaced, for the bytes of a version: kept = they must go to the hidden place, dropped = they must go altogether.
CREATE TABLE unplaced_version (
    blob      {key} PRIMARY KEY,
    bucket_id BIGINT NOT NULL,
    key       {key} NOT NULL,
    state     TEXT NOT NULL
);
CREATE INDEX unplaced_version_key ON unplaced_version (bucket_id, key);
