//! Two processes that spend the money of one budget at once.

use std::time::Duration;

use async_trait::async_trait;
use futures::{StreamExt, future::join_all, stream};
use javari_core::{
    ErrorKind, Scope,
    client::Builder,
    config::Settings,
    cost::{BudgetPeriod, BudgetView, Prices, SetBudget},
    models::Price,
    provider::{Capabilities, ChatEvent, ChatReply, ChatRequest, ChatStream, ModelInfo, Provider},
    types::{FinishReason, ScopeKey, Usage, Usd},
};

use super::child::{Running, part, tell};

/// Each writes as many tokens as it may, at a dollar a million.
const TOKENS: u64 = 1_000;
const CALLS: usize = 500;
const AFFORDED: u64 = 100;

/// Writes what it may, after a while.
struct Paid;

#[async_trait]
impl Provider for Paid {
    fn name(&self) -> &str {
        "paid"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    fn default_model(&self) -> Option<&str> {
        Some("paid-1")
    }

    async fn stream(&self, request: ChatRequest) -> javari_core::Result<ChatStream> {
        let usage = Usage { output: request.max_tokens.unwrap(), ..Usage::default() };
        let text = ChatEvent::Text { delta: "Yes.".to_owned() };
        let end = ChatEvent::finished(FinishReason::Stop, usage, "paid-1", None);
        let events = stream::iter([Ok(text), Ok(end)]).then(|event| async {
            tokio::time::sleep(Duration::from_millis(20)).await;
            event
        });
        Ok(Box::pin(events))
    }

    async fn models(&self, _: ScopeKey) -> javari_core::Result<Vec<ModelInfo>> {
        Ok(Vec::new())
    }
}

async fn opened(settings: Settings) -> Scope {
    let price = Price::new(Usd::ZERO, "1".parse().unwrap());
    let builder = Builder::new(Settings { busy_timeout_ms: 120_000, ..settings })
        .with_provider(std::sync::Arc::new(Paid))
        .with_prices(Prices::builtin().with("paid-1", price));
    let javari = builder.open().await.unwrap();
    let user = javari.ensure_user("ann@example.com").await.unwrap().id;
    javari.scope(user)
}

/// One process: all its calls at once. Tells how many were answered.
pub(crate) async fn spend(settings: Settings) {
    let scope = opened(settings).await;
    let mut request = ChatRequest::ask("Is it so?");
    request.max_tokens = Some(TOKENS);
    let calls = (0..CALLS).map(|_| {
        let (scope, request) = (scope.clone(), request.clone());
        tokio::spawn(async move { ChatReply::from_stream(scope.chat(request).await?).await })
    });
    let mut answered = 0;
    for call in join_all(calls).await {
        match call.unwrap() {
            Ok(reply) => {
                assert_eq!(reply.cost, Some("0.001".parse().unwrap()));
                answered += 1;
            }
            Err(error) => assert_eq!(error.kind(), ErrorKind::BudgetExceeded, "{error}"),
        }
    }
    scope.javari().close().await;
    tell(&format!("answered {answered}"));
}

/// A budget for a hundred calls, and two processes that make a thousand.
pub(crate) async fn require_never_one_over(test: &str, settings: Settings, word: &str) {
    let scope = opened(settings.clone()).await;
    let limit = "0.001".parse::<Usd>().unwrap().times(AFFORDED);
    scope.budgets().set(&SetBudget::new(BudgetPeriod::Month, limit)).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let children: Vec<Running> =
        (0..2).map(|_| Running::start(test, folder.path(), word)).collect();
    let mut answered = 0;
    for child in children {
        let told = child.finish().pop().unwrap();
        answered += told.strip_prefix("answered ").unwrap().parse::<u64>().unwrap();
    }
    assert_eq!(answered, AFFORDED);
    let budget: BudgetView = scope.budgets().list().await.unwrap().budgets.remove(0);
    assert_eq!((budget.spent, budget.reserved, budget.left), (limit, Usd::ZERO, Usd::ZERO));
    let report = scope.costs().await.unwrap();
    assert_eq!((report.total, report.calls), (limit, AFFORDED));
    scope.javari().close().await;
}

/// In a child, the word that says where the database is.
pub(crate) fn is_child() -> Option<String> {
    part().map(|(_, word)| word)
}
