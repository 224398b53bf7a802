-- Proposals that somebody does not want to see again. What a file says differently later is proposed anew.
CREATE TABLE extracted_dismissed (
    sequence_row BIGINT NOT NULL,
    path         TEXT NOT NULL,
    value        TEXT NOT NULL,
    -- '' for none.
    unit         TEXT NOT NULL,
    dismissed_at BIGINT NOT NULL,
    dismissed_by TEXT NOT NULL,
    PRIMARY KEY (sequence_row, path, value, unit)
);

-- The time zone that was taken for a time whose file states none.
ALTER TABLE extracted_value ADD COLUMN assumed_zone TEXT;
