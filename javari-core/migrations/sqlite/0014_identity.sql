-- Keys that call on behalf of a user: never the key, only what a right one is told by.
CREATE TABLE javari_api_keys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    prefix TEXT NOT NULL,
    -- Empty once it is revoked: nothing can make it good again.
    digest TEXT NOT NULL,
    operations TEXT NOT NULL CHECK (json_valid(operations)),
    expires_at TEXT,
    revoked_at TEXT,
    use_count INTEGER NOT NULL DEFAULT 0,
    last_used_at TEXT,
    created_at TEXT NOT NULL,
    CHECK ((revoked_at IS NULL) = (digest <> '')),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX api_keys_user ON javari_api_keys (user_id, id);
CREATE INDEX api_keys_project ON javari_api_keys (project_id, user_id);

-- Which user a subject of an issuer of tokens is.
CREATE TABLE javari_identities (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    UNIQUE (issuer, subject)
) STRICT;
CREATE INDEX identities_user ON javari_identities (user_id, issuer);
