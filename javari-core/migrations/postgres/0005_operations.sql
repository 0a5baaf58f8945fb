-- Monitors, what they saw, alerts and repairs. Column names and meanings are the seed's.
CREATE TABLE javari_health_monitors (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    name TEXT NOT NULL,
    -- The seed's four words, and any kind that a host registers.
    monitor_type TEXT NOT NULL CHECK (length(monitor_type) BETWEEN 1 AND 40),
    target JSONB NOT NULL,
    check_frequency TEXT NOT NULL DEFAULT '30min'
        CHECK (check_frequency IN ('5min', '15min', '30min', '1hour', 'daily')),
    alert_threshold BIGINT NOT NULL DEFAULT 2 CHECK (alert_threshold BETWEEN 1 AND 100),
    recovery_threshold BIGINT NOT NULL DEFAULT 2 CHECK (recovery_threshold BETWEEN 1 AND 100),
    severity TEXT NOT NULL DEFAULT 'high' CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    -- The seed mended without being asked to; here a person switches it on.
    auto_fix_enabled BOOLEAN NOT NULL DEFAULT FALSE,
    -- The seed kept the address itself, which is a secret; only its name in the vault may stand here.
    slack_webhook TEXT CHECK (slack_webhook IS NULL OR slack_webhook LIKE '{{cred:%}}'),
    email_recipients JSONB NOT NULL DEFAULT '[]',
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    -- What the thresholds remember between two checks.
    state JSONB NOT NULL,
    last_checked_at TIMESTAMPTZ,
    next_check_at TIMESTAMPTZ NOT NULL,
    -- Until when one process holds the check; nothing is checked twice at once.
    leased_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
);
CREATE UNIQUE INDEX health_monitors_name
    ON javari_health_monitors (user_id, project_id, name) NULLS NOT DISTINCT;
CREATE INDEX health_monitors_project ON javari_health_monitors (project_id, user_id);
CREATE INDEX health_monitors_due
    ON javari_health_monitors (user_id, next_check_at) WHERE is_active;

CREATE TABLE javari_monitor_observations (
    id UUID PRIMARY KEY,
    monitor_id UUID NOT NULL,
    user_id UUID NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('up', 'down', 'unknown')),
    summary TEXT NOT NULL,
    elapsed_ms BIGINT NOT NULL,
    http_status BIGINT,
    exit_code BIGINT,
    commit_hash TEXT,
    log TEXT,
    checked_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (monitor_id, user_id)
        REFERENCES javari_health_monitors (id, user_id) ON DELETE CASCADE
);
CREATE INDEX monitor_observations_monitor ON javari_monitor_observations (monitor_id, user_id, id);

CREATE TABLE javari_alerts (
    id UUID PRIMARY KEY,
    monitor_id UUID NOT NULL,
    user_id UUID NOT NULL,
    project_id UUID,
    -- One open alert of a kind for each monitor; this is what keeps a second one out.
    kind TEXT NOT NULL CHECK (kind IN ('failing', 'flapping', 'blind')),
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved')),
    severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    alert_message TEXT NOT NULL,
    occurrences BIGINT NOT NULL DEFAULT 1 CHECK (occurrences > 0),
    auto_fix_attempted BOOLEAN NOT NULL DEFAULT FALSE,
    fix_success BOOLEAN,
    resolution_time_seconds BIGINT,
    resolved_at TIMESTAMPTZ,
    acknowledged_at TIMESTAMPTZ,
    acknowledged_by UUID REFERENCES users (id) ON DELETE SET NULL,
    created_at TIMESTAMPTZ NOT NULL,
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
    FOREIGN KEY (monitor_id, user_id)
        REFERENCES javari_health_monitors (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
);
CREATE UNIQUE INDEX alerts_open ON javari_alerts (monitor_id, kind) WHERE state = 'open';
CREATE INDEX alerts_user ON javari_alerts (user_id, id);
CREATE INDEX alerts_project ON javari_alerts (project_id, user_id);
CREATE INDEX alerts_monitor ON javari_alerts (monitor_id, user_id);
CREATE INDEX alerts_acknowledged_by ON javari_alerts (acknowledged_by);

CREATE TABLE javari_healing_events (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    alert_id UUID,
    error_type TEXT NOT NULL,
    error_details TEXT,
    healing_action_taken TEXT,
    healing_successful BOOLEAN,
    time_to_heal_seconds BIGINT,
    automated BOOLEAN NOT NULL DEFAULT TRUE,
    -- How far it came: `stage` is the last step begun, `status` says whether and how it ended.
    stage TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN (
        'running', 'awaiting_approval', 'merging', 'merged', 'rejected', 'reverted',
        'needs_human', 'stopped', 'not_reproduced', 'failed', 'cancelled', 'interrupted', 'expired'
    )),
    reason TEXT,
    autonomy TEXT NOT NULL CHECK (autonomy IN ('full_auto', 'approve_critical', 'manual')),
    folder TEXT NOT NULL,
    fingerprint TEXT,
    -- Whether it wrote to a branch; only such an attempt counts against the limits.
    attempted BOOLEAN NOT NULL DEFAULT FALSE,
    branch TEXT,
    base_branch TEXT NOT NULL,
    base_commit TEXT NOT NULL,
    head_commit TEXT,
    merge_commit TEXT,
    plan JSONB,
    plan_hash TEXT,
    diff TEXT,
    ruling JSONB,
    -- Whoever holds the row renews this; a row whose holder died is found by it.
    leased_until TIMESTAMPTZ,
    approved_by UUID REFERENCES users (id) ON DELETE SET NULL,
    approved_at TIMESTAMPTZ,
    expires_at TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (alert_id) REFERENCES javari_alerts (id) ON DELETE SET NULL
);
-- One repair at a time in a project folder, whoever asks for it.
CREATE UNIQUE INDEX healing_events_active
    ON javari_healing_events (folder) WHERE status IN ('running', 'merging');
CREATE INDEX healing_events_user ON javari_healing_events (user_id, id);
CREATE INDEX healing_events_project ON javari_healing_events (project_id, user_id);
CREATE INDEX healing_events_fingerprint ON javari_healing_events (user_id, fingerprint, created_at);
CREATE INDEX healing_events_alert ON javari_healing_events (alert_id);
CREATE INDEX healing_events_approved_by ON javari_healing_events (approved_by);

ALTER TABLE javari_health_monitors ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_health_monitors FORCE ROW LEVEL SECURITY;
CREATE POLICY health_monitors_own ON javari_health_monitors
    USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE javari_monitor_observations ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_monitor_observations FORCE ROW LEVEL SECURITY;
CREATE POLICY monitor_observations_own ON javari_monitor_observations
    USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE javari_alerts ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_alerts FORCE ROW LEVEL SECURITY;
CREATE POLICY alerts_own ON javari_alerts
    USING (javari_is_host() OR user_id = javari_user());
ALTER TABLE javari_healing_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE javari_healing_events FORCE ROW LEVEL SECURITY;
CREATE POLICY healing_events_own ON javari_healing_events
    USING (javari_is_host() OR user_id = javari_user());
