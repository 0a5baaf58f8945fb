-- What the service last said of a credential's active value.
ALTER TABLE javari_credentials ADD COLUMN last_tested_at TIMESTAMPTZ;
ALTER TABLE javari_credentials ADD COLUMN last_test_outcome TEXT CHECK (last_test_outcome IN (
    'valid', 'invalid', 'expired', 'insufficient_scope', 'rate_limited', 'unreachable'
));

-- Which versions a scope saw when a conversation was held. Values only where they were asked for, and
-- sealed. `conversation_id` has no foreign key: a snapshot outlives its conversation until it expires,
-- and a host may keep conversations of its own.
CREATE TABLE javari_credential_snapshots (
    id UUID PRIMARY KEY,
    conversation_id UUID NOT NULL,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    subproject_id UUID,
    credentials_snapshot JSONB NOT NULL,
    key_id UUID NOT NULL,
    authentication TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    expires_at TIMESTAMPTZ NOT NULL CHECK (expires_at > created_at),
    CHECK (subproject_id IS NULL OR project_id IS NOT NULL),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (subproject_id, project_id, user_id)
        REFERENCES subprojects (id, project_id, user_id) ON DELETE CASCADE
);
CREATE INDEX credential_snapshots_user ON javari_credential_snapshots (user_id, expires_at);
CREATE INDEX credential_snapshots_conversation ON javari_credential_snapshots (conversation_id);
CREATE INDEX credential_snapshots_project ON javari_credential_snapshots (project_id, user_id);
CREATE INDEX credential_snapshots_subproject
    ON javari_credential_snapshots (subproject_id, project_id, user_id);
ALTER TABLE javari_credential_snapshots ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_credential_snapshots FORCE ROW LEVEL SECURITY;
CREATE POLICY credential_snapshots_own ON javari_credential_snapshots
    USING ((SELECT javari_is_host()) OR user_id = (SELECT javari_user()));

-- When a credential is rotated next and by whom. Whoever works at it claims it for a while.
ALTER TABLE javari_credentials ADD COLUMN rotation_interval_days INTEGER
    CHECK (rotation_interval_days BETWEEN 1 AND 3650);
ALTER TABLE javari_credentials ADD COLUMN next_rotation_at TIMESTAMPTZ;
ALTER TABLE javari_credentials ADD COLUMN rotation_grace_seconds BIGINT NOT NULL DEFAULT 0;
ALTER TABLE javari_credentials ADD COLUMN rotation_handler TEXT;
ALTER TABLE javari_credentials ADD COLUMN rotation_claimed_until TIMESTAMPTZ;
CREATE INDEX credentials_next_rotation ON javari_credentials (next_rotation_at)
    WHERE next_rotation_at IS NOT NULL;
CREATE INDEX credentials_expiry ON javari_credentials (user_id, expires_at)
    WHERE expires_at IS NOT NULL;

-- Who has still to revoke an old value at its service, when its time of grace is over.
ALTER TABLE javari_credential_versions ADD COLUMN service_revocation TEXT;
CREATE INDEX credential_versions_revocation ON javari_credential_versions (created_at)
    WHERE service_revocation IS NOT NULL;
