//! The database: pools, scoped transactions, migrations, backup.
//!
//! Rooms own their tables and keep their SQL in their own `store.rs`; they run it through one
//! small [`Database`]. Statements are `&'static str` with `$1` placeholders, so no input can
//! become SQL, and every transaction states whose data it touches.
//!
//! What it deliberately does not do: it knows nothing of any room but what its tables are called
//! and which columns they have (`tables`, for backups; `adopt`, from the seed's), builds no SQL from parts at run time and
//! hides no transaction. SQLite and PostgreSQL stand side by side behind the same types; where a
//! statement has to differ, the room's `store.rs` asks for the [`Dialect`] and holds both.

pub(crate) mod adopt;
pub(crate) mod backup;
mod config;
mod database;
mod disk;
mod fault;
mod health;
mod location;
mod lookup;
mod migrate;
mod postgres;
mod root_key_id;
mod row;
#[cfg(any(test, feature = "testkit"))]
mod scratch;
mod server;
mod sqlite;
mod tables;
mod vacuum;
mod value;

pub use adopt::{SeedChange, SeedDependent, SeedStop, SeedTable};
pub(crate) use backup::back_up_within;
pub use backup::{
    BackupFile, BackupHeader, BackupKey, BackupReport, BackupSummary, BackupTarget, back_up,
};
pub use config::DatabaseConfig;
pub use database::{Database, Dialect, Transaction};
pub(crate) use disk::disk_fault;
pub use health::{Health, PoolUse, RowSecurity, SlowStatement};
pub use location::{Location, Road, Server};
pub use migrate::SCHEMA_VERSION;
pub(crate) use migrate::shut_out_older_than;
pub(crate) use root_key_id::{
    hold_root_key, hold_root_key_id, root_key_id, root_key_id_within, take_root_key_id,
};
pub use row::{Column, Row};
#[cfg(any(test, feature = "testkit"))]
pub use scratch::scratch;
pub use server::{ServerAddress, ServerAnswer, ask_server};
pub(crate) use tables::{OwnedRow, count_owned, count_within, export_owned};
pub use vacuum::VacuumReply;
pub use value::{Kind, Parameter, Value};

/// Builds the parameters of a statement: `values![id, name, now]`.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::storage::Value::from($value)),*] };
}
pub(crate) use values;

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        error::ErrorKind,
        types::{ScopeKey, SystemClock},
    };

    async fn open(path: &Path) -> crate::Result<Database> {
        Database::open(Location::File(path.into()), &SystemClock).await
    }

    #[tokio::test]
    async fn a_second_opening_finds_the_schema_and_the_rows() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let database = open(&path).await.unwrap();
        let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
        transaction
            .execute(
                "INSERT INTO users (id, email, created_at, updated_at, last_active_at)
                 VALUES ($1, $2, $3, $3, $3)",
                values!["u", "a@x", "2026-01-01T00:00:00Z"],
            )
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        database.close().await;
        let database = open(&path).await.unwrap();
        let rows =
            database.query(&ScopeKey::HOST, "SELECT email FROM users", values![]).await.unwrap();
        assert_eq!(rows[0].get::<String>("email").unwrap(), "a@x");
    }

    #[tokio::test]
    async fn an_uncommitted_transaction_leaves_nothing() {
        let database = Database::open(Location::Memory, &SystemClock).await.unwrap();
        let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
        transaction
            .execute("INSERT INTO javari_schema VALUES (999, 'x', 1, 'now')", values![])
            .await
            .unwrap();
        drop(transaction);
        let rows = database
            .query(&ScopeKey::HOST, "SELECT 1 FROM javari_schema WHERE version = 999", values![])
            .await
            .unwrap();
        assert!(rows.is_empty());
    }

    #[tokio::test]
    async fn a_caller_who_leaves_at_any_moment_leaves_the_database_whole() {
        let folder = tempfile::tempdir().unwrap();
        for location in [Location::Memory, Location::File(folder.path().join("a.db"))] {
            let database = Database::open(location, &SystemClock).await.unwrap();
            for polls in 0..60 {
                let write = async {
                    let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
                    let statement = "INSERT INTO javari_schema VALUES ($1, 'x', 1, 'now')";
                    transaction.execute(statement, values![1_000 + polls]).await.unwrap();
                    let all = "SELECT count(*) AS count FROM javari_schema";
                    transaction.query_one(all, values![]).await.unwrap();
                };
                let mut write = Box::pin(write);
                for _ in 0..polls / 4 {
                    if futures::poll!(&mut write).is_ready() {
                        break;
                    }
                    tokio::time::sleep(std::time::Duration::from_micros(50)).await;
                }
                drop(write);
                let count = "SELECT count(*) AS count FROM javari_schema WHERE version >= 1000";
                let rows = database.query(&ScopeKey::HOST, count, values![]).await.unwrap();
                assert_eq!(rows[0].get::<i64>("count").unwrap(), 0, "{polls}");
            }
            database.close().await;
        }
    }

    #[tokio::test]
    async fn a_database_that_needs_a_newer_library_is_refused_untouched() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let database = open(&path).await.unwrap();
        let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
        transaction
            .execute("INSERT INTO javari_schema VALUES (1000, 'future', 1000, 'now')", values![])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        database.close().await;
        let error = open(&path).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::SchemaTooNew);
    }

    #[tokio::test]
    async fn a_newer_schema_that_still_allows_this_library_opens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let database = open(&path).await.unwrap();
        let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
        transaction
            .execute("INSERT INTO javari_schema VALUES (1000, 'next', 1, 'now')", values![])
            .await
            .unwrap();
        transaction.commit().await.unwrap();
        database.close().await;
        assert!(open(&path).await.is_ok());
    }

    #[tokio::test]
    async fn a_file_that_is_no_database_is_named_so_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        let text = "not a database, ".repeat(600);
        std::fs::write(&path, &text).unwrap();
        let error = open(&path).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::StorageCorrupt, "{error}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[tokio::test]
    async fn a_missing_folder_is_a_configuration_error() {
        let error = open(Path::new("/nonexistent-folder/a.db")).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{error}");
    }

    #[tokio::test]
    async fn after_close_every_call_says_closed() {
        let database = Database::open(Location::Memory, &SystemClock).await.unwrap();
        database.close().await;
        let error = database.begin(&ScopeKey::HOST).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Closed);
    }
}
