//! What budgets let through, told by chats and answers of a Javari.

use std::sync::Arc;

use futures::{StreamExt, future::join_all};

use super::*;
use crate::{
    Error,
    cost::{BudgetPeriod, BudgetView, Prices, SetBudget},
    error::ErrorKind,
    knowledge::{AnswerReply, AnswerRequest, IngestReport, IngestRequest},
    models::Price,
    provider::{ChatEvent, ChatReply, ChatRequest},
    secret::Secret,
    storage::scratch,
    testkit::ScriptedProvider,
    types::{FinishReason, Usage, Usd},
};

/// A Javari whose model `m` costs a dollar for each token that it writes and nothing to read.
async fn opened() -> (Scope, Arc<ScriptedProvider>) {
    let provider = Arc::new(ScriptedProvider::new("paid"));
    let location = scratch().await;
    let mut settings = Settings::for_database(location);
    settings.root_key = Some(Secret::new("07".repeat(32)));
    let price = Price::new(Usd::ZERO, "1000000".parse().unwrap());
    let builder = Builder::new(settings)
        .with_provider(provider.clone())
        .with_prices(Prices::builtin().with("m", price));
    let javari = builder.open().await.unwrap();
    let scope = javari.scope(javari.ensure_user("ann@x").await.unwrap().id);
    (scope, provider)
}

fn request(max_tokens: u64) -> ChatRequest {
    let mut request = ChatRequest::ask("Hello?").with_model("paid/m");
    request.max_tokens = Some(max_tokens);
    request
}

fn answer(written: u64) -> Vec<crate::Result<ChatEvent>> {
    let usage = Usage { output: written, ..Usage::default() };
    let started =
        ChatEvent::Started { provider: "paid".to_owned(), model: "m".to_owned(), request_id: None };
    let text = ChatEvent::Text { delta: "Hello.".to_owned() };
    let end = ChatEvent::finished(FinishReason::Stop, usage, "m", None);
    [started, text, end].into_iter().map(Ok).collect()
}

async fn set(scope: &Scope, limit: &str) -> BudgetView {
    let limit = limit.parse().unwrap();
    scope.budgets().set(&SetBudget::new(BudgetPeriod::Month, limit)).await.unwrap()
}

async fn stands(scope: &Scope) -> [String; 3] {
    scope.javari().rooms().ledger.settled().await;
    let budget = scope.budgets().list().await.unwrap().budgets.remove(0);
    [budget.spent, budget.reserved, budget.left].map(|amount| amount.to_string())
}

async fn complete(scope: &Scope, request: ChatRequest) -> crate::Result<ChatReply> {
    ChatReply::from_stream(scope.chat(request).await?).await
}

#[tokio::test]
async fn a_thousand_calls_at_once_against_a_budget_for_a_hundred_never_pass_it() {
    let (scope, provider) = opened().await;
    set(&scope, "300").await;
    for _ in 0..100 {
        provider.push_events(answer(3));
    }
    let calls = (0..1_000).map(|_| {
        let scope = scope.clone();
        tokio::spawn(async move { complete(&scope, request(3)).await })
    });
    let (mut answered, mut refused) = (0, 0);
    for call in join_all(calls).await {
        match call.unwrap() {
            Ok(_) => answered += 1,
            Err(error) if error.kind() == ErrorKind::BudgetExceeded => refused += 1,
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((answered, refused), (100, 900));
    assert_eq!(stands(&scope).await, ["300", "0", "0"]);
    assert_eq!(provider.requests().len(), 100);
    let report = scope.costs().await.unwrap();
    assert_eq!((report.calls, report.total.to_string().as_str()), (100, "300"));
}

#[tokio::test]
async fn a_call_that_fails_or_is_left_gives_back_what_it_did_not_use() {
    let (scope, provider) = opened().await;
    set(&scope, "100").await;
    provider.push_error(Error::new(ErrorKind::ProviderRefused, "provider.chat", "no"));
    assert!(complete(&scope, request(60)).await.is_err());
    assert_eq!(stands(&scope).await, ["0", "0", "100"]);

    provider.push_events(answer(50));
    let mut events = scope.chat(request(60)).await.unwrap();
    assert_eq!(stands(&scope).await, ["0", "60", "40"]);
    while !matches!(events.next().await.unwrap().unwrap(), ChatEvent::Text { .. }) {}
    drop(events);
    // Six bytes are taken for two tokens.
    assert_eq!(stands(&scope).await, ["2", "0", "98"]);

    // Nothing arrived, and nothing is owed.
    provider.push_events(answer(50));
    drop(scope.chat(request(60)));
    assert_eq!(stands(&scope).await, ["2", "0", "98"]);
}

#[tokio::test]
async fn a_request_without_a_limit_is_given_one_under_a_budget_alone() {
    let (scope, provider) = opened().await;
    let unlimited = || ChatRequest::ask("Hello?").with_model("paid/m");
    provider.push_events(answer(1));
    complete(&scope, unlimited()).await.unwrap();
    assert_eq!(provider.requests().pop().unwrap().max_tokens, None);
    set(&scope, "20000").await;
    provider.push_events(answer(1));
    complete(&scope, unlimited()).await.unwrap();
    assert_eq!(provider.requests().pop().unwrap().max_tokens, Some(16_384));
    set(&scope, "10000").await;
    let error = complete(&scope, unlimited()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    assert!(error.message().contains("max_tokens"), "{error}");
    provider.push_events(answer(9_000));
    assert_eq!(complete(&scope, request(9_998)).await.unwrap().usage.output, 9_000);
}

#[tokio::test]
async fn the_dearest_model_that_a_call_may_come_to_has_to_fit_and_free_ones_always_do() {
    let (scope, provider) = opened().await;
    set(&scope, "2").await;
    let mut chain = request(1);
    chain.model = Some("local/extractive".to_owned());
    assert!(complete(&scope, chain.clone()).await.is_ok());
    chain.max_tokens = Some(5);
    assert!(complete(&scope, chain.clone()).await.is_ok());
    chain.fallback = vec!["paid/m".to_owned()];
    let error = complete(&scope, chain.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BudgetExceeded);
    chain.fallback = vec!["paid/unknown".to_owned()];
    let error = complete(&scope, chain).await.unwrap_err();
    assert!(error.message().contains("not known"), "{error}");
    assert_eq!(provider.requests().len(), 0);
}

#[tokio::test]
async fn answers_from_documents_are_paid_from_the_same_budget() {
    let (scope, provider) = opened().await;
    let guide = IngestRequest::text("guide.md", "Refunds are paid within 30 days.");
    IngestReport::from_stream(scope.knowledge().ingest(guide, Vec::new())).await.unwrap();
    set(&scope, "5").await;
    let mut question = AnswerRequest::new("When are refunds paid?");
    (question.model, question.max_tokens) = (Some("paid/m".to_owned()), Some(4));
    provider.push_events(answer(3));
    let answered = scope.knowledge().answer(question.clone());
    assert_eq!(AnswerReply::from_stream(answered).await.unwrap().cost, Some("3".parse().unwrap()));
    let refused = AnswerReply::from_stream(scope.knowledge().answer(question)).await.unwrap_err();
    assert_eq!(
        (refused.kind(), refused.operation()),
        (ErrorKind::BudgetExceeded, "knowledge.answer")
    );
    assert_eq!(stands(&scope).await, ["3", "0", "2"]);
}
