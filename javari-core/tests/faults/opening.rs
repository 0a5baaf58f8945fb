//! A wrong key, a lost key and a database of a later version: refused before anything is written.

use std::{collections::BTreeMap, fs};

use javari_core::ErrorKind;

use super::*;

/// Every file of the folder with its bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .map(|entry| {
            let name = entry.file_name().to_string_lossy().into_owned();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect()
}

async fn made(path: &Path) {
    let javari = open(path).await.unwrap();
    put(&ann(&javari).await.unwrap(), "A", "kept").await.unwrap();
    javari.close().await;
}

/// Opening fails with this kind and leaves every file as it was.
async fn require_refused(settings: Settings, folder: &Path, kind: ErrorKind) {
    let before = files(folder);
    let error = Builder::new(settings).open().await.err().unwrap();
    assert_eq!(error.kind(), kind, "{error}");
    let after = files(folder);
    assert_eq!(before.keys().collect::<Vec<_>>(), after.keys().collect::<Vec<_>>());
    assert!(before == after, "a file changed");
}

fn with_another_key(path: &Path) -> Settings {
    Settings { root_key: Some(Secret::new("07".repeat(32))), ..settings(path) }
}

#[tokio::test]
async fn a_wrong_key_says_so_and_not_a_byte_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    made(&path).await;
    require_refused(with_another_key(&path), folder.path(), ErrorKind::WrongKey).await;
    let javari = open(&path).await.unwrap();
    assert_eq!(reveal(&ann(&javari).await.unwrap(), "A").await.unwrap(), "kept");
}

#[tokio::test]
async fn a_wrong_key_is_told_before_an_older_schema_is_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    made(&path).await;
    // The file as the release before the monitors left it.
    let mut connection = beside(&path).await;
    run(
        &mut connection,
        "DROP TABLE javari_healing_events; DROP TABLE javari_alerts;
         DROP TABLE javari_monitor_observations; DROP TABLE javari_health_monitors;
         DELETE FROM javari_schema WHERE version = 5; PRAGMA wal_checkpoint(TRUNCATE)",
    )
    .await;
    connection.close().await.unwrap();
    require_refused(with_another_key(&path), folder.path(), ErrorKind::WrongKey).await;
    let javari = open(&path).await.unwrap();
    assert_eq!(reveal(&ann(&javari).await.unwrap(), "A").await.unwrap(), "kept");
}

#[tokio::test]
async fn a_lost_key_file_is_named_and_no_new_key_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    made(&path).await;
    let key = folder.path().join("a.db.key");
    let kept = folder.path().join("kept.key");
    fs::rename(&key, &kept).unwrap();
    require_refused(settings(&path), folder.path(), ErrorKind::KeyMissing).await;
    fs::rename(&kept, &key).unwrap();
    let javari = open(&path).await.unwrap();
    assert_eq!(reveal(&ann(&javari).await.unwrap(), "A").await.unwrap(), "kept");
}

#[tokio::test]
async fn a_database_that_needs_a_newer_library_is_refused_and_not_a_byte_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    made(&path).await;
    let mut connection = beside(&path).await;
    run(&mut connection, "INSERT INTO javari_schema VALUES (1000, 'future', 1000, 'now')").await;
    connection.close().await.unwrap();
    require_refused(settings(&path), folder.path(), ErrorKind::SchemaTooNew).await;
}

#[tokio::test]
async fn a_cut_and_an_overwritten_database_say_that_they_are_damaged_and_panic_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    made(&path).await;
    let whole = fs::read(&path).unwrap();
    for cut in [1, 50, 100, 4_096, 8_192, 20_000, whole.len() / 2, whole.len() - 8_192] {
        fs::write(&path, &whole[..cut]).unwrap();
        require_told(&path).await;
    }
    for page in [0, 1, 5, 9] {
        let mut damaged = whole.clone();
        let start = page * 8_192 + 100;
        damaged[start..start + 4_000].fill(0xa5);
        fs::write(&path, &damaged).unwrap();
        require_told(&path).await;
    }
}

/// A damaged file opens, or says what it is; so does every call on it.
async fn require_told(path: &Path) {
    let is_told = |error: &javari_core::Error| {
        let kinds = [
            ErrorKind::StorageCorrupt,
            ErrorKind::Storage,
            ErrorKind::CannotUnseal,
            ErrorKind::NotFound,
        ];
        assert!(kinds.contains(&error.kind()), "{error:?}");
    };
    let javari = match open(path).await {
        Ok(javari) => javari,
        Err(error) => return is_told(&error),
    };
    let told = async {
        let scope = ann(&javari).await?;
        reveal(&scope, "A").await?;
        ingest(&scope, IngestRequest::text("note", "Some words.")).await?;
        scope.audit().verify().await
    };
    if let Err(error) = told.await {
        is_told(&error);
    }
    javari.close().await;
    for ending in ["-wal", "-shm"] {
        let _ = fs::remove_file(format!("{}{ending}", path.display()));
    }
}
