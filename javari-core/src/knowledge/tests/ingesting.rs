//! Taking folders, files, texts and bytes in.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;

use super::*;
use crate::{
    error::{Error, ErrorKind},
    provider::{EmbedRequest, Embedder, EmbeddingModel, Embeddings},
};

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn folder_request(folder: &Path) -> IngestRequest {
    IngestRequest::folder(folder.display().to_string())
}

async fn paths(house: &House, scope: ScopeKey) -> Vec<String> {
    let page = house.knowledge.list(&scope, &ListDocuments::default()).await.unwrap();
    page.items.into_iter().map(|view| view.path).collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/documents")
}

#[tokio::test]
async fn a_folder_is_read_in_order_without_what_is_hidden_made_or_ignored() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "b.md",
        "a/z.txt",
        "a/y.md",
        ".hidden.md",
        ".git/c.md",
        "target/d.md",
        "web/node_modules/e.md",
        "skip/f.md",
        "draft.md",
    ] {
        write(folder.path(), name, &format!("The words of {name}."));
    }
    write(folder.path(), ".gitignore", "draft.md\n");
    let house = house().await;
    let scope = house.ground.project;
    let mut request = folder_request(folder.path());
    request.exclude = vec!["skip/".to_owned()];
    let events: Vec<IngestEvent> = house
        .knowledge
        .ingest(scope, request.clone(), None)
        .map(|event| event.unwrap())
        .collect()
        .await;
    assert!(matches!(events[0], IngestEvent::Found { documents: 3 }));
    let added: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            IngestEvent::Added { document } => Some(document.path.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(added, ["a/y.md", "a/z.txt", "b.md"]);
    let IngestEvent::Finished { report } = events.last().unwrap() else { panic!("{events:?}") };
    assert_eq!((report.found, report.added, report.chunks), (3, 3, 3));

    request.include = vec!["*.md".to_owned()];
    request.under = Some("docs".to_owned());
    house.knowledge.ingest_report(scope, request, None).await.unwrap();
    assert_eq!(
        paths(&house, scope).await,
        ["a/y.md", "a/z.txt", "b.md", "docs/a/y.md", "docs/b.md"]
    );
}

#[tokio::test]
async fn only_what_changed_is_read_again_and_what_is_gone_goes_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.md", "b.md", "c.md"] {
        write(folder.path(), name, &format!("The words of {name}."));
    }
    let house = house().await;
    let scope = house.ground.user;
    let ingest = |request| house.knowledge.ingest_report(scope, request, None);
    ingest(IngestRequest::text("note", "A text of another origin.")).await.unwrap();
    ingest(folder_request(folder.path())).await.unwrap();
    let again = ingest(folder_request(folder.path())).await.unwrap();
    assert_eq!((again.unchanged, again.added, again.updated), (3, 0, 0));
    write(folder.path(), "b.md", "Other words.");
    fs::remove_file(folder.path().join("c.md")).unwrap();
    let changed = ingest(folder_request(folder.path())).await.unwrap();
    assert_eq!((changed.unchanged, changed.updated, changed.removed), (1, 1, 0));
    let mut request = folder_request(folder.path());
    request.remove_missing = true;
    let removed = ingest(request).await.unwrap();
    assert_eq!((removed.unchanged, removed.removed), (2, 1));
    assert_eq!(paths(&house, scope).await, ["a.md", "b.md", "note"]);
    let counts = house.counts().await;
    assert_eq!(counts, [3; 4]);
}

#[tokio::test]
async fn another_way_of_reading_or_another_model_reads_unchanged_files_again() {
    let house = house().await;
    let scope = house.ground.user;
    let request = || IngestRequest::text("a", "Some words.");
    house.knowledge.ingest_report(scope, request(), None).await.unwrap();
    let chunker = chunk::StructureChunker::default().with_max_tokens(50);
    let other = house.knowledge.clone().with_reading(
        extract::Extractors::default(),
        Arc::new(chunker),
        "fifty tokens",
    );
    assert_eq!(other.ingest_report(scope, request(), None).await.unwrap().updated, 1);
    assert_eq!(other.ingest_report(scope, request(), None).await.unwrap().unchanged, 1);
}

#[tokio::test]
async fn broken_documents_are_reported_and_the_others_are_stored() {
    let house = house().await;
    let scope = house.ground.project;
    let mut request = folder_request(&fixtures());
    request.max_file_bytes = Some(200_000);
    let report = house.knowledge.ingest_report(scope, request, None).await.unwrap();
    let failed: Vec<(&str, &str)> =
        report.failed.iter().map(|one| (one.path.as_str(), one.code.as_str())).collect();
    assert_eq!(failed, [("encrypted.pdf", "UNREADABLE"), ("truncated.pdf", "UNREADABLE")]);
    assert_eq!(report.found, report.added + report.failed.len() as u64);
    assert!(report.added >= 12, "{report:?}");
}

#[tokio::test]
async fn a_huge_file_and_a_picture_are_named_and_stop_nothing() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a-huge.txt", &"words ".repeat(1_000));
    fs::write(folder.path().join("b.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01").unwrap();
    write(folder.path(), "c.txt", "Small.");
    let house = house().await;
    let mut request = folder_request(folder.path());
    request.max_file_bytes = Some(1_000);
    let report = house.knowledge.ingest_report(house.ground.user, request, None).await.unwrap();
    assert_eq!(
        (report.failed[0].path.as_str(), report.failed[0].code.as_str()),
        ("a-huge.txt", "TOO_LARGE")
    );
    assert_eq!(report.skipped.iter().map(|one| one.path.as_str()).collect::<Vec<_>>(), ["b.png"]);
    assert_eq!(report.added, 1);
}

#[tokio::test]
async fn citations_point_at_the_exact_characters_of_every_kind_of_document() {
    let house = house().await;
    let scope = house.ground.user;
    house.knowledge.ingest_report(scope, folder_request(&fixtures()), None).await.unwrap();
    for query in ["pager", "lease", "suppliers", "kaffee", "frost", "incident", "the"] {
        let request = SearchRequest::new(query).with_limit(50);
        for hit in house.knowledge.search(&scope, request).await.unwrap().hits {
            let document = house.knowledge.get(&scope, hit.document_id).await.unwrap();
            let characters: Vec<char> = document.text.chars().collect();
            let cut: String = characters[hit.start as usize..hit.end as usize].iter().collect();
            assert_eq!(cut, hit.text, "{}", hit.path);
        }
    }
}

#[tokio::test]
async fn a_stream_that_is_dropped_leaves_whole_documents_and_the_next_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..100 {
        write(
            folder.path(),
            &format!("{number:03}.md"),
            &format!("# N{number}\n\nWords {number}."),
        );
    }
    let house = house().await;
    let scope = house.ground.user;
    let mut events = house.knowledge.ingest(scope, folder_request(folder.path()), None);
    let mut added = 0;
    while let Some(event) = events.next().await {
        added += u64::from(matches!(event.unwrap(), IngestEvent::Added { .. }));
        if added == 40 {
            break;
        }
    }
    drop(events);
    let [documents, chunks, indexed, vectors] = house.counts().await;
    assert!((40..100).contains(&documents), "{documents}");
    assert_eq!([chunks, indexed, vectors], [documents; 3]);
    let report =
        house.knowledge.ingest_report(scope, folder_request(folder.path()), None).await.unwrap();
    assert_eq!((report.unchanged, report.added), (documents, 100 - documents));
}

/// Counts its calls, and fails where a text says so.
struct Watched(AtomicUsize);

#[async_trait]
impl Embedder for Watched {
    fn model(&self) -> EmbeddingModel {
        HashedEmbedder.model()
    }

    async fn embed(&self, request: EmbedRequest) -> crate::Result<Embeddings> {
        self.0.fetch_add(1, Ordering::SeqCst);
        if request.texts.iter().any(|text| text.contains("refuse me")) {
            return Err(Error::new(ErrorKind::ProviderRefused, "provider.embed", "refused"));
        }
        HashedEmbedder.embed(request).await
    }
}

#[tokio::test]
async fn unchanged_documents_are_not_embedded_and_a_refused_one_is_reported() {
    let house = house().await;
    let scope = house.ground.user;
    let embedder = Arc::new(Watched(AtomicUsize::new(0)));
    let knowledge =
        Knowledge::new(Arc::new(house.store.clone()), embedder.clone(), Arc::new(LocalProvider));
    let calls = || embedder.0.load(Ordering::SeqCst);
    let good = IngestRequest::text("good", "Some words.");
    knowledge.ingest_report(scope, good.clone(), None).await.unwrap();
    assert_eq!(calls(), 1);
    knowledge.ingest_report(scope, good, None).await.unwrap();
    assert_eq!(calls(), 1);
    let bad = IngestRequest::text("bad", "Please refuse me.");
    let report = knowledge.ingest_report(scope, bad, None).await.unwrap();
    assert_eq!(report.failed[0].code, "PROVIDER_REFUSED");
    assert_eq!(house.counts().await[0], 1);
}

#[tokio::test]
async fn bytes_come_beside_the_request_and_nothing_else_does() {
    let house = house().await;
    let scope = house.ground.user;
    let request = IngestRequest::bytes("page", Some("text/html".to_owned()));
    let html =
        Bytes::from_static(b"<html><title>T</title><body><p>Readable words.</p></body></html>");
    let report =
        house.knowledge.ingest_report(scope, request.clone(), Some(html.clone())).await.unwrap();
    assert_eq!(report.added, 1, "{report:?}");
    let text = IngestRequest::text("a", "b");
    for (request, blob) in [
        (request, None),
        (text.clone(), Some(html)),
        (IngestRequest::default(), None),
        (IngestRequest { folder: Some(".".into()), ..text }, None),
    ] {
        let error = house.knowledge.ingest_report(scope, request, blob).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    let absent = IngestRequest::folder("/nonexistent-folder");
    let error = house.knowledge.ingest_report(scope, absent, None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_out_of_the_folder_is_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "secret.md", "Outside words.");
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "a.md", "Inside words.");
    std::os::unix::fs::symlink(outside.path().join("secret.md"), folder.path().join("b.md"))
        .unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("c")).unwrap();
    let house = house().await;
    let scope = house.ground.user;
    house.knowledge.ingest_report(scope, folder_request(folder.path()), None).await.unwrap();
    assert_eq!(paths(&house, scope).await, ["a.md"]);
}

#[tokio::test]
async fn a_large_ingest_leaves_the_full_text_index_in_one_part() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..520 {
        write(folder.path(), &format!("{number}.md"), &format!("Ticket {number} is about pumps."));
    }
    let house = house().await;
    let scope = house.ground.user;
    house.knowledge.ingest_report(scope, folder_request(folder.path()), None).await.unwrap();
    if house.database.dialect() == Dialect::Sqlite {
        let parts = "SELECT count(DISTINCT segid) AS parts FROM javari_knowledge_fts_idx";
        let row = house.database.query_one(&scope, parts, values![]).await.unwrap().unwrap();
        assert_eq!(row.get::<u64>("parts").unwrap(), 1);
    }
    let request = SearchRequest::new("ticket 517").with_limit(1);
    assert_eq!(house.knowledge.search(&scope, request).await.unwrap().hits[0].path, "517.md");
}

#[tokio::test]
async fn what_is_only_left_out_of_a_walk_is_not_removed() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.md", "b.txt", "sub/c.md", "README.md", "sub/README.md"] {
        write(folder.path(), name, &format!("The words of {name}."));
    }
    let house = house().await;
    let scope = house.ground.user;
    let ingest = |request| house.knowledge.ingest_report(scope, request, None);
    let mut under = folder_request(folder.path());
    under.under = Some("docs".to_owned());
    ingest(under.clone()).await.unwrap();
    ingest(folder_request(folder.path())).await.unwrap();
    let mut narrowed = folder_request(folder.path());
    narrowed.remove_missing = true;
    narrowed.include = vec!["*.md".to_owned()];
    narrowed.exclude = vec!["sub/".to_owned()];
    assert_eq!(ingest(narrowed.clone()).await.unwrap().removed, 0);
    // What is truly gone goes, though a file of that name lies elsewhere, and only under this path.
    fs::remove_file(folder.path().join("sub/README.md")).unwrap();
    assert_eq!(ingest(narrowed).await.unwrap().removed, 1);
    under.remove_missing = true;
    assert_eq!(ingest(under).await.unwrap().removed, 1);
    assert_eq!(paths(&house, scope).await.len(), 8);
}
