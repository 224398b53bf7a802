-- Samples as things of their own. They belong to a proposal; a sequence of any proposal may refer to them.
CREATE TABLE sample (
    row         {bigid},
    id          {key} NOT NULL UNIQUE,
    proposal_id {key} NOT NULL REFERENCES proposal (id),
    name        TEXT NOT NULL,
    -- The description, its text exactly as it came.
    json        TEXT NOT NULL,
    version     BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    created_by  TEXT NOT NULL,
    changed_at  BIGINT NOT NULL,
    changed_by  TEXT NOT NULL
);
CREATE INDEX sample_proposal ON sample (proposal_id, row);

CREATE TABLE sample_parent (
    sample_row BIGINT NOT NULL REFERENCES sample (row),
    parent_row BIGINT NOT NULL REFERENCES sample (row),
    PRIMARY KEY (sample_row, parent_row)
);
CREATE INDEX sample_parent_parent ON sample_parent (parent_row);

CREATE TABLE sample_change (
    id         {bigid},
    sample_row BIGINT NOT NULL,
    before     TEXT,
    after      TEXT NOT NULL,
    at         BIGINT NOT NULL,
    actor      TEXT NOT NULL
);
CREATE INDEX sample_change_sample ON sample_change (sample_row, id);

CREATE TABLE sequence_sample (
    sequence_row BIGINT NOT NULL,
    sample_row   BIGINT NOT NULL REFERENCES sample (row),
    PRIMARY KEY (sequence_row, sample_row)
);
CREATE INDEX sequence_sample_sample ON sequence_sample (sample_row);
