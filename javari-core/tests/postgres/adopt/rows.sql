-- Rows of as many users as the setting `seed.users` says, most of them plain and some with every fault
-- that the seed lets through. Users are numbered from 1; the first five are plain.
CREATE FUNCTION pg_temp.n() RETURNS integer LANGUAGE sql AS $$ SELECT current_setting('seed.users')::integer $$;
CREATE FUNCTION pg_temp.made(kind text, n integer) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT md5(kind || n)::uuid
$$;

INSERT INTO users (id, email, name, created_at, updated_at, last_active_at, plan, credits_balance)
SELECT pg_temp.made('user', n), 'User' || n || '@example.com', 'User ' || n,
    CASE WHEN n % 7 <> 6 THEN timestamptz '2025-01-01' + n * interval '1 hour' END,
    timestamptz '2025-02-01', timestamptz '2025-03-01', CASE WHEN n % 7 <> 6 THEN 'pro' END,
    CASE WHEN n % 9 = 8 THEN -3.50 ELSE 12.34 END
FROM generate_series(1, pg_temp.n()) n;
INSERT INTO user_preferences (user_id, temperature, max_tokens, theme)
SELECT pg_temp.made('user', n), CASE WHEN n % 8 <> 6 THEN 0.35 END, CASE WHEN n % 8 = 6 THEN -1 ELSE 900 END, 'light'
FROM generate_series(1, pg_temp.n()) n WHERE n % 2 = 0 OR n = 1;

-- Two projects a user; of every sixth both have one name, and the second was changed later.
INSERT INTO projects (id, user_id, name, description, metadata, created_at, updated_at)
SELECT pg_temp.made('project', n * 2 + k), pg_temp.made('user', n),
    CASE WHEN k = 0 OR n % 6 = 0 THEN 'site' ELSE 'shop' END, 'Project ' || k,
    CASE WHEN n % 7 <> 6 THEN jsonb_build_object('k', k) END, timestamptz '2025-01-02',
    timestamptz '2025-01-02' + k * interval '1 day'
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 1) k;
INSERT INTO subprojects (id, project_id, name)
SELECT pg_temp.made('part', n * 2 + k), pg_temp.made('project', n * 2), CASE WHEN n % 6 = 0 THEN 'part' ELSE 'part' || k END
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 1) k;

-- Every eleventh user's second conversation stands in another user's project, and every thirteenth's
-- names a subproject of another project.
INSERT INTO conversations (id, user_id, project_id, subproject_id, title, starred, status, last_message_at,
    total_tokens, created_at)
SELECT pg_temp.made('talk', n * 2 + k), pg_temp.made('user', n),
    CASE WHEN k = 1 AND n % 11 = 10 THEN pg_temp.made('project', 2) WHEN k = 1 THEN pg_temp.made('project', n * 2 + 1) END,
    CASE WHEN k = 1 AND n % 13 = 12 THEN pg_temp.made('part', n * 2) END,
    'Talk ' || k, CASE WHEN n % 7 <> 6 THEN k = 0 END, CASE WHEN n % 7 <> 6 THEN 'active' END,
    timestamptz '2025-01-05', 40, timestamptz '2025-01-04'
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 1) k;
-- The question and its answer have one time, as in one transaction.
INSERT INTO messages (id, conversation_id, role, content, ai_model, tokens_used, credits_cost, confidence_score,
    created_at)
SELECT pg_temp.made('message', (n * 2 + k) * 4 + m), pg_temp.made('talk', n * 2 + k),
    CASE m % 2 WHEN 0 THEN 'user' ELSE 'assistant' END, 'Message ' || m || ' of ' || n, 'gpt-4', 10,
    CASE WHEN n % 9 = 8 THEN -0.01 ELSE 0.12 END,
    CASE WHEN m = 3 AND n % 10 = 9 THEN 1.50 WHEN m = 3 AND n % 10 = 8 THEN -0.10 WHEN m = 1 THEN 0.95 END,
    timestamptz '2025-01-05' + (m / 2) * interval '1 minute'
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 1) k, generate_series(0, 3) m;
INSERT INTO conversation_continuations (id, parent_id, child_id, summary, context_tokens)
SELECT pg_temp.made('going on', n), pg_temp.made('talk', n * 2), pg_temp.made('talk', n * 2 + 1), 'More', 100
FROM generate_series(1, pg_temp.n()) n WHERE n % 3 = 1;
INSERT INTO artifacts (id, conversation_id, message_id, type, filename, file_path, file_size, language)
SELECT pg_temp.made('artifact', n), pg_temp.made('talk', n * 2),
    pg_temp.made('message', CASE WHEN n % 11 = 10 THEN 8 ELSE n * 8 END), 'code', 'a.rs',
    CASE WHEN n % 10 = 9 THEN 'a/../../etc/passwd' ELSE 'src/a.rs' END, 100, 'rust'
FROM generate_series(1, pg_temp.n()) n;
INSERT INTO javari_pii_detections (id, conversation_id, message_id, pii_type, detected_text_hash)
SELECT pg_temp.made('pii', n), pg_temp.made('talk', n * 2), pg_temp.made('message', n * 8),
    CASE WHEN n % 7 <> 6 THEN 'email' END, md5('a secret ' || n % 3)
FROM generate_series(1, pg_temp.n()) n;

-- `seed_values` holds what the seed's own code sealed, one row a credential: number, value, IV and tag.
-- 0 and 3 have one name at one level; 1 is a subproject's; 2 is a project's and inherited.
INSERT INTO javari_credentials (id, user_id, project_id, subproject_id, name, encrypted_value, encryption_iv,
    encryption_tag, credential_type, is_inherited, allow_override, use_count, created_at, updated_at)
SELECT pg_temp.made('credential', n * 4 + k), pg_temp.made('user', n),
    CASE WHEN k <> 1 THEN pg_temp.made('project', CASE WHEN k = 2 AND n % 11 = 10 THEN 2 ELSE n * 2 END) END,
    CASE WHEN k = 1 THEN pg_temp.made('part', n * 2) END,
    (ARRAY['TOKEN', 'TOKEN', 'SHARED', CASE WHEN n % 5 = 0 THEN 'TOKEN' ELSE 'OTHER' END])[k + 1],
    v.encrypted, v.iv, v.tag, CASE WHEN n % 7 <> 6 THEN 'api_key' END, CASE WHEN n % 7 <> 6 THEN k = 2 END,
    CASE WHEN n % 7 <> 6 THEN TRUE END, n, timestamptz '2025-01-03', timestamptz '2025-01-03' + k * interval '1 day'
FROM generate_series(1, pg_temp.n()) n CROSS JOIN generate_series(0, 3) k
JOIN seed_values v ON v.number = (n * 4 + k) % (SELECT count(*) FROM seed_values);
INSERT INTO javari_credential_rotations (id, credential_id, old_value_hash, new_value_hash, rotation_type, rotated_by,
    created_at)
SELECT pg_temp.made('rotation', n * 2 + k), pg_temp.made('credential', n * 4), md5('v' || k), md5('v' || k + 1),
    CASE WHEN n % 7 <> 6 THEN 'manual' END, pg_temp.made('user', n), timestamptz '2025-01-03' + k * interval '1 hour'
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 1) k WHERE n % 3 = 0;
INSERT INTO javari_credential_snapshots (id, conversation_id, user_id, project_id, credentials_snapshot)
SELECT pg_temp.made('snapshot', n), pg_temp.made('talk', n * 2), pg_temp.made('user', n),
    pg_temp.made('project', n * 2), '{"TOKEN": "sealed somehow"}'
FROM generate_series(1, pg_temp.n()) n WHERE n % 4 = 0;

-- The second text of each user is cut from the same page as the first; every tenth user's have vectors.
INSERT INTO javari_knowledge_base (id, user_id, project_id, content, content_hash, source_type, source_url,
    embedding, relevance_score, created_at, updated_at)
SELECT pg_temp.made('text', n * 2 + k), pg_temp.made('user', n),
    CASE WHEN n % 4 <> 3 THEN pg_temp.made('project', n * 2) END,
    'The valve of user ' || n || ' opens to the ' || (ARRAY['left', 'right'])[k + 1] || ', 漢字 and all.',
    md5('text' || n || k), CASE WHEN n % 7 <> 6 THEN 'web_crawl' END, 'https://example.com/' || n,
    CASE WHEN n % 10 = 1 THEN (
        SELECT array_agg(sin(i * (n + k * 0.1) + 1)::real ORDER BY i) FROM generate_series(1, 1536) i
    )::vector(1536) END,
    CASE WHEN n % 9 = 8 THEN 2.00 ELSE 0.50 END, timestamptz '2025-01-06', timestamptz '2025-01-06'
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 1) k;

INSERT INTO javari_health_monitors (id, user_id, project_id, monitor_type, alert_threshold, slack_webhook, email_recipients)
SELECT pg_temp.made('monitor', n * 2 + k), pg_temp.made('user', n), pg_temp.made('project', n * 2),
    CASE WHEN n % 7 <> 6 THEN 'uptime' END, CASE WHEN n % 8 = 7 THEN 0 ELSE 3 END,
    CASE WHEN n % 2 = 0 THEN 'https://hooks.example.com/T' || n || '/' || k END, ARRAY['ops@example.com']
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 1) k;
INSERT INTO javari_alerts (id, monitor_id, severity, alert_message, acknowledged_by, resolution_time_seconds, created_at)
SELECT pg_temp.made('alert', n * 2 + k), pg_temp.made('monitor', n * 2), CASE WHEN n % 7 <> 6 THEN 'high' END, 'Down',
    CASE WHEN k = 0 THEN pg_temp.made('user', n) END, CASE WHEN k = 0 THEN 90 END, timestamptz '2025-01-07'
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 1) k;
INSERT INTO javari_healing_events (id, project_id, error_type, healing_successful, created_at)
SELECT pg_temp.made('repair', n), pg_temp.made('project', n * 2), 'missing_module', n % 2 = 0, timestamptz '2025-01-07'
FROM generate_series(1, pg_temp.n()) n;
INSERT INTO javari_task_queue (id, user_id, project_id, task_type, payload, status, priority, created_at, started_at)
SELECT pg_temp.made('task', n * 2 + k), pg_temp.made('user', n), pg_temp.made('project', n * 2 + 1), 'crawl',
    jsonb_build_object('n', n), CASE WHEN n % 7 = 6 THEN NULL WHEN k = 1 THEN 'in_progress' ELSE 'completed' END,
    CASE WHEN n % 7 <> 6 THEN 5 END, timestamptz '2025-01-08', CASE WHEN k = 1 THEN timestamptz '2025-01-08' END
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 1) k;
INSERT INTO javari_cost_tracking (id, user_id, project_id, service, input_tokens, output_tokens, cost_usd, timestamp)
SELECT pg_temp.made('cost', n * 3 + k), pg_temp.made('user', n), pg_temp.made('project', n * 2), 'openai',
    CASE WHEN n % 7 <> 6 THEN 10 END, 5, 0.0123, timestamptz '2025-01-09'
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 2) k;
INSERT INTO javari_cost_forecasts (id, user_id, forecast_period, predicted_cost_usd, recommendations)
SELECT pg_temp.made('forecast', n), pg_temp.made('user', n), CASE WHEN n % 7 <> 6 THEN 'weekly' END,
    CASE WHEN n % 7 <> 6 THEN 4.20 END, CASE WHEN n % 7 <> 6 THEN ARRAY['use less'] END
FROM generate_series(1, pg_temp.n()) n;
INSERT INTO javari_security_scans (id, project_id, scan_type, vulnerabilities_found)
SELECT pg_temp.made('scan', n), pg_temp.made('project', n * 2), CASE WHEN n % 7 <> 6 THEN 'secrets' END, 2
FROM generate_series(1, pg_temp.n()) n;
INSERT INTO javari_work_log (id, user_id, project_id, action_type, action_description, reasoning_log, confidence_score,
    files_modified_json, outcome, timestamp)
SELECT pg_temp.made('entry', n * 3 + k), pg_temp.made('user', n), pg_temp.made('project', n * 2), 'fix', 'Fixed ' || k,
    'because', CASE WHEN n % 10 = 9 THEN 4.20 ELSE 0.90 END, '{"files": ["b.rs", "a.rs"], "lines": 1.50}',
    CASE WHEN n % 7 <> 6 THEN 'success' END, CASE WHEN n % 12 <> 11 THEN timestamptz '2025-01-10' + k * interval '1 hour' END
FROM generate_series(1, pg_temp.n()) n, generate_series(0, 2) k;
