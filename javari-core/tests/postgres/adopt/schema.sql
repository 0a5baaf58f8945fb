-- The seed's schema as a PostgreSQL server describes it, for tests of adopting: the tables, columns, keys
-- and defaults that a host's database has. `uuid_generate_v4()`, `auth.uid()` and the extension `vector`
-- are there before.
CREATE TABLE users (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    email text NOT NULL UNIQUE,
    name text,
    avatar_url text,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(),
    last_active_at timestamptz DEFAULT now(),
    plan text DEFAULT 'free'
        CHECK (plan IN ('free', 'pro', 'enterprise')),
    credits_balance numeric(10,2) DEFAULT 10.00,
    monthly_allowance numeric(10,2) DEFAULT 10.00,
    allowance_reset_date timestamptz DEFAULT (now() + '1 mon'::interval)
);
CREATE TABLE user_preferences (
    user_id uuid PRIMARY KEY REFERENCES users(id) ON DELETE CASCADE,
    default_ai_provider text DEFAULT 'gpt-4',
    temperature numeric(3,2) DEFAULT 0.7
        CHECK (temperature >= 0 AND temperature <= 2),
    max_tokens integer DEFAULT 2000,
    stream_responses boolean DEFAULT true,
    voice_enabled boolean DEFAULT true,
    theme text DEFAULT 'dark'
        CHECK (theme IN ('light', 'dark', 'system')),
    notifications_enabled boolean DEFAULT true,
    autonomy_level text DEFAULT 'approve_critical'
        CHECK (autonomy_level IN ('full_auto', 'approve_critical', 'manual')),
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now()
);
CREATE TABLE projects (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    name text NOT NULL,
    description text,
    repository_url text,
    metadata jsonb DEFAULT '{}',
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now()
);
CREATE TABLE subprojects (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    project_id uuid NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    name text NOT NULL,
    description text,
    metadata jsonb DEFAULT '{}',
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now()
);
CREATE TABLE conversations (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    project_id uuid REFERENCES projects(id) ON DELETE SET NULL,
    subproject_id uuid REFERENCES subprojects(id) ON DELETE SET NULL,
    title text NOT NULL,
    starred boolean DEFAULT false,
    status text DEFAULT 'active'
        CHECK (status IN ('active', 'archived')),
    last_message_at timestamptz DEFAULT now(),
    total_tokens integer DEFAULT 0,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE messages (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    conversation_id uuid NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    role text NOT NULL
        CHECK (role IN ('user', 'assistant', 'system')),
    content text NOT NULL,
    ai_model text,
    tokens_used integer,
    credits_cost numeric(10,2),
    reasoning_log text,
    confidence_score numeric(3,2),
    created_at timestamptz DEFAULT now()
);
CREATE TABLE conversation_continuations (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    parent_id uuid NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    child_id uuid NOT NULL UNIQUE REFERENCES conversations(id) ON DELETE CASCADE,
    summary text,
    context_tokens integer,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE artifacts (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    conversation_id uuid NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    message_id uuid REFERENCES messages(id) ON DELETE SET NULL,
    type text NOT NULL
        CHECK (type IN ('code', 'document', 'image', 'data')),
    filename text NOT NULL,
    file_path text,
    file_size bigint,
    language text,
    preview_data jsonb,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE javari_credentials (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    project_id uuid REFERENCES projects(id) ON DELETE CASCADE,
    subproject_id uuid REFERENCES subprojects(id) ON DELETE CASCADE,
    name text NOT NULL,
    description text,
    encrypted_value text NOT NULL,
    encryption_iv text NOT NULL,
    encryption_tag text NOT NULL,
    credential_type text
        CHECK (credential_type IN ('github_token', 'vercel_token', 'api_key', 'database_url',
            'webhook_secret', 'oauth_client', 'custom')),
    is_inherited boolean DEFAULT false,
    allow_override boolean DEFAULT true,
    last_used_at timestamptz,
    use_count integer DEFAULT 0,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(),
    UNIQUE (user_id, project_id, subproject_id, name),
    CHECK ((project_id IS NOT NULL AND subproject_id IS NULL)
        OR (project_id IS NULL AND subproject_id IS NOT NULL))
);
CREATE TABLE javari_credential_snapshots (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    conversation_id uuid NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    project_id uuid REFERENCES projects(id) ON DELETE SET NULL,
    subproject_id uuid REFERENCES subprojects(id) ON DELETE SET NULL,
    credentials_snapshot jsonb NOT NULL,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE javari_credential_rotations (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    credential_id uuid NOT NULL REFERENCES javari_credentials(id) ON DELETE CASCADE,
    old_value_hash text NOT NULL,
    new_value_hash text NOT NULL,
    rotation_type text DEFAULT 'manual'
        CHECK (rotation_type IN ('manual', 'scheduled', 'emergency')),
    grace_period_end timestamptz,
    rotated_by uuid REFERENCES users(id) ON DELETE SET NULL,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE javari_knowledge_base (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    project_id uuid REFERENCES projects(id) ON DELETE CASCADE,
    content text NOT NULL,
    content_hash text NOT NULL,
    source_type text
        CHECK (source_type IN ('file_upload', 'web_crawl', 'api_integration', 'manual')),
    source_url text,
    embedding vector(1536),
    relevance_score numeric(3,2),
    last_accessed_at timestamptz,
    access_count integer DEFAULT 0,
    created_at timestamptz DEFAULT now(),
    updated_at timestamptz DEFAULT now(),
    UNIQUE (content_hash, project_id)
);
CREATE TABLE javari_web_crawls (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    url text NOT NULL,
    crawl_frequency text DEFAULT 'daily'
        CHECK (crawl_frequency IN ('hourly', 'daily', 'weekly', 'manual')),
    last_crawled_at timestamptz,
    next_crawl_at timestamptz,
    pages_indexed integer DEFAULT 0,
    errors_encountered integer DEFAULT 0,
    status text DEFAULT 'pending'
        CHECK (status IN ('pending', 'in_progress', 'completed', 'failed')),
    created_at timestamptz DEFAULT now()
);
CREATE TABLE javari_learned_patterns (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    pattern_type text NOT NULL,
    context text NOT NULL,
    action_taken text NOT NULL,
    success_rate numeric(3,2),
    confidence_score numeric(3,2),
    usage_count integer DEFAULT 1,
    last_used_at timestamptz DEFAULT now(),
    created_at timestamptz DEFAULT now()
);
CREATE TABLE javari_ab_tests (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    test_name text NOT NULL UNIQUE,
    variant_a text NOT NULL,
    variant_b text NOT NULL,
    variant_a_count integer DEFAULT 0,
    variant_b_count integer DEFAULT 0,
    variant_a_success integer DEFAULT 0,
    variant_b_success integer DEFAULT 0,
    winner text
        CHECK (winner IN ('a', 'b', 'inconclusive')),
    confidence_level numeric(3,2),
    started_at timestamptz DEFAULT now(),
    ended_at timestamptz
);
CREATE TABLE javari_health_monitors (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    project_id uuid REFERENCES projects(id) ON DELETE CASCADE,
    monitor_type text
        CHECK (monitor_type IN ('build', 'deployment', 'uptime', 'performance')),
    check_frequency text DEFAULT '30min'
        CHECK (check_frequency IN ('5min', '15min', '30min', '1hour', 'daily')),
    alert_threshold integer,
    auto_fix_enabled boolean DEFAULT true,
    slack_webhook text,
    email_recipients text[],
    is_active boolean DEFAULT true,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE javari_alerts (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    monitor_id uuid NOT NULL REFERENCES javari_health_monitors(id) ON DELETE CASCADE,
    severity text
        CHECK (severity IN ('low', 'medium', 'high', 'critical')),
    alert_message text NOT NULL,
    auto_fix_attempted boolean DEFAULT false,
    fix_success boolean,
    resolution_time_seconds integer,
    acknowledged_at timestamptz,
    acknowledged_by uuid REFERENCES users(id) ON DELETE SET NULL,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE javari_healing_events (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    project_id uuid REFERENCES projects(id) ON DELETE CASCADE,
    error_type text NOT NULL,
    error_details text,
    healing_action_taken text,
    healing_successful boolean,
    time_to_heal_seconds integer,
    automated boolean DEFAULT true,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE javari_task_queue (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    project_id uuid REFERENCES projects(id) ON DELETE CASCADE,
    task_type text NOT NULL,
    priority integer DEFAULT 5
        CHECK (priority >= 1 AND priority <= 10),
    payload jsonb NOT NULL,
    status text DEFAULT 'pending'
        CHECK (status IN ('pending', 'in_progress', 'completed', 'failed', 'cancelled')),
    scheduled_at timestamptz DEFAULT now(),
    started_at timestamptz,
    completed_at timestamptz,
    error_message text,
    retry_count integer DEFAULT 0,
    max_retries integer DEFAULT 3,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE javari_agents (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    agent_name text NOT NULL UNIQUE,
    specialization text,
    is_active boolean DEFAULT true,
    current_task_id uuid REFERENCES javari_task_queue(id) ON DELETE SET NULL,
    tasks_completed integer DEFAULT 0,
    success_rate numeric(3,2),
    average_completion_time_seconds integer,
    created_at timestamptz DEFAULT now(),
    last_active_at timestamptz DEFAULT now()
);
CREATE TABLE javari_agent_collaboration (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    task_id uuid NOT NULL REFERENCES javari_task_queue(id) ON DELETE CASCADE,
    agent_ids uuid[],
    collaboration_type text
        CHECK (collaboration_type IN ('parallel', 'sequential', 'peer_review')),
    final_decision text,
    decision_rationale text,
    created_at timestamptz DEFAULT now()
);
CREATE TABLE javari_cost_tracking (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    project_id uuid REFERENCES projects(id) ON DELETE CASCADE,
    service text NOT NULL,
    feature_used text,
    input_tokens integer,
    output_tokens integer,
    cost_usd numeric(10,4),
    timestamp timestamptz DEFAULT now()
);
CREATE TABLE javari_cost_forecasts (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    forecast_period text
        CHECK (forecast_period IN ('daily', 'weekly', 'monthly', 'yearly')),
    predicted_cost_usd numeric(10,2),
    confidence_interval numeric(3,2),
    cost_breakdown_json jsonb,
    recommendations text[],
    generated_at timestamptz DEFAULT now()
);
CREATE TABLE javari_pii_detections (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    conversation_id uuid NOT NULL REFERENCES conversations(id) ON DELETE CASCADE,
    message_id uuid REFERENCES messages(id) ON DELETE CASCADE,
    pii_type text
        CHECK (pii_type IN ('email', 'phone', 'ssn', 'credit_card', 'address')),
    detected_text_hash text NOT NULL,
    redaction_applied boolean DEFAULT false,
    reported_to_admin boolean DEFAULT false,
    detected_at timestamptz DEFAULT now()
);
CREATE TABLE javari_security_scans (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    project_id uuid NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
    scan_type text
        CHECK (scan_type IN ('dependency', 'code', 'secrets', 'license')),
    vulnerabilities_found integer DEFAULT 0,
    severity_levels_json jsonb,
    remediation_suggestions text[],
    scan_timestamp timestamptz DEFAULT now()
);
CREATE TABLE javari_work_log (
    id uuid PRIMARY KEY DEFAULT uuid_generate_v4(),
    user_id uuid NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    project_id uuid REFERENCES projects(id) ON DELETE CASCADE,
    action_type text NOT NULL,
    action_description text NOT NULL,
    reasoning_log text,
    confidence_score numeric(3,2),
    files_modified_json jsonb,
    outcome text
        CHECK (outcome IN ('success', 'partial_success', 'failure')),
    timestamp timestamptz DEFAULT now()
);
CREATE INDEX idx_alerts_created_at ON javari_alerts (created_at DESC);
CREATE INDEX idx_alerts_monitor_id ON javari_alerts (monitor_id);
CREATE INDEX idx_alerts_severity ON javari_alerts (severity);
CREATE INDEX idx_artifacts_conversation_id ON artifacts (conversation_id);
CREATE INDEX idx_collaboration_task_id ON javari_agent_collaboration (task_id);
CREATE INDEX idx_continuations_child_id ON conversation_continuations (child_id);
CREATE INDEX idx_continuations_parent_id ON conversation_continuations (parent_id);
CREATE INDEX idx_conversations_project_id ON conversations (project_id);
CREATE INDEX idx_conversations_status ON conversations (status);
CREATE INDEX idx_conversations_user_id ON conversations (user_id);
CREATE INDEX idx_cost_tracking_project_id ON javari_cost_tracking (project_id);
CREATE INDEX idx_cost_tracking_timestamp ON javari_cost_tracking ("timestamp" DESC);
CREATE INDEX idx_cost_tracking_user_id ON javari_cost_tracking (user_id);
CREATE INDEX idx_credential_rotations_credential_id ON javari_credential_rotations (credential_id);
CREATE INDEX idx_credential_snapshots_conversation_id ON javari_credential_snapshots (conversation_id);
CREATE INDEX idx_healing_events_project_id ON javari_healing_events (project_id);
CREATE INDEX idx_healing_events_success ON javari_healing_events (healing_successful);
CREATE INDEX idx_health_monitors_is_active ON javari_health_monitors (is_active);
CREATE INDEX idx_health_monitors_user_id ON javari_health_monitors (user_id);
CREATE INDEX idx_javari_credentials_project_id ON javari_credentials (project_id);
CREATE INDEX idx_javari_credentials_user_id ON javari_credentials (user_id);
CREATE INDEX idx_knowledge_embedding ON javari_knowledge_base USING ivfflat (embedding vector_cosine_ops);
CREATE INDEX idx_knowledge_project_id ON javari_knowledge_base (project_id);
CREATE INDEX idx_knowledge_user_id ON javari_knowledge_base (user_id);
CREATE INDEX idx_learned_patterns_success_rate ON javari_learned_patterns (success_rate DESC);
CREATE INDEX idx_learned_patterns_type ON javari_learned_patterns (pattern_type);
CREATE INDEX idx_messages_conversation_id ON messages (conversation_id);
CREATE INDEX idx_messages_created_at ON messages (created_at);
CREATE INDEX idx_pii_detections_conversation_id ON javari_pii_detections (conversation_id);
CREATE INDEX idx_projects_user_id ON projects (user_id);
CREATE INDEX idx_security_scans_project_id ON javari_security_scans (project_id);
CREATE INDEX idx_subprojects_project_id ON subprojects (project_id);
CREATE INDEX idx_task_queue_scheduled_at ON javari_task_queue (scheduled_at);
CREATE INDEX idx_task_queue_status ON javari_task_queue (status);
CREATE INDEX idx_users_email ON users (email);
CREATE INDEX idx_users_plan ON users (plan);
CREATE INDEX idx_web_crawls_next_crawl ON javari_web_crawls (next_crawl_at);
CREATE INDEX idx_work_log_project_id ON javari_work_log (project_id);
CREATE INDEX idx_work_log_timestamp ON javari_work_log ("timestamp" DESC);
CREATE INDEX idx_work_log_user_id ON javari_work_log (user_id);

-- Ambiguous in its last sub-select, as the seed's is: it fails on every call.
CREATE FUNCTION get_credentials_with_inheritance(p_project_id uuid, p_subproject_id uuid)
RETURNS TABLE (id uuid, name text, encrypted_value text, encryption_iv text, encryption_tag text, source text)
LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT c.id, c.name, c.encrypted_value, c.encryption_iv, c.encryption_tag, 'subproject'
        FROM javari_credentials c WHERE c.subproject_id = p_subproject_id;
    RETURN QUERY SELECT c.id, c.name, c.encrypted_value, c.encryption_iv, c.encryption_tag, 'project'
        FROM javari_credentials c
        WHERE c.project_id = p_project_id AND c.is_inherited AND c.name NOT IN (
            SELECT name FROM javari_credentials WHERE subproject_id = p_subproject_id);
END
$$;
CREATE FUNCTION match_knowledge(
    query_embedding vector(1536), match_threshold float, match_count int, project_id uuid
) RETURNS TABLE (id uuid, content text, similarity float) LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY SELECT k.id, k.content, 1 - (k.embedding <=> query_embedding) AS similarity
        FROM javari_knowledge_base k
        WHERE k.project_id = match_knowledge.project_id
          AND 1 - (k.embedding <=> query_embedding) > match_threshold
        ORDER BY similarity DESC LIMIT match_count;
END
$$;

-- Three policies on tables without row-level security, as the seed has them: they do nothing.
CREATE POLICY "Users can view own conversations" ON conversations FOR SELECT USING (auth.uid() = user_id);
CREATE POLICY "Users can create conversations" ON conversations FOR INSERT WITH CHECK (auth.uid() = user_id);
CREATE POLICY "Users can manage own credentials" ON javari_credentials FOR ALL USING (auth.uid() = user_id);
