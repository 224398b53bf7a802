-- What the refusal speaks of, as JSON: so that a surface can say it in another language.
ALTER TABLE large_edit_item ADD COLUMN fields TEXT;
