-- Keys that call on behalf of a user: never the key, only what a right one is told by.
CREATE TABLE javari_api_keys (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    name TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 200),
    prefix TEXT NOT NULL,
    -- Empty once it is revoked: nothing can make it good again.
    digest TEXT NOT NULL,
    operations JSONB NOT NULL,
    expires_at TIMESTAMPTZ,
    revoked_at TIMESTAMPTZ,
    use_count BIGINT NOT NULL DEFAULT 0,
    last_used_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((revoked_at IS NULL) = (digest <> '')),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE INDEX api_keys_user ON javari_api_keys (user_id, id);
CREATE INDEX api_keys_project ON javari_api_keys (project_id, user_id);

-- Which user a subject of an issuer of tokens is.
CREATE TABLE javari_identities (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    issuer TEXT NOT NULL,
    subject TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    last_seen_at TIMESTAMPTZ NOT NULL,
    UNIQUE (issuer, subject)
);
CREATE INDEX identities_user ON javari_identities (user_id, issuer);

ALTER TABLE javari_api_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_api_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY api_keys_own ON javari_api_keys USING ((SELECT javari_is_host()) OR user_id = (SELECT javari_user()));
ALTER TABLE javari_identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_identities FORCE ROW LEVEL SECURITY;
CREATE POLICY identities_own ON javari_identities
    USING ((SELECT javari_is_host()) OR user_id = (SELECT javari_user()));
