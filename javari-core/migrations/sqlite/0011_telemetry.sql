-- How the host's app fares. The seed counts 33 tables and defines 26; these are the other seven.
CREATE TABLE javari_app_health_status (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    component TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('healthy', 'degraded', 'down', 'unknown')),
    detail TEXT,
    latency_ms INTEGER CHECK (latency_ms >= 0),
    checked_at TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX app_health_status_user
    ON javari_app_health_status (user_id, component, checked_at);
CREATE INDEX app_health_status_project ON javari_app_health_status (project_id, user_id);

-- One row for each kind of error, with how often it came.
CREATE TABLE javari_error_reports (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    fingerprint TEXT NOT NULL CHECK (length(fingerprint) BETWEEN 1 AND 255),
    error_code TEXT,
    message TEXT NOT NULL,
    stack TEXT,
    context TEXT CHECK (json_valid(context)),
    occurrences INTEGER NOT NULL DEFAULT 1 CHECK (occurrences > 0),
    first_seen_at TEXT NOT NULL,
    last_seen_at TEXT NOT NULL,
    resolved_at TEXT,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
) STRICT;
CREATE UNIQUE INDEX error_reports_fingerprint
    ON javari_error_reports (user_id, coalesce(project_id, ''), fingerprint);
CREATE INDEX error_reports_project ON javari_error_reports (project_id, user_id);
CREATE INDEX error_reports_recent ON javari_error_reports (user_id, last_seen_at);

CREATE TABLE javari_performance_metrics (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    metric_name TEXT NOT NULL,
    value REAL NOT NULL,
    unit TEXT NOT NULL,
    tags TEXT CHECK (json_valid(tags)),
    recorded_at TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX performance_metrics_user
    ON javari_performance_metrics (user_id, metric_name, recorded_at);
CREATE INDEX performance_metrics_project ON javari_performance_metrics (project_id, user_id);

CREATE TABLE javari_analytics_events (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    event_name TEXT NOT NULL,
    session_id TEXT,
    properties TEXT CHECK (json_valid(properties)),
    occurred_at TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX analytics_events_user
    ON javari_analytics_events (user_id, event_name, occurred_at);
CREATE INDEX analytics_events_project ON javari_analytics_events (project_id, user_id);

CREATE TABLE javari_feature_requests (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    title TEXT NOT NULL,
    description TEXT,
    status TEXT NOT NULL DEFAULT 'open'
        CHECK (status IN ('open', 'planned', 'in_progress', 'done', 'declined')),
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
) STRICT;
CREATE INDEX feature_requests_user ON javari_feature_requests (user_id, status, created_at);
CREATE INDEX feature_requests_project ON javari_feature_requests (project_id, user_id);

-- One vote a voter; the row is the request's owner's, and the voter's name goes with the voter.
CREATE TABLE javari_feature_request_votes (
    feature_request_id TEXT NOT NULL,
    voter_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    user_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (feature_request_id, voter_id),
    FOREIGN KEY (feature_request_id, user_id)
        REFERENCES javari_feature_requests (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX feature_request_votes_request
    ON javari_feature_request_votes (feature_request_id, user_id);
CREATE INDEX feature_request_votes_voter ON javari_feature_request_votes (voter_id);

CREATE TABLE javari_auto_fix_attempts (
    id TEXT PRIMARY KEY,
    user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id TEXT,
    error_report_id TEXT,
    healing_event_id TEXT REFERENCES javari_healing_events (id) ON DELETE SET NULL,
    action TEXT NOT NULL,
    outcome TEXT NOT NULL CHECK (outcome IN ('fixed', 'not_fixed', 'reverted', 'refused')),
    detail TEXT,
    created_at TEXT NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (error_report_id, user_id)
        REFERENCES javari_error_reports (id, user_id) ON DELETE CASCADE
) STRICT;
CREATE INDEX auto_fix_attempts_user ON javari_auto_fix_attempts (user_id, created_at);
CREATE INDEX auto_fix_attempts_project ON javari_auto_fix_attempts (project_id, user_id);
CREATE INDEX auto_fix_attempts_report ON javari_auto_fix_attempts (error_report_id, user_id);
CREATE INDEX auto_fix_attempts_healing ON javari_auto_fix_attempts (healing_event_id);
