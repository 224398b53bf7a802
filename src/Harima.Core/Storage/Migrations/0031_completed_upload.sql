-- The multipart upload a version came from: a client that lost the answer completes again, and gets the same one.
ALTER TABLE data_file ADD COLUMN upload_id TEXT;
ALTER TABLE file_version ADD COLUMN upload_id TEXT;
