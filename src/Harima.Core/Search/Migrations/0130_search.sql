-- What changed for the search index, taken up by every replica for its own. Written by triggers in the transaction of the change:
-- one row for a sequence and a position, however often it changes within. See Catalogue/Dialect.cs for {tells-search …}.
-- position: PostgreSQL the transaction's id, SQLite search_clock. reach: who may see the sequence may have changed too.
CREATE TABLE search_change (
    position     BIGINT NOT NULL,
    sequence_row BIGINT NOT NULL,
    reach        BOOLEAN NOT NULL,
    PRIMARY KEY (position, sequence_row)
);
CREATE INDEX search_change_reach ON search_change (position, sequence_row) WHERE reach;

-- value: SQLite's position. The reader moves it on before it reads, so what is written afterwards lies behind.
-- catalogue: which catalogue an index was made from; filled at the first start.
CREATE TABLE search_clock (
    value     BIGINT NOT NULL,
    catalogue TEXT NOT NULL
);
INSERT INTO search_clock (value, catalogue) VALUES (1, '');

-- How far each replica's index is. Changes before all of them are forgotten; a replica that comes back later rebuilds.
CREATE TABLE search_replica (
    id        {key} PRIMARY KEY,
    position  BIGINT NOT NULL,
    documents BIGINT NOT NULL,
    state     TEXT NOT NULL,
    seen_at   BIGINT NOT NULL
);

{tells-search sequence_new: INSERT ON sequence | FALSE | SELECT NEW.row AS row}
{tells-search sequence_gone: DELETE ON sequence | TRUE | SELECT OLD.row AS row}
{tells-search sequence_moved: UPDATE OF proposal_id, id, ref, beamline_id ON sequence | TRUE | SELECT NEW.row AS row}
{tells-search sequence_changed: UPDATE OF state, owner, created_at, closed_at, size_bytes, file_count ON sequence | FALSE | SELECT NEW.row AS row}
{tells-search metadata_new: INSERT ON metadata | FALSE | SELECT NEW.sequence_row AS row}
{tells-search metadata_gone: DELETE ON metadata | FALSE | SELECT OLD.sequence_row AS row}
{tells-search metadata_changed: UPDATE OF json ON metadata | FALSE | SELECT NEW.sequence_row AS row}
{tells-search everyone_may: INSERT ON access_grant | TRUE | SELECT s.row FROM sequence s WHERE s.ref = NEW.id AND NEW.kind = 'sequence' AND NEW.subject = 'everyone'}
{tells-search everyone_mayed: DELETE ON access_grant | TRUE | SELECT s.row FROM sequence s WHERE s.ref = OLD.id AND OLD.kind = 'sequence' AND OLD.subject = 'everyone'}
{tells-search proposal_changed: UPDATE OF title, title_ja ON proposal | FALSE | SELECT s.row FROM sequence s WHERE s.proposal_id = NEW.id}
{tells-search person_renamed: UPDATE OF display_name ON app_user | FALSE | SELECT s.row FROM sequence s WHERE s.owner = NEW.id AND NEW.display_name <> OLD.display_name}
