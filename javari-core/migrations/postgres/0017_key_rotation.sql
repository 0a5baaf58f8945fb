-- A rotation of the root key seals every data key for the new one beside the old seal, and takes all
-- of them over at once. Until then the new root key's id stands here.
ALTER TABLE javari_key_registry ADD COLUMN next_root_key_id TEXT;
ALTER TABLE javari_key_registry ADD COLUMN root_key_since TIMESTAMPTZ;
ALTER TABLE javari_data_keys ADD COLUMN next_root_key_id TEXT;
ALTER TABLE javari_data_keys ADD COLUMN next_value TEXT;
ALTER TABLE javari_data_keys ADD COLUMN next_iv TEXT;
ALTER TABLE javari_data_keys ADD COLUMN next_tag TEXT;

-- Keys that derived from the first root key and outlive it, sealed with the present one.
CREATE TABLE javari_kept_keys (
    purpose TEXT PRIMARY KEY CHECK (purpose IN ('audit', 'api_keys', 'seed')),
    root_key_id TEXT NOT NULL,
    encrypted_value TEXT NOT NULL,
    encryption_iv TEXT NOT NULL,
    encryption_tag TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL
);
ALTER TABLE javari_kept_keys ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_kept_keys FORCE ROW LEVEL SECURITY;
CREATE POLICY kept_keys_host ON javari_kept_keys
    USING ((SELECT javari_is_host())) WITH CHECK ((SELECT javari_is_host()));

-- What shows that a key's digest was there when the root key was rotated, or made since.
ALTER TABLE javari_api_keys ADD COLUMN seal TEXT;

-- What is sealed with which data key, and what still is in the seed's format.
CREATE INDEX credentials_key ON javari_credentials (key_id);
CREATE INDEX credential_versions_key ON javari_credential_versions (key_id);
CREATE INDEX credential_snapshots_key ON javari_credential_snapshots (key_id);
CREATE INDEX credentials_seed ON javari_credentials (id) WHERE enc_suite = 1;
CREATE INDEX credential_versions_seed ON javari_credential_versions (credential_id, version)
    WHERE enc_suite = 1;
