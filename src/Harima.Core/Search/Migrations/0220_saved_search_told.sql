-- What was told of saved searches and whether it arrived, for their owners to see.
CREATE TABLE saved_search_told (
    id            {bigid},
    search_id     {key} NOT NULL,
    -- Tried again, it is the same message. A test is one of its own.
    message       {key} NOT NULL,
    is_test       BOOLEAN NOT NULL,
    -- bell, mail or webhook.
    way           TEXT NOT NULL,
    at            BIGINT NOT NULL,
    found         BIGINT NOT NULL,
    -- JSON array of the rows of the newest.
    sequence_rows TEXT NOT NULL,
    attempts      BIGINT NOT NULL,
    -- Why the last attempt failed; NULL once it has arrived.
    problem       TEXT,
    -- When its owner has seen it, for what is told by the bell.
    seen_at       BIGINT
);
CREATE UNIQUE INDEX saved_search_told_message ON saved_search_told (search_id, message);
