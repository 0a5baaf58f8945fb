-- Monitors, alerts, repairs and money.
CREATE VIEW javari_seed.adoption_monitors AS
SELECT m.*, o.id AS owner_id, p.id AS own_project_id, coalesce(m.monitor_type, 'custom') AS own_type,
    row_number() OVER (
        PARTITION BY o.id, p.id, m.monitor_type ORDER BY m.created_at DESC NULLS LAST, m.id
    ) AS nth
FROM javari_seed.javari_health_monitors m
JOIN javari_seed.adoption_owners o ON o.old_id = m.user_id
LEFT JOIN projects p ON p.id = m.project_id AND p.user_id = o.id;
-- A webhook's address is a secret: it goes into the vault afterwards, with the key.
INSERT INTO javari_health_monitors (id, user_id, project_id, name, monitor_type, target,
    check_frequency, alert_threshold, auto_fix_enabled, email_recipients, is_active, state,
    next_check_at, created_at, updated_at)
SELECT m.id, m.owner_id, m.own_project_id,
    m.own_type || CASE WHEN m.nth > 1 THEN '__' || m.nth ELSE '' END, m.own_type,
    -- The seed says not what to look at; a monitor of this name is nobody's.
    jsonb_build_object('kind', 'custom', 'name', 'seed_' || m.own_type, 'settings', '{}'::jsonb),
    coalesce(m.check_frequency, '30min'), least(greatest(coalesce(m.alert_threshold, 2), 1), 100),
    coalesce(m.auto_fix_enabled, FALSE), to_jsonb(coalesce(m.email_recipients, '{}')),
    coalesce(m.is_active, TRUE), '{}', now(), coalesce(m.created_at, now()),
    coalesce(m.created_at, now())
FROM javari_seed.adoption_monitors m;

INSERT INTO javari_alerts (id, monitor_id, user_id, project_id, kind, state, severity, alert_message,
    auto_fix_attempted, fix_success, resolution_time_seconds, resolved_at, acknowledged_at,
    acknowledged_by, created_at)
SELECT a.id, a.monitor_id, m.user_id, m.project_id, 'failing', 'resolved',
    coalesce(a.severity, 'medium'), a.alert_message, coalesce(a.auto_fix_attempted, FALSE),
    a.fix_success, a.resolution_time_seconds,
    coalesce(a.created_at + make_interval(secs => a.resolution_time_seconds), a.acknowledged_at,
        a.created_at, m.created_at),
    a.acknowledged_at, o.id, coalesce(a.created_at, m.created_at)
FROM javari_seed.javari_alerts a
JOIN javari_health_monitors m ON m.id = a.monitor_id
LEFT JOIN javari_seed.adoption_owners o ON o.old_id = a.acknowledged_by;

INSERT INTO javari_healing_events (id, user_id, project_id, error_type, error_details,
    healing_action_taken, healing_successful, time_to_heal_seconds, automated, stage, status, autonomy,
    folder, attempted, base_branch, base_commit, created_at, updated_at)
SELECT h.id, coalesce(p.user_id, javari_seed.nobodys_owner()), p.id, h.error_type, h.error_details,
    h.healing_action_taken, h.healing_successful, h.time_to_heal_seconds, coalesce(h.automated, TRUE),
    'adopted', CASE h.healing_successful WHEN TRUE THEN 'merged' WHEN FALSE THEN 'failed'
        ELSE 'interrupted' END,
    'approve_critical', '', FALSE, '', '', coalesce(h.created_at, p.created_at, now()),
    coalesce(h.created_at, p.created_at, now())
FROM javari_seed.javari_healing_events h LEFT JOIN projects p ON p.id = h.project_id;

INSERT INTO javari_cost_tracking (id, user_id, project_id, service, feature_used, input_tokens,
    output_tokens, cost_usd, timestamp)
SELECT c.id, o.id, p.id, c.service, c.feature_used, coalesce(c.input_tokens, 0),
    coalesce(c.output_tokens, 0), c.cost_usd, coalesce(c.timestamp, now())
FROM javari_seed.javari_cost_tracking c
JOIN javari_seed.adoption_owners o ON o.old_id = c.user_id
LEFT JOIN projects p ON p.id = c.project_id AND p.user_id = o.id;

INSERT INTO javari_cost_forecasts (id, user_id, forecast_period, predicted_cost_usd,
    confidence_interval, cost_breakdown_json, recommendations, generated_at)
SELECT f.id, o.id, coalesce(f.forecast_period, 'monthly'),
    greatest(coalesce(f.predicted_cost_usd, 0), 0), javari_seed.share(f.confidence_interval),
    f.cost_breakdown_json, coalesce(f.recommendations, '{}'), coalesce(f.generated_at, now())
FROM javari_seed.javari_cost_forecasts f
JOIN javari_seed.adoption_owners o ON o.old_id = f.user_id;
