//! Searches through the engine.

use proptest::prelude::*;

use super::*;

async fn ingest(house: &House, scope: ScopeKey, name: &str, text: &str) {
    let request = IngestRequest::text(name, text);
    house.knowledge.ingest_report(scope, request, None).await.unwrap();
}

#[test]
fn any_text_finds_something_or_nothing_and_never_fails() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let house = runtime.block_on(house());
    let scope = house.ground.user;
    runtime.block_on(ingest(&house, scope, "a", "Orders ship within 2 days. AND OR NOT NEAR *"));
    let config = ProptestConfig::with_cases(crate::testkit::rounds(192));
    proptest!(config, |(
        query in prop_oneof![
            any::<String>(),
            prop::collection::vec(
                prop::sample::select(vec!["\"", "'", "NEAR", "AND", "NOT", "(", ")", "*", ":", "^", "-", "+", "{", " ", "ship", "\0"]),
                0..24,
            ).prop_map(|parts| parts.concat()),
        ],
        mode in prop::sample::select(vec![SearchMode::Lexical, SearchMode::Vector, SearchMode::Hybrid]),
    )| {
        let request = SearchRequest::new(query).with_mode(mode);
        prop_assert!(runtime.block_on(house.knowledge.search(&scope, request)).is_ok());
    });
}

#[tokio::test]
async fn a_threshold_and_a_limit_leave_out_the_rest() {
    let house = house().await;
    let scope = house.ground.project;
    for (name, text) in [
        ("ship", "Orders ship within two days of the payment."),
        ("pay", "Payment is by card or by bank transfer."),
        ("hours", "The office is open from nine to five."),
    ] {
        ingest(&house, scope, name, text).await;
    }
    let search = |request| house.knowledge.search(&scope, request);
    let all = search(SearchRequest::new("When do orders ship?")).await.unwrap().hits;
    assert_eq!((all.len(), all[0].path.as_str()), (3, "ship"));
    assert!(all.windows(2).all(|pair| pair[0].score >= pair[1].score));
    let one = search(SearchRequest::new("When do orders ship?").with_limit(1)).await.unwrap();
    assert_eq!(one.hits.len(), 1);
    let mut request = SearchRequest::new("When do orders ship?");
    request.threshold = Some(0.9);
    assert_eq!(search(request).await.unwrap().hits.len(), 1);
    let mut request = SearchRequest::new("orders payment");
    request.fusion = Fusion::ReciprocalRank;
    assert_eq!(search(request).await.unwrap().hits[0].path, "ship");
}

#[tokio::test]
async fn a_write_through_another_handle_is_seen_by_the_next_search() {
    let folder = tempfile::tempdir().unwrap();
    let location = Location::File(folder.path().join("a.db"));
    let one = house_at(location.clone()).await;
    let scope = one.ground.user;
    ingest(&one, scope, "first", "The kitchen opens at noon.").await;
    let request = || SearchRequest::new("When is the kitchen open?").with_mode(SearchMode::Vector);
    assert_eq!(one.knowledge.search(&scope, request()).await.unwrap().hits.len(), 1);
    let other = house_at(location).await;
    ingest(&other, scope, "second", "The kitchen is open until nine.").await;
    assert_eq!(one.knowledge.search(&scope, request()).await.unwrap().hits.len(), 2);
    ingest(&other, scope, "first", "Nothing about it.").await;
    let hits = one.knowledge.search(&scope, request()).await.unwrap().hits;
    assert_eq!((hits.len(), hits[0].path.as_str()), (2, "second"));
}

#[tokio::test]
async fn many_small_writes_between_searches_are_all_found() {
    let house = house().await;
    let scope = house.ground.user;
    for number in 0..40 {
        ingest(&house, scope, &format!("n{number}"), &format!("Ticket {number} is about pumps."))
            .await;
        let request = SearchRequest::new(format!("ticket {number}"))
            .with_mode(SearchMode::Vector)
            .with_limit(50);
        let hits = house.knowledge.search(&scope, request).await.unwrap().hits;
        assert_eq!(hits.len(), number + 1);
        assert_eq!(hits[0].path, format!("n{number}"));
    }
}

#[tokio::test]
async fn how_often_a_chunk_was_found_is_counted() {
    let house = house().await;
    let scope = house.ground.user;
    ingest(&house, scope, "a", "The kitchen opens at noon.").await;
    for _ in 0..3 {
        house.knowledge.search(&scope, SearchRequest::new("kitchen")).await.unwrap();
    }
    house.store.flush().await.unwrap();
    let row = house
        .database
        .query_one(
            &scope,
            "SELECT access_count, last_accessed_at IS NOT NULL AS dated FROM javari_knowledge_base",
            values![],
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.get::<u64>("access_count").unwrap(), row.get::<bool>("dated").unwrap()),
        (3, true)
    );
}

#[tokio::test]
async fn vectors_of_another_size_under_the_same_name_are_named_as_a_fault() {
    let house = house().await;
    let scope = house.ground.user;
    ingest(&house, scope, "a", "The kitchen opens at noon.").await;
    let request = SearchRequest::new("kitchen").with_mode(SearchMode::Vector);
    let vector =
        QueryVector { model: "javari-hash-384-v1".into(), values: vec![1.0; 3], weight: 0.2 };
    let query = SearchQuery { request, vector: Some(vector) };
    let error = house.store.search(&scope, &query).await.unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Configuration);
}

#[tokio::test]
async fn vectors_in_memory_stay_within_their_bound_as_documents_are_added() {
    let house = house().await;
    let (one, other) = (house.ground.user, house.ground.stranger);
    // A chunk takes 384 numbers of 4 bytes and its own number of 8: three fit.
    let limit = 3 * (384 * 4 + 8);
    let store = house.store.clone().with_memory(limit);
    let knowledge =
        Knowledge::new(Arc::new(store.clone()), Arc::new(HashedEmbedder), Arc::new(LocalProvider));
    for number in 0..8 {
        for scope in [one, other] {
            let request = IngestRequest::text(format!("{number}.md"), format!("Words {number}."));
            knowledge.ingest_report(scope, request, None).await.unwrap();
            let query = SearchRequest::new(format!("words {number}")).with_mode(SearchMode::Vector);
            let reply = knowledge.search(&scope, query).await.unwrap();
            assert_eq!(reply.hits[0].path, format!("{number}.md"));
            assert!(store.vectors_held() <= limit, "{number}: {}", store.vectors_held());
        }
    }
}
