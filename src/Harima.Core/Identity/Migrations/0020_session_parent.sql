-- Session credentials made with an access key end with that key.
ALTER TABLE access_key ADD COLUMN parent_id {key};
CREATE INDEX access_key_parent ON access_key (parent_id);
