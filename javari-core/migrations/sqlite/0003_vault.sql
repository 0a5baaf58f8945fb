-- Which vault this is and which root key sealed it. One row.
CREATE TABLE javari_key_registry (
    vault_id TEXT PRIMARY KEY,
    root_key_id TEXT NOT NULL,
    minimum_suite INTEGER NOT NULL CHECK (minimum_suite IN (1, 2)),
    authentication TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX key_registry_single ON javari_key_registry ((1));

-- One data key for each user, project and subproject, sealed with the root's key-encryption key.
-- Deleting a row shreds everything sealed with it.
CREATE TABLE javari_data_keys (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    subproject_id TEXT,
    version INTEGER NOT NULL CHECK (version > 0),
    root_key_id TEXT NOT NULL,
    encrypted_value TEXT NOT NULL,
    encryption_iv TEXT NOT NULL,
    encryption_tag TEXT NOT NULL,
    created_at TEXT NOT NULL,
    CHECK (subproject_id IS NULL OR project_id IS NOT NULL),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (subproject_id, project_id, user_id)
        REFERENCES subprojects (id, project_id, user_id) ON DELETE CASCADE
) STRICT;
CREATE UNIQUE INDEX data_keys_scope
    ON javari_data_keys (user_id, coalesce(project_id, ''), coalesce(subproject_id, ''), version);
CREATE INDEX data_keys_project ON javari_data_keys (project_id, user_id);
CREATE INDEX data_keys_subproject ON javari_data_keys (subproject_id, project_id, user_id);

CREATE TABLE javari_credentials (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    subproject_id TEXT,
    name TEXT NOT NULL,
    description TEXT,
    -- The active version, mirrored so that SQL written for the seed's table keeps reading it.
    encrypted_value TEXT NOT NULL,
    encryption_iv TEXT NOT NULL,
    encryption_tag TEXT NOT NULL,
    enc_suite INTEGER NOT NULL CHECK (enc_suite IN (1, 2)),
    key_id TEXT,
    current_version INTEGER NOT NULL CHECK (current_version > 0),
    credential_type TEXT NOT NULL DEFAULT 'custom' CHECK (credential_type IN (
        'github_token', 'vercel_token', 'api_key', 'database_url',
        'webhook_secret', 'oauth_client', 'custom'
    )),
    is_inherited INTEGER NOT NULL DEFAULT 1 CHECK (is_inherited IN (0, 1)),
    allow_override INTEGER NOT NULL DEFAULT 1 CHECK (allow_override IN (0, 1)),
    expires_at TEXT,
    last_used_at TEXT,
    use_count INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    CHECK (subproject_id IS NULL OR project_id IS NOT NULL),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (subproject_id, project_id, user_id)
        REFERENCES subprojects (id, project_id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
) STRICT;
CREATE UNIQUE INDEX credentials_name
    ON javari_credentials (user_id, coalesce(project_id, ''), coalesce(subproject_id, ''), name);
CREATE INDEX credentials_project ON javari_credentials (project_id, user_id);
CREATE INDEX credentials_subproject ON javari_credentials (subproject_id, project_id, user_id);

CREATE TABLE javari_credential_versions (
    credential_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'grace', 'revoked', 'destroyed')),
    enc_suite INTEGER NOT NULL CHECK (enc_suite IN (1, 2)),
    key_id TEXT,
    encrypted_value TEXT,
    encryption_iv TEXT,
    encryption_tag TEXT,
    -- What the seal was bound to beside the names above.
    flags TEXT NOT NULL,
    credential_type TEXT NOT NULL,
    grace_until TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (credential_id, version),
    FOREIGN KEY (credential_id, user_id)
        REFERENCES javari_credentials (id, user_id) ON DELETE CASCADE,
    CHECK ((state = 'grace') = (grace_until IS NOT NULL)),
    CHECK ((state = 'destroyed') = (encrypted_value IS NULL))
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX credential_versions_active
    ON javari_credential_versions (credential_id) WHERE state = 'active';
