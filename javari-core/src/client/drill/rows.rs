//! Rows of the tables whose rooms come later, written as somebody's own SQL would.

use super::super::*;
use crate::storage::{Dialect, values};

/// A row in each of these tables. `$1` is the user, `$2` the project, `$3` the time, `$4` money, `$5` an
/// id of the statement's own, `$15` another user, and the others are ids that rows name each other by.
const ROWS: &[&str] = &[
    "INSERT INTO conversations (id, user_id, project_id, title, starred, last_message_at,
         total_tokens, created_at, updated_at)
     VALUES ($6, $1, $2, 'é漢😀 Refunds', TRUE, $3, 42, $3, $3)",
    "INSERT INTO conversations (id, user_id, title, last_message_at, created_at, updated_at)
     VALUES ($7, $1, 'Its continuation', $3, $3, $3)",
    "INSERT INTO messages (id, conversation_id, user_id, seq, role, content, parts, ai_model,
         tokens_used, credits_cost, confidence_score, created_at)
     VALUES ($8, $6, $1, 1, 'assistant', 'Within 30 days.', '[{\"type\": \"text\"}]', 'fake/one', 42,
         $4, 0.1, $3)",
    "INSERT INTO conversation_continuations (id, user_id, parent_id, child_id, summary, created_at)
     VALUES ($5, $1, $6, $7, 'They asked about refunds.', $3)",
    "INSERT INTO artifacts (id, conversation_id, user_id, message_id, type, filename, preview_data,
         created_at)
     VALUES ($5, $6, $1, $8, 'code', 'a.rs', '{\"lines\": 3}', $3)",
    "INSERT INTO javari_pii_detections (id, conversation_id, user_id, message_id, pii_type,
         detected_text_hash, redaction_applied, detected_at)
     VALUES ($5, $6, $1, $8, 'email', 'c0ffee', TRUE, $3)",
    "INSERT INTO javari_task_queue (id, user_id, project_id, task_type, payload, scheduled_at,
         lease_owner, leased_until, created_at, updated_at)
     VALUES ($9, $1, $2, 'crawl', '{\"depth\": 2}', $3, 'worker 1', $3, $3, $3)",
    "INSERT INTO javari_task_attempts (task_id, attempt, user_id, worker, started_at)
     VALUES ($9, 1, $1, 'worker 1', $3)",
    "INSERT INTO javari_schedules (id, user_id, name, task_type, payload, expression, next_run_at,
         created_at, updated_at)
     VALUES ($5, $1, 'nightly', 'crawl', '{}', '0 3 * * *', $3, $3, $3)",
    "INSERT INTO javari_agents (id, user_id, agent_name, current_task_id, tasks_completed,
         tasks_succeeded, success_rate, created_at, last_active_at)
     VALUES ($10, $1, 'reader', $9, 3, 1, 0.3333333333333333, $3, $3)",
    "INSERT INTO javari_agent_collaboration (id, user_id, task_id, collaboration_type, created_at)
     VALUES ($11, $1, $9, 'parallel', $3)",
    "INSERT INTO javari_collaborating_agents (collaboration_id, agent_id, user_id)
     VALUES ($11, $10, $1)",
    "INSERT INTO javari_web_crawls (id, user_id, project_id, url, created_at, updated_at)
     VALUES ($12, $1, $2, 'https://example.com/', $3, $3)",
    "INSERT INTO javari_crawl_pages (id, crawl_id, user_id, url, document_id, http_status, fetched_at)
     VALUES ($5, $12, $1, 'https://example.com/a',
         (SELECT id FROM javari_documents WHERE user_id = $1 LIMIT 1), 200, $3)",
    "INSERT INTO javari_learned_patterns (id, user_id, pattern_type, context, action_taken, successes,
         usage_count, success_rate, last_used_at, created_at)
     VALUES ($5, $1, 'build', 'missing module', 'npm install', 2, 3, 0.6666666666666666, $3, $3)",
    "INSERT INTO javari_ab_tests (id, user_id, test_name, variant_a, variant_b, variant_a_count,
         winner, started_at)
     VALUES ($5, $1, 'greeting', 'Hello', 'Hi', 7, 'inconclusive', $3)",
    "INSERT INTO javari_credit_ledger (id, user_id, seq, amount, balance_after, reason, created_at)
     VALUES ($5, $1, 1, $4, $4, 'purchase', $3)",
    "INSERT INTO javari_budgets (id, user_id, project_id, period, limit_usd, spent_usd, period_start,
         created_at, updated_at) VALUES ($16, $1, $2, 'month', $4, $4, $3, $3, $3)",
    "INSERT INTO javari_budget_reservations (id, budget_id, user_id, amount_usd, expires_at)
     VALUES ($5, $16, $1, $4, $3)",
    "INSERT INTO javari_idempotency_keys (user_id, key, operation, request_hash, reply, created_at,
         expires_at)
     VALUES ($1, 'one', 'vault.put', 'c0ffee', '{\"ok\": true}', $3, $3)",
    "INSERT INTO javari_rate_limits (user_id, bucket, arrival_at, updated_at)
     VALUES ($1, 'chat', $3, $3)",
    "INSERT INTO javari_app_health_status (id, user_id, component, status, checked_at)
     VALUES ($5, $1, 'web', 'healthy', $3)",
    "INSERT INTO javari_error_reports (id, user_id, project_id, fingerprint, message, context,
         first_seen_at, last_seen_at)
     VALUES ($13, $1, $2, 'f00d', 'it broke', '{\"a\": [1]}', $3, $3)",
    "INSERT INTO javari_performance_metrics (id, user_id, metric_name, value, unit, recorded_at)
     VALUES ($5, $1, 'first_token', 0.30000000000000004, 's', $3)",
    "INSERT INTO javari_analytics_events (id, user_id, event_name, properties, occurred_at)
     VALUES ($5, $1, 'opened', 'null', $3)",
    "INSERT INTO javari_feature_requests (id, user_id, title, created_at, updated_at)
     VALUES ($14, $1, 'More engines', $3, $3)",
    "INSERT INTO javari_feature_request_votes (feature_request_id, voter_id, user_id, created_at)
     VALUES ($14, $1, $1, $3)",
    "INSERT INTO javari_auto_fix_attempts (id, user_id, error_report_id, action, outcome, created_at)
     VALUES ($5, $1, $13, 'npm install', 'fixed', $3)",
    "INSERT INTO javari_identities (id, user_id, issuer, subject, created_at, last_seen_at)
     VALUES ($5, $1, 'https://id.example.com', CAST($1 AS TEXT), $3, $3)",
    "INSERT INTO javari_project_members (project_id, member_id, user_id, role, created_at, updated_at)
     VALUES ($2, $15, $1, 'developer', $3, $3)",
];

/// Those with an array: JSON in SQLite, PostgreSQL's own there.
const WITH_ARRAYS: &[[&str; 2]] = &[
    [
        "INSERT INTO javari_security_scans (id, user_id, project_id, scan_type,
             remediation_suggestions, scan_timestamp)
         VALUES ($5, $1, $2, 'secrets', '[\"rotate, \\\"now\\\"\", \"\", \"é漢😀.\"]', $3)",
        "INSERT INTO javari_security_scans (id, user_id, project_id, scan_type,
             remediation_suggestions, scan_timestamp)
         VALUES ($5, $1, $2, 'secrets', ARRAY['rotate, \"now\"', '', 'é漢😀.'], $3)",
    ],
    [
        "INSERT INTO javari_cost_forecasts (id, user_id, forecast_period, predicted_cost_usd,
             recommendations, generated_at)
         VALUES ($5, $1, 'monthly', $4, '[]', $3)",
        "INSERT INTO javari_cost_forecasts (id, user_id, forecast_period, predicted_cost_usd,
             recommendations, generated_at)
         VALUES ($5, $1, 'monthly', $4, '{}', $3)",
    ],
];

/// Writes one row of each.
pub(super) async fn write(project: &Scope) {
    let rooms = project.javari().rooms();
    let key = project.key();
    let now = rooms.clock.now();
    let names: Vec<uuid::Uuid> = (0..9).map(|_| rooms.clock.new_id()).collect();
    let budget = rooms.clock.new_id();
    let guest = project.javari().ensure_user("guest@example.org").await.unwrap().id;
    let mut transaction = rooms.database.begin(key).await.unwrap();
    let of_the_engine = |pair: &[&'static str; 2]| match rooms.database.dialect() {
        Dialect::Sqlite => pair[0],
        Dialect::Postgres => pair[1],
    };
    for statement in ROWS.iter().copied().chain(WITH_ARRAYS.iter().map(of_the_engine)) {
        let mut given = values![key.user, key.project, now, money(), rooms.clock.new_id()];
        given.extend(names.iter().map(|name| (*name).into()));
        given.push(guest.into());
        given.push(budget.into());
        let written = transaction.execute(statement, given).await;
        assert!(written.is_ok(), "{statement}: {written:?}");
    }
    transaction.commit().await.unwrap();
}

/// As small and as exact as money is kept.
fn money() -> crate::types::Usd {
    "1.000000000001".parse().unwrap()
}
