-- kind: measurement or sample. The text is kept exactly as it came.
CREATE TABLE metadata (
    sequence_row BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    json         TEXT NOT NULL,
    changed_at   BIGINT NOT NULL,
    changed_by   TEXT NOT NULL,
    PRIMARY KEY (sequence_row, kind)
);

CREATE TABLE metadata_change (
    id           {bigid},
    sequence_row BIGINT NOT NULL,
    kind         TEXT NOT NULL,
    before       TEXT,
    after        TEXT,
    at           BIGINT NOT NULL,
    actor        TEXT NOT NULL
);
CREATE INDEX metadata_change_sequence ON metadata_change (sequence_row, id);
