-- Who read what: one row for a day, a person and a file, folded from the access log.
CREATE TABLE access_read (
    id          {bigid},
    day         INTEGER NOT NULL,
    bucket      {key} NOT NULL,
    path        {key} NOT NULL,
    actor       {key} NOT NULL,
    door        {key} NOT NULL,
    sequence_id {key} NOT NULL,
    first_at    BIGINT NOT NULL,
    last_at     BIGINT NOT NULL,
    requests    BIGINT NOT NULL,
    size_bytes  BIGINT NOT NULL,
    UNIQUE (day, bucket, path, actor, door)
);
CREATE INDEX access_read_bucket ON access_read (bucket, id);
CREATE INDEX access_read_sequence ON access_read (bucket, sequence_id, id);

-- How far each file of the access log has been folded, in bytes.
CREATE TABLE access_log_file (
    name     {key} PRIMARY KEY,
    position BIGINT NOT NULL
);
