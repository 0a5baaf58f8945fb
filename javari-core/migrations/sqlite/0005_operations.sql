-- Monitors, what they saw, alerts and repairs. Column names and meanings are the seed's.
CREATE TABLE javari_health_monitors (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    name TEXT NOT NULL,
    -- The seed's four words, and any kind that a host registers.
    monitor_type TEXT NOT NULL CHECK (length(monitor_type) BETWEEN 1 AND 40),
    target TEXT NOT NULL CHECK (json_valid(target)),
    check_frequency TEXT NOT NULL DEFAULT '30min'
        CHECK (check_frequency IN ('5min', '15min', '30min', '1hour', 'daily')),
    alert_threshold INTEGER NOT NULL DEFAULT 2 CHECK (alert_threshold BETWEEN 1 AND 100),
    recovery_threshold INTEGER NOT NULL DEFAULT 2 CHECK (recovery_threshold BETWEEN 1 AND 100),
    severity TEXT NOT NULL DEFAULT 'high' CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    -- The seed mended without being asked to; here a person switches it on.
    auto_fix_enabled INTEGER NOT NULL DEFAULT 0 CHECK (auto_fix_enabled IN (0, 1)),
    -- The seed kept the address itself, which is a secret; only its name in the vault may stand here.
    slack_webhook TEXT CHECK (slack_webhook IS NULL OR slack_webhook GLOB '{{cred:*}}'),
    email_recipients TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(email_recipients)),
    is_active INTEGER NOT NULL DEFAULT 1 CHECK (is_active IN (0, 1)),
    -- What the thresholds remember between two checks.
    state TEXT NOT NULL CHECK (json_valid(state)),
    last_checked_at TEXT,
    next_check_at TEXT NOT NULL,
    -- Until when one process holds the check; nothing is checked twice at once.
    leased_until TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
) STRICT;
CREATE UNIQUE INDEX health_monitors_name
    ON javari_health_monitors (user_id, coalesce(project_id, ''), name);
CREATE INDEX health_monitors_project ON javari_health_monitors (project_id, user_id);
CREATE INDEX health_monitors_due
    ON javari_health_monitors (user_id, next_check_at) WHERE is_active = 1;

CREATE TABLE javari_monitor_observations (
    id TEXT PRIMARY KEY,
    monitor_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('up', 'down', 'unknown')),
    summary TEXT NOT NULL,
    elapsed_ms INTEGER NOT NULL,
    http_status INTEGER,
    exit_code INTEGER,
    commit_hash TEXT,
    log TEXT,
    checked_at TEXT NOT NULL,
    FOREIGN KEY (monitor_id, user_id)
        REFERENCES javari_health_monitors (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX monitor_observations_monitor ON javari_monitor_observations (monitor_id, user_id, id);

CREATE TABLE javari_alerts (
    id TEXT PRIMARY KEY,
    monitor_id TEXT NOT NULL,
    user_id TEXT NOT NULL,
    project_id TEXT,
    -- One open alert of a kind for each monitor; this is what keeps a second one out.
    kind TEXT NOT NULL CHECK (kind IN ('failing', 'flapping', 'blind')),
    state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved')),
    severity TEXT NOT NULL CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    alert_message TEXT NOT NULL,
    occurrences INTEGER NOT NULL DEFAULT 1 CHECK (occurrences > 0),
    auto_fix_attempted INTEGER NOT NULL DEFAULT 0 CHECK (auto_fix_attempted IN (0, 1)),
    fix_success INTEGER CHECK (fix_success IN (0, 1)),
    resolution_time_seconds INTEGER,
    resolved_at TEXT,
    acknowledged_at TEXT,
    acknowledged_by TEXT REFERENCES users (id) ON DELETE SET NULL,
    created_at TEXT NOT NULL,
    CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
    FOREIGN KEY (monitor_id, user_id)
        REFERENCES javari_health_monitors (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
) STRICT;
CREATE UNIQUE INDEX alerts_open ON javari_alerts (monitor_id, kind) WHERE state = 'open';
CREATE INDEX alerts_user ON javari_alerts (user_id, id);
CREATE INDEX alerts_project ON javari_alerts (project_id, user_id);
CREATE INDEX alerts_monitor ON javari_alerts (monitor_id, user_id);
CREATE INDEX alerts_acknowledged_by ON javari_alerts (acknowledged_by);

CREATE TABLE javari_healing_events (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    alert_id TEXT,
    error_type TEXT NOT NULL,
    error_details TEXT,
    healing_action_taken TEXT,
    healing_successful INTEGER CHECK (healing_successful IN (0, 1)),
    time_to_heal_seconds INTEGER,
    automated INTEGER NOT NULL DEFAULT 1 CHECK (automated IN (0, 1)),
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
    attempted INTEGER NOT NULL DEFAULT 0 CHECK (attempted IN (0, 1)),
    branch TEXT,
    base_branch TEXT NOT NULL,
    base_commit TEXT NOT NULL,
    head_commit TEXT,
    merge_commit TEXT,
    plan TEXT CHECK (json_valid(plan)),
    plan_hash TEXT,
    diff TEXT,
    ruling TEXT CHECK (json_valid(ruling)),
    -- Whoever holds the row renews this; a row whose holder died is found by it.
    leased_until TEXT,
    approved_by TEXT REFERENCES users (id) ON DELETE SET NULL,
    approved_at TEXT,
    expires_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (alert_id) REFERENCES javari_alerts (id) ON DELETE SET NULL
) STRICT;
-- One repair at a time in a project folder, whoever asks for it.
CREATE UNIQUE INDEX healing_events_active
    ON javari_healing_events (folder) WHERE status IN ('running', 'merging');
CREATE INDEX healing_events_user ON javari_healing_events (user_id, id);
CREATE INDEX healing_events_project ON javari_healing_events (project_id, user_id);
CREATE INDEX healing_events_fingerprint ON javari_healing_events (user_id, fingerprint, created_at);
CREATE INDEX healing_events_alert ON javari_healing_events (alert_id);
CREATE INDEX healing_events_approved_by ON javari_healing_events (approved_by);
