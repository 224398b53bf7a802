-- A schema's text never changes under its version: who follows version 1 keeps it. technique and instrument may be ''.
CREATE TABLE metadata_schema (
    id            TEXT NOT NULL,
    version       BIGINT NOT NULL,
    kind          TEXT NOT NULL,
    technique     TEXT NOT NULL,
    instrument    TEXT NOT NULL,
    title         TEXT NOT NULL,
    title_ja      TEXT NOT NULL,
    json          TEXT NOT NULL,
    registered_at BIGINT NOT NULL,
    registered_by TEXT NOT NULL,
    retired_at    BIGINT,
    PRIMARY KEY (id, version)
);

-- Which schema a document of a sequence follows.
CREATE TABLE metadata_following (
    sequence_row   BIGINT NOT NULL,
    kind           TEXT NOT NULL,
    schema_id      TEXT NOT NULL,
    schema_version BIGINT NOT NULL,
    chosen_at      BIGINT NOT NULL,
    chosen_by      TEXT NOT NULL,
    PRIMARY KEY (sequence_row, kind)
);

CREATE TABLE metadata_bulk (
    id        TEXT PRIMARY KEY,
    at        BIGINT NOT NULL,
    actor     TEXT NOT NULL,
    summary   TEXT NOT NULL,
    sequences BIGINT NOT NULL,
    undone_at BIGINT
);

-- The bulk change a change was part of.
ALTER TABLE metadata_change ADD COLUMN bulk_id TEXT;
CREATE INDEX metadata_change_bulk ON metadata_change (bulk_id);

-- kind: keyword (describes, for everyone) or tag (how people sort their work).
CREATE TABLE sequence_label (
    sequence_row BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    label        TEXT NOT NULL,
    added_at     BIGINT NOT NULL,
    added_by     TEXT NOT NULL,
    PRIMARY KEY (sequence_row, kind, label)
);

CREATE TABLE sequence_comment (
    id           {bigid},
    sequence_row BIGINT NOT NULL,
    author       TEXT NOT NULL,
    at           BIGINT NOT NULL,
    text         TEXT NOT NULL,
    edited_at    BIGINT
);
CREATE INDEX sequence_comment_sequence ON sequence_comment (sequence_row, id);

CREATE TABLE comment_mention (
    comment_id BIGINT NOT NULL,
    user_id    TEXT NOT NULL,
    seen_at    BIGINT,
    PRIMARY KEY (user_id, comment_id)
);

CREATE TABLE sequence_rating (
    sequence_row BIGINT NOT NULL,
    user_id      TEXT NOT NULL,
    stars        BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (sequence_row, user_id)
);
