-- Which vault this is and which root key sealed it. One row.
CREATE TABLE javari_key_registry (
    vault_id UUID PRIMARY KEY,
    root_key_id TEXT NOT NULL,
    minimum_suite INTEGER NOT NULL CHECK (minimum_suite IN (1, 2)),
    authentication TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE UNIQUE INDEX key_registry_single ON javari_key_registry ((1));

-- One data key for each user, project and subproject, sealed with the root's key-encryption key.
-- Deleting a row shreds everything sealed with it.
CREATE TABLE javari_data_keys (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    subproject_id UUID,
    version INTEGER NOT NULL CHECK (version > 0),
    root_key_id TEXT NOT NULL,
    encrypted_value TEXT NOT NULL,
    encryption_iv TEXT NOT NULL,
    encryption_tag TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK (subproject_id IS NULL OR project_id IS NOT NULL),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (subproject_id, project_id, user_id)
        REFERENCES subprojects (id, project_id, user_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX data_keys_scope
    ON javari_data_keys (user_id, project_id, subproject_id, version) NULLS NOT DISTINCT;
CREATE INDEX data_keys_project ON javari_data_keys (project_id, user_id);
CREATE INDEX data_keys_subproject ON javari_data_keys (subproject_id, project_id, user_id);

CREATE TABLE javari_credentials (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    subproject_id UUID,
    name TEXT NOT NULL,
    description TEXT,
    -- The active version, mirrored so that SQL written for the seed's table keeps reading it.
    encrypted_value TEXT NOT NULL,
    encryption_iv TEXT NOT NULL,
    encryption_tag TEXT NOT NULL,
    enc_suite INTEGER NOT NULL CHECK (enc_suite IN (1, 2)),
    key_id UUID,
    current_version INTEGER NOT NULL CHECK (current_version > 0),
    credential_type TEXT NOT NULL DEFAULT 'custom' CHECK (credential_type IN (
        'github_token', 'vercel_token', 'api_key', 'database_url',
        'webhook_secret', 'oauth_client', 'custom'
    )),
    is_inherited BOOLEAN NOT NULL DEFAULT TRUE,
    allow_override BOOLEAN NOT NULL DEFAULT TRUE,
    expires_at TIMESTAMPTZ,
    last_used_at TIMESTAMPTZ,
    use_count BIGINT NOT NULL DEFAULT 0,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK (subproject_id IS NULL OR project_id IS NOT NULL),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (subproject_id, project_id, user_id)
        REFERENCES subprojects (id, project_id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
);
CREATE UNIQUE INDEX credentials_name
    ON javari_credentials (user_id, project_id, subproject_id, name) NULLS NOT DISTINCT;
CREATE INDEX credentials_project ON javari_credentials (project_id, user_id);
CREATE INDEX credentials_subproject ON javari_credentials (subproject_id, project_id, user_id);

CREATE TABLE javari_credential_versions (
    credential_id UUID NOT NULL,
    user_id UUID NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'grace', 'revoked', 'destroyed')),
    enc_suite INTEGER NOT NULL CHECK (enc_suite IN (1, 2)),
    key_id UUID,
    encrypted_value TEXT,
    encryption_iv TEXT,
    encryption_tag TEXT,
    -- What the seal was bound to beside the names above.
    flags TEXT NOT NULL,
    credential_type TEXT NOT NULL,
    grace_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (credential_id, version),
    FOREIGN KEY (credential_id, user_id)
        REFERENCES javari_credentials (id, user_id) ON DELETE CASCADE,
    CHECK ((state = 'grace') = (grace_until IS NOT NULL)),
    CHECK ((state = 'destroyed') = (encrypted_value IS NULL))
);
CREATE UNIQUE INDEX credential_versions_active
    ON javari_credential_versions (credential_id) WHERE state = 'active';

-- Which key sealed the vault is no user's data; everybody's statements check it.
ALTER TABLE javari_key_registry ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_key_registry FORCE ROW LEVEL SECURITY;
CREATE POLICY key_registry_read ON javari_key_registry FOR SELECT USING (TRUE);
CREATE POLICY key_registry_write ON javari_key_registry
    USING (javari_is_host()) WITH CHECK (javari_is_host());
ALTER TABLE javari_data_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_data_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY data_keys_own ON javari_data_keys USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE javari_credentials ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_credentials FORCE ROW LEVEL SECURITY;
CREATE POLICY credentials_own ON javari_credentials
    USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE javari_credential_versions ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_credential_versions FORCE ROW LEVEL SECURITY;
CREATE POLICY credential_versions_own ON javari_credential_versions
    USING (javari_is_host() OR user_id = javari_user());
