//! What is given again, to whom, and for how long.

use std::{sync::Arc, time::Duration};

use futures::{StreamExt, future::join_all};

use super::*;
use crate::{
    provider::{ChatEvent, ChatReply, Source},
    router::Cached,
    testkit::HandClock,
    types::{FinishReason, ToolCall, Usage, Usd, UserId},
};

const MEGABYTE: u64 = 1024 * 1024;

fn cached(bytes: u64) -> (Cached, Arc<ScriptedProvider>, Arc<HandClock>) {
    let (provider, clock) = (Arc::new(ScriptedProvider::new("a")), HandClock::still());
    (Cached::new(provider.clone(), bytes, clock.clone()), provider, clock)
}

fn ask(question: &str) -> ChatRequest {
    let mut request = ChatRequest::ask(question);
    request.cache_seconds = Some(60);
    request
}

async fn told(cached: &Cached, request: ChatRequest) -> crate::Result<ChatReply> {
    ChatReply::from_stream(cached.stream(request).await?).await
}

#[tokio::test]
async fn an_equal_request_is_answered_again_without_asking_and_costs_nothing() {
    let (cached, provider, clock) = cached(MEGABYTE);
    provider.push_events(
        [
            ChatEvent::Started { provider: "a".into(), model: "m".into(), request_id: None },
            ChatEvent::Reasoning { delta: "Hm.".into() },
            ChatEvent::Text { delta: "Blue ".into() },
            ChatEvent::Text { delta: "é漢😀.".into() },
            ChatEvent::Source(Source::at("https://example.com/")),
            ChatEvent::finished(
                FinishReason::Stop,
                Usage { input: 3, output: 4, ..Usage::default() },
                "m",
                Some("0.5".parse().unwrap()),
            ),
        ]
        .map(Ok)
        .into(),
    );
    let first = told(&cached, ask("Which colour?")).await.unwrap();
    assert!(!first.cached);
    clock.forward(Duration::from_secs(60));
    let events: Vec<_> = cached.stream(ask("Which colour?")).await.unwrap().collect().await;
    // What came in pieces comes at once.
    assert_eq!(events.len(), 5);
    let again = told(&cached, ask("Which colour?")).await.unwrap();
    assert!(again.cached);
    assert_eq!((again.cost, again.usage), (Some(Usd::ZERO), Usage::default()));
    let same = ChatReply { cached: false, cost: first.cost, usage: first.usage, ..again };
    assert_eq!(same, first);
    assert_eq!(provider.requests().len(), 1);
}

#[tokio::test]
async fn what_does_not_ask_for_it_what_is_too_old_and_what_differs_is_asked_anew() {
    let (cached, provider, clock) = cached(MEGABYTE);
    told(&cached, ask("Which?")).await.unwrap();
    let plain = ChatRequest { cache_seconds: None, ..ask("Which?") };
    let with = |change: fn(&mut ChatRequest)| {
        let mut request = ask("Which?");
        change(&mut request);
        request
    };
    for other in [
        plain,
        ask("Which one?"),
        with(|request| request.model = Some("other".into())),
        with(|request| request.temperature = Some(0.5)),
        with(|request| request.seed = Some(7)),
        with(|request| request.scope = ScopeKey::user(UserId(uuid::Uuid::from_u128(1)))),
    ] {
        assert!(!told(&cached, other).await.unwrap().cached);
    }
    assert_eq!(provider.requests().len(), 7);
    // How long it may take and which conversation it stands in change no answer.
    let same = with(|request| {
        request.timeout_ms = Some(9_000);
        request.conversation = Some("c".into());
        request.delivery = crate::provider::Delivery::Whole;
    });
    assert!(told(&cached, same).await.unwrap().cached);
    clock.forward(Duration::from_secs(31));
    let younger = with(|request| request.cache_seconds = Some(30));
    assert!(!told(&cached, younger).await.unwrap().cached);
    assert!(told(&cached, ask("Which?")).await.unwrap().cached);
}

#[tokio::test]
async fn nothing_is_remembered_that_failed_was_cut_off_left_or_asks_for_a_tool() {
    let (cached, provider, _) = cached(MEGABYTE);
    let text = || Ok(ChatEvent::Text { delta: "Blue.".into() });
    let end = |reason| Ok(ChatEvent::finished(reason, Usage::default(), "m", None));
    let failed = || Err(Error::new(ErrorKind::ProviderFailed, "provider.chat", "broken"));
    let call = ToolCall { id: "1".into(), name: "look".into(), arguments: "{}".into() };
    for events in [
        vec![failed()],
        vec![text(), failed()],
        vec![text(), end(FinishReason::Length)],
        vec![text(), end(FinishReason::ContentFilter)],
        vec![end(FinishReason::Refusal)],
        vec![Ok(ChatEvent::ToolCall(call)), end(FinishReason::Stop)],
    ] {
        provider.push_events(events);
        let _ = told(&cached, ask("Which?")).await;
    }
    provider.push_text(&["Bl", "ue."]);
    let mut left = cached.stream(ask("Which?")).await.unwrap();
    left.next().await.unwrap().unwrap();
    drop(left);
    provider.push_text(&["Green."]);
    let reply = told(&cached, ask("Which?")).await.unwrap();
    assert_eq!((reply.text.as_str(), reply.cached), ("Green.", false));
    assert_eq!(provider.requests().len(), 8);
}

#[tokio::test]
async fn what_was_void_is_not_told_again() {
    let (cached, provider, _) = cached(MEGABYTE);
    let started =
        || ChatEvent::Started { provider: "a".into(), model: "m".into(), request_id: None };
    provider.push_events(
        [
            started(),
            ChatEvent::Text { delta: "Bl".into() },
            ChatEvent::Restarted { code: "NETWORK".into(), message: "broken".into() },
            started(),
            ChatEvent::Text { delta: "Green.".into() },
            ChatEvent::finished(FinishReason::Stop, Usage::default(), "m", None),
        ]
        .map(Ok)
        .into(),
    );
    told(&cached, ask("Which?")).await.unwrap();
    let events: Vec<_> = cached.stream(ask("Which?")).await.unwrap().collect().await;
    assert_eq!(events.len(), 3);
    assert_eq!(told(&cached, ask("Which?")).await.unwrap().text, "Green.");
}

#[tokio::test]
async fn equal_requests_at_once_are_one_and_those_of_a_failure_go_on_together() {
    let (cached, provider, _) = cached(MEGABYTE);
    let all = |count: usize| {
        let cached = cached.clone();
        async move {
            let calls = (0..count).map(|_| told(&cached, ask("Which?")));
            join_all(calls).await
        }
    };
    provider.push_text(&["Blue."]);
    let replies = all(50).await;
    assert_eq!(provider.requests().len(), 1);
    assert!(replies.iter().all(|reply| reply.as_ref().unwrap().text == "Blue."));
    assert_eq!(replies.iter().filter(|reply| reply.as_ref().unwrap().cached).count(), 49);

    let (cached, provider, _) = self::cached(MEGABYTE);
    provider.push_error(Error::new(ErrorKind::ProviderFailed, "provider.chat", "broken"));
    let first = cached.stream(ask("Which?"));
    let others = join_all((0..20).map(|_| told(&cached, ask("Which?"))));
    let (first, others) = tokio::join!(first, others);
    assert!(first.is_err() && others.iter().all(Result::is_ok));
    assert!(provider.requests().len() > 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_ever_for_one_who_stopped_reading() {
    let (cached, provider, _) = cached(MEGABYTE);
    provider.push_text(&["Blue."]);
    let unread = cached.stream(ask("Which?")).await.unwrap();
    let limited = ChatRequest { timeout_ms: Some(2_000), ..ask("Which?") };
    let error = told(&cached, limited).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    let begun = tokio::time::Instant::now();
    assert!(!told(&cached, ask("Which?")).await.unwrap().cached);
    assert_eq!(begun.elapsed().as_secs(), 30);
    drop(unread);
    assert!(told(&cached, ask("Which?")).await.unwrap().cached);
}

#[tokio::test]
async fn memory_stays_within_its_bound_and_a_user_is_forgotten() {
    let (cached, provider, _) = cached(64 * 1024);
    let long = "x".repeat(3_000);
    let bound = |number: usize| ask(&format!("Which of {number}?"));
    for number in 0..200 {
        provider.push_text(&[long.as_str()]);
        told(&cached, bound(number)).await.unwrap();
    }
    let mut kept = 0;
    for number in 0..200 {
        provider.push_text(&["asked anew"]);
        kept += usize::from(told(&cached, bound(number)).await.unwrap().cached);
    }
    assert!((1..=24).contains(&kept), "{kept}");
    // One that takes too much of it is not kept at all.
    let (cached, provider, _) = self::cached(64 * 1024);
    provider.push_text(&["y".repeat(10_000).as_str()]);
    told(&cached, ask("Which is long?")).await.unwrap();
    assert!(!told(&cached, ask("Which is long?")).await.unwrap().cached);

    let (cached, _, _) = self::cached(MEGABYTE);
    let [ann, bob] = [1, 2].map(|number| UserId(uuid::Uuid::from_u128(number)));
    for user in [ann, bob] {
        told(&cached, ask("Which?").with_scope(ScopeKey::user(user))).await.unwrap();
    }
    cached.forget(ann);
    for (user, is_kept) in [(ann, false), (bob, true)] {
        let reply = told(&cached, ask("Which?").with_scope(ScopeKey::user(user))).await.unwrap();
        assert_eq!(reply.cached, is_kept);
    }
    let (none, _, _) = self::cached(0);
    told(&none, ask("Which?")).await.unwrap();
    assert!(!told(&none, ask("Which?")).await.unwrap().cached);
}
