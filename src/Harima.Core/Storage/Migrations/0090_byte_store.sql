-- Which store the bytes of this catalogue lie in: 'tree', or 's3' with the mark that lies in the bucket as well.
CREATE TABLE byte_store (
    id   INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    mark TEXT NOT NULL
);

-- Objects of the other S3 store that no row names: 'arriving' since due, until a commit takes them or they are older than an orphan
-- may be; 'leaving', to be deleted once they are due. is_upload: there may also be an unfinished multipart upload of that name.
CREATE TABLE loose_object (
    name      {key} PRIMARY KEY,
    state     TEXT NOT NULL,
    is_upload BOOLEAN NOT NULL,
    due       BIGINT NOT NULL
);
CREATE INDEX loose_object_due ON loose_object (state, due);

-- A multipart upload and the one in the other store that it is; how its whole was described when it was first completed there.
ALTER TABLE upload ADD COLUMN store_object TEXT;
ALTER TABLE upload ADD COLUMN store_upload TEXT;
ALTER TABLE upload ADD COLUMN completing TEXT;
-- What the other store calls the part.
ALTER TABLE upload_part ADD COLUMN store_etag TEXT;
