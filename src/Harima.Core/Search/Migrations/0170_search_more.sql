-- What else is searched of a sequence: its keywords, tags and stars, the schemas it follows, and the samples it refers to. A sample that
-- changes marks every sequence that refers to it. The text of a schema never changes under its version.
{tells-search label_new: INSERT ON sequence_label | FALSE | SELECT NEW.sequence_row AS row}
{tells-search label_gone: DELETE ON sequence_label | FALSE | SELECT OLD.sequence_row AS row}
{tells-search following_new: INSERT ON metadata_following | FALSE | SELECT NEW.sequence_row AS row}
{tells-search following_gone: DELETE ON metadata_following | FALSE | SELECT OLD.sequence_row AS row}
{tells-search following_changed: UPDATE OF schema_id, schema_version ON metadata_following | FALSE | SELECT NEW.sequence_row AS row}
{tells-search rating_new: INSERT ON sequence_rating | FALSE | SELECT NEW.sequence_row AS row}
{tells-search rating_gone: DELETE ON sequence_rating | FALSE | SELECT OLD.sequence_row AS row}
{tells-search rating_changed: UPDATE OF stars ON sequence_rating | FALSE | SELECT NEW.sequence_row AS row}
{tells-search sample_referred: INSERT ON sequence_sample | FALSE | SELECT NEW.sequence_row AS row}
{tells-search sample_unreferred: DELETE ON sequence_sample | FALSE | SELECT OLD.sequence_row AS row}
{tells-search sample_changed: UPDATE OF json ON sample | FALSE | SELECT q.sequence_row AS row FROM sequence_sample q WHERE q.sample_row = NEW.row}

-- An index that was made before knows nothing of these: every replica makes its own anew.
UPDATE search_clock SET catalogue = '';
