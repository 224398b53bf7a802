-- Questions people keep, with how the answer is shown. Whoever has the id may read it: it is a link to be passed on, and shows each
-- reader what that reader may see.
CREATE TABLE saved_search (
    id         {key} PRIMARY KEY,
    owner      {key} NOT NULL,
    title      TEXT NOT NULL,
    query      TEXT NOT NULL,
    sort       TEXT NOT NULL,
    descending BOOLEAN NOT NULL,
    -- JSON array of names.
    columns    TEXT NOT NULL,
    view       TEXT NOT NULL,
    -- none, mail or webhook; target is the webhook's address, secret signs what is sent there.
    notify     TEXT NOT NULL,
    target     TEXT,
    secret     TEXT,
    created_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
);
CREATE INDEX saved_search_owner ON saved_search (owner, title);

-- What its owner knows of already: found when it was saved, or told since.
CREATE TABLE saved_search_hit (
    search_id    {key} NOT NULL,
    sequence_row BIGINT NOT NULL,
    PRIMARY KEY (search_id, sequence_row)
);
