-- A bulk change of more sequences than one transaction should hold: done in portions by a worker.
-- id: also the bulk change's (metadata_bulk), for an edit. kind: edit or undo. undoes: the bulk change that an undo puts back.
-- edits: what is done to each, as JSON; null where each has its own. state: running, done or cancelled.
CREATE TABLE large_edit (
    id         {key} PRIMARY KEY,
    kind       TEXT NOT NULL,
    undoes     TEXT,
    actor      {key} NOT NULL,
    via        TEXT NOT NULL,
    summary    TEXT NOT NULL,
    edits      TEXT,
    state      TEXT NOT NULL,
    cancelled  BOOLEAN NOT NULL DEFAULT FALSE,
    total      BIGINT NOT NULL,
    done       BIGINT NOT NULL DEFAULT 0,
    changed    BIGINT NOT NULL DEFAULT 0,
    refused    BIGINT NOT NULL DEFAULT 0,
    created_at BIGINT NOT NULL,
    ended_at   BIGINT
);
CREATE INDEX large_edit_actor ON large_edit (actor, id);

-- What it is about, in order; when it has ended only those that were refused stay.
CREATE TABLE large_edit_item (
    edit_id     {key} NOT NULL,
    n           BIGINT NOT NULL,
    proposal_id TEXT NOT NULL,
    sequence_id TEXT NOT NULL,
    edits       TEXT,
    reason      TEXT,
    refusal     TEXT,
    PRIMARY KEY (edit_id, n)
);
