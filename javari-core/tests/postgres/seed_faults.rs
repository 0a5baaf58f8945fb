//! Faults of the seed's schema that no other test is about, each under its number. The whole list with
//! its answers stands in `docs/security.md`.

use sqlx::{Connection, PgConnection};

use super::{
    address, open,
    schema::{ANN, run, settled, texts},
};

async fn filled() -> PgConnection {
    let address = address().await;
    open(&address).await.close().await;
    let mut server = PgConnection::connect(&address).await.unwrap();
    settled(&mut server).await;
    server
}

async fn refused(server: &mut PgConnection, statement: &str) -> String {
    let mut transaction = server.begin().await.unwrap();
    run(&mut transaction, statement).await.expect_err(statement).to_string()
}

/// Those of the columns, as `table.column`, that are not as `condition` says.
async fn wrong_columns(server: &mut PgConnection, columns: &str, condition: &str) -> Vec<String> {
    let asked = format!(
        "SELECT own.name FROM unnest(string_to_array('{columns}', ' ')) AS own (name)
         LEFT JOIN information_schema.columns ON table_schema = 'public'
             AND table_name || '.' || column_name = own.name
         WHERE ({condition}) IS NOT TRUE"
    );
    texts(server, &asked).await
}

#[tokio::test]
async fn fault_09_a_sealed_row_says_how_with_which_key_and_as_which_version() {
    let mut server = filled().await;
    let columns = "javari_credentials.enc_suite javari_credentials.key_id
        javari_credentials.current_version javari_data_keys.version javari_data_keys.root_key_id
        javari_key_registry.root_key_id";
    let columns = columns.split_whitespace().collect::<Vec<_>>().join(" ");
    let wrong = wrong_columns(&mut server, &columns, "column_name IS NOT NULL").await;
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn fault_14_a_monitor_holds_no_webhook_but_the_name_of_one_in_the_vault() {
    let mut server = filled().await;
    let monitor = |webhook: &str| {
        format!(
            "INSERT INTO javari_health_monitors (id, user_id, name, monitor_type, target,
                 check_frequency, slack_webhook, state, next_check_at, created_at, updated_at)
             VALUES (gen_random_uuid(), '{ANN}', 'm', 'uptime', '{{}}', '1hour', {webhook}, '{{}}',
                 now(), now(), now())"
        )
    };
    let told = refused(&mut server, &monitor("'https://hooks.example.com/services/x'")).await;
    assert!(told.contains("slack_webhook"), "{told}");
    run(&mut server, &monitor("'{{cred:SLACK}}'")).await.unwrap();
}

#[tokio::test]
async fn fault_22_what_a_transaction_says_of_its_user_ends_with_it() {
    let mut server = filled().await;
    run(&mut server, "SET ROLE javari_app").await.unwrap();
    for end in ["COMMIT", "ROLLBACK"] {
        let begin = format!(
            "BEGIN; SET LOCAL javari.actor = '{ANN}'; SET LOCAL javari.project = '{ANN}';
             SET LOCAL javari.member = '{ANN}'; {end}"
        );
        run(&mut server, &begin).await.unwrap();
        let left = "SELECT concat(current_setting('javari.actor', true),
            current_setting('javari.project', true), current_setting('javari.member', true))";
        assert_eq!(texts(&mut server, left).await, [""]);
        // The next one on this connection that forgets to say is nobody.
        assert_eq!(texts(&mut server, "SELECT name FROM projects").await, Vec::<String>::new());
    }
}

#[tokio::test]
async fn fault_23_every_function_says_that_it_only_reads_and_asks_as_its_caller() {
    let mut server = filled().await;
    let wrong = "SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND prorettype <> 'trigger'::regtype AND (provolatile <> 's' OR prosecdef)";
    assert_eq!(texts(&mut server, wrong).await, Vec::<String>::new());
    // One that reads a table reads Javari's, whatever the caller's search path is.
    let loose = "SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace
        AND prorettype <> 'trigger'::regtype AND prosrc ~ '\\mFROM\\M' AND proconfig IS NULL";
    assert_eq!(texts(&mut server, loose).await, Vec::<String>::new());
}

#[tokio::test]
async fn fault_31_a_document_stands_once_in_a_project_and_once_at_the_users_own_level() {
    let mut server = filled().await;
    let document = format!(
        "WITH place AS (
             INSERT INTO javari_knowledge_partitions (user_id) VALUES ('{ANN}')
             ON CONFLICT (user_id, project_id) DO UPDATE SET revision = 0 RETURNING id
         )
         INSERT INTO javari_documents (id, user_id, partition_id, source_key, source_type, media_type,
             content_hash, byte_size, chunk_count, first_chunk, created_at, updated_at, text)
         SELECT gen_random_uuid(), '{ANN}', id, 'a.md', 'manual', 'text/plain', 'h', 1, 0, 0, now(),
             now(), 'x' FROM place"
    );
    run(&mut server, &document).await.unwrap();
    let told = refused(&mut server, &document).await;
    assert!(told.contains("documents_source"), "{told}");
}

#[tokio::test]
async fn fault_39_the_ledger_is_only_added_to() {
    let mut server = filled().await;
    let entry = |seq: u32| {
        format!(
            "INSERT INTO javari_credit_ledger (id, user_id, seq, amount, balance_after, reason,
                 created_at) VALUES (gen_random_uuid(), '{ANN}', {seq}, 1, 1, 'purchase', now())"
        )
    };
    run(&mut server, &entry(1)).await.unwrap();
    let told = refused(&mut server, "UPDATE javari_credit_ledger SET amount = 2").await;
    assert!(told.contains("append-only"), "{told}");
    let told = refused(&mut server, &entry(1)).await;
    assert!(told.contains("credit_ledger_user"), "{told}");
}

#[tokio::test]
async fn fault_41_a_rate_of_success_stands_beside_its_counts_and_bounds() {
    let mut server = filled().await;
    let columns = ["successes", "usage_count", "success_rate_low", "success_rate_high"]
        .map(|column| format!("javari_learned_patterns.{column}"));
    let wrong = wrong_columns(&mut server, &columns.join(" "), "column_name IS NOT NULL").await;
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn fault_42_an_allowance_comes_back_on_the_day_it_began_and_not_on_one_that_drifts() {
    let mut server = filled().await;
    for day in [0, 32] {
        let set = format!("UPDATE users SET allowance_anchor_day = {day}");
        let told = refused(&mut server, &set).await;
        assert!(told.contains("allowance_anchor_day"), "{told}");
    }
    run(&mut server, "UPDATE users SET allowance_anchor_day = 31").await.unwrap();
}

#[tokio::test]
async fn fault_45_what_adds_up_has_64_bits() {
    let mut server = filled().await;
    let columns = "conversations.total_tokens messages.tokens_used \
        javari_cost_tracking.input_tokens javari_cost_tracking.output_tokens \
        javari_knowledge_base.access_count javari_credentials.use_count \
        javari_learned_patterns.usage_count javari_agents.tasks_completed \
        javari_web_crawls.pages_indexed javari_task_queue.retry_count";
    let wrong = wrong_columns(&mut server, columns, "data_type = 'bigint'").await;
    assert_eq!(wrong, Vec::<String>::new());
}

#[tokio::test]
async fn fault_46_a_column_with_a_list_of_values_has_one_of_them() {
    let mut server = filled().await;
    let nullable = "SELECT conrelid::regclass || '.' || attname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = conrelid AND a.attnum = conkey[1]
        WHERE contype = 'c' AND cardinality(conkey) = 1 AND NOT attnotnull
          AND pg_get_constraintdef(c.oid) LIKE '%= ANY%' ORDER BY 1";
    // What has not happened yet has no outcome.
    let known = ["javari_ab_tests.winner", "javari_credentials.last_test_outcome"];
    assert_eq!(texts(&mut server, nullable).await, known);
}

#[tokio::test]
async fn fault_47_nothing_is_mended_by_itself_unless_somebody_says_so() {
    let mut server = filled().await;
    let default = "SELECT column_default FROM information_schema.columns
        WHERE table_name = 'javari_health_monitors' AND column_name = 'auto_fix_enabled'
          AND table_schema = 'public'";
    assert_eq!(texts(&mut server, default).await, ["false"]);
}

#[tokio::test]
async fn fault_50_a_task_that_somebody_works_at_says_who_and_until_when() {
    let mut server = filled().await;
    let task = |columns: &str, values: &str| {
        format!(
            "INSERT INTO javari_task_queue (user_id, task_type, payload{columns})
             VALUES ('{ANN}', 'crawl', '{{}}'{values})"
        )
    };
    refused(&mut server, &task(", lease_owner", ", 'worker 1'")).await;
    let once = task(", idempotency_key", ", 'one'");
    run(&mut server, &once).await.unwrap();
    refused(&mut server, &once).await;
}

#[tokio::test]
async fn fault_51_an_alert_has_a_severity_an_end_and_one_of_its_kind_open() {
    let mut server = filled().await;
    let columns = "javari_alerts.severity javari_alerts.kind javari_alerts.state";
    let wrong = wrong_columns(&mut server, columns, "is_nullable = 'NO'").await;
    assert_eq!(wrong, Vec::<String>::new());
    let columns = "javari_alerts.resolved_at javari_healing_events.alert_id";
    let wrong = wrong_columns(&mut server, columns, "column_name IS NOT NULL").await;
    assert_eq!(wrong, Vec::<String>::new());
    let one_open = "SELECT count(*)::text FROM pg_index WHERE indrelid = 'javari_alerts'::regclass
        AND indisunique AND indpred IS NOT NULL";
    assert_eq!(texts(&mut server, one_open).await, ["1"]);
}

#[tokio::test]
async fn fault_57_no_index_says_what_another_one_says() {
    let mut server = filled().await;
    let redundant = "SELECT one.indexrelid::regclass::text FROM pg_index one
        JOIN pg_index other ON other.indrelid = one.indrelid AND other.indexrelid <> one.indexrelid
        JOIN pg_class c ON c.oid = one.indrelid AND c.relnamespace = 'public'::regnamespace
        WHERE NOT one.indisunique AND one.indpred IS NULL AND other.indpred IS NULL
          AND one.indexprs IS NULL AND other.indexprs IS NULL
          AND (other.indkey::text || ' ') LIKE (one.indkey::text || ' %')";
    assert_eq!(texts(&mut server, redundant).await, Vec::<String>::new());
}

#[tokio::test]
async fn fault_62_no_extension_is_needed() {
    let mut server = filled().await;
    let extensions = "SELECT extname::text FROM pg_extension";
    assert_eq!(texts(&mut server, extensions).await, ["plpgsql"]);
}

#[tokio::test]
async fn fault_63_the_tables_that_the_seed_counted_and_never_made_are_there() {
    let mut server = filled().await;
    let missing = "SELECT name FROM unnest(ARRAY['javari_api_keys', 'javari_key_registry',
            'javari_idempotency_keys', 'javari_rate_limits', 'javari_credit_ledger',
            'javari_knowledge_base', 'javari_crawl_pages', 'javari_task_attempts',
            'javari_identities', 'javari_project_members']) AS own (name)
        WHERE to_regclass(name) IS NULL";
    assert_eq!(texts(&mut server, missing).await, Vec::<String>::new());
}
