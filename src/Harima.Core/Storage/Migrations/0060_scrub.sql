-- Where the scrubber is: one row for the facility, whichever replica works on it.
CREATE TABLE scrub (
    id            INTEGER PRIMARY KEY,
    state         TEXT NOT NULL,
    reason        TEXT,
    pass          BIGINT NOT NULL,
    started_at    BIGINT,
    ended_at      BIGINT,
    files_total   BIGINT NOT NULL,
    bytes_total   BIGINT NOT NULL,
    files_checked BIGINT NOT NULL,
    bytes_checked BIGINT NOT NULL,
    -- Row of the last file that was checked; then how far into the next one, and the CRC-64 up to there.
    position      BIGINT NOT NULL,
    blob          TEXT,
    offset_bytes  BIGINT NOT NULL,
    crc64_nvme    TEXT,
    holder        TEXT,
    held_until    BIGINT NOT NULL
);
INSERT INTO scrub (id, state, pass, files_total, bytes_total, files_checked, bytes_checked, position, offset_bytes, held_until)
VALUES (1, 'idle', 0, 0, 0, 0, 0, 0, 0, 0);

-- Stored bytes that are not what was stored. A version is named by its blob, so an overwrite leaves its damage behind.
CREATE TABLE damaged_file (
    blob       {key} PRIMARY KEY,
    bucket_id  BIGINT NOT NULL,
    key        {key} NOT NULL,
    size_bytes BIGINT NOT NULL,
    damage     TEXT NOT NULL,
    expected   TEXT NOT NULL,
    found      TEXT,
    found_at   BIGINT NOT NULL,
    checked_at BIGINT NOT NULL
);
CREATE INDEX damaged_file_found ON damaged_file (found_at, blob);
