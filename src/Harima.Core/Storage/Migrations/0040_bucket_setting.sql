-- What those who manage a bucket have set for it: one document per kind.
CREATE TABLE bucket_setting (
    bucket_id BIGINT NOT NULL REFERENCES bucket (id),
    kind      TEXT NOT NULL,
    document  TEXT NOT NULL,
    PRIMARY KEY (bucket_id, kind)
);
{decides-access bucket_setting: INSERT, UPDATE, DELETE}
