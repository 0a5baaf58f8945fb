//! How much a user may ask in a minute.

use std::time::Duration;

use futures::StreamExt;
use uuid::Uuid;

use super::*;
use crate::{
    config::LimitSettings,
    error::Retry,
    provider::{ChatEvent, ChatReply},
    router::Limited,
    testkit::HandClock,
    types::{FinishReason, Usage, UserId},
};

fn limited(
    requests_per_minute: Option<u32>,
    tokens_per_minute: Option<u64>,
) -> (Limited, Arc<ScriptedProvider>, Arc<HandClock>) {
    let (provider, clock) = (Arc::new(ScriptedProvider::new("a")), HandClock::still());
    let limits = LimitSettings { requests_per_minute, tokens_per_minute };
    (Limited::new(provider.clone(), limits, clock.clone()).unwrap(), provider, clock)
}

fn of(user: u128, max_tokens: u64) -> ChatRequest {
    let mut request =
        ChatRequest::ask("Four").with_scope(ScopeKey::user(UserId(Uuid::from_u128(user))));
    request.max_tokens = Some(max_tokens);
    request
}

async fn told(limited: &Limited, request: ChatRequest) -> crate::Result<ChatReply> {
    ChatReply::from_stream(limited.stream(request).await?).await
}

fn wait(error: &Error) -> Duration {
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    match error.retry() {
        Retry::After(wait) => wait,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn each_user_has_requests_of_their_own_and_is_told_how_long_to_wait() {
    let (limited, provider, clock) = limited(Some(3), None);
    for user in [1, 2] {
        for _ in 0..3 {
            told(&limited, of(user, 9)).await.unwrap();
        }
        let error = told(&limited, of(user, 9)).await.unwrap_err();
        assert_eq!(wait(&error), Duration::from_secs(20));
    }
    assert_eq!(provider.requests().len(), 6);
    clock.forward(Duration::from_secs(20));
    assert!(told(&limited, of(1, 9)).await.is_ok());
    assert!(told(&limited, of(1, 9)).await.is_err());
    // One that no model would be asked counts nothing.
    let invalid = ChatRequest { messages: Vec::new(), ..of(3, 9) };
    for _ in 0..9 {
        assert_eq!(
            told(&limited, invalid.clone()).await.unwrap_err().kind(),
            ErrorKind::InvalidInput
        );
    }
    assert!(told(&limited, of(3, 9)).await.is_ok());
}

#[tokio::test]
async fn a_chat_counts_as_what_it_may_write_until_it_tells_what_it_wrote() {
    let (limited, provider, _) = limited(None, Some(1_000));
    let usage = Usage { input: 100, output: 50, ..Usage::default() };
    let answer = || {
        let text = ChatEvent::Text { delta: "Yes.".into() };
        let end = ChatEvent::finished(FinishReason::Stop, usage, "m", None);
        vec![Ok(text), Ok(end)]
    };
    provider.push_events(answer());
    let mut running = limited.stream(of(1, 899)).await.unwrap();
    // 101 are left of 1,000: one of the question and a hundred to write.
    assert!(limited.stream(of(1, 100)).await.is_err());
    while running.next().await.is_some() {}
    // 850 are left.
    provider.push_events(answer());
    drop(limited.stream(of(1, 849)).await.unwrap());
    // Nobody read that one, so it used nothing.
    let error = told(&limited, of(1, 900)).await.unwrap_err();
    assert!(wait(&error) < Duration::from_secs(4), "{error:?}");
    // A word of it was read, and it was left: what was written is estimated.
    provider.push_events(answer());
    let mut left = limited.stream(of(1, 849)).await.unwrap();
    left.next().await.unwrap().unwrap();
    drop(left);
    assert!(told(&limited, of(1, 848)).await.is_err());
    provider.push_error(Error::new(ErrorKind::Network, "provider.chat", "away"));
    assert_eq!(told(&limited, of(1, 847)).await.unwrap_err().kind(), ErrorKind::Network);
    provider.push_events(answer());
    assert!(told(&limited, of(1, 847)).await.is_ok());
}

#[tokio::test]
async fn a_chat_refused_for_its_tokens_counts_as_no_request() {
    let (limited, provider, _) = limited(Some(2), Some(1_000));
    provider.push_text(&["Yes."]);
    assert!(told(&limited, of(1, 900)).await.is_ok());
    for _ in 0..5 {
        provider.push_text(&["Yes."]);
        let open = limited.stream(of(1, 900)).await;
        if let Ok(open) = open {
            assert!(limited.stream(of(1, 900)).await.is_err());
            drop(open);
            break;
        }
    }
    // Two were made, and those beyond the tokens were none.
    let error = told(&limited, of(1, 9)).await.unwrap_err();
    assert_eq!(wait(&error), Duration::from_secs(30));
    assert!(error.message().contains("requests"), "{error}");
}

#[test]
fn a_limit_of_nothing_is_no_setting() {
    for (requests, tokens) in [(Some(0), None), (None, Some(0))] {
        let limits = LimitSettings { requests_per_minute: requests, tokens_per_minute: tokens };
        let provider = Arc::new(ScriptedProvider::new("a"));
        let error = Limited::new(provider, limits, HandClock::new()).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Configuration);
    }
}
