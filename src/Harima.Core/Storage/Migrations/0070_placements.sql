-- A mark for each change of a key that may not have reached the disk yet, not only for the last one: whoever changes the key
-- after it must know whose rename or removal may still be under way, on whichever replica.
CREATE TABLE placement (
    bucket_id BIGINT NOT NULL,
    key       {key} NOT NULL,
    blob      {key} NOT NULL,
    PRIMARY KEY (bucket_id, key, blob)
);
INSERT INTO placement (bucket_id, key, blob) SELECT bucket_id, key, blob FROM unplaced;
DROP TABLE unplaced;
ALTER TABLE placement RENAME TO unplaced;
CREATE INDEX unplaced_blob ON unplaced (blob);
