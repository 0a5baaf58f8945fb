//! What a backup holds and refuses, below every room: rows go in and come out.

use std::{collections::BTreeMap, fs, path::Path};

use serde_json::{Value as Json, json};
use tokio::sync::mpsc;

use super::{
    format::{Line, record},
    write::{Piece, write},
    *,
};
use crate::{
    storage::{Database, Location, SCHEMA_VERSION, scratch, tables::TABLES, values},
    types::{Clock, ScopeKey, SystemClock},
};

fn key() -> BackupKey {
    BackupKey::derive(&RootKey::from_bytes([7; 32])).unwrap()
}

/// Every row of every table as it stands in a backup.
pub(crate) async fn dump(database: &Database) -> BTreeMap<&'static str, Vec<Json>> {
    let mut snapshot = database.begin_snapshot(&ScopeKey::HOST).await.unwrap();
    let mut found = BTreeMap::new();
    for table in TABLES {
        let statement = table.select(snapshot.dialect());
        let rows = snapshot.query(statement, values![]).await.unwrap();
        let rows = rows.iter().map(|row| Json::Object(record(table, row).unwrap()));
        found.insert(table.name, rows.collect());
    }
    found
}

async fn open(location: &str) -> Database {
    let database = Database::open(location.parse().unwrap(), &SystemClock).await.unwrap();
    let id = BackupKey::derive(&RootKey::from_bytes([7; 32])).unwrap().root_key_id;
    let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
    let registry = "INSERT INTO javari_key_registry (vault_id, root_key_id, minimum_suite,
                        authentication, created_at) VALUES ($1, $2, 2, 'x', $3)";
    let values = values![SystemClock.new_id(), id, SystemClock.now()];
    transaction.execute(registry, values).await.unwrap();
    transaction.commit().await.unwrap();
    database
}

/// Two rows that are always written together.
async fn add_user(database: &Database, number: u32) {
    let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
    let id = SystemClock.new_id();
    let user = "INSERT INTO users (id, email, created_at, updated_at, last_active_at)
                VALUES ($1, $2, $3, $3, $3)";
    let now = SystemClock.now();
    transaction.execute(user, values![id, format!("u{number}@x"), now]).await.unwrap();
    let preferences = "INSERT INTO user_preferences (user_id, created_at, updated_at)
                       VALUES ($1, $2, $2)";
    transaction.execute(preferences, values![id, now]).await.unwrap();
    transaction.commit().await.unwrap();
}

fn target(path: &Path) -> BackupTarget {
    BackupTarget { path: path.to_owned(), overwrite: false }
}

async fn made(database: &Database, path: &Path) -> Result<BackupSummary> {
    back_up(database, &key(), target(path), SystemClock.now()).await
}

async fn restored(path: &Path, location: &str) -> Result<Database> {
    let database = open(location).await;
    let file = BackupFile::open(path, &key()).await?;
    let (transaction, _) = file.restore(&database).await?;
    transaction.commit().await?;
    Ok(database)
}

/// A backup of these lines, sealed as ours are.
async fn of_lines(path: &Path, schema: u32, lines: Vec<Line>) {
    let (sender, receiver) = mpsc::channel(2);
    let mut text = Vec::new();
    lines.into_iter().for_each(|line| line.write(&mut text));
    sender.try_send(Piece::Bytes(text)).ok().unwrap();
    sender.try_send(Piece::End).ok().unwrap();
    let header = BackupHeader {
        engine: "sqlite".to_owned(),
        schema,
        vault_id: SystemClock.new_id(),
        root_key_id: key().root_key_id,
        created_at: SystemClock.now(),
        library: "0.0.1".to_owned(),
    };
    let target = target(path);
    let writing = move || write(&target, &key(), &header, receiver);
    tokio::task::spawn_blocking(writing).await.unwrap().unwrap();
}

fn table(name: &str, rows: Vec<Json>) -> Vec<Line> {
    let rows = rows.into_iter().map(|row| match row {
        Json::Object(row) => Line::Row(row),
        _ => unreachable!(),
    });
    [Line::Table(name.to_owned())].into_iter().chain(rows).collect()
}

fn registry() -> Json {
    json!({ "vault_id": SystemClock.new_id(), "root_key_id": key().root_key_id,
        "minimum_suite": 2, "authentication": "y", "created_at": SystemClock.now() })
}

fn end(counts: &[(&str, u64)]) -> Line {
    Line::End(counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect())
}

#[tokio::test]
async fn every_row_comes_back_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.backup");
    let database = open(&scratch().await).await;
    for number in 0..1_200 {
        add_user(&database, number).await;
    }
    let summary = made(&database, &path).await.unwrap();
    assert_eq!((summary.rows, summary.tables["users"]), (2_401, 1_200));
    assert_eq!(summary.bytes, fs::metadata(&path).unwrap().len());
    let again = restored(&path, &scratch().await).await.unwrap();
    assert_eq!(dump(&again).await, dump(&database).await);
}

#[tokio::test]
async fn a_backup_is_readable_by_its_owner_alone_and_replaces_no_file_unless_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.backup");
    let database = open(&scratch().await).await;
    made(&database, &path).await.unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let before = fs::read(&path).unwrap();
    let error = made(&database, &path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&path).unwrap(), before);
    add_user(&database, 1).await;
    let replacing = BackupTarget { path: path.clone(), overwrite: true };
    back_up(&database, &key(), replacing, SystemClock.now()).await.unwrap();
    assert_ne!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    for wrong in [folder.path().to_owned(), folder.path().join("no/a.backup")] {
        assert!(made(&database, &wrong).await.is_err());
    }
}

#[tokio::test]
async fn a_caller_who_leaves_a_backup_leaves_no_half_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.backup");
    let database = open(&scratch().await).await;
    for number in 0..300 {
        add_user(&database, number).await;
    }
    for polls in 0..12 {
        let mut backup = Box::pin(made(&database, &path));
        let mut is_made = false;
        for _ in 0..polls {
            is_made |= !is_made && futures::poll!(&mut backup).is_ready();
            tokio::task::yield_now().await;
        }
        drop(backup);
        // The thread that writes sees that it was left a moment later.
        let partial = || {
            let mut files = fs::read_dir(folder.path()).unwrap();
            files.any(|file| file.unwrap().path() != path)
        };
        for _ in 0..10_000 {
            if !partial() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        }
        assert!(!partial(), "{polls}");
        // All was read when it was left: the file is whole.
        if is_made || path.exists() {
            assert!(BackupFile::verify(&path, &key()).await.unwrap().whole, "{polls}");
            fs::remove_file(&path).unwrap();
        }
    }
    made(&database, &path).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_is_one_state_although_others_go_on_writing() {
    let folder = tempfile::tempdir().unwrap();
    let mut location = scratch().await;
    if location == ":memory:" {
        location = folder.path().join("a.db").display().to_string();
    }
    let database = open(&location).await;
    let writing = tokio::spawn({
        let database = database.clone();
        async move {
            for number in 0..400 {
                add_user(&database, number).await;
            }
        }
    });
    let mut seen = Vec::new();
    while !writing.is_finished() || seen.is_empty() {
        let path = folder.path().join(format!("{}.backup", seen.len()));
        let tables = made(&database, &path).await.unwrap().tables;
        assert_eq!(tables["users"], tables["user_preferences"]);
        seen.push(tables["users"]);
    }
    writing.await.unwrap();
    assert!(seen.is_sorted(), "{seen:?}");
}

#[tokio::test]
async fn a_backup_of_an_older_schema_restores_and_what_was_added_since_is_empty() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.backup");
    let (chain, hash) = (SystemClock.new_id().to_string(), "0".repeat(64));
    let mut lines =
        table("javari_work_log_heads", vec![json!({ "chain": chain, "seq": 1, "hash": hash })]);
    lines.extend(table("javari_key_registry", vec![registry()]));
    lines.push(end(&[("javari_work_log_heads", 1), ("javari_key_registry", 1)]));
    of_lines(&path, 5, lines).await;
    let database = restored(&path, &scratch().await).await.unwrap();
    let dump = dump(&database).await;
    assert_eq!(dump["javari_work_log_heads"], [json!({ "chain": chain, "seq": 1, "hash": hash })]);
    assert!(dump["javari_credential_rotations"].is_empty());
}

#[tokio::test]
async fn what_a_newer_library_made_is_refused_and_so_is_what_this_one_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let unknown_column = json!({ "chain": "host", "seq": 1, "hash": "0", "colour": "red" });
    let cases = [
        (SCHEMA_VERSION + 1, vec![end(&[])], ErrorKind::SchemaTooNew),
        (1, vec![Line::Table("javari_futures".to_owned()), end(&[])], ErrorKind::Unsupported),
        (1, table("javari_work_log_heads", vec![unknown_column]), ErrorKind::Unsupported),
        (1, table("javari_key_registry", vec![registry()]), ErrorKind::StorageCorrupt),
        (1, vec![end(&[])], ErrorKind::StorageCorrupt),
        (1, vec![end(&[("users", 1)])], ErrorKind::StorageCorrupt),
        (1, vec![Line::Row(Default::default()), end(&[])], ErrorKind::StorageCorrupt),
    ];
    for (number, (schema, lines, expected)) in cases.into_iter().enumerate() {
        let path = folder.path().join(number.to_string());
        of_lines(&path, schema, lines).await;
        let database = open(&scratch().await).await;
        let before = dump(&database).await;
        let restored = match BackupFile::open(&path, &key()).await {
            Ok(file) => file.restore(&database).await.map(drop),
            Err(error) => Err(error),
        };
        assert_eq!(restored.unwrap_err().kind(), expected, "{number}");
        assert_eq!(dump(&database).await, before, "{number}");
    }
}

#[tokio::test]
async fn a_database_with_any_row_of_anybody_is_not_restored_into() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.backup");
    let database = open(&scratch().await).await;
    made(&database, &path).await.unwrap();
    add_user(&database, 1).await;
    let before = dump(&database).await;
    let file = BackupFile::open(&path, &key()).await.unwrap();
    let error = file.restore(&database).await.map(drop).unwrap_err();
    assert_eq!((error.kind(), error.retry()), (ErrorKind::Conflict, crate::error::Retry::Never));
    assert_eq!(dump(&database).await, before);
}

#[tokio::test]
async fn a_database_that_a_newer_library_has_added_to_is_not_backed_up_in_part() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::open(Location::Memory, &SystemClock).await.unwrap();
    let mut transaction = database.begin(&ScopeKey::HOST).await.unwrap();
    let newer = "INSERT INTO javari_schema VALUES (1000, 'next', 1, 'now')";
    transaction.execute(newer, values![]).await.unwrap();
    transaction.commit().await.unwrap();
    let error = made(&database, &folder.path().join("a.backup")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::SchemaTooNew);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_file_that_changes_after_it_was_checked_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.backup");
    let source = open(&scratch().await).await;
    for number in 0..50 {
        add_user(&source, number).await;
    }
    made(&source, &path).await.unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let database = open(&scratch().await).await;
    let before = dump(&database).await;
    let file = BackupFile::open(&path, &key()).await.unwrap();
    let last = bytes.len() - 40;
    bytes[last] ^= 1;
    // Written into the file that is open, not beside it.
    fs::write(&path, &bytes).unwrap();
    let error = file.restore(&database).await.map(drop).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::StorageCorrupt, "{error}");
    assert_eq!(dump(&database).await, before);
}
