//! Another program holds the database's write lock.

use javari_core::{Error, ErrorKind, Retry, knowledge::SearchRequest};

use super::*;

fn require_busy(error: &Error) {
    assert_eq!(error.kind(), ErrorKind::StorageBusy, "{error}");
    assert!(matches!(error.retry(), Retry::After(_)), "{error:?}");
    for words in ["another process", "nothing was written", "try again"] {
        assert!(error.message().contains(words), "{error}");
    }
}

#[tokio::test]
async fn a_write_to_a_locked_database_says_so_and_works_once_the_lock_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let javari = open(&path).await.unwrap();
    let scope = ann(&javari).await.unwrap();
    put(&scope, "OLD", "old value").await.unwrap();
    let document = || IngestRequest::text("note", "The pump stands in the cellar.");
    ingest(&scope, IngestRequest::text("old", "The kettle stands in the kitchen.")).await.unwrap();
    let before = counts(&path).await;

    let mut other = beside(&path).await;
    run(&mut other, "BEGIN EXCLUSIVE").await;
    require_busy(&put(&scope, "NEW", "new value").await.unwrap_err());
    require_busy(&javari.ensure_user("bob@example.com").await.unwrap_err());
    require_busy(&scope.ensure_project("site").await.unwrap_err());
    require_busy(&ingest(&scope, document()).await.unwrap_err());
    // A secret is not given out when its entry in the trail cannot be written.
    require_busy(&reveal(&scope, "OLD").await.unwrap_err());
    // Who only reads does not wait for who writes.
    assert_eq!(scope.vault().get("OLD").await.unwrap().use_count, 0);
    let found = scope.knowledge().search(SearchRequest::new("kettle")).await.unwrap();
    assert_eq!(found.hits[0].path, "old");
    assert_eq!(counts(&path).await, before, "something was written");
    assert!(open(&path).await.is_ok(), "opening needs no lock");

    run(&mut other, "ROLLBACK").await;
    put(&scope, "NEW", "new value").await.unwrap();
    assert_eq!(ingest(&scope, document()).await.unwrap().added, 1);
    assert_eq!(reveal(&scope, "NEW").await.unwrap(), "new value");
    require_sound(&path, &scope).await;
}

#[tokio::test]
async fn an_ingest_that_meets_the_lock_half_way_keeps_what_was_stored_and_the_next_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let documents = folder.path().join("documents");
    std::fs::create_dir(&documents).unwrap();
    for number in 0..80 {
        let words = format!("Pump number {number} is checked every week.");
        std::fs::write(documents.join(format!("{number:02}.md")), words).unwrap();
    }
    let javari = open(&path).await.unwrap();
    let scope = ann(&javari).await.unwrap();
    let request = || IngestRequest::folder(documents.display().to_string());
    let mut stream = scope.knowledge().ingest(request(), Vec::new());
    while !matches!(stream.next().await.unwrap().unwrap(), IngestEvent::Added { .. }) {}
    let mut other = beside(&path).await;
    run(&mut other, "BEGIN IMMEDIATE").await;
    let rest: Vec<_> = stream.by_ref().collect().await;
    let (last, told) = rest.split_last().unwrap();
    require_busy(last.as_ref().unwrap_err());
    let stored =
        1 + told.iter().filter(|event| matches!(event, Ok(IngestEvent::Added { .. }))).count();
    run(&mut other, "ROLLBACK").await;
    let report = ingest(&scope, request()).await.unwrap();
    assert!(stored < 80, "the lock stopped nothing");
    assert_eq!((report.unchanged, report.added), (stored as u64, 80 - stored as u64));
    require_sound(&path, &scope).await;
}

#[tokio::test]
async fn a_new_file_that_another_program_holds_is_busy_and_opens_later() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.db");
    let options = SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut other = SqliteConnection::connect_with(&options).await.unwrap();
    run(&mut other, "BEGIN EXCLUSIVE").await;
    let error = open(&path).await.err().unwrap();
    require_busy(&error);
    run(&mut other, "ROLLBACK").await;
    let javari = open(&path).await.unwrap();
    put(&ann(&javari).await.unwrap(), "A", "x").await.unwrap();
}
