-- Which files of a tree are catalogued: patterns, one a line. None to include means all.
ALTER TABLE registration ADD COLUMN include_patterns TEXT NOT NULL DEFAULT '';
ALTER TABLE registration ADD COLUMN exclude_patterns TEXT NOT NULL DEFAULT '';
-- Files that were left out by them, and folders that were not looked into.
ALTER TABLE registration ADD COLUMN excluded BIGINT NOT NULL DEFAULT 0;
