-- What is to be done later. One row for a kind of work and what it is about, however often it was asked for.
CREATE TABLE work (
    id         {bigid},
    queue      {key} NOT NULL,
    subject    {key} NOT NULL,
    payload    TEXT,
    -- Rises when it is asked for again; work that was asked for while it was being done is done once more.
    asked      BIGINT NOT NULL,
    attempts   INTEGER NOT NULL,
    -- When it may be taken: the settling time, the end of a back-off, or the end of the lease of whoever has it.
    due_at     BIGINT NOT NULL,
    -- Who has it, by a word of their own; null while nobody does.
    claim      TEXT,
    dead       BOOLEAN NOT NULL DEFAULT FALSE,
    last_error TEXT,
    created_at BIGINT NOT NULL,
    UNIQUE (queue, subject)
);
CREATE INDEX work_due ON work (queue, dead, due_at, id);
