//! A database as a host of the seed has it: the schema, rows with every fault, sealed values, views.

use std::{collections::BTreeMap, env, fs};

use aes_gcm::{
    AesGcm, KeyInit,
    aead::{Aead, consts::U16},
    aes::Aes256,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use javari_core::{
    Javari,
    client::{AdoptReport, AdoptRequest, Builder},
    testkit,
    types::UserId,
};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use crate::{address, settings};

/// So many users where nothing else is said.
pub(super) const USERS: u32 = 60;
/// The root key of `settings`.
const KEY: [u8; 32] = [7; 32];
pub(super) const ANN: &str = "aaaaaaaa-0000-4000-8000-000000000001";
pub(super) const OTHER_ANN: &str = "aaaaaaaa-0000-4000-8000-000000000002";

pub(super) async fn run(server: &mut PgConnection, statement: &str) {
    let done = sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(server).await;
    done.unwrap_or_else(|error| panic!("{error}: {}", &statement[..statement.len().min(300)]));
}

/// The first column of every row, as text.
pub(super) async fn texts(server: &mut PgConnection, statement: &str) -> Vec<String> {
    let rows = sqlx::query(AssertSqlSafe(statement.to_owned())).fetch_all(server).await;
    rows.unwrap_or_else(|error| panic!("{error}: {statement}"))
        .iter()
        .map(|row| row.get::<Option<String>, _>(0).unwrap_or_else(|| "-".to_owned()))
        .collect()
}

/// A value as the seed's Node code seals it.
fn sealed(value: &str, number: u8) -> [String; 3] {
    let iv = [number; 16];
    let cipher = AesGcm::<Aes256, U16>::new(&KEY.into());
    let mut bytes = cipher.encrypt(&iv.into(), value.as_bytes()).unwrap();
    let tag = bytes.split_off(bytes.len() - 16);
    [STANDARD.encode(bytes), STANDARD.encode(iv), STANDARD.encode(tag)]
}

pub(super) const VALUES: [&str; 4] =
    ["sk-live-1234567890", "postgres://u:p%40ss@db.example/app", "é漢😀 mixed", "x"];

/// The seed's schema, ours or the one that stands beside the fixtures.
pub(super) enum Schema {
    Ours,
    Theirs,
}

/// The text of the seed's own schema, where the fixtures have it beside them.
pub(super) fn theirs() -> Option<String> {
    let folder = testkit::fixtures("../reference")?;
    let text = fs::read_to_string(folder.join("seed-schema.sql")).unwrap();
    // The extensions that a server may lack are stood in for.
    let lines = text.lines().filter(|line| !line.starts_with("CREATE EXTENSION"));
    Some(lines.collect::<Vec<_>>().join("\n"))
}

/// A database of the seed with so many users and a connection to it.
pub(super) async fn seeded(schema: Schema, users: u32) -> (String, PgConnection) {
    let address = address().await;
    // The seed's own tools do not go through a pooler.
    let direct = env::var("JAVARI_TEST_POSTGRES").unwrap();
    let name = address.rsplit_once('/').unwrap().1.split('?').next().unwrap().to_owned();
    let direct = format!("{}/{name}", direct.trim_end_matches('/'));
    let mut server = PgConnection::connect(&direct).await.unwrap();
    run(&mut server, "SET client_min_messages = 'error'").await;
    run(&mut server, include_str!("before.sql")).await;
    match schema {
        Schema::Ours => run(&mut server, include_str!("schema.sql")).await,
        Schema::Theirs => run(&mut server, &theirs().unwrap()).await,
    }
    let values = "CREATE TEMP TABLE seed_values (number bigint, value text, encrypted text, iv text, tag text)";
    run(&mut server, values).await;
    for (number, value) in VALUES.iter().enumerate() {
        let [encrypted, iv, tag] = sealed(value, number as u8 + 1);
        sqlx::query("INSERT INTO seed_values VALUES ($1, $2, $3, $4, $5)")
            .bind(number as i64)
            .bind(value)
            .bind(encrypted)
            .bind(iv)
            .bind(tag)
            .execute(&mut server)
            .await
            .unwrap();
    }
    run(&mut server, &format!("SET seed.users = '{users}'")).await;
    run(&mut server, include_str!("rows.sql")).await;
    (address, server)
}

/// The same where the tables belong to a role without further rights, as on managed servers.
pub(super) async fn seeded_by_an_owner(users: u32) -> (String, PgConnection) {
    let (address, mut server) = seeded(Schema::Ours, users).await;
    let name = address.rsplit_once('/').unwrap().1.split('?').next().unwrap().to_owned();
    run(
        &mut server,
        &format!(
            "CREATE ROLE {name} LOGIN NOSUPERUSER NOBYPASSRLS; ALTER DATABASE {name} OWNER TO {name};
             ALTER SCHEMA public OWNER TO {name}; GRANT USAGE ON SCHEMA auth TO {name};
             DO $$ DECLARE one text; BEGIN
                 FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
                     EXECUTE format('ALTER TABLE %I OWNER TO {name}', one);
                 END LOOP;
             END $$;
             ALTER FUNCTION get_credentials_with_inheritance(uuid, uuid) OWNER TO {name};
             ALTER FUNCTION match_knowledge(vector, float, int, uuid) OWNER TO {name}"
        ),
    )
    .await;
    let (_, host) = address.split_once('@').unwrap();
    (format!("postgres://{name}@{host}"), server)
}

pub(super) async fn with_faults(server: &mut PgConnection) {
    run(server, include_str!("faults.sql")).await;
}

pub(super) async fn with_host(server: &mut PgConnection) {
    run(server, include_str!("host.sql")).await;
}

/// What the host answers to what stopped the dry run.
pub(super) fn answered() -> AdoptRequest {
    AdoptRequest {
        emails: BTreeMap::from([(OTHER_ANN.to_owned(), ANN.to_owned())]),
        ownerless_owner: Some(ANN.parse::<UserId>().unwrap()),
        leave_behind: true,
        ..AdoptRequest::default()
    }
}

pub(super) fn for_good(request: AdoptRequest) -> AdoptRequest {
    AdoptRequest { dry_run: false, ..request }
}

pub(super) async fn adopt(address: &str, request: &AdoptRequest) -> AdoptReport {
    Builder::new(settings(address)).adopt(request).await.unwrap()
}

pub(super) async fn opened(address: &str) -> Javari {
    Builder::new(settings(address)).open().await.unwrap()
}

/// Every relation of the database with a hash of its rows: the same text is the same database.
pub(super) async fn everything(server: &mut PgConnection) -> Vec<String> {
    let relations = "SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('r', 'v', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
          AND n.nspname NOT LIKE 'pg_temp%' ORDER BY 1";
    let mut all = Vec::new();
    for relation in texts(server, relations).await {
        let rows = format!(
            "SELECT count(*) || ' ' || coalesce(md5(string_agg(row::text, '' ORDER BY row::text)), '')
             FROM {relation} AS row"
        );
        all.push(format!("{relation} {}", texts(server, &rows).await[0]));
    }
    let rest = "SELECT pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL SELECT conrelid::regclass || pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT tablename || policyname || qual FROM pg_policies
        UNION ALL SELECT relname || relacl::text || relrowsecurity::text FROM pg_class
            WHERE relnamespace = 'public'::regnamespace
        UNION ALL SELECT tablename FROM pg_publication_tables
        UNION ALL SELECT proname || prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
            AND prolang <> (SELECT oid FROM pg_language WHERE lanname = 'c')
        ORDER BY 1";
    all.extend(texts(server, rest).await);
    all
}

/// What the seed's code asks for the rows of a plain user, with every value that it reads.
pub(super) async fn old_answers(server: &mut PgConnection, user: u32) -> Vec<String> {
    let made = |kind: &str, n: u32| format!("md5('{kind}{n}')::uuid");
    let (own, talk) = (made("user", user), made("talk", user * 2));
    let (site, part) = (made("project", user * 2), made("part", user * 2));
    let queries = [
        format!("SELECT id || email || name || plan || credits_balance::float8 || created_at FROM users WHERE id = {own}"),
        format!("SELECT theme || temperature::float8 || max_tokens FROM user_preferences WHERE user_id = {own}"),
        format!("SELECT id || name || description || metadata::text FROM projects WHERE user_id = {own} ORDER BY id"),
        format!("SELECT s.id || s.name || p.name FROM subprojects s JOIN projects p ON p.id = s.project_id
                 WHERE p.user_id = {own} ORDER BY s.id"),
        format!("SELECT id || title || starred || status || total_tokens || coalesce(project_id::text, '-')
                 FROM conversations WHERE user_id = {own} ORDER BY id"),
        format!("SELECT id || role || content || tokens_used || credits_cost::float8 || coalesce(confidence_score::float8, 0)
                 FROM messages WHERE conversation_id = {talk} ORDER BY created_at, id"),
        format!("SELECT parent_id || summary FROM conversation_continuations WHERE parent_id = {talk}"),
        format!("SELECT filename || file_path || file_size || message_id FROM artifacts WHERE conversation_id = {talk}"),
        format!("SELECT id || name || encrypted_value || encryption_iv || encryption_tag || credential_type
                     || is_inherited || allow_override || use_count
                 FROM javari_credentials WHERE user_id = {own} ORDER BY id"),
        format!("SELECT content || content_hash || source_url || relevance_score::float8 || (embedding IS NULL)
                 FROM javari_knowledge_base WHERE user_id = {own} ORDER BY id"),
        format!("SELECT content || round(similarity::numeric, 5) FROM match_knowledge(
                     (SELECT embedding FROM javari_knowledge_base WHERE user_id = {own} ORDER BY content LIMIT 1),
                     0.1, 10, {site})"),
        format!("SELECT id || task_type || payload::text || status || priority || retry_count
                 FROM javari_task_queue WHERE user_id = {own} ORDER BY id"),
        format!("SELECT sum(cost_usd)::float8::text || sum(input_tokens) FROM javari_cost_tracking WHERE user_id = {own}"),
        format!("SELECT forecast_period || predicted_cost_usd::float8 || recommendations::text
                 FROM javari_cost_forecasts WHERE user_id = {own}"),
        format!("SELECT id || monitor_type || check_frequency || is_active FROM javari_health_monitors
                 WHERE user_id = {own} ORDER BY id"),
        format!("SELECT a.id || a.severity || a.alert_message || coalesce(a.acknowledged_by::text, '-')
                 FROM javari_alerts a JOIN javari_health_monitors m ON m.id = a.monitor_id
                 WHERE m.user_id = {own} ORDER BY a.id"),
        format!("SELECT error_type || healing_successful FROM javari_healing_events WHERE project_id = {site}"),
        format!("SELECT scan_type || vulnerabilities_found FROM javari_security_scans WHERE project_id = {site}"),
        format!("SELECT id || action_type || action_description || reasoning_log || confidence_score::float8
                     || files_modified_json::text || outcome || timestamp
                 FROM javari_work_log WHERE user_id = {own} AND action_type = 'fix' ORDER BY id"),
        format!("SELECT count(*)::text FROM subprojects WHERE id = {part}"),
    ];
    let mut answers = Vec::new();
    for query in queries {
        let rows = texts(server, &query).await;
        answers.push(format!("{query}\n  {}", rows.join("\n  ")));
    }
    answers
}
