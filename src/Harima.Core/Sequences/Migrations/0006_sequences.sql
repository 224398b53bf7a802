CREATE TABLE sequence (
    row         {bigid},
    proposal_id {key} NOT NULL REFERENCES proposal (id),
    id          {key} NOT NULL,
    -- proposal_id/id: the name under which rights are granted.
    ref         {key} NOT NULL UNIQUE,
    beamline_id {key} NOT NULL,
    state       TEXT NOT NULL,
    owner       {key} NOT NULL,
    created_at  BIGINT NOT NULL,
    closed_at   BIGINT,
    size_bytes  BIGINT NOT NULL DEFAULT 0,
    file_count  BIGINT NOT NULL DEFAULT 0,
    UNIQUE (proposal_id, id)
);
CREATE INDEX sequence_created ON sequence (created_at, row);
CREATE INDEX sequence_id ON sequence (id, row);
CREATE INDEX sequence_size ON sequence (size_bytes, row);
CREATE INDEX sequence_owner ON sequence (owner, row);
CREATE INDEX sequence_proposal ON sequence (proposal_id, created_at, row);
CREATE INDEX sequence_beamline ON sequence (beamline_id, created_at, row);
