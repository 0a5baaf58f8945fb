//! What the audit trail says of documents, and what it does not.

use futures::StreamExt;

use super::*;
use crate::{
    audit::{EntryView, Outcome},
    types::PageRequest,
};

const TEXT: &str = "# Canary heading\n\nThe canary sings at noon.";

/// The scope's entries of the knowledge base, oldest first.
async fn entries(house: &House, scope: &ScopeKey) -> Vec<EntryView> {
    let mut entries = house.audit.list(scope, &PageRequest::default()).await.unwrap().items;
    entries.retain(|entry| entry.action.starts_with("knowledge."));
    entries.reverse();
    entries
}

#[tokio::test]
async fn an_ingest_leaves_one_entry_of_counts_and_a_deletion_one_with_the_id() {
    let house = house().await;
    let scope = house.ground.project;
    let folder = tempfile::tempdir().unwrap();
    for name in ["one.md", "two.md"] {
        std::fs::write(folder.path().join(name), format!("{TEXT} {name}")).unwrap();
    }
    std::fs::write(folder.path().join("broken.pdf"), b"%PDF-1.7 canary").unwrap();
    for _ in 0..2 {
        let request = IngestRequest::folder(folder.path().to_string_lossy());
        house.knowledge.ingest_report(scope, request, None).await.unwrap();
    }
    let id = house.knowledge.list(&scope, &ListDocuments::default()).await.unwrap().items[0].id;
    house.knowledge.delete(&scope, id).await.unwrap();
    assert!(house.knowledge.delete(&scope, id).await.is_err());

    let entries = entries(&house, &scope).await;
    let told: Vec<(&str, Outcome, u64, u64, u64)> = entries
        .iter()
        .map(|entry| {
            let count = |name: &str| entry.details[name].as_u64().unwrap_or_default();
            let counts = (count("added"), count("unchanged"), count("failed"));
            (entry.action.as_str(), entry.outcome, counts.0, counts.1, counts.2)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("knowledge.ingest", Outcome::PartialSuccess, 2, 0, 1),
            ("knowledge.ingest", Outcome::PartialSuccess, 0, 2, 1),
            ("knowledge.delete", Outcome::Success, 0, 0, 0),
        ]
    );
    assert_eq!(entries[2].details["document"], id.to_string());
    assert_eq!(entries[0].project, scope.project);
    let written = format!("{entries:?}");
    for word in ["anary", "one.md", "broken"] {
        assert!(!written.contains(word), "{word} is in {written}");
    }
    assert!(house.audit.verify(&scope).await.unwrap().verified);
}

#[tokio::test]
async fn an_ingest_that_its_caller_left_is_entered_with_what_was_stored() {
    let house = house().await;
    let scope = house.ground.user;
    let folder = tempfile::tempdir().unwrap();
    for number in 0..40 {
        std::fs::write(folder.path().join(format!("{number}.md")), TEXT).unwrap();
    }
    let request = IngestRequest::folder(folder.path().to_string_lossy());
    let mut events = house.knowledge.ingest(scope, request, None);
    assert!(matches!(events.next().await, Some(Ok(IngestEvent::Found { documents: 40 }))));
    assert!(matches!(events.next().await, Some(Ok(IngestEvent::Added { .. }))));
    drop(events);
    house.audit.settled().await;
    let entries = entries(&house, &scope).await;
    assert_eq!(entries.len(), 1, "{entries:?}");
    assert_eq!(entries[0].outcome, Outcome::PartialSuccess);
    assert_eq!(entries[0].details["stopped"], true);
    // A group was stored although one document of it was told.
    assert_eq!(entries[0].details["added"], house.counts().await[0]);
}

#[tokio::test]
async fn an_ingest_that_changed_nothing_and_failed_or_was_left_has_no_entry() {
    let house = house().await;
    let scope = house.ground.user;
    let absent = IngestRequest::folder("/nonexistent-folder");
    house.knowledge.ingest_report(scope, absent, None).await.unwrap_err();
    drop(house.knowledge.ingest(scope, IngestRequest::text("a", TEXT), None));
    house.audit.settled().await;
    assert!(entries(&house, &scope).await.is_empty());
}

#[tokio::test]
async fn a_deletion_is_done_and_entered_although_its_caller_left() {
    let house = house().await;
    let scope = house.ground.user;
    house.knowledge.ingest_report(scope, IngestRequest::text("a", TEXT), None).await.unwrap();
    let id = house.knowledge.list(&scope, &ListDocuments::default()).await.unwrap().items[0].id;
    {
        let deletion = house.knowledge.delete(&scope, id);
        futures::pin_mut!(deletion);
        assert!(futures::poll!(&mut deletion).is_pending());
    }
    house.audit.settled().await;
    assert_eq!(entries(&house, &scope).await.last().unwrap().action, "knowledge.delete");
    assert_eq!(house.counts().await[0], 0);
}
