//! What goes wrong around Javari: a locked database, a full or read-only disk, a wrong key, two
//! processes at once, a process that is killed. Nothing may be lost, and the error says what to do.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr)]

#[cfg(unix)]
mod child;
mod full;
#[cfg(unix)]
mod killed;
mod locked;
mod opening;
#[cfg(unix)]
mod rekeying;
#[cfg(unix)]
mod rotating;
#[cfg(unix)]
mod spending;
mod together;

use std::path::Path;

use futures::StreamExt;
use javari_core::{
    Javari, Result, Scope,
    client::Builder,
    config::Settings,
    knowledge::{IngestEvent, IngestReport, IngestRequest},
    secret::Secret,
    vault::PutCredential,
};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};

/// Every table that a put or an ingest writes.
const TABLES: &[&str] = &[
    "javari_credentials",
    "javari_credential_versions",
    "javari_data_keys",
    "javari_work_log",
    "javari_documents",
    "javari_knowledge_base",
    "javari_knowledge_fts_docsize",
    "javari_knowledge_vectors",
];

fn settings(path: &Path) -> Settings {
    Settings { busy_timeout_ms: 50, ..Settings::for_database(path.display().to_string()) }
}

async fn open(path: &Path) -> Result<Javari> {
    Builder::new(settings(path)).open().await
}

async fn ann(javari: &Javari) -> Result<Scope> {
    Ok(javari.scope(javari.ensure_user("ann@example.com").await?.id))
}

async fn put(scope: &Scope, name: &str, value: &str) -> Result<()> {
    scope.vault().put(PutCredential::new(name, Secret::new(value))).await.map(drop)
}

/// The value, shown here to compare it.
async fn reveal(scope: &Scope, name: &str) -> Result<String> {
    scope.vault().reveal(name).await.map(|revealed| revealed.value.expose().to_owned())
}

async fn ingest(scope: &Scope, request: IngestRequest) -> Result<IngestReport> {
    IngestReport::from_stream(scope.knowledge().ingest(request, Vec::new())).await
}

/// A connection beside Javari's own, as another program would have one.
async fn beside(path: &Path) -> SqliteConnection {
    SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(path)).await.unwrap()
}

/// Closes it before the test goes on: one that is dropped is closed by its thread later, and the last
/// one to close shuts everybody out while it tidies the log away.
async fn close(connection: SqliteConnection) {
    connection.close().await.unwrap();
}

async fn run(connection: &mut SqliteConnection, statement: &'static str) {
    sqlx::raw_sql(statement).execute(connection).await.unwrap();
}

async fn text(connection: &mut SqliteConnection, statement: &'static str) -> String {
    sqlx::query(statement).fetch_one(connection).await.unwrap().get(0)
}

/// How many rows each table has.
async fn counts(path: &Path) -> Vec<i64> {
    let mut connection = beside(path).await;
    let mut counts = Vec::new();
    for table in TABLES {
        let statement = AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        counts.push(sqlx::query(statement).fetch_one(&mut connection).await.unwrap().get(0));
    }
    close(connection).await;
    counts
}

/// That the file is sound, no document is half there and the trail of each chain is whole.
async fn require_sound(path: &Path, scope: &Scope) {
    let mut connection = beside(path).await;
    assert_eq!(text(&mut connection, "PRAGMA integrity_check").await, "ok");
    assert!(
        sqlx::query("PRAGMA foreign_key_check")
            .fetch_all(&mut connection)
            .await
            .unwrap()
            .is_empty()
    );
    run(
        &mut connection,
        "INSERT INTO javari_knowledge_fts (javari_knowledge_fts, rank) VALUES ('integrity-check', 1)",
    )
    .await;
    let half = "SELECT coalesce(group_concat(source_key), 'none') FROM javari_documents AS document
         WHERE chunk_count <> (SELECT count(*) FROM javari_knowledge_base WHERE document_id = document.id)
            OR chunk_count <> (SELECT coalesce(sum(count), 0) FROM javari_knowledge_vectors
                               WHERE document_id = document.id)";
    assert_eq!(text(&mut connection, half).await, "none", "half there");
    close(connection).await;
    let verification = scope.audit().verify().await.unwrap();
    assert!(verification.verified, "{verification:?}");
}
