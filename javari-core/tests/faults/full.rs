//! A disk or a database that is full, and one that may not be written.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use javari_core::{Error, ErrorKind, Retry, knowledge::SearchRequest};

use super::*;

fn require_full(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::StorageFull, "{error:?}");
    assert_eq!(error.retry(), Retry::Never);
    for words in ["nothing was written", "make room"] {
        assert!(error.message().contains(words), "{error}");
    }
}

/// Puts credentials until the database takes no more, and returns how many it took.
async fn fill(scope: &Scope) -> usize {
    for number in 0..20_000 {
        let value = format!("{number:05}").repeat(2_000);
        if let Err(error) = put(scope, &format!("FILL_{number}"), &value).await {
            require_full(&error);
            return number;
        }
    }
    panic!("nothing ran full");
}

fn long_document() -> IngestRequest {
    let mut text = String::new();
    for number in 0..4_000 {
        text.push_str(&format!("# Pump {number}\n\nPump {number} stands in cellar {number}.\n\n"));
    }
    IngestRequest::text("pumps", text)
}

/// Fills the database, and looks whether what was there can still be read and nothing is half there.
async fn require_full_but_whole(path: &Path, scope: &Scope) -> usize {
    let taken = fill(scope).await;
    let before = counts(path).await;
    require_full(&ingest(scope, long_document()).await.unwrap_err());
    require_full(&put(scope, "LARGE", &"x".repeat(60_000)).await.unwrap_err());
    assert_eq!(counts(path).await, before, "something was half written");
    assert_eq!(scope.vault().get("OLD").await.unwrap().version, 1);
    assert_eq!(scope.vault().get("LARGE").await.unwrap_err().kind(), ErrorKind::NotFound);
    let found = scope.knowledge().search(SearchRequest::new("kettle")).await.unwrap();
    assert_eq!(found.hits[0].path, "old");
    require_sound(path, scope).await;
    taken
}

/// What failed before works now, and nothing that was told as stored is missing.
async fn require_goes_on(path: &Path, scope: &Scope, taken: usize) {
    put(scope, "LARGE", &"x".repeat(60_000)).await.unwrap();
    assert_eq!(ingest(scope, long_document()).await.unwrap().added, 1);
    assert_eq!(reveal(scope, "OLD").await.unwrap(), "old value");
    for number in 0..taken {
        let value = reveal(scope, &format!("FILL_{number}")).await.unwrap();
        assert_eq!(value, format!("{number:05}").repeat(2_000));
    }
    require_sound(path, scope).await;
}

async fn begin(scope: &Scope) {
    put(scope, "OLD", "old value").await.unwrap();
    ingest(scope, IngestRequest::text("old", "The kettle stands in the kitchen.")).await.unwrap();
}

#[tokio::test]
async fn a_database_at_its_size_limit_says_so_loses_nothing_and_goes_on_under_a_higher_one() {
    const LIMIT: u64 = 3 * 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let limited = Settings { max_database_bytes: Some(LIMIT), ..settings(&path) };
    let javari = Builder::new(limited).open().await.unwrap();
    let scope = ann(&javari).await.unwrap();
    begin(&scope).await;
    let taken = require_full_but_whole(&path, &scope).await;
    javari.close().await;
    assert!(fs::metadata(&path).unwrap().len() <= LIMIT);
    let javari = open(&path).await.unwrap();
    require_goes_on(&path, &ann(&javari).await.unwrap(), taken).await;
}

#[tokio::test]
async fn a_limit_below_the_schema_leaves_no_half_schema() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let limited = Settings { max_database_bytes: Some(100_000), ..settings(&path) };
    require_full(&Builder::new(limited).open().await.err().unwrap());
    let javari = open(&path).await.unwrap();
    let scope = ann(&javari).await.unwrap();
    put(&scope, "A", "x").await.unwrap();
    require_sound(&path, &scope).await;
}

/// A small disk of its own; root alone can make one.
struct SmallDisk(PathBuf, #[expect(dead_code, reason = "removed when dropped")] tempfile::TempDir);

impl SmallDisk {
    fn make() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let disk = Self(folder.path().to_owned(), folder);
        let options = ["-t", "tmpfs", "-o", "size=16m", "tmpfs"];
        let mounted = Command::new("mount").args(options).arg(&disk.0).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(disk);
        }
        eprintln!("NOT RUN: a disk of its own needs root and the right to mount");
        None
    }

    fn remount(&self, options: &str) -> bool {
        let change = Command::new("mount").args(["-o", options]).arg(&self.0).output();
        change.is_ok_and(|output| output.status.success())
    }

    /// Writes a file until the disk has no byte left, then gives `spare` bytes back.
    fn fill(&self, spare: u64) -> PathBuf {
        let path = self.0.join("ballast");
        let mut file = fs::File::create(&path).unwrap();
        while file.write_all(&[0; 4_096]).is_ok() {}
        let size = file.metadata().unwrap().len();
        file.set_len(size.saturating_sub(spare)).unwrap();
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[tokio::test]
async fn a_full_disk_says_so_loses_nothing_and_the_same_javari_goes_on_once_there_is_room() {
    let Some(disk) = SmallDisk::make() else { return };
    let path = disk.0.join("a.db");
    let javari = open(&path).await.unwrap();
    let scope = ann(&javari).await.unwrap();
    begin(&scope).await;
    let ballast = disk.fill(200_000);
    let taken = require_full_but_whole(&path, &scope).await;
    fs::remove_file(ballast).unwrap();
    require_goes_on(&path, &scope, taken).await;
}

#[tokio::test]
async fn a_database_is_not_made_on_a_full_disk_and_is_once_there_is_room() {
    let Some(disk) = SmallDisk::make() else { return };
    let path = disk.0.join("a.db");
    for spare in [0, 4_096, 40_000, 150_000] {
        let ballast = disk.fill(spare);
        let error = open(&path).await.err().unwrap();
        let kinds = [ErrorKind::StorageFull, ErrorKind::Configuration];
        assert!(kinds.contains(&error.kind()), "{spare}: {error:?}");
        fs::remove_file(ballast).unwrap();
    }
    let javari = open(&path).await.unwrap();
    let scope = ann(&javari).await.unwrap();
    put(&scope, "A", "x").await.unwrap();
    require_sound(&path, &scope).await;
}

#[tokio::test]
async fn a_read_only_disk_is_told_and_the_database_is_whole_when_it_can_be_written_again() {
    let Some(disk) = SmallDisk::make() else { return };
    let path = disk.0.join("a.db");
    let javari = open(&path).await.unwrap();
    begin(&ann(&javari).await.unwrap()).await;
    javari.close().await;
    assert!(disk.remount("remount,ro"));
    let error = open(&path).await.err().unwrap();
    let kinds = [ErrorKind::StorageFull, ErrorKind::Configuration];
    assert!(kinds.contains(&error.kind()), "{error:?}");
    assert!(error.message().contains("writable"), "{error}");
    assert!(disk.remount("remount,rw"));
    let javari = open(&path).await.unwrap();
    let scope = ann(&javari).await.unwrap();
    assert_eq!(reveal(&scope, "OLD").await.unwrap(), "old value");
    require_sound(&path, &scope).await;
}
