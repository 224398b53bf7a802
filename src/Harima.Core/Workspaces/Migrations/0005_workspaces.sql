CREATE TABLE workspace (
    id         {key} PRIMARY KEY,
    title      TEXT NOT NULL,
    owner      TEXT NOT NULL,
    bucket_id  BIGINT NOT NULL REFERENCES bucket (id),
    created_at BIGINT NOT NULL
);
CREATE INDEX workspace_bucket ON workspace (bucket_id);
