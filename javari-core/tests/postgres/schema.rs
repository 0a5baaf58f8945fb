//! The schema in PostgreSQL: the seed's names, its defaults, its function without the faults, and
//! what the server itself refuses.

use sqlx::{AssertSqlSafe, Connection, PgConnection, Row};

use super::{address, open, seed};

pub(crate) async fn run(server: &mut PgConnection, statement: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(server).await.map(drop)
}

pub(crate) async fn texts(server: &mut PgConnection, statement: &str) -> Vec<String> {
    let rows = sqlx::query(AssertSqlSafe(statement.to_owned())).fetch_all(server).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// A connection of its own to a migrated database.
async fn migrated() -> PgConnection {
    let address = address().await;
    open(&address).await.close().await;
    PgConnection::connect(&address).await.unwrap()
}

pub(crate) const ANN: &str = "00000000-0000-4000-8000-00000000000a";
const BOB: &str = "00000000-0000-4000-8000-00000000000b";
const SITE: &str = "00000000-0000-4000-8000-0000000000a1";
const PART: &str = "00000000-0000-4000-8000-0000000000a2";
const SHOP: &str = "00000000-0000-4000-8000-0000000000b1";
const TALK: &str = "00000000-0000-4000-8000-0000000000a3";

/// Two users as the seed's own code would write them: ids and times fill themselves in.
pub(crate) async fn settled(server: &mut PgConnection) {
    run(server, &format!(
        "INSERT INTO users (id, email) VALUES ('{ANN}', 'ann@x'), ('{BOB}', 'bob@x');
         INSERT INTO projects (id, user_id, name)
             VALUES ('{SITE}', '{ANN}', 'site'), ('{SHOP}', '{BOB}', 'shop');
         INSERT INTO subprojects (id, project_id, name) VALUES ('{PART}', '{SITE}', 'part');
         INSERT INTO conversations (id, user_id, project_id, subproject_id, title)
             VALUES ('{TALK}', '{ANN}', '{SITE}', '{PART}', 'Talk');
         INSERT INTO messages (conversation_id, role, content) VALUES ('{TALK}', 'user', 'one');
         INSERT INTO messages (conversation_id, role, content) VALUES ('{TALK}', 'assistant', 'two');
         INSERT INTO artifacts (conversation_id, type, filename) VALUES ('{TALK}', 'code', 'a.rs');
         INSERT INTO javari_cost_tracking (user_id, project_id, service, input_tokens, output_tokens)
             VALUES ('{ANN}', '{SITE}', 'openai', 1, 1);
         INSERT INTO javari_security_scans (project_id, scan_type) VALUES ('{SITE}', 'secrets')"
    ))
    .await
    .unwrap();
}

#[tokio::test]
async fn every_table_and_column_of_the_seed_is_there() {
    let mut server = migrated().await;
    let mut missing = Vec::new();
    for (table, columns) in seed::TABLES {
        let there = format!(
            "SELECT attname::text FROM pg_attribute
             WHERE attrelid = to_regclass('{table}') AND attnum > 0 AND NOT attisdropped"
        );
        let there = texts(&mut server, &there).await;
        let elsewhere =
            |column: &str| seed::ELSEWHERE.iter().any(|it| (it.0, it.1) == (*table, column));
        let gone = columns
            .iter()
            .filter(|column| !there.iter().any(|name| name == *column) && !elsewhere(column));
        missing.extend(gone.map(|column| format!("{table}.{column}")));
    }
    assert_eq!(missing, Vec::<String>::new());
}

#[tokio::test]
async fn rows_written_as_the_seed_writes_them_get_ids_times_owners_and_places() {
    let mut server = migrated().await;
    settled(&mut server).await;
    let order = "SELECT content || seq || (user_id = (SELECT user_id FROM conversations))
                 FROM messages ORDER BY seq";
    assert_eq!(texts(&mut server, order).await, ["one1true", "two2true"]);
    let balance = "SELECT (credits_balance = 10)::text FROM users WHERE email = 'ann@x'";
    assert_eq!(texts(&mut server, balance).await, ["true"]);
}

#[tokio::test]
async fn the_time_of_a_change_is_written_for_those_who_do_not() {
    let mut server = migrated().await;
    settled(&mut server).await;
    run(&mut server, "UPDATE projects SET description = 'x'").await.unwrap();
    let moved = "SELECT bool_and(updated_at > created_at)::text FROM projects";
    assert_eq!(texts(&mut server, moved).await, ["true"]);
}

#[tokio::test]
async fn a_conversation_and_what_it_cost_outlive_their_project() {
    let mut server = migrated().await;
    settled(&mut server).await;
    run(&mut server, "DELETE FROM messages").await.unwrap();
    run(&mut server, &format!("DELETE FROM projects WHERE id = '{SITE}'")).await.unwrap();
    let left =
        "SELECT title || coalesce(project_id::text, '-') || coalesce(subproject_id::text, '-')
                FROM conversations";
    assert_eq!(texts(&mut server, left).await, ["Talk--"]);
    let cost = "SELECT service || coalesce(project_id::text, '-') FROM javari_cost_tracking";
    assert_eq!(texts(&mut server, cost).await, ["openai-"]);
    run(&mut server, &format!("DELETE FROM users WHERE id = '{ANN}'")).await.unwrap();
    assert_eq!(texts(&mut server, left).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_the_seed_let_through_is_refused() {
    let mut server = migrated().await;
    settled(&mut server).await;
    let refused = [
        (
            "2: two credentials of one name",
            credential("NULL", "NULL", "ONE") + ";" + &credential("NULL", "NULL", "ONE"),
        ),
        ("3: a subproject without its project", credential("NULL", &format!("'{PART}'"), "TWO")),
        ("4: another's project", credential(&format!("'{SHOP}'"), "NULL", "THREE")),
        (
            "25: a subproject of another project",
            format!("UPDATE conversations SET project_id = '{SHOP}', user_id = '{BOB}'"),
        ),
        ("24: no owner", "INSERT INTO javari_web_crawls (url) VALUES ('https://x')".to_owned()),
        ("37: a negative cost", "UPDATE messages SET credits_cost = -1".to_owned()),
        ("39: a negative balance", "UPDATE users SET credits_balance = -1".to_owned()),
        ("40: a score above one", "UPDATE messages SET confidence_score = 1.5".to_owned()),
        ("46: no status", "UPDATE conversations SET status = NULL".to_owned()),
        (
            "49: a conversation that goes on from itself",
            format!(
                "INSERT INTO conversation_continuations (parent_id, child_id)
                 VALUES ('{TALK}', '{TALK}')"
            ),
        ),
        ("56: one address in two cases", "INSERT INTO users (email) VALUES ('ANN@X')".to_owned()),
        (
            "59: a path that climbs",
            "UPDATE artifacts SET file_path = 'a/../../etc/passwd'".to_owned(),
        ),
    ];
    for (fault, statement) in refused {
        let mut transaction = server.begin().await.unwrap();
        let outcome = run(&mut transaction, &statement).await;
        assert!(outcome.is_err(), "{fault} was stored");
    }
    // 37 and 38: what the seed rounded to nothing is kept.
    run(&mut server, "UPDATE messages SET credits_cost = 0.000000000031").await.unwrap();
    let kept = "SELECT DISTINCT credits_cost::text FROM messages";
    assert_eq!(texts(&mut server, kept).await, ["0.000000000031"]);
}

fn credential(project: &str, subproject: &str, name: &str) -> String {
    format!(
        "INSERT INTO javari_credentials (id, user_id, project_id, subproject_id, name,
             encrypted_value, encryption_iv, encryption_tag, enc_suite, current_version, created_at,
             updated_at)
         VALUES (gen_random_uuid(), '{ANN}', {project}, {subproject}, '{name}', 'v', 'i', 't', 2, 1,
             now(), now())"
    )
}

#[tokio::test]
async fn the_seeds_function_gives_a_scope_what_it_sees() {
    let mut server = migrated().await;
    settled(&mut server).await;
    let (site, part) = (format!("'{SITE}'"), format!("'{PART}'"));
    for (project, subproject, name) in [
        ("NULL", "NULL", "USER_ONLY"),
        ("NULL", "NULL", "EVERYWHERE"),
        (site.as_str(), "NULL", "EVERYWHERE"),
        (site.as_str(), part.as_str(), "EVERYWHERE"),
        ("NULL", "NULL", "LOCKED"),
        (site.as_str(), part.as_str(), "LOCKED"),
        (site.as_str(), "NULL", "PRIVATE"),
    ] {
        run(&mut server, &credential(project, subproject, name)).await.unwrap();
    }
    run(&mut server,
        "UPDATE javari_credentials SET allow_override = FALSE WHERE name = 'LOCKED' AND project_id IS NULL;
         UPDATE javari_credentials SET is_inherited = FALSE WHERE name = 'PRIVATE'",
    )
    .await
    .unwrap();
    let sees = |project: &str, subproject: &str| {
        format!(
            "SELECT name || ' ' || source
             FROM get_credentials_with_inheritance('{ANN}', {project}, {subproject}) ORDER BY name"
        )
    };
    let at_part = texts(&mut server, &sees(&site, &part)).await;
    assert_eq!(at_part, ["EVERYWHERE subproject", "LOCKED user", "USER_ONLY user"]);
    let at_site = texts(&mut server, &sees(&site, "NULL")).await;
    assert_eq!(at_site, ["EVERYWHERE project", "LOCKED user", "PRIVATE project", "USER_ONLY user"]);
    // A project of another user adds nothing.
    let crossed = texts(&mut server, &sees(&format!("'{SHOP}'"), &part)).await;
    assert_eq!(crossed, ["EVERYWHERE user", "LOCKED user", "USER_ONLY user"]);
    // The seed's own signature asks for the user of the transaction, or of Supabase's token.
    let seeds = format!(
        "SELECT name || ' ' || source
         FROM get_credentials_with_inheritance({site}, {part}) ORDER BY name"
    );
    assert_eq!(texts(&mut server, &seeds).await, Vec::<String>::new());
    let mut transaction = server.begin().await.unwrap();
    run(&mut transaction, &format!("SET LOCAL javari.actor = '{ANN}'")).await.unwrap();
    assert_eq!(texts(&mut transaction, &seeds).await, at_part);
}

#[tokio::test]
async fn supabases_roles_act_for_the_user_of_the_token_and_never_for_the_host() {
    let mut server = migrated().await;
    settled(&mut server).await;
    let mut transaction = server.begin().await.unwrap();
    // Another test of this server may have made the role.
    run(
        &mut transaction,
        "DO $$ BEGIN CREATE ROLE authenticated NOLOGIN;
         EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO authenticated",
    )
    .await
    .unwrap();
    let claims = format!("{{\"sub\": \"{BOB}\", \"role\": \"authenticated\"}}");
    run(
        &mut transaction,
        &format!(
            "SET LOCAL ROLE authenticated; SET LOCAL request.jwt.claims = '{claims}';
         SET LOCAL javari.actor = 'host'"
        ),
    )
    .await
    .unwrap();
    let projects = "SELECT name FROM projects";
    assert_eq!(texts(&mut transaction, projects).await, ["shop"]);
    run(&mut transaction, &format!("SET LOCAL javari.actor = '{ANN}'")).await.unwrap();
    assert_eq!(texts(&mut transaction, projects).await, ["shop"]);
    run(&mut transaction, "SET LOCAL request.jwt.claims = ''").await.unwrap();
    assert_eq!(texts(&mut transaction, projects).await, Vec::<String>::new());
}
