//! What every knowledge store promises: one list, run over each implementation.

use super::{
    ChunkWrite, DocumentWrite, KnowledgeStore, ListDocuments, QueryVector, SearchHit, SearchMode,
    SearchQuery, SearchRequest, SourceType,
};
use crate::{
    error::ErrorKind,
    types::{PageRequest, ScopeKey},
};

/// The scopes a suite works in; all exist and are empty.
#[derive(Debug, Clone, Copy)]
pub struct Ground {
    /// A user.
    pub user: ScopeKey,
    /// A project of that user.
    pub project: ScopeKey,
    /// Another project of that user.
    pub other_project: ScopeKey,
    /// Another user.
    pub stranger: ScopeKey,
}

/// Runs every promise in turn; each uses words of its own.
///
/// # Panics
/// At the first promise that does not hold.
#[allow(clippy::unwrap_used, clippy::panic)]
pub async fn run(store: &dyn KnowledgeStore, ground: Ground) {
    what_is_stored_is_found_by_its_words_and_cut_exactly(store, ground).await;
    the_nearest_vector_is_found_and_other_models_are_not_compared(store, ground).await;
    storing_again_replaces_all_of_a_document(store, ground).await;
    writers_at_once_lose_nothing_to_one_another(store, ground).await;
    a_project_sees_its_own_and_its_users_documents_alone(store, ground).await;
    strangers_see_and_change_nothing(store, ground).await;
    a_deleted_document_is_found_no_more(store, ground).await;
    any_text_is_a_query(store, ground).await;
    a_prefix_limits_both_ways_of_finding(store, ground).await;
    what_does_not_fit_is_refused_and_leaves_nothing(store, ground).await;
    lists_are_by_path_and_in_pages(store, ground).await;
}

/// A document of one chunk a line, with these vectors.
fn document(path: &str, text: &str, vectors: &[[f32; 3]]) -> DocumentWrite {
    let mut at = 0;
    let mut chunks = Vec::new();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let trimmed = line.trim_end();
        chunks.push(ChunkWrite {
            range: at..at + trimmed.len(),
            headings: vec!["Guide".to_owned()],
            page: Some(1),
            tokens: 5,
            vector: vectors.get(index).copied().unwrap_or([0.0, 0.0, 1.0]).to_vec(),
        });
        at += line.len();
    }
    DocumentWrite {
        path: path.to_owned(),
        source_type: SourceType::Manual,
        origin: None,
        title: Some("A title".to_owned()),
        media_type: "text/plain".to_owned(),
        content_hash: format!("hash of {text}"),
        byte_size: text.len() as u64,
        warnings: Vec::new(),
        text: text.to_owned(),
        model: "m".to_owned(),
        chunks,
    }
}

fn by_words(query: &str) -> SearchQuery {
    let request = SearchRequest::new(query).with_mode(SearchMode::Lexical);
    SearchQuery { request, vector: None }
}

fn by_vector(model: &str, values: [f32; 3]) -> SearchQuery {
    let request = SearchRequest::new("x").with_mode(SearchMode::Vector);
    let vector = QueryVector { model: model.to_owned(), values: values.to_vec(), weight: 0.5 };
    SearchQuery { request, vector: Some(vector) }
}

#[allow(clippy::unwrap_used)]
async fn found(
    store: &dyn KnowledgeStore,
    scope: &ScopeKey,
    query: &SearchQuery,
) -> Vec<SearchHit> {
    store.search(scope, query).await.unwrap()
}

fn texts(hits: &[SearchHit]) -> Vec<&str> {
    hits.iter().map(|hit| hit.text.as_str()).collect()
}

#[allow(clippy::unwrap_used, clippy::panic)]
async fn what_is_stored_is_found_by_its_words_and_cut_exactly(
    store: &dyn KnowledgeStore,
    ground: Ground,
) {
    let text = "Ünïcode 漢字 😀 opens\nThe café's valves hiss\n";
    let stored = store.upsert(&ground.user, vec![document("a.txt", text, &[])]).await.unwrap();
    let view = &stored.first().unwrap().document;
    assert_eq!(view.chunk_count, 2);
    let hits = found(store, &ground.user, &by_words("valve cafe")).await;
    assert_eq!(texts(&hits), ["The café's valves hiss"]);
    let hit = hits.first().unwrap();
    assert_eq!((hit.path.as_str(), hit.page, hit.document_id), ("a.txt", Some(1), view.id));
    assert_eq!(hit.headings, ["Guide"]);
    let whole = store.get(&ground.user, view.id).await.unwrap();
    assert_eq!(whole.view, *view);
    let cut: String =
        whole.text.chars().skip(hit.start as usize).take((hit.end - hit.start) as usize).collect();
    assert_eq!(cut, hit.text);
}

#[allow(clippy::unwrap_used, clippy::panic)]
async fn the_nearest_vector_is_found_and_other_models_are_not_compared(
    store: &dyn KnowledgeStore,
    ground: Ground,
) {
    let vectors = [[10.0, 0.0, 0.0], [0.1, 0.1, 0.0]];
    let text = "north pole\nsouth sea\n";
    store.upsert(&ground.user, vec![document("v.txt", text, &vectors)]).await.unwrap();
    let hits = found(store, &ground.user, &by_vector("m", [2.0, 2.0, 0.0])).await;
    assert_eq!(hits.first().unwrap().text, "south sea");
    assert!((hits.first().unwrap().score - 1.0).abs() < 1e-5);
    let hits = found(store, &ground.user, &by_vector("m", [1.0, 0.0, 0.0])).await;
    assert_eq!(hits.first().unwrap().text, "north pole");
    assert!(found(store, &ground.user, &by_vector("another", [1.0, 0.0, 0.0])).await.is_empty());
}

#[allow(clippy::unwrap_used, clippy::panic)]
async fn storing_again_replaces_all_of_a_document(store: &dyn KnowledgeStore, ground: Ground) {
    let old = document("twice.txt", "zebra one\nzebra two\nzebra three\n", &[[0.0, 9.0, 0.0]]);
    let first = store.upsert(&ground.user, vec![old]).await.unwrap().remove(0);
    assert!(!first.replaced);
    assert_eq!(found(store, &ground.user, &by_words("zebra")).await.len(), 3);
    let new = document("twice.txt", "zebra four\n", &[[0.0, 9.0, 0.0]]);
    let second = store.upsert(&ground.user, vec![new]).await.unwrap().remove(0);
    assert!(second.replaced);
    assert_eq!(second.document.id, first.document.id);
    assert_eq!(second.document.created_at, first.document.created_at);
    assert_eq!(texts(&found(store, &ground.user, &by_words("zebra")).await), ["zebra four"]);
    let nearest = found(store, &ground.user, &by_vector("m", [0.0, 1.0, 0.0])).await;
    assert_eq!(nearest.first().unwrap().text, "zebra four");
    assert!(nearest.iter().all(|hit| hit.text != "zebra one"));
}

#[allow(clippy::unwrap_used, clippy::panic)]
async fn writers_at_once_lose_nothing_to_one_another(store: &dyn KnowledgeStore, ground: Ground) {
    // Half of them write a document of their own, half the same one.
    let writers = (0..16).map(|number| async move {
        let own = match number % 2 {
            0 => "at-once/all".to_owned(),
            _ => format!("at-once/{number}"),
        };
        let text = format!("writer {number} is hurrying\nand is hurrying on\n");
        store.upsert(&ground.project, vec![document(&own, &text, &[])]).await
    });
    for stored in futures::future::join_all(writers).await {
        stored.unwrap();
    }
    let mut query = by_words("hurrying");
    query.request.limit = 50;
    query.request.prefix = Some("at-once/".to_owned());
    assert_eq!(found(store, &ground.project, &query).await.len(), 9 * 2);
}

#[allow(clippy::unwrap_used, clippy::panic)]
async fn a_project_sees_its_own_and_its_users_documents_alone(
    store: &dyn KnowledgeStore,
    ground: Ground,
) {
    for (scope, text) in [
        (ground.user, "quokka of the user\n"),
        (ground.project, "quokka of the project\n"),
        (ground.other_project, "quokka of the other\n"),
        (ground.stranger, "quokka of a stranger\n"),
    ] {
        let write = document("same.txt", text, &[[7.0, 0.0, 7.0]]);
        assert!(!store.upsert(&scope, vec![write]).await.unwrap().remove(0).replaced);
    }
    let near = by_vector("m", [1.0, 0.0, 1.0]);
    for (scope, seen) in [
        (ground.user, &["quokka of the user"][..]),
        (ground.project, &["quokka of the project", "quokka of the user"]),
        (ground.other_project, &["quokka of the other", "quokka of the user"]),
        (ground.stranger, &["quokka of a stranger"]),
    ] {
        let hits = found(store, &scope, &by_words("quokka")).await;
        let mut words = texts(&hits);
        words.sort_unstable();
        assert_eq!(words, seen);
        let hits = found(store, &scope, &near).await;
        let mut near: Vec<&str> =
            texts(&hits).into_iter().filter(|text| text.starts_with("quokka")).collect();
        near.sort_unstable();
        assert_eq!(near, seen);
    }
}

#[allow(clippy::unwrap_used, clippy::panic)]
async fn strangers_see_and_change_nothing(store: &dyn KnowledgeStore, ground: Ground) {
    let write = document("secret.txt", "okapi owned\n", &[]);
    let id = store.upsert(&ground.project, vec![write]).await.unwrap().remove(0).document.id;
    let crossed = ScopeKey { user: ground.stranger.user, ..ground.project };
    for scope in [ground.stranger, crossed] {
        assert!(found(store, &scope, &by_words("okapi")).await.is_empty());
        let error = store.get(&scope, id).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotFound);
        assert_eq!(store.delete(&scope, id).await.unwrap_err().kind(), ErrorKind::NotFound);
    }
    assert!(store.list(&crossed, &ListDocuments::default()).await.unwrap().items.is_empty());
    let planted = document("planted.txt", "okapi planted\n", &[]);
    assert!(store.upsert(&crossed, vec![planted]).await.is_err());
    // The user's own scope sees no document of a project, and deletes none.
    assert!(store.get(&ground.user, id).await.is_err());
    assert!(store.delete(&ground.user, id).await.is_err());
    assert_eq!(texts(&found(store, &ground.project, &by_words("okapi")).await), ["okapi owned"]);
    let error = store.search(&ScopeKey::HOST, &by_words("okapi")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[allow(clippy::unwrap_used, clippy::panic)]
async fn a_deleted_document_is_found_no_more(store: &dyn KnowledgeStore, ground: Ground) {
    let write = document("brief.txt", "axolotl\n", &[[0.0, 5.0, 5.0]]);
    let id = store.upsert(&ground.user, vec![write]).await.unwrap().remove(0).document.id;
    let near = by_vector("m", [0.0, 1.0, 1.0]);
    assert_eq!(found(store, &ground.user, &near).await.first().unwrap().text, "axolotl");
    store.delete(&ground.user, id).await.unwrap();
    assert!(found(store, &ground.user, &by_words("axolotl")).await.is_empty());
    let hits = found(store, &ground.user, &near).await;
    assert!(hits.iter().all(|hit| hit.document_id != id));
    assert_eq!(store.delete(&ground.user, id).await.unwrap_err().kind(), ErrorKind::NotFound);
}

async fn any_text_is_a_query(store: &dyn KnowledgeStore, ground: Ground) {
    for query in [
        "",
        " ",
        "\"",
        "'; DROP TABLE javari_documents; --",
        "a AND",
        "NEAR(a b)",
        "content:x",
        "x*",
        "^x",
        "-x",
        "(",
        "multi-agent",
        "what's?",
        "\0",
        "{cred:A}",
        "漢字",
        "😀",
        "*",
    ] {
        found(store, &ground.user, &by_words(query)).await;
    }
    let long = "word ".repeat(20_000);
    found(store, &ground.user, &by_words(&long)).await;
}

#[allow(clippy::unwrap_used, clippy::panic)]
async fn a_prefix_limits_both_ways_of_finding(store: &dyn KnowledgeStore, ground: Ground) {
    let one = document("in/a.txt", "narwhal inside\n", &[[3.0, 3.0, 3.0]]);
    let other = document("out/a.txt", "narwhal outside\n", &[[3.0, 3.0, 3.0]]);
    store.upsert(&ground.user, vec![one, other]).await.unwrap();
    for mut query in [by_words("narwhal"), by_vector("m", [1.0, 1.0, 1.0])] {
        query.request.prefix = Some("in/".to_owned());
        assert_eq!(texts(&found(store, &ground.user, &query).await), ["narwhal inside"]);
        query.request.prefix = Some("%".to_owned());
        assert!(found(store, &ground.user, &query).await.is_empty());
    }
}

#[allow(clippy::unwrap_used, clippy::panic)]
async fn what_does_not_fit_is_refused_and_leaves_nothing(
    store: &dyn KnowledgeStore,
    ground: Ground,
) {
    let whole = document("whole.txt", "pangolin whole\n", &[]);
    let mut outside = document("outside.txt", "pangolin é\n", &[]);
    outside.chunks.first_mut().unwrap().range = 0..10_000;
    let error = store.upsert(&ground.user, vec![whole.clone(), outside]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let mut uneven = document("uneven.txt", "pangolin\npangolin\n", &[]);
    uneven.chunks.first_mut().unwrap().vector = vec![1.0];
    assert!(store.upsert(&ground.user, vec![whole, uneven]).await.is_err());
    let nul = document("nul.txt", "pangolin \0\n", &[]);
    assert!(store.upsert(&ground.user, vec![nul]).await.is_err());
    assert!(found(store, &ground.user, &by_words("pangolin")).await.is_empty());
    let mut query = by_words("pangolin");
    query.request.limit = 51;
    let error = store.search(&ground.user, &query).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[allow(clippy::unwrap_used, clippy::panic)]
async fn lists_are_by_path_and_in_pages(store: &dyn KnowledgeStore, ground: Ground) {
    for path in ["l/c.txt", "l/a.txt", "l/b.txt"] {
        store.upsert(&ground.project, vec![document(path, "listed\n", &[])]).await.unwrap();
    }
    let mut paths = Vec::new();
    let mut request = ListDocuments {
        prefix: Some("l/".to_owned()),
        page: PageRequest { limit: 2, cursor: None },
    };
    loop {
        let page = store.list(&ground.project, &request).await.unwrap();
        paths.extend(page.items.into_iter().map(|view| view.path));
        let Some(next) = page.next else { break };
        request.page.cursor = Some(next);
    }
    assert_eq!(paths, ["l/a.txt", "l/b.txt", "l/c.txt"]);
    let known = store.fingerprints(&ground.project).await.unwrap();
    assert!(known.iter().any(|one| one.path == "l/a.txt" && one.content_hash.contains("listed")));
}
