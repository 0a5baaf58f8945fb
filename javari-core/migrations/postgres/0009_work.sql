-- Tasks, schedules, agents, crawls and what was learned. Column names and meanings are the seed's;
-- what had no owner there has one here.
CREATE TABLE javari_task_queue (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    task_type TEXT NOT NULL,
    priority INTEGER NOT NULL DEFAULT 5 CHECK (priority BETWEEN 1 AND 10),
    payload JSONB NOT NULL,
    status TEXT NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'in_progress', 'completed', 'failed', 'cancelled')),
    scheduled_at TIMESTAMPTZ NOT NULL,
    started_at TIMESTAMPTZ,
    completed_at TIMESTAMPTZ,
    result JSONB,
    error_message TEXT,
    retry_count BIGINT NOT NULL DEFAULT 0 CHECK (retry_count >= 0),
    max_retries BIGINT NOT NULL DEFAULT 3 CHECK (max_retries >= 0),
    -- Who works on it and until when; a task whose worker died is found by it.
    lease_owner TEXT,
    leased_until TIMESTAMPTZ,
    -- The same key of the same kind is the same task, however often it is asked for.
    idempotency_key TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    CHECK ((lease_owner IS NULL) = (leased_until IS NULL)),
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
);
CREATE INDEX task_queue_user ON javari_task_queue (user_id, status, created_at);
CREATE INDEX task_queue_project ON javari_task_queue (project_id, user_id, created_at);
CREATE INDEX task_queue_due ON javari_task_queue (priority, scheduled_at) WHERE status = 'pending';
CREATE INDEX task_queue_leases ON javari_task_queue (leased_until) WHERE status = 'in_progress';
CREATE UNIQUE INDEX task_queue_idempotency
    ON javari_task_queue (user_id, task_type, idempotency_key) WHERE idempotency_key IS NOT NULL;

CREATE TABLE javari_task_attempts (
    task_id UUID NOT NULL,
    attempt BIGINT NOT NULL CHECK (attempt > 0),
    user_id UUID NOT NULL,
    worker TEXT NOT NULL,
    outcome TEXT NOT NULL DEFAULT 'running'
        CHECK (outcome IN ('running', 'completed', 'failed', 'lost', 'cancelled')),
    error_message TEXT,
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    PRIMARY KEY (task_id, attempt),
    CHECK ((outcome = 'running') = (ended_at IS NULL)),
    FOREIGN KEY (task_id, user_id) REFERENCES javari_task_queue (id, user_id) ON DELETE CASCADE
);
CREATE INDEX task_attempts_task ON javari_task_attempts (task_id, user_id);

CREATE TABLE javari_schedules (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    name TEXT NOT NULL,
    task_type TEXT NOT NULL,
    payload JSONB NOT NULL,
    -- A cron expression, read in the time zone beside it.
    expression TEXT NOT NULL,
    time_zone TEXT NOT NULL DEFAULT 'UTC',
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    last_run_at TIMESTAMPTZ,
    next_run_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX schedules_name
    ON javari_schedules (user_id, project_id, name) NULLS NOT DISTINCT;
CREATE INDEX schedules_project ON javari_schedules (project_id, user_id);
CREATE INDEX schedules_due ON javari_schedules (next_run_at) WHERE is_active;

CREATE TABLE javari_agents (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    agent_name TEXT NOT NULL,
    specialization TEXT,
    is_active BOOLEAN NOT NULL DEFAULT TRUE,
    current_task_id UUID,
    tasks_completed BIGINT NOT NULL DEFAULT 0 CHECK (tasks_completed >= 0),
    tasks_succeeded BIGINT NOT NULL DEFAULT 0
        CHECK (tasks_succeeded BETWEEN 0 AND tasks_completed),
    success_rate DOUBLE PRECISION CHECK (success_rate BETWEEN 0 AND 1),
    average_completion_time_seconds BIGINT CHECK (average_completion_time_seconds >= 0),
    created_at TIMESTAMPTZ NOT NULL,
    last_active_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (current_task_id, user_id)
        REFERENCES javari_task_queue (id, user_id) ON DELETE SET NULL (current_task_id),
    UNIQUE (id, user_id)
);
CREATE UNIQUE INDEX agents_name ON javari_agents (user_id, agent_name);
CREATE INDEX agents_task ON javari_agents (current_task_id, user_id);

CREATE TABLE javari_agent_collaboration (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL,
    task_id UUID NOT NULL,
    -- Mirrors the rows of the table below, for queries that know the seed's column.
    agent_ids UUID[] NOT NULL DEFAULT '{}',
    collaboration_type TEXT NOT NULL
        CHECK (collaboration_type IN ('parallel', 'sequential', 'peer_review')),
    final_decision TEXT,
    decision_rationale TEXT,
    created_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (task_id, user_id) REFERENCES javari_task_queue (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
);
CREATE INDEX collaboration_task ON javari_agent_collaboration (task_id, user_id);
CREATE INDEX collaboration_user ON javari_agent_collaboration (user_id, created_at);

-- The seed kept only the array of ids, which nothing checked.
CREATE TABLE javari_collaborating_agents (
    collaboration_id UUID NOT NULL,
    agent_id UUID NOT NULL,
    user_id UUID NOT NULL,
    PRIMARY KEY (collaboration_id, agent_id),
    FOREIGN KEY (collaboration_id, user_id)
        REFERENCES javari_agent_collaboration (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (agent_id, user_id) REFERENCES javari_agents (id, user_id) ON DELETE CASCADE
);
CREATE INDEX collaborating_agents_collaboration
    ON javari_collaborating_agents (collaboration_id, user_id);
CREATE INDEX collaborating_agents_agent ON javari_collaborating_agents (agent_id, user_id);

CREATE TABLE javari_web_crawls (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    url TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    crawl_frequency TEXT NOT NULL DEFAULT 'daily'
        CHECK (crawl_frequency IN ('hourly', 'daily', 'weekly', 'manual')),
    last_crawled_at TIMESTAMPTZ,
    next_crawl_at TIMESTAMPTZ,
    pages_indexed BIGINT NOT NULL DEFAULT 0 CHECK (pages_indexed >= 0),
    errors_encountered BIGINT NOT NULL DEFAULT 0 CHECK (errors_encountered >= 0),
    status TEXT NOT NULL DEFAULT 'pending'
        CHECK (status IN ('pending', 'in_progress', 'completed', 'failed')),
    leased_until TIMESTAMPTZ,
    created_at TIMESTAMPTZ NOT NULL,
    updated_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE,
    UNIQUE (id, user_id)
);
CREATE UNIQUE INDEX web_crawls_url
    ON javari_web_crawls (user_id, project_id, url) NULLS NOT DISTINCT;
CREATE INDEX web_crawls_project ON javari_web_crawls (project_id, user_id);
CREATE INDEX web_crawls_due ON javari_web_crawls (next_crawl_at) WHERE status <> 'in_progress';

CREATE TABLE javari_crawl_pages (
    id UUID PRIMARY KEY,
    crawl_id UUID NOT NULL,
    user_id UUID NOT NULL,
    url TEXT NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
    document_id UUID,
    http_status BIGINT,
    etag TEXT,
    last_modified TEXT,
    content_hash TEXT,
    error_message TEXT,
    fetched_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (crawl_id, user_id) REFERENCES javari_web_crawls (id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (document_id, user_id)
        REFERENCES javari_documents (id, user_id) ON DELETE SET NULL (document_id)
);
CREATE UNIQUE INDEX crawl_pages_url ON javari_crawl_pages (crawl_id, user_id, url);
CREATE INDEX crawl_pages_document ON javari_crawl_pages (document_id, user_id);

-- A rate says little without its counts and its bounds.
CREATE TABLE javari_learned_patterns (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    pattern_type TEXT NOT NULL,
    context TEXT NOT NULL,
    action_taken TEXT NOT NULL,
    successes BIGINT NOT NULL DEFAULT 0 CHECK (successes BETWEEN 0 AND usage_count),
    usage_count BIGINT NOT NULL DEFAULT 1 CHECK (usage_count >= 0),
    success_rate DOUBLE PRECISION CHECK (success_rate BETWEEN 0 AND 1),
    success_rate_low DOUBLE PRECISION CHECK (success_rate_low BETWEEN 0 AND 1),
    success_rate_high DOUBLE PRECISION CHECK (success_rate_high BETWEEN 0 AND 1),
    confidence_score DOUBLE PRECISION CHECK (confidence_score BETWEEN 0 AND 1),
    last_used_at TIMESTAMPTZ NOT NULL,
    created_at TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE INDEX learned_patterns_user
    ON javari_learned_patterns (user_id, pattern_type, success_rate);
CREATE INDEX learned_patterns_project ON javari_learned_patterns (project_id, user_id);

CREATE TABLE javari_ab_tests (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id UUID,
    test_name TEXT NOT NULL,
    variant_a TEXT NOT NULL,
    variant_b TEXT NOT NULL,
    variant_a_count BIGINT NOT NULL DEFAULT 0 CHECK (variant_a_count >= 0),
    variant_b_count BIGINT NOT NULL DEFAULT 0 CHECK (variant_b_count >= 0),
    variant_a_success BIGINT NOT NULL DEFAULT 0
        CHECK (variant_a_success BETWEEN 0 AND variant_a_count),
    variant_b_success BIGINT NOT NULL DEFAULT 0
        CHECK (variant_b_success BETWEEN 0 AND variant_b_count),
    winner TEXT CHECK (winner IN ('a', 'b', 'inconclusive')),
    confidence_level DOUBLE PRECISION CHECK (confidence_level BETWEEN 0 AND 1),
    started_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX ab_tests_name
    ON javari_ab_tests (user_id, project_id, test_name) NULLS NOT DISTINCT;
CREATE INDEX ab_tests_project ON javari_ab_tests (project_id, user_id);

CREATE TABLE javari_security_scans (
    id UUID PRIMARY KEY,
    user_id UUID NOT NULL,
    project_id UUID NOT NULL,
    scan_type TEXT NOT NULL CHECK (scan_type IN ('dependency', 'code', 'secrets', 'license')),
    vulnerabilities_found BIGINT NOT NULL DEFAULT 0 CHECK (vulnerabilities_found >= 0),
    severity_levels_json JSONB,
    remediation_suggestions TEXT[] NOT NULL DEFAULT '{}',
    scan_timestamp TIMESTAMPTZ NOT NULL,
    FOREIGN KEY (project_id, user_id) REFERENCES projects (id, user_id) ON DELETE CASCADE
);
CREATE INDEX security_scans_project
    ON javari_security_scans (project_id, user_id, scan_timestamp);
CREATE INDEX security_scans_user ON javari_security_scans (user_id, scan_timestamp);
