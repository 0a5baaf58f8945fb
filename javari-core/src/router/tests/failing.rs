//! What happens when targets fail: again, elsewhere, or told to the caller. Time is virtual.

use std::time::Duration;

use futures::StreamExt;
use tokio::time::Instant;

use super::*;
use crate::{
    error::Retry,
    provider::{ChatEvent, ChatReply},
};

/// Two scripted providers, `one` and `two`, asked in this order, without chance in the waits.
fn router(
    change: impl FnOnce(&mut RouterConfig),
) -> (Router, Arc<ScriptedProvider>, Arc<ScriptedProvider>) {
    let (one, two) =
        (Arc::new(ScriptedProvider::new("one")), Arc::new(ScriptedProvider::new("two")));
    let chat = ["one/m", "two/m"].map(String::from).to_vec();
    let routes = BTreeMap::from([("chat".to_owned(), chat)]);
    let mut config = RouterConfig { routes, ..RouterConfig::default() };
    change(&mut config);
    let router = Router::tied(one.clone(), config, Facts::default(), Jitter::seeded(1));
    router.add("two", two.clone()).unwrap();
    (router, one, two)
}

fn failure(kind: ErrorKind) -> Error {
    Error::new(kind, "provider.chat", "failed")
}

fn asked_to_wait(seconds: u64) -> Error {
    failure(ErrorKind::RateLimited)
        .with_retry(Retry::After(Duration::from_secs(seconds)))
        .with(crate::provider::SERVER_WAIT, seconds * 1_000)
}

fn text(delta: &str) -> Result<ChatEvent> {
    Ok(ChatEvent::Text { delta: delta.to_owned() })
}

fn started() -> Result<ChatEvent> {
    Ok(ChatEvent::Started { provider: "one".into(), model: "m".into(), request_id: None })
}

async fn ask(router: &Router) -> Result<ChatReply> {
    router.complete(ChatRequest::ask("x")).await
}

fn codes(reply: &ChatReply) -> Vec<(&str, &str)> {
    let failed = reply.failed_attempts.iter();
    failed.map(|failed| (failed.target.as_str(), failed.code.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_target_is_asked_again_and_then_the_next_one_answers() {
    let (router, one, two) = router(|_| {});
    for _ in 0..3 {
        one.push_error(failure(ErrorKind::ProviderFailed));
    }
    two.push_text(&["from two"]);
    let reply = ask(&router).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.provider.as_str()), ("from two", "two"));
    assert_eq!(codes(&reply), [("one/m", "PROVIDER_FAILED"); 3]);
    assert_eq!(reply.failed_attempts[2].waited_ms, 0, "nobody waits for another target");
    assert_eq!((one.requests().len(), two.requests().len()), (3, 1));
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_the_request_is_told_at_once() {
    let (router, one, two) = router(|_| {});
    one.push_error(failure(ErrorKind::ProviderRefused));
    assert_eq!(ask(&router).await.unwrap_err().kind(), ErrorKind::ProviderRefused);
    assert_eq!((one.requests().len(), two.requests().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn a_refused_key_an_empty_account_and_a_missing_model_send_the_call_elsewhere_at_once() {
    for kind in [
        ErrorKind::CredentialRefused,
        ErrorKind::QuotaExhausted,
        ErrorKind::ModelNotFound,
        ErrorKind::ContextTooLong,
    ] {
        let (router, one, _) = router(|_| {});
        one.push_error(failure(kind));
        let start = Instant::now();
        assert_eq!(ask(&router).await.unwrap().provider, "two", "{kind:?}");
        assert_eq!((start.elapsed(), one.requests().len()), (Duration::ZERO, 1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_servers_wait_is_a_floor_and_the_latest_one_counts() {
    let (router, one, _) = router(|config| {
        config.routes.clear();
        config.retry.retries = 3;
    });
    for seconds in [9, 40, 58] {
        one.push_error(asked_to_wait(seconds));
    }
    let start = Instant::now();
    let reply = ask(&router).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 9 + 40 + 58);
    let waits: Vec<u64> = reply.failed_attempts.iter().map(|failed| failed.waited_ms).collect();
    assert_eq!(waits, [9_000, 40_000, 58_000]);
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_outlasts_the_deadline_sends_the_call_to_the_next_target_at_once() {
    let (router, one, _) = router(|config| config.retry.switch_after_ms = 60_000);
    one.push_error(asked_to_wait(30));
    let request = ChatRequest { timeout_ms: Some(20_000), ..ChatRequest::ask("x") };
    let start = Instant::now();
    assert_eq!(router.complete(request).await.unwrap().provider, "two");
    assert_eq!(start.elapsed(), Duration::ZERO);
    // The key rests as long as it was told to, for every other call as well.
    assert_eq!(ask(&router).await.unwrap().provider, "two");
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(ask(&router).await.unwrap().provider, "one");
}

#[tokio::test(start_paused = true)]
async fn when_everybody_rests_the_soonest_wait_is_told() {
    let (router, one, two) = router(|_| {});
    one.push_error(asked_to_wait(300));
    two.push_error(asked_to_wait(200));
    let error = ask(&router).await.unwrap_err();
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(200)));
    assert!(error.to_string().contains("attempts=one/m: RATE_LIMITED; two/m: RATE_LIMITED"));
    let error = ask(&router).await.unwrap_err();
    assert_eq!((one.requests().len(), two.requests().len()), (1, 1), "nobody is asked in vain");
    // Why the first one rests, and until when.
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert_eq!(error.retry(), Retry::After(Duration::from_secs(200)));
}

#[tokio::test(start_paused = true)]
async fn a_server_that_asks_for_no_wait_at_all_is_not_asked_without_end() {
    let (router, one, _) = router(|_| {});
    let eager = |name: &str| {
        let provider = Arc::new(ScriptedProvider::new(name).with_keys(&["k0", "k1"]));
        for _ in 0..50 {
            provider.push_error(asked_to_wait(0));
        }
        provider
    };
    let (keyed, other) = (eager("keyed"), eager("other"));
    router.add("keyed", keyed.clone()).unwrap();
    router.add("other", other.clone()).unwrap();
    let request = ChatRequest {
        fallback: vec!["keyed/m".into(), "other/m".into(), "two/m".into()],
        ..ChatRequest::ask("x")
    };
    assert_eq!(router.complete(request).await.unwrap().provider, "two");
    assert!(keyed.requests().len() <= 6, "{}", keyed.requests().len());
    assert_eq!(one.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_one_user_lost_rests_for_that_user_alone() {
    let (router, one, _) = router(|_| {});
    let of = |user: u128| ScopeKey {
        user: Some(crate::types::UserId(uuid::Uuid::from_u128(user))),
        ..ScopeKey::HOST
    };
    one.push_error(failure(ErrorKind::CredentialRefused));
    let ask = |user| router.complete(ChatRequest::ask("x").with_scope(of(user)));
    assert_eq!(ask(1).await.unwrap().provider, "two");
    assert_eq!(ask(1).await.unwrap().provider, "two");
    assert_eq!(ask(2).await.unwrap().provider, "one");
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_the_caller_set_says_nothing_about_the_target() {
    let (router, one, _) = router(|config| {
        config.retry.retries = 0;
        config.breaker.least_calls = 2;
    });
    for _ in 0..5 {
        one.push_error(failure(ErrorKind::Timeout));
        let request = ChatRequest { idle_timeout_ms: Some(1), ..ChatRequest::ask("x") };
        assert_eq!(router.complete(request).await.unwrap().provider, "two");
    }
    assert_eq!(ask(&router).await.unwrap().provider, "one");
}

#[tokio::test(start_paused = true)]
async fn a_deadline_ends_an_answer_whoever_gives_it() {
    let (router, one, _) = router(|_| {});
    drop(one);
    struct Slow;

    #[async_trait]
    impl Provider for Slow {
        fn name(&self) -> &str {
            "slow"
        }

        fn capabilities(&self) -> Capabilities {
            Capabilities::default()
        }

        async fn stream(&self, _: ChatRequest) -> Result<ChatStream> {
            let said = futures::stream::iter([started(), text("half")]);
            Ok(Box::pin(said.chain(futures::stream::pending())))
        }

        async fn models(&self, _: ScopeKey) -> Result<Vec<ModelInfo>> {
            Ok(Vec::new())
        }
    }

    router.add("slow", Arc::new(Slow)).unwrap();
    let request =
        ChatRequest { timeout_ms: Some(3_000), ..ChatRequest::ask("x").with_model("slow") };
    let start = Instant::now();
    let events: Vec<_> = router.stream(request).await.unwrap().collect().await;
    assert_eq!(events.last().unwrap().as_ref().unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!((events.len(), start.elapsed()), (3, Duration::from_secs(3)));
}

#[tokio::test]
async fn many_names_of_models_are_not_remembered_without_end() {
    let router = Router::new(Arc::new(ScriptedProvider::new("one")));
    for number in 0..1_500 {
        let request = ChatRequest::ask("x").with_model(format!("one/m{number}"));
        router.complete(request).await.unwrap();
    }
    assert_eq!(router.0.health.remembered(), 1_024);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_done_over_once_something_was_delivered() {
    let (router, one, two) = router(|_| {});
    let broke = Err(failure(ErrorKind::Network).with_retry(Retry::Never));
    one.push_events(vec![started(), text("half"), broke]);
    let mut events = router.stream(ChatRequest::ask("x")).await.unwrap();
    let mut seen = Vec::new();
    while let Some(event) = events.next().await {
        seen.push(event);
    }
    assert_eq!(seen.len(), 3);
    assert!(seen.pop().unwrap().is_err());
    assert_eq!((one.requests().len(), two.requests().len()), (1, 0));
}

#[tokio::test(start_paused = true)]
async fn an_error_before_the_first_word_is_still_one_that_another_target_answers() {
    let (router, one, _) = router(|config| config.retry.retries = 0);
    one.push_events(vec![started(), Err(failure(ErrorKind::ProviderOverloaded))]);
    let reply = ask(&router).await.unwrap();
    assert_eq!(
        (reply.provider.as_str(), codes(&reply)),
        ("two", vec![("one/m", "PROVIDER_OVERLOADED")])
    );
}

#[tokio::test(start_paused = true)]
async fn a_caller_who_allows_it_gets_another_answer_after_a_restart() {
    let (router, one, two) = router(|config| config.retry.retries = 0);
    let broke = Err(failure(ErrorKind::Network).with_retry(Retry::Never));
    one.push_events(vec![started(), text("half"), broke]);
    two.push_text(&["whole"]);
    let request = ChatRequest { restart: true, ..ChatRequest::ask("x") };
    let events: Vec<_> = router.stream(request.clone()).await.unwrap().collect().await;
    let places: Vec<usize> = events
        .iter()
        .enumerate()
        .filter(|(_, event)| matches!(event, Ok(ChatEvent::Restarted { code, .. }) if code == "NETWORK"))
        .map(|(place, _)| place)
        .collect();
    assert_eq!(places, [2]);
    one.push_events(vec![started(), text("half"), Err(failure(ErrorKind::Network))]);
    two.push_text(&["whole"]);
    let reply = router.complete(request).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.provider.as_str()), ("whole", "two"));
    assert_eq!(codes(&reply), [("one/m", "NETWORK")]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_without_an_end_is_an_error() {
    let (router, one, _) = router(|_| {});
    one.push_events(vec![started(), text("half")]);
    let events: Vec<_> = router.stream(ChatRequest::ask("x")).await.unwrap().collect().await;
    assert_eq!(events.last().unwrap().as_ref().unwrap_err().kind(), ErrorKind::ProviderFailed);
    assert_eq!(events.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_target_that_fails_often_is_left_alone_and_asked_again_later() {
    let (router, one, _) = router(|config| {
        config.retry.retries = 0;
        config.breaker.least_calls = 4;
    });
    for _ in 0..4 {
        one.push_error(failure(ErrorKind::ProviderFailed));
        assert_eq!(ask(&router).await.unwrap().provider, "two");
    }
    assert_eq!(ask(&router).await.unwrap().provider, "two");
    assert_eq!(one.requests().len(), 4);
    let route = router.explain(&ChatRequest::ask("x"));
    assert_eq!(route.candidates[0].breaker, BreakerState::Open);
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(ask(&router).await.unwrap().provider, "one");
}

#[tokio::test(start_paused = true)]
async fn the_only_target_is_never_locked_out() {
    let (router, one, _) = router(|config| {
        config.routes.clear();
        config.retry.retries = 0;
        config.breaker.least_calls = 2;
    });
    for _ in 0..5 {
        one.push_error(failure(ErrorKind::ProviderFailed));
        assert!(ask(&router).await.is_err());
    }
    assert_eq!(ask(&router).await.unwrap().provider, "one");
}

#[tokio::test(start_paused = true)]
async fn a_model_that_says_nothing_in_time_gives_way() {
    struct Silent;

    #[async_trait]
    impl Provider for Silent {
        fn name(&self) -> &str {
            "silent"
        }

        fn capabilities(&self) -> Capabilities {
            Capabilities::default()
        }

        async fn stream(&self, _: ChatRequest) -> Result<ChatStream> {
            let events = futures::stream::iter([started()]).chain(futures::stream::pending());
            Ok(Box::pin(events))
        }

        async fn models(&self, _: ScopeKey) -> Result<Vec<ModelInfo>> {
            Ok(Vec::new())
        }
    }

    let (router, ..) = router(|config| config.retry.retries = 0);
    router.add("silent", Arc::new(Silent)).unwrap();
    let request = ChatRequest {
        fallback: vec!["silent".into(), "two/m".into()],
        first_token_timeout_ms: Some(1_500),
        ..ChatRequest::ask("x")
    };
    let start = Instant::now();
    let mut events = router.stream(request).await.unwrap();
    assert!(
        matches!(events.next().await, Some(Ok(ChatEvent::Started { provider, .. })) if provider == "two")
    );
    assert_eq!(start.elapsed(), Duration::from_millis(1_500));
}

#[test]
fn a_route_explains_itself_in_a_sentence_and_as_data() {
    let (router, one, _) = router(|config| {
        config.routes.insert("code".into(), vec!["away/x".into(), "two/m".into(), "one/m".into()]);
    });
    drop(one);
    let request = ChatRequest { task: Some("code".into()), ..ChatRequest::ask("x") };
    let route = router.explain(&request);
    assert_eq!(
        route.sentence,
        "two/m answers, because it is choice 2 for code; if it fails, one/m; \
         away/x is passed over: its provider is not set up."
    );
    assert_eq!(route.candidates.iter().filter(|one| one.eligible).count(), 2);
    let named = router.explain(&ChatRequest::ask("x").with_model("two/other"));
    assert_eq!(named.sentence, "two/other answers, because the request names it.");
    assert_eq!(named.task, None);
}
