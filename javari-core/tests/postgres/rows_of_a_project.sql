-- A row in every table whose room comes later, for one project of one user: {user}, {project} and {n}, by
-- which the two projects differ.
INSERT INTO conversations (id, user_id, project_id, title) VALUES
    ('00000000-0000-4000-8000-000000000{n}01', '{user}', '{project}', 'Talk'),
    ('00000000-0000-4000-8000-000000000{n}02', '{user}', '{project}', 'Its continuation');
INSERT INTO messages (conversation_id, role, content)
    VALUES ('00000000-0000-4000-8000-000000000{n}01', 'user', 'Hello');
INSERT INTO conversation_continuations (user_id, parent_id, child_id) VALUES ('{user}',
    '00000000-0000-4000-8000-000000000{n}01', '00000000-0000-4000-8000-000000000{n}02');
INSERT INTO artifacts (conversation_id, type, filename)
    VALUES ('00000000-0000-4000-8000-000000000{n}01', 'code', 'a.rs');
INSERT INTO javari_pii_detections (conversation_id, pii_type, detected_text_hash)
    VALUES ('00000000-0000-4000-8000-000000000{n}01', 'email', 'c0ffee');
INSERT INTO javari_task_queue (id, user_id, project_id, task_type, payload)
    VALUES ('00000000-0000-4000-8000-000000000{n}03', '{user}', '{project}', 'crawl', '{}');
INSERT INTO javari_task_attempts (task_id, attempt, user_id, worker, started_at)
    VALUES ('00000000-0000-4000-8000-000000000{n}03', 1, '{user}', 'w', now());
INSERT INTO javari_schedules (id, user_id, project_id, name, task_type, payload, expression, next_run_at,
        created_at, updated_at)
    VALUES (gen_random_uuid(), '{user}', '{project}', 'nightly', 'crawl', '{}', '0 3 * * *', now(), now(), now());
INSERT INTO javari_agents (id, user_id, agent_name)
    VALUES ('00000000-0000-4000-8000-000000000{n}04', '{user}', 'reader {n}');
INSERT INTO javari_agent_collaboration (id, user_id, task_id, collaboration_type)
    VALUES ('00000000-0000-4000-8000-000000000{n}05', '{user}',
        '00000000-0000-4000-8000-000000000{n}03', 'parallel');
INSERT INTO javari_collaborating_agents (collaboration_id, agent_id, user_id)
    VALUES ('00000000-0000-4000-8000-000000000{n}05', '00000000-0000-4000-8000-000000000{n}04', '{user}');
INSERT INTO javari_web_crawls (id, user_id, project_id, url)
    VALUES ('00000000-0000-4000-8000-000000000{n}06', '{user}', '{project}', 'https://example.com/');
INSERT INTO javari_crawl_pages (id, crawl_id, user_id, url, fetched_at) VALUES (gen_random_uuid(),
    '00000000-0000-4000-8000-000000000{n}06', '{user}', 'https://example.com/a', now());
INSERT INTO javari_learned_patterns (user_id, project_id, pattern_type, context, action_taken)
    VALUES ('{user}', '{project}', 'build', 'missing module', 'npm install');
INSERT INTO javari_ab_tests (user_id, project_id, test_name, variant_a, variant_b)
    VALUES ('{user}', '{project}', 'greeting', 'Hello', 'Hi');
INSERT INTO javari_security_scans (project_id, scan_type) VALUES ('{project}', 'secrets');
INSERT INTO javari_cost_tracking (user_id, project_id, service, input_tokens, output_tokens)
    VALUES ('{user}', '{project}', 'openai', 1, 1);
INSERT INTO javari_cost_forecasts (user_id, project_id, forecast_period, predicted_cost_usd)
    VALUES ('{user}', '{project}', 'monthly', 1);
INSERT INTO javari_credit_ledger (id, user_id, seq, amount, balance_after, reason, created_at)
    VALUES (gen_random_uuid(), '{user}', {n}, 1, 1, 'purchase', now());
INSERT INTO javari_budgets (id, user_id, project_id, period, limit_usd, period_start, created_at, updated_at)
    VALUES ('00000000-0000-4000-8000-000000000{n}08', '{user}', '{project}', 'month', 1, now(), now(), now());
INSERT INTO javari_budget_reservations (id, budget_id, user_id, amount_usd, expires_at) VALUES
    (gen_random_uuid(), '00000000-0000-4000-8000-000000000{n}08', '{user}', 1, now() + interval '1 hour');
INSERT INTO javari_idempotency_keys (user_id, key, operation, request_hash, created_at, expires_at)
    VALUES ('{user}', '{n}', 'vault.put', 'c0ffee', now(), now());
INSERT INTO javari_rate_limits (user_id, bucket, arrival_at, updated_at)
    VALUES ('{user}', 'chat {n}', now(), now());
INSERT INTO javari_app_health_status (id, user_id, project_id, component, status, checked_at)
    VALUES (gen_random_uuid(), '{user}', '{project}', 'web', 'healthy', now());
INSERT INTO javari_error_reports (id, user_id, project_id, fingerprint, message, first_seen_at, last_seen_at)
    VALUES (gen_random_uuid(), '{user}', '{project}', 'f00d', 'it broke', now(), now());
INSERT INTO javari_performance_metrics (id, user_id, project_id, metric_name, value, unit, recorded_at)
    VALUES (gen_random_uuid(), '{user}', '{project}', 'first_token', 0.3, 's', now());
INSERT INTO javari_analytics_events (id, user_id, project_id, event_name, occurred_at)
    VALUES (gen_random_uuid(), '{user}', '{project}', 'opened', now());
INSERT INTO javari_feature_requests (id, user_id, project_id, title, created_at, updated_at) VALUES
    ('00000000-0000-4000-8000-000000000{n}07', '{user}', '{project}', 'More engines', now(), now());
INSERT INTO javari_feature_request_votes (feature_request_id, voter_id, user_id, created_at)
    VALUES ('00000000-0000-4000-8000-000000000{n}07', '{user}', '{user}', now());
INSERT INTO javari_auto_fix_attempts (id, user_id, project_id, action, outcome, created_at)
    VALUES (gen_random_uuid(), '{user}', '{project}', 'npm install', 'fixed', now());
INSERT INTO javari_identities (id, user_id, issuer, subject, created_at, last_seen_at)
    VALUES (gen_random_uuid(), '{user}', 'https://id.example.com', 'subject {n}', now(), now());
