-- Addresses with which whoever holds them may fetch one archive until they expire. Only the SHA-256 of the secret is stored.
CREATE TABLE archive_link (
    hash       {key} PRIMARY KEY,
    user_id    {key},
    format     TEXT NOT NULL,
    sequences  TEXT NOT NULL,
    etag       TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX archive_link_expires ON archive_link (expires_at);
