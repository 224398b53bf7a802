-- When who made a large change saw that it has ended: the bell tells it until then. Those of before are not told any more.
ALTER TABLE large_edit ADD COLUMN seen_at BIGINT;
UPDATE large_edit SET seen_at = ended_at;
CREATE INDEX large_edit_unseen ON large_edit (actor) WHERE seen_at IS NULL;
