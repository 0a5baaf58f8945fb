//! The schema itself, in SQLite. PostgreSQL's stands beside it in `tests/postgres`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

use std::path::Path;

use javari_core::{
    storage::{Database, Location},
    types::SystemClock,
};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

mod seed;

/// A connection of its own to a migrated file.
async fn migrated(folder: &Path) -> SqliteConnection {
    let path = folder.join("a.db");
    let database = Database::open(Location::File(path.clone()), &SystemClock).await.unwrap();
    database.close().await;
    let mut connection =
        SqliteConnection::connect(&format!("sqlite:{}", path.display())).await.unwrap();
    run(&mut connection, "PRAGMA foreign_keys = ON").await.unwrap();
    connection
}

async fn run(connection: &mut SqliteConnection, statement: &str) -> Result<(), sqlx::Error> {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(connection).await.map(drop)
}

async fn texts(connection: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let rows =
        sqlx::query(AssertSqlSafe(statement.to_owned())).fetch_all(connection).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

async fn tables(connection: &mut SqliteConnection) -> Vec<String> {
    let tables = "SELECT name FROM pragma_table_list
                  WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite%'";
    texts(connection, tables).await
}

#[tokio::test]
async fn every_table_and_column_of_the_seed_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = migrated(folder.path()).await;
    let mut missing = Vec::new();
    for (table, columns) in seed::TABLES {
        let there =
            texts(&mut connection, &format!("SELECT name FROM pragma_table_info('{table}')")).await;
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
async fn every_foreign_key_leads_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = migrated(folder.path()).await;
    let mut bare = Vec::new();
    let mut keys = 0;
    for table in tables(&mut connection).await {
        // Every column of a key, in the key's order, has to open some index that covers all rows.
        let statement = format!(
            "SELECT group_concat(\"from\") FROM (
                 SELECT id, \"from\" FROM pragma_foreign_key_list('{table}') ORDER BY id, seq
             ) GROUP BY id"
        );
        let list = format!(
            "SELECT name FROM pragma_index_list('{table}') WHERE partial = 0
             UNION ALL SELECT '' WHERE FALSE"
        );
        let mut indexes = Vec::new();
        for index in texts(&mut connection, &list).await {
            let columns = format!("SELECT coalesce(name, '?') FROM pragma_index_info('{index}')");
            indexes.push(texts(&mut connection, &columns).await);
        }
        let primary = "SELECT name FROM pragma_table_info('{table}') WHERE pk > 0 ORDER BY pk";
        indexes.push(texts(&mut connection, &primary.replace("{table}", &table)).await);
        for key in texts(&mut connection, &statement).await {
            keys += 1;
            let first = key.split(',').next().unwrap();
            if !indexes.iter().any(|index| index.first().is_some_and(|column| column == first)) {
                bare.push(format!("{table} ({key})"));
            }
        }
    }
    assert_eq!(bare, Vec::<String>::new());
    assert!(keys > 40, "only {keys} keys were looked at");
}

#[tokio::test]
async fn every_row_names_its_owner() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = migrated(folder.path()).await;
    let mut ownerless = Vec::new();
    for table in tables(&mut connection).await {
        let owner = format!(
            "SELECT name FROM pragma_table_info('{table}') WHERE name = 'user_id' AND \"notnull\" = 1
             UNION SELECT name FROM pragma_table_info('{table}') WHERE name = 'user_id' AND pk = 1"
        );
        if texts(&mut connection, &owner).await.is_empty() {
            ownerless.push(table);
        }
    }
    ownerless.retain(|table| !table.starts_with("javari_knowledge_words"));
    ownerless.sort();
    // The users themselves, what is the whole database's, and the trail, whose chain is its owner.
    let known = [
        "javari_kept_keys",
        "javari_key_registry",
        "javari_schema",
        "javari_work_log",
        "javari_work_log_heads",
        "users",
    ];
    assert_eq!(ownerless, known);
}

/// Two users with a project each, and a conversation of the first in hers.
async fn settled(connection: &mut SqliteConnection) {
    let now = "'2026-01-01T00:00:00Z'";
    for (user, project) in [("ann", "site"), ("bob", "shop")] {
        run(
            connection,
            &format!(
                "INSERT INTO users (id, email, created_at, updated_at, last_active_at)
                 VALUES ('{user}', '{user}@x', {now}, {now}, {now});
             INSERT INTO projects (id, user_id, name, created_at, updated_at)
                 VALUES ('{project}', '{user}', '{project}', {now}, {now});
             INSERT INTO subprojects (id, project_id, user_id, name, created_at, updated_at)
                 VALUES ('{project}-part', '{project}', '{user}', 'part', {now}, {now})"
            ),
        )
        .await
        .unwrap();
    }
    run(connection, &format!(
        "INSERT INTO conversations (id, user_id, project_id, subproject_id, title, last_message_at,
             created_at, updated_at)
             VALUES ('talk', 'ann', 'site', 'site-part', 'Talk', {now}, {now}, {now});
         INSERT INTO messages (id, conversation_id, user_id, seq, role, content, created_at)
             VALUES ('m1', 'talk', 'ann', 1, 'tool', 'x', {now});
         INSERT INTO artifacts (id, conversation_id, user_id, message_id, type, filename, created_at)
             VALUES ('a1', 'talk', 'ann', 'm1', 'code', 'a.rs', {now});
         INSERT INTO javari_cost_tracking (id, user_id, project_id, service, input_tokens,
             output_tokens, cost_usd, timestamp) VALUES ('c1', 'ann', 'site', 's', 1, 1, 1, {now})"
    ))
    .await
    .unwrap();
}

#[tokio::test]
async fn a_conversation_and_what_it_cost_outlive_their_project() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = migrated(folder.path()).await;
    settled(&mut connection).await;
    run(&mut connection, "DELETE FROM messages").await.unwrap();
    run(&mut connection, "DELETE FROM projects WHERE id = 'site'").await.unwrap();
    let left = "SELECT title || coalesce(project_id, '-') || coalesce(subproject_id, '-')
                FROM conversations";
    assert_eq!(texts(&mut connection, left).await, ["Talk--"]);
    let cost = "SELECT id || coalesce(project_id, '-') FROM javari_cost_tracking";
    assert_eq!(texts(&mut connection, cost).await, ["c1-"]);
    let artifact = "SELECT id || coalesce(message_id, '-') FROM artifacts";
    assert_eq!(texts(&mut connection, artifact).await, ["a1-"]);
    run(&mut connection, "DELETE FROM users WHERE id = 'ann'").await.unwrap();
    assert_eq!(texts(&mut connection, left).await, Vec::<String>::new());
}

#[tokio::test]
async fn what_the_seed_let_through_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let mut connection = migrated(folder.path()).await;
    settled(&mut connection).await;
    let now = "'2026-01-01T00:00:00Z'";
    let conversation = |owner: &str, project: &str, part: &str| {
        format!(
            "INSERT INTO conversations (id, user_id, project_id, subproject_id, title,
                 last_message_at, created_at, updated_at)
             VALUES ('new', {owner}, {project}, {part}, 't', {now}, {now}, {now})"
        )
    };
    let message = |values: &str| {
        format!(
            "INSERT INTO messages (id, conversation_id, user_id, seq, role, content,
                 credits_cost, confidence_score, created_at) VALUES ({values}, {now})"
        )
    };
    let crawl = |url: &str| {
        format!(
            "INSERT INTO javari_web_crawls (id, user_id, url, created_at, updated_at)
             VALUES ('{url}', 'ann', 'https://x', {now}, {now})"
        )
    };
    run(&mut connection, &crawl("first")).await.unwrap();
    let refused = [
        ("4: another's project", conversation("'bob'", "'site'", "NULL")),
        ("25: a subproject of another project", conversation("'ann'", "'site'", "'shop-part'")),
        ("25: a subproject without a project", conversation("'ann'", "NULL", "'site-part'")),
        ("24: no owner", conversation("NULL", "NULL", "NULL")),
        ("44: two messages in one place", message("'m2', 'talk', 'ann', 1, 'user', 'x', 1, 0.5")),
        ("4: another's conversation", message("'m2', 'talk', 'bob', 2, 'user', 'x', 1, 0.5")),
        ("40: a score above one", message("'m2', 'talk', 'ann', 2, 'user', 'x', 1, 1.5")),
        ("39: a negative cost", message("'m2', 'talk', 'ann', 2, 'user', 'x', -1, 0.5")),
        ("48: a role that is none", message("'m2', 'talk', 'ann', 2, 'robot', 'x', 1, 0.5")),
        (
            "49: a conversation that goes on from itself",
            format!(
                "INSERT INTO conversation_continuations (id, user_id, parent_id, child_id, created_at)
                 VALUES ('c', 'ann', 'talk', 'talk', {now})"
            ),
        ),
        ("39: a negative balance", "UPDATE users SET credits_balance = -1".to_owned()),
        ("36: the same address twice", crawl("second")),
        (
            "59: a path that climbs",
            "UPDATE artifacts SET file_path = 'a/../../etc/passwd'".to_owned(),
        ),
        (
            "26: an agent that is not there",
            "INSERT INTO javari_collaborating_agents VALUES ('c', 'a', 'ann')".to_owned(),
        ),
    ];
    for (fault, statement) in refused {
        let outcome = run(&mut connection, &statement).await;
        assert!(outcome.is_err(), "{fault} was stored");
    }
}
