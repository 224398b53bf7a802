-- How far each kind of work has followed the audit, which is written in the transaction of every change.
CREATE TABLE audit_follower (
    queue    {key} PRIMARY KEY,
    position BIGINT NOT NULL
);
