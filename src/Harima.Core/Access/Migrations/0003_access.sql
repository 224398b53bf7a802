-- One table decides every right: (what, who, in which role) -> right. Roles on proposals, beamlines and the
-- facility are rows like any other; 'everyone' is a subject like any other.
CREATE TABLE access_grant (
    kind       TEXT NOT NULL,
    id         {key} NOT NULL,
    subject    {key} NOT NULL,
    role       TEXT NOT NULL,
    access     TEXT NOT NULL,
    granted_by TEXT NOT NULL,
    granted_at BIGINT NOT NULL,
    PRIMARY KEY (kind, id, subject, role)
);
CREATE INDEX access_grant_subject ON access_grant (subject, kind, id);

CREATE TABLE audit_event (
    id      {bigid},
    at      BIGINT NOT NULL,
    actor   TEXT NOT NULL,
    via     TEXT NOT NULL,
    action  TEXT NOT NULL,
    kind    TEXT NOT NULL,
    ref     {key} NOT NULL,
    detail  TEXT
);
CREATE INDEX audit_event_ref ON audit_event (kind, ref, id);
