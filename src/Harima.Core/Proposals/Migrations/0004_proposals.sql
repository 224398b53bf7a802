CREATE TABLE beamline (
    id       {key} PRIMARY KEY,
    title    TEXT NOT NULL,
    title_ja TEXT NOT NULL
);

CREATE TABLE proposal (
    id          {key} PRIMARY KEY,
    title       TEXT NOT NULL,
    title_ja    TEXT NOT NULL,
    beamline_id {key} NOT NULL REFERENCES beamline (id),
    starts_on   TEXT NOT NULL,
    ends_on     TEXT NOT NULL,
    bucket_id   BIGINT NOT NULL REFERENCES bucket (id),
    created_at  BIGINT NOT NULL
);
CREATE INDEX proposal_beamline ON proposal (beamline_id);
CREATE INDEX proposal_bucket ON proposal (bucket_id);
