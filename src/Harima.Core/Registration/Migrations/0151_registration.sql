-- Trees on the facility's storage whose files are catalogued where they lie, and how far the looking through them is.
CREATE TABLE registration (
    id            {key} PRIMARY KEY,
    path          {key} NOT NULL,
    proposal_id   {key} NOT NULL REFERENCES proposal (id),
    -- All of it is this sequence; or null, and each folder that many levels down is one.
    sequence_id   TEXT,
    level         INTEGER NOT NULL,
    state         TEXT NOT NULL,
    reason        TEXT,
    -- Counts how often it was looked through, from 1.
    scan          BIGINT NOT NULL,
    -- Whoever takes over writes itself in here; then the other can write no more.
    holder        TEXT,
    -- Everything up to this path has been dealt with; null before the first.
    position      TEXT,
    files_found   BIGINT NOT NULL DEFAULT 0,
    bytes_found   BIGINT NOT NULL DEFAULT 0,
    files_added   BIGINT NOT NULL DEFAULT 0,
    files_changed BIGINT NOT NULL DEFAULT 0,
    files_removed BIGINT NOT NULL DEFAULT 0,
    files_kept    BIGINT NOT NULL DEFAULT 0,
    problems      BIGINT NOT NULL DEFAULT 0,
    requested_by  {key} NOT NULL,
    created_at    BIGINT NOT NULL,
    started_at    BIGINT NOT NULL,
    ended_at      BIGINT
);

-- The sequences of a registration. pending_*: what has been added to the catalogue but not to the sequence's size yet, which is
-- changed now and then only, since the search index reads a sequence again whenever it changes.
CREATE TABLE registration_sequence (
    registration_id {key} NOT NULL REFERENCES registration (id),
    folder_id       BIGINT NOT NULL REFERENCES registered_folder (id),
    path            TEXT NOT NULL,
    sequence_id     TEXT NOT NULL,
    -- The last scan that dealt with it.
    scan            BIGINT NOT NULL,
    pending_files   BIGINT NOT NULL,
    pending_bytes   BIGINT NOT NULL,
    added           BIGINT NOT NULL,
    changed         BIGINT NOT NULL,
    removed         BIGINT NOT NULL,
    PRIMARY KEY (registration_id, folder_id)
);

-- What a scan found that it could not catalogue (link, special, name, unreadable, …), or that had changed or gone since the scan before:
-- then with what the catalogue knew of the file.
CREATE TABLE registration_finding (
    id              {bigid},
    registration_id {key} NOT NULL REFERENCES registration (id),
    scan            BIGINT NOT NULL,
    kind            TEXT NOT NULL,
    path            TEXT NOT NULL,
    size_bytes      BIGINT,
    etag            TEXT,
    crc64_nvme      TEXT
);
CREATE INDEX registration_finding_scan ON registration_finding (registration_id, scan, id);
