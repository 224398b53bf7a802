-- One number that rises in the transaction of every change that could change who may do what, or where a name leads.
-- What was looked up while it stood at N holds until it moves: see Catalogue/AccessGeneration.cs. Triggers, because a
-- use case can forget to tell and a table cannot. Left out is what happens all the time and decides nothing: a login,
-- "last used", a sequence's size. New keys and new people are left out too: what does not exist is not remembered.
CREATE TABLE access_generation (value BIGINT NOT NULL);
INSERT INTO access_generation (value) VALUES (1);

{decides-access app_user: DELETE, UPDATE OF active}
{decides-access access_key: DELETE, UPDATE OF user_id, nonce, session, expires_at, limit_bucket, limit_prefix, limit_right}
{decides-access bucket: INSERT, DELETE, UPDATE}
{decides-access access_grant: INSERT, DELETE, UPDATE}
{decides-access proposal: INSERT, DELETE, UPDATE}
{decides-access workspace: INSERT, DELETE, UPDATE}
{decides-access sequence: INSERT, DELETE, UPDATE OF proposal_id, id, ref, beamline_id, state}
