-- Comments are searched too. An index that was made before knows none: every replica makes its own anew.
{tells-search comment_new: INSERT ON sequence_comment | FALSE | SELECT NEW.sequence_row AS row}
{tells-search comment_gone: DELETE ON sequence_comment | FALSE | SELECT OLD.sequence_row AS row}
{tells-search comment_changed: UPDATE OF text ON sequence_comment | FALSE | SELECT NEW.sequence_row AS row}
UPDATE search_clock SET catalogue = '';
