-- A keyed fingerprint tells whether two values of one scope are the same without opening them.
ALTER TABLE javari_credential_versions ADD COLUMN fingerprint TEXT;

-- Which value followed which. The seed's table; its hashes were not keyed. What was done outlives
-- the credential it was done to.
CREATE TABLE javari_credential_rotations (
    id UUID PRIMARY KEY,
    credential_id UUID NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    old_version INTEGER NOT NULL CHECK (old_version > 0),
    new_version INTEGER NOT NULL CHECK (new_version > old_version),
    old_value_hash TEXT,
    new_value_hash TEXT NOT NULL,
    rotation_type TEXT NOT NULL CHECK (rotation_type IN ('manual', 'scheduled', 'emergency')),
    grace_period_end TIMESTAMPTZ,
    rotated_by UUID REFERENCES users (id) ON DELETE SET NULL,
    created_at TIMESTAMPTZ NOT NULL
);
CREATE INDEX credential_rotations_credential
    ON javari_credential_rotations (credential_id, created_at);
CREATE INDEX credential_rotations_user ON javari_credential_rotations (user_id, created_at);
CREATE INDEX credential_rotations_rotated_by ON javari_credential_rotations (rotated_by);

ALTER TABLE javari_credential_rotations ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_credential_rotations FORCE ROW LEVEL SECURITY;
CREATE POLICY credential_rotations_own ON javari_credential_rotations
    USING (javari_is_host() OR user_id = javari_user());
