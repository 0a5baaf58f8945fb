//! Reads a few rows of a SQLite file on the caller's own thread.
//!
//! The driver keeps a thread for each connection, and a question that SQLite answers in five
//! microseconds takes a hundred on its way there and back. The same library, asked directly, answers at
//! once: for what is found by an index, in a file that the system holds in memory, that is shorter than
//! a caller notices. It never waits: where a connection is busy, the file locked or anything wrong, the
//! pool answers, with its patience and its words.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use rusqlite::{
    Connection, OpenFlags,
    types::{FromSql, ToSqlOutput, Value as Sqlite, ValueRef},
};

use super::{
    Row, Value,
    row::{Raw, misread},
    sqlite::MAPPED_BYTES,
};
use crate::error::Result;

/// Connections that whoever asks uses himself.
pub(super) struct Lookups {
    path: PathBuf,
    slots: [Mutex<Slot>; CONNECTIONS],
}

/// More callers at once than this ask the pool.
const CONNECTIONS: usize = 4;
const STATEMENTS: usize = 64;

enum Slot {
    Unopened,
    Open(Connection),
    Closed,
}

impl Lookups {
    /// Over the file at `path`, which is opened at the first question.
    pub(super) fn of(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
            slots: [const { Mutex::new(Slot::Unopened) }; CONNECTIONS],
        }
    }

    /// The rows, or nothing where somebody who can wait has to ask.
    pub(super) fn find(&self, statement: &'static str, values: &[Value]) -> Option<Vec<Row>> {
        let mut slot = self.slots.iter().find_map(|slot| slot.try_lock().ok())?;
        if let Slot::Unopened = *slot {
            *slot = Slot::Open(open(&self.path).ok()?);
        }
        match &*slot {
            Slot::Open(connection) => answer(connection, statement, values).ok(),
            Slot::Unopened | Slot::Closed => None,
        }
    }

    /// Closes every connection, before those that write: the last one to close tidies the log away.
    pub(super) fn close(&self) {
        for slot in &self.slots {
            *slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Slot::Closed;
        }
    }
}

/// A row with its columns' names.
pub(super) struct FoundRow {
    columns: Arc<[String]>,
    values: Vec<Sqlite>,
}

impl FoundRow {
    /// The column `name`, or nothing where it is NULL.
    pub(super) fn get<T: FromSql>(&self, name: &str) -> Result<Option<T>> {
        let place = self.columns.iter().position(|column| column == name);
        let value = place.and_then(|place| self.values.get(place)).ok_or_else(|| misread(name))?;
        FromSql::column_result(ValueRef::from(value)).map_err(|_| misread(name))
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    // One caller at a time has it, so that SQLite need not lock it.
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::ZERO)?;
    connection.pragma_update(None, "mmap_size", MAPPED_BYTES)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

fn answer(
    connection: &Connection,
    statement: &'static str,
    values: &[Value],
) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached(statement)?;
    let columns: Arc<[String]> = statement.column_names().into_iter().map(str::to_owned).collect();
    for place in 1..=statement.parameter_count() {
        // SQLite takes `$4` for a name, and counts names as they come.
        let number = statement.parameter_name(place).and_then(|name| name.get(1..)?.parse().ok());
        let value = number.and_then(|number: usize| values.get(number.checked_sub(1)?));
        let value = value.ok_or(rusqlite::Error::InvalidParameterCount(place, values.len()))?;
        statement.raw_bind_parameter(place, bound(value)?)?;
    }
    let mut rows = statement.raw_query();
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        let values = (0..columns.len()).map(|place| row.get(place)).collect::<Result<_, _>>()?;
        found.push(Row(Raw::Found(FoundRow { columns: columns.clone(), values })));
    }
    Ok(found)
}

/// A parameter in the form that a SQLite database holds it in.
fn bound(value: &Value) -> rusqlite::Result<ToSqlOutput<'_>> {
    Ok(match value {
        Value::Null(_) => ToSqlOutput::Owned(Sqlite::Null),
        Value::Bool(value) => ToSqlOutput::Owned((*value).into()),
        Value::Int(value) => ToSqlOutput::Owned((*value).into()),
        Value::Real(value) => ToSqlOutput::Owned((*value).into()),
        Value::Text(value) => ToSqlOutput::Borrowed(ValueRef::Text(value.as_bytes())),
        Value::Blob(value) => ToSqlOutput::Borrowed(ValueRef::Blob(value)),
        Value::Id(value) => ToSqlOutput::Owned(value.to_string().into()),
        Value::Time(value) => ToSqlOutput::Owned(value.to_string().into()),
        Value::Json(value) => ToSqlOutput::Owned(value.to_string().into()),
        // The pool says what is wrong with an amount that is too large.
        Value::Money(value) => i64::try_from(value.picos())
            .map(|picos| ToSqlOutput::Owned(picos.into()))
            .map_err(|_| rusqlite::Error::InvalidQuery)?,
    })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        error::ErrorKind,
        storage::{Database, Kind, Location, values},
        types::{ScopeKey, SystemClock, Timestamp},
    };

    const HOST: &ScopeKey = &ScopeKey::HOST;
    const NOTED: [Value; 1] = [Value::Int(1_000)];
    const VERSIONS: &str = "SELECT version FROM javari_schema WHERE version >= $1 ORDER BY version";

    async fn in_a_file() -> (tempfile::TempDir, Database, Lookups) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.db");
        let database = Database::open(Location::File(path.clone()), &SystemClock).await.unwrap();
        (folder, database, Lookups::of(&path))
    }

    async fn note(database: &Database, version: i64) -> crate::storage::Transaction {
        let mut transaction = database.begin(HOST).await.unwrap();
        let statement = "INSERT INTO javari_schema VALUES ($1, 'x', 1, 'now')";
        transaction.execute(statement, values![version]).await.unwrap();
        transaction
    }

    fn versions(rows: &[Row]) -> Vec<i64> {
        rows.iter().map(|row| row.get("version").unwrap()).collect()
    }

    #[tokio::test]
    async fn every_kind_of_value_comes_back_as_the_pool_gives_it() {
        let (_folder, database, lookups) = in_a_file().await;
        // Names that are used in another order, twice, and not at all.
        let statement = "SELECT $3 AS real, $1 AS truth, $2 AS whole, $4 AS text, $4 AS again,
            $5 AS bytes, $6 AS id, $8 AS at, $9 AS json, $10 AS absent";
        let id = Uuid::from_u128(7);
        let at = Timestamp::from_micros(1_790_000_000_000_001);
        let json = serde_json::json!({ "a": [1, null] });
        let values =
            values![true, -5_i64, 0.5_f64, "wörter", vec![0_u8, 255], id, 9_i64, at, json.clone()];
        let values: Vec<Value> = values.into_iter().chain([Value::Null(Kind::Text)]).collect();
        let found = lookups.find(statement, &values).unwrap();
        let pooled = database.query(HOST, statement, values).await.unwrap();
        assert!(matches!(found[0].0, Raw::Found(_)));
        for row in found.iter().chain(&pooled) {
            assert!(row.get::<bool>("truth").unwrap());
            assert_eq!(row.get::<i64>("whole").unwrap(), -5);
            assert_eq!(row.get::<f64>("real").unwrap(), 0.5);
            assert_eq!(row.get::<String>("text").unwrap(), "wörter");
            assert_eq!(row.get::<String>("again").unwrap(), "wörter");
            assert_eq!(row.get::<Vec<u8>>("bytes").unwrap(), [0, 255]);
            assert_eq!(row.get::<Uuid>("id").unwrap(), id);
            assert_eq!(row.get::<Timestamp>("at").unwrap(), at);
            assert_eq!(row.get::<serde_json::Value>("json").unwrap(), json);
            assert_eq!(row.get::<Option<String>>("absent").unwrap(), None);
            for error in [
                row.get::<String>("absent").unwrap_err(),
                row.get::<i64>("text").unwrap_err(),
                row.get::<i64>("missing").unwrap_err(),
            ] {
                assert_eq!(error.kind(), ErrorKind::Storage);
            }
        }
        database.close().await;
    }

    #[tokio::test]
    async fn what_is_committed_is_found_at_once_and_nothing_before() {
        let (_folder, database, lookups) = in_a_file().await;
        let found = || versions(&lookups.find(VERSIONS, &NOTED).unwrap());
        for version in 1_000..1_020 {
            let transaction = note(&database, version).await;
            assert_eq!(found(), (1_000..version).collect::<Vec<_>>());
            transaction.commit().await.unwrap();
            assert_eq!(found(), (1_000..=version).collect::<Vec<_>>());
        }
        database.close().await;
    }

    #[tokio::test]
    async fn a_question_that_was_answered_keeps_no_log_from_being_tidied_away() {
        let (folder, database, lookups) = in_a_file().await;
        note(&database, 1_000).await.commit().await.unwrap();
        assert_eq!(versions(&lookups.find(VERSIONS, &NOTED).unwrap()), [1_000]);
        database.run_alone("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
        let log = folder.path().join("a.db-wal");
        assert_eq!(log.metadata().unwrap().len(), 0);
        lookups.close();
        database.close().await;
        assert!(!log.exists());
    }

    #[tokio::test]
    async fn who_finds_all_connections_taken_asks_the_pool() {
        let (_folder, database, lookups) = in_a_file().await;
        let taken: Vec<_> = lookups.slots.iter().map(|slot| slot.lock().unwrap()).collect();
        assert!(lookups.find(VERSIONS, &NOTED).is_none());
        drop(taken);
        assert!(lookups.find(VERSIONS, &NOTED).unwrap().is_empty());
        // Threads that ask at once are all answered, by the one or the other.
        note(&database, 1_000).await.commit().await.unwrap();
        let mut asking = tokio::task::JoinSet::new();
        for _ in 0..64 {
            let database = database.clone();
            asking.spawn(async move { database.look_up(HOST, VERSIONS, values![1_000]).await });
        }
        while let Some(answer) = asking.join_next().await {
            assert_eq!(versions(&answer.unwrap().unwrap()), [1_000]);
        }
        database.close().await;
    }

    #[tokio::test]
    async fn what_is_wrong_is_told_in_the_words_of_the_pool() {
        let (_folder, database, lookups) = in_a_file().await;
        let wrong = "SELECT nothing FROM nowhere";
        assert!(lookups.find(wrong, &[]).is_none());
        let error = database.look_up(HOST, wrong, vec![]).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Storage);
        // A value that is missing is never taken for NULL.
        assert!(lookups.find(VERSIONS, &[]).is_none());
        database.close().await;
        let error = database.look_up(HOST, VERSIONS, values![1_000]).await.err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Closed);
        lookups.close();
        assert!(lookups.find(VERSIONS, &NOTED).is_none());
    }
}
