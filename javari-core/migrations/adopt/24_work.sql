-- Tasks, agents, crawls, and what was learned. What had no owner gets the host's choice.
INSERT INTO javari_task_queue (id, user_id, project_id, task_type, priority, payload, status,
    scheduled_at, started_at, completed_at, error_message, retry_count, max_retries, lease_owner,
    leased_until, created_at, updated_at)
SELECT t.id, o.id, p.id, t.task_type, coalesce(t.priority, 5), t.payload, coalesce(t.status, 'pending'),
    coalesce(t.scheduled_at, t.created_at, now()), t.started_at, t.completed_at, t.error_message,
    greatest(coalesce(t.retry_count, 0), 0), greatest(coalesce(t.max_retries, 3), 0),
    -- Who worked on it is gone.
    CASE WHEN t.status = 'in_progress' THEN 'seed' END,
    CASE WHEN t.status = 'in_progress' THEN coalesce(t.started_at, t.created_at, now()) END,
    coalesce(t.created_at, t.scheduled_at, now()),
    coalesce(t.completed_at, t.started_at, t.created_at, now())
FROM javari_seed.javari_task_queue t
JOIN javari_seed.adoption_owners o ON o.old_id = t.user_id
LEFT JOIN projects p ON p.id = t.project_id AND p.user_id = o.id;

INSERT INTO javari_agents (id, user_id, agent_name, specialization, is_active, current_task_id,
    tasks_completed, tasks_succeeded, success_rate, average_completion_time_seconds, created_at,
    last_active_at)
SELECT a.id, javari_seed.nobodys_owner(), a.agent_name, a.specialization,
    coalesce(a.is_active, TRUE), t.id, greatest(coalesce(a.tasks_completed, 0), 0),
    round(greatest(coalesce(a.tasks_completed, 0), 0) * coalesce(javari_seed.share(a.success_rate), 0)),
    javari_seed.share(a.success_rate), javari_seed.least_zero(a.average_completion_time_seconds),
    coalesce(a.created_at, a.last_active_at, now()), coalesce(a.last_active_at, a.created_at, now())
FROM javari_seed.javari_agents a
LEFT JOIN javari_task_queue t ON t.id = a.current_task_id AND t.user_id = javari_seed.nobodys_owner();

INSERT INTO javari_agent_collaboration (id, user_id, task_id, agent_ids, collaboration_type,
    final_decision, decision_rationale, created_at)
SELECT c.id, t.user_id, c.task_id, '{}', coalesce(c.collaboration_type, 'sequential'),
    c.final_decision, c.decision_rationale, coalesce(c.created_at, t.created_at)
FROM javari_seed.javari_agent_collaboration c JOIN javari_task_queue t ON t.id = c.task_id;
INSERT INTO javari_collaborating_agents (collaboration_id, agent_id, user_id)
SELECT DISTINCT c.id, a.id, a.user_id
FROM javari_seed.javari_agent_collaboration c
JOIN javari_agent_collaboration n ON n.id = c.id
CROSS JOIN LATERAL unnest(c.agent_ids) AS named (id)
JOIN javari_agents a ON a.id = named.id AND a.user_id = n.user_id;
-- Those too that are nobody's, and in the seed's order.
UPDATE javari_agent_collaboration n SET agent_ids = c.agent_ids
FROM javari_seed.javari_agent_collaboration c WHERE c.id = n.id AND c.agent_ids IS NOT NULL;

-- Of crawls of one address the newest keeps it; a fragment tells the others apart and fetches the same.
INSERT INTO javari_web_crawls (id, user_id, url, crawl_frequency, last_crawled_at, next_crawl_at,
    pages_indexed, errors_encountered, status, created_at, updated_at)
SELECT w.id, javari_seed.nobodys_owner(), w.url || CASE WHEN w.nth > 1 THEN '#__' || w.nth ELSE '' END,
    coalesce(w.crawl_frequency, 'daily'), w.last_crawled_at, w.next_crawl_at,
    greatest(coalesce(w.pages_indexed, 0), 0), greatest(coalesce(w.errors_encountered, 0), 0),
    coalesce(w.status, 'pending'), coalesce(w.created_at, now()),
    coalesce(w.last_crawled_at, w.created_at, now())
FROM (
    SELECT *, row_number() OVER (PARTITION BY url ORDER BY created_at DESC NULLS LAST, id) AS nth
    FROM javari_seed.javari_web_crawls
) AS w
WHERE length(w.url) BETWEEN 1 AND 1900;
DO $$ BEGIN
    PERFORM javari_seed.note('javari_web_crawls', 'url',
        'stood there already: told apart by a fragment, `#__2`', count(*))
    FROM javari_web_crawls w JOIN javari_seed.javari_web_crawls o USING (id) WHERE w.url <> o.url;
END $$;

INSERT INTO javari_learned_patterns (id, user_id, pattern_type, context, action_taken, successes,
    usage_count, success_rate, confidence_score, last_used_at, created_at)
SELECT l.id, javari_seed.nobodys_owner(), l.pattern_type, l.context, l.action_taken,
    round(greatest(coalesce(l.usage_count, 1), 0) * coalesce(javari_seed.share(l.success_rate), 0)),
    greatest(coalesce(l.usage_count, 1), 0), javari_seed.share(l.success_rate),
    javari_seed.share(l.confidence_score), coalesce(l.last_used_at, l.created_at, now()),
    coalesce(l.created_at, l.last_used_at, now())
FROM javari_seed.javari_learned_patterns l;

INSERT INTO javari_ab_tests (id, user_id, test_name, variant_a, variant_b, variant_a_count,
    variant_b_count, variant_a_success, variant_b_success, winner, confidence_level, started_at, ended_at)
SELECT t.id, javari_seed.nobodys_owner(), t.test_name, t.variant_a, t.variant_b,
    greatest(coalesce(t.variant_a_count, 0), coalesce(t.variant_a_success, 0), 0),
    greatest(coalesce(t.variant_b_count, 0), coalesce(t.variant_b_success, 0), 0),
    greatest(coalesce(t.variant_a_success, 0), 0), greatest(coalesce(t.variant_b_success, 0), 0),
    t.winner, javari_seed.share(t.confidence_level), coalesce(t.started_at, t.ended_at, now()), t.ended_at
FROM javari_seed.javari_ab_tests t;

INSERT INTO javari_security_scans (id, user_id, project_id, scan_type, vulnerabilities_found,
    severity_levels_json, remediation_suggestions, scan_timestamp)
SELECT s.id, p.user_id, p.id, coalesce(s.scan_type, 'code'),
    greatest(coalesce(s.vulnerabilities_found, 0), 0), s.severity_levels_json,
    coalesce(s.remediation_suggestions, '{}'), coalesce(s.scan_timestamp, p.created_at)
FROM javari_seed.javari_security_scans s JOIN projects p ON p.id = s.project_id;
