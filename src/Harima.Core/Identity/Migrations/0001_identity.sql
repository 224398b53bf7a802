CREATE TABLE app_user (
    id              {key} PRIMARY KEY,
    display_name    TEXT NOT NULL,
    email           TEXT,
    password_hash   TEXT,
    failed_logins   INTEGER NOT NULL DEFAULT 0,
    locked_until_at BIGINT,
    active          BOOLEAN NOT NULL DEFAULT TRUE,
    created_at      BIGINT NOT NULL
);
CREATE UNIQUE INDEX app_user_email ON app_user (lower(email));

-- One person, several identities: issuer and subject as the identity provider states them.
CREATE TABLE external_login (
    issuer     {key} NOT NULL,
    subject    {key} NOT NULL,
    user_id    {key} NOT NULL REFERENCES app_user (id),
    created_at BIGINT NOT NULL,
    PRIMARY KEY (issuer, subject)
);

-- Secrets are not stored: they are derived from the master key, the id and the nonce.
CREATE TABLE access_key (
    id           {key} PRIMARY KEY,
    user_id      {key} NOT NULL REFERENCES app_user (id),
    description  TEXT NOT NULL,
    nonce        TEXT NOT NULL,
    session      BOOLEAN NOT NULL DEFAULT FALSE,
    created_at   BIGINT NOT NULL,
    expires_at   BIGINT,
    limit_bucket TEXT,
    limit_prefix TEXT,
    limit_right  TEXT,
    last_used_at BIGINT
);
CREATE INDEX access_key_user ON access_key (user_id);

-- Tokens for REST and the CLI; only the SHA-256 is stored.
CREATE TABLE api_token (
    id          {key} PRIMARY KEY,
    user_id     {key} NOT NULL REFERENCES app_user (id),
    description TEXT NOT NULL,
    hash        TEXT NOT NULL,
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT
);
CREATE INDEX api_token_user ON api_token (user_id);
