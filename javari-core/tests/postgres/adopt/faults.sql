-- What the host has to decide: one address in two cases, rows of nobody, and rows that can stand nowhere.
INSERT INTO users (id, email, credits_balance)
VALUES ('aaaaaaaa-0000-4000-8000-000000000001', 'ann@example.com', 5), ('aaaaaaaa-0000-4000-8000-000000000002', 'ANN@example.com', 7);
INSERT INTO user_preferences (user_id)
VALUES ('aaaaaaaa-0000-4000-8000-000000000001'), ('aaaaaaaa-0000-4000-8000-000000000002');
INSERT INTO projects (id, user_id, name)
VALUES ('aaaaaaaa-0000-4000-8000-0000000000a1', 'aaaaaaaa-0000-4000-8000-000000000001', 'site'),
    ('aaaaaaaa-0000-4000-8000-0000000000a2', 'aaaaaaaa-0000-4000-8000-000000000002', 'site');
INSERT INTO conversations (id, user_id, title)
VALUES ('aaaaaaaa-0000-4000-8000-0000000000c1', 'aaaaaaaa-0000-4000-8000-000000000001', 'Round');
INSERT INTO conversation_continuations (parent_id, child_id)
VALUES ('aaaaaaaa-0000-4000-8000-0000000000c1', 'aaaaaaaa-0000-4000-8000-0000000000c1');
INSERT INTO javari_agents (id, agent_name, success_rate, tasks_completed, current_task_id)
VALUES ('aaaaaaaa-0000-4000-8000-0000000000e1', 'planner', 1.50, 4, md5('task2')::uuid), ('aaaaaaaa-0000-4000-8000-0000000000e2', 'builder', 0.25, 8, NULL);
INSERT INTO javari_agent_collaboration (id, task_id, agent_ids)
VALUES ('aaaaaaaa-0000-4000-8000-0000000000e3', md5('task2')::uuid,
    ARRAY['aaaaaaaa-0000-4000-8000-0000000000e2', 'aaaaaaaa-0000-4000-8000-0000000000e1', 'aaaaaaaa-0000-4000-8000-0000000000ff']::uuid[]);
INSERT INTO javari_web_crawls (url, created_at) VALUES ('https://example.com/', '2025-01-01'), ('https://example.com/', '2025-01-02');
INSERT INTO javari_learned_patterns (pattern_type, context, action_taken, success_rate, usage_count)
VALUES ('fix', 'c', 'a', 0.75, 4), ('fix', 'c', 'a', 3.00, -1);
INSERT INTO javari_ab_tests (test_name, variant_a, variant_b, variant_a_count, variant_a_success) VALUES ('t', 'x', 'y', 3, 5);
INSERT INTO javari_healing_events (error_type) VALUES ('out_of_memory');
