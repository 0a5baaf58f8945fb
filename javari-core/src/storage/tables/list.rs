//! Every table of Javari with its columns, in an order in which each row finds those it names.
//!
//! Backup, restore, export, erasure and vacuum all read this one list. A new table is one entry:
//! `name by OWNER { column: Kind, … }`. Rows are sorted by the first two columns; `by`
//! names the column that says whose row it is, and is left out where rows are nobody's. A column
//! that a later migration adds to a table is NULL in an older backup, or what stands behind `=`.
//! A test compares the list with the schema of each engine.

use super::{Column, Form, Owner, Table};

/// What makes a SQLite file small and quick again: first the merging of each full-text index, whose
/// rows that are gone stand in it until then. An index is one line.
pub(in crate::storage) const SQLITE_VACUUM: &[&str] = &[
    "INSERT INTO javari_knowledge_fts (javari_knowledge_fts) VALUES ('optimize')",
    "VACUUM",
    "PRAGMA analysis_limit = 1000; ANALYZE",
    "PRAGMA wal_checkpoint(TRUNCATE)",
];

// Each entry's columns stand as in the migrations.
tables! {
    users by id { id: Id, email: Text, name: Text, avatar_url: Text, plan: Text, created_at: Time,
        updated_at: Time, last_active_at: Time, credits_balance: Money = "10",
        monthly_allowance: Money = "10", allowance_reset_date: Time, allowance_anchor_day: Int }
    user_preferences by user_id { user_id: Id, default_ai_provider: Text, temperature: Real,
        max_tokens: Int, stream_responses: Bool, voice_enabled: Bool, theme: Text,
        notifications_enabled: Bool, autonomy_level: Text, created_at: Time, updated_at: Time }
    projects by user_id { id: Id, user_id: Id, name: Text, description: Text, repository_url: Text,
        metadata: Json, created_at: Time, updated_at: Time }
    subprojects by user_id { id: Id, project_id: Id, user_id: Id, name: Text, description: Text,
        metadata: Json, created_at: Time, updated_at: Time }
    javari_work_log by chain { chain: Text, seq: Int, id: Id, user_id: Id, project_id: Id,
        action_type: Text, action_description: Text, reasoning_log: Text, confidence_score: Real,
        files_modified_json: Json, details: Text, outcome: Text, timestamp: Time,
        previous_hash: Text, hash: Text }
    javari_work_log_heads by chain { chain: Text, seq: Int, hash: Text, authentication: Text }
    javari_key_registry { vault_id: Id, root_key_id: Text, minimum_suite: Int,
        authentication: Text, created_at: Time, next_root_key_id: Text, root_key_since: Time }
    javari_kept_keys { purpose: Text, root_key_id: Text, encrypted_value: Sealed,
        encryption_iv: Sealed, encryption_tag: Sealed, created_at: Time }
    javari_data_keys by user_id { id: Id, user_id: Id, project_id: Id, subproject_id: Id,
        version: Int, root_key_id: Text, encrypted_value: Sealed, encryption_iv: Sealed,
        encryption_tag: Sealed, created_at: Time, next_root_key_id: Text, next_value: Sealed,
        next_iv: Sealed, next_tag: Sealed }
    javari_credentials by user_id { id: Id, user_id: Id, project_id: Id, subproject_id: Id,
        name: Text, description: Text, encrypted_value: Sealed, encryption_iv: Sealed,
        encryption_tag: Sealed, enc_suite: Int, key_id: Id, current_version: Int,
        credential_type: Text, is_inherited: Bool, allow_override: Bool, expires_at: Time,
        last_used_at: Time, use_count: Int, created_at: Time, updated_at: Time,
        last_tested_at: Time, last_test_outcome: Text, rotation_interval_days: Int,
        next_rotation_at: Time, rotation_grace_seconds: Int = "0", rotation_handler: Text,
        rotation_claimed_until: Time, hosts: Text, hosts_version: Int }
    javari_credential_versions by user_id { credential_id: Id, version: Int, user_id: Id,
        state: Text, enc_suite: Int, key_id: Id, encrypted_value: Sealed, encryption_iv: Sealed,
        encryption_tag: Sealed, flags: Text, credential_type: Text, grace_until: Time,
        created_at: Time, fingerprint: Sealed, service_revocation: Text }
    javari_credential_rotations by user_id { id: Id, credential_id: Id, user_id: Id,
        old_version: Int, new_version: Int, old_value_hash: Sealed, new_value_hash: Sealed,
        rotation_type: Text, grace_period_end: Time, rotated_by: Id, created_at: Time }
    javari_knowledge_partitions by user_id { id: Serial, user_id: Id, project_id: Id, next_chunk: Int,
        revision: Int, removals: Int }
    javari_documents by user_id { id: Id, user_id: Id, project_id: Id, partition_id: Int,
        source_key: Text, source_type: Text, origin: Text, title: Text, media_type: Text,
        content_hash: Text, byte_size: Int, chunk_count: Int, first_chunk: Int, warnings: Json,
        created_at: Time, updated_at: Time, text: Text }
    javari_knowledge_base by user_id { number: Int, id: Id, user_id: Id, project_id: Id,
        document_id: Id, ordinal: Int, headings: Json, page: Int, tokens: Int, start_char: Int,
        end_char: Int, start_byte: Int, end_byte: Int, content: Text, content_hash: Text,
        source_type: Text, source_url: Text, relevance_score: Real, last_accessed_at: Time,
        access_count: Int, created_at: Time, updated_at: Time }
    javari_knowledge_vectors by user_id { document_id: Id, user_id: Id, project_id: Id,
        partition_id: Int, model: Text, dimensions: Int, first_chunk: Int, count: Int,
        vectors: Bytes }
    javari_cost_tracking by user_id { id: Id, user_id: Id, project_id: Id, service: Text,
        feature_used: Text, model: Text, input_tokens: Int, output_tokens: Int, cached_tokens: Int,
        reasoning_tokens: Int, estimated: Bool, cost_usd: Money, timestamp: Time }
    javari_health_monitors by user_id { id: Id, user_id: Id, project_id: Id, name: Text,
        monitor_type: Text, target: Json, check_frequency: Text, alert_threshold: Int,
        recovery_threshold: Int, severity: Text, auto_fix_enabled: Bool, slack_webhook: Text,
        email_recipients: Json, is_active: Bool, state: Json, last_checked_at: Time,
        next_check_at: Time, leased_until: Time, created_at: Time, updated_at: Time }
    javari_monitor_observations by user_id { id: Id, monitor_id: Id, user_id: Id, status: Text,
        summary: Text, elapsed_ms: Int, http_status: Int, exit_code: Int, commit_hash: Text,
        log: Text, checked_at: Time }
    javari_alerts by user_id { id: Id, monitor_id: Id, user_id: Id, project_id: Id, kind: Text,
        state: Text, severity: Text, alert_message: Text, occurrences: Int,
        auto_fix_attempted: Bool, fix_success: Bool, resolution_time_seconds: Int,
        resolved_at: Time, acknowledged_at: Time, acknowledged_by: Id, created_at: Time }
    javari_healing_events by user_id { id: Id, user_id: Id, project_id: Id, alert_id: Id,
        error_type: Text, error_details: Text, healing_action_taken: Text,
        healing_successful: Bool, time_to_heal_seconds: Int, automated: Bool, stage: Text,
        status: Text, reason: Text, autonomy: Text, folder: Text, fingerprint: Text,
        attempted: Bool, branch: Text, base_branch: Text, base_commit: Text, head_commit: Text,
        merge_commit: Text, plan: Json, plan_hash: Text, diff: Text, ruling: Json,
        leased_until: Time, approved_by: Id, approved_at: Time, expires_at: Time, created_at: Time,
        updated_at: Time }
    conversations by user_id { id: Id, user_id: Id, project_id: Id, subproject_id: Id,
        title: Text, starred: Bool, status: Text, last_message_at: Time, total_tokens: Int,
        created_at: Time, updated_at: Time }
    messages by user_id { id: Id, conversation_id: Id, user_id: Id, seq: Int, role: Text,
        content: Text, parts: Json, ai_model: Text, tokens_used: Int, credits_cost: Money,
        reasoning_log: Text, confidence_score: Real, created_at: Time }
    conversation_continuations by user_id { id: Id, user_id: Id, parent_id: Id, child_id: Id,
        summary: Text, context_tokens: Int, created_at: Time }
    artifacts by user_id { id: Id, conversation_id: Id, user_id: Id, message_id: Id, type: Text,
        filename: Text, file_path: Text, file_size: Int, content_hash: Text, language: Text,
        preview_data: Json, created_at: Time }
    javari_pii_detections by user_id { id: Id, conversation_id: Id, user_id: Id, message_id: Id,
        pii_type: Text, detected_text_hash: Text, redaction_applied: Bool,
        reported_to_admin: Bool, detected_at: Time }
    javari_task_queue by user_id { id: Id, user_id: Id, project_id: Id, task_type: Text,
        priority: Int, payload: Json, status: Text, scheduled_at: Time, started_at: Time,
        completed_at: Time, result: Json, error_message: Text, retry_count: Int, max_retries: Int,
        lease_owner: Text, leased_until: Time, idempotency_key: Text, created_at: Time,
        updated_at: Time }
    javari_task_attempts by user_id { task_id: Id, attempt: Int, user_id: Id, worker: Text,
        outcome: Text, error_message: Text, started_at: Time, ended_at: Time }
    javari_schedules by user_id { id: Id, user_id: Id, project_id: Id, name: Text,
        task_type: Text, payload: Json, expression: Text, time_zone: Text, is_active: Bool,
        last_run_at: Time, next_run_at: Time, created_at: Time, updated_at: Time }
    javari_agents by user_id { id: Id, user_id: Id, agent_name: Text, specialization: Text,
        is_active: Bool, current_task_id: Id, tasks_completed: Int, tasks_succeeded: Int,
        success_rate: Real, average_completion_time_seconds: Int, created_at: Time,
        last_active_at: Time }
    javari_agent_collaboration by user_id { id: Id, user_id: Id, task_id: Id, agent_ids: Ids,
        collaboration_type: Text, final_decision: Text, decision_rationale: Text,
        created_at: Time }
    javari_collaborating_agents by user_id { collaboration_id: Id, agent_id: Id, user_id: Id }
    javari_web_crawls by user_id { id: Id, user_id: Id, project_id: Id, url: Text,
        crawl_frequency: Text, last_crawled_at: Time, next_crawl_at: Time, pages_indexed: Int,
        errors_encountered: Int, status: Text, leased_until: Time, created_at: Time,
        updated_at: Time }
    javari_crawl_pages by user_id { id: Id, crawl_id: Id, user_id: Id, url: Text, document_id: Id,
        http_status: Int, etag: Text, last_modified: Text, content_hash: Text,
        error_message: Text, fetched_at: Time }
    javari_learned_patterns by user_id { id: Id, user_id: Id, project_id: Id, pattern_type: Text,
        context: Text, action_taken: Text, successes: Int, usage_count: Int, success_rate: Real,
        success_rate_low: Real, success_rate_high: Real, confidence_score: Real,
        last_used_at: Time, created_at: Time }
    javari_ab_tests by user_id { id: Id, user_id: Id, project_id: Id, test_name: Text,
        variant_a: Text, variant_b: Text, variant_a_count: Int, variant_b_count: Int,
        variant_a_success: Int, variant_b_success: Int, winner: Text, confidence_level: Real,
        started_at: Time, ended_at: Time }
    javari_security_scans by user_id { id: Id, user_id: Id, project_id: Id, scan_type: Text,
        vulnerabilities_found: Int, severity_levels_json: Json, remediation_suggestions: Texts,
        scan_timestamp: Time }
    javari_credit_ledger by user_id { id: Id, user_id: Id, seq: Int, amount: Money,
        balance_after: Money, reason: Text, reference: Text, created_at: Time }
    javari_budgets by user_id { id: Id, user_id: Id, project_id: Id, period: Text, limit_usd: Money,
        allow_unpriced: Bool, spent_usd: Money, period_start: Time, created_at: Time,
        updated_at: Time }
    javari_budget_reservations by user_id { id: Id, budget_id: Id, user_id: Id, amount_usd: Money,
        expires_at: Time }
    javari_cost_forecasts by user_id { id: Id, user_id: Id, project_id: Id, forecast_period: Text,
        predicted_cost_usd: Money, low_cost_usd: Money, high_cost_usd: Money,
        confidence_interval: Real, cost_breakdown_json: Json, recommendations: Texts,
        generated_at: Time }
    javari_idempotency_keys by user_id { user_id: Id, key: Text, operation: Text,
        request_hash: Text, reply: Json, created_at: Time, expires_at: Time }
    javari_rate_limits by user_id { user_id: Id, bucket: Text, arrival_at: Time,
        updated_at: Time }
    javari_app_health_status by user_id { id: Id, user_id: Id, project_id: Id, component: Text,
        status: Text, detail: Text, latency_ms: Int, checked_at: Time }
    javari_error_reports by user_id { id: Id, user_id: Id, project_id: Id, fingerprint: Text,
        error_code: Text, message: Text, stack: Text, context: Json, occurrences: Int,
        first_seen_at: Time, last_seen_at: Time, resolved_at: Time }
    javari_performance_metrics by user_id { id: Id, user_id: Id, project_id: Id,
        metric_name: Text, value: Real, unit: Text, tags: Json, recorded_at: Time }
    javari_analytics_events by user_id { id: Id, user_id: Id, project_id: Id, event_name: Text,
        session_id: Text, properties: Json, occurred_at: Time }
    javari_feature_requests by user_id { id: Id, user_id: Id, project_id: Id, title: Text,
        description: Text, status: Text, created_at: Time, updated_at: Time }
    javari_feature_request_votes by user_id { feature_request_id: Id, voter_id: Id, user_id: Id,
        created_at: Time }
    javari_auto_fix_attempts by user_id { id: Id, user_id: Id, project_id: Id,
        error_report_id: Id, healing_event_id: Id, action: Text, outcome: Text, detail: Text,
        created_at: Time }
    javari_credential_snapshots by user_id { id: Id, conversation_id: Id, user_id: Id,
        project_id: Id, subproject_id: Id, credentials_snapshot: SealedJson, key_id: Id,
        authentication: Sealed, created_at: Time, expires_at: Time }
    javari_api_keys by user_id { id: Id, user_id: Id, project_id: Id, name: Text, prefix: Text,
        digest: Sealed, operations: Json, expires_at: Time, revoked_at: Time, use_count: Int,
        last_used_at: Time, created_at: Time, member_id: Id, seal: Sealed }
    javari_identities by user_id { id: Id, user_id: Id, issuer: Text, subject: Text,
        created_at: Time, last_seen_at: Time }
    javari_project_members by user_id { project_id: Id, member_id: Id, user_id: Id, role: Text,
        created_at: Time, updated_at: Time }
}
