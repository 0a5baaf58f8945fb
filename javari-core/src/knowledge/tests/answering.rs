//! Answers with citations, from the local provider and from a model.

use async_trait::async_trait;
use futures::{StreamExt, stream};

use super::*;
use crate::{
    provider::{Capabilities, ChatEvent, ChatRequest, ChatStream, ModelInfo, Provider},
    types::{FinishReason, Usage, Usd},
};

const GUIDE: &str = "# Refunds\n\nRefunds are paid within 30 days of the return.\n\n\
    # Shipping\n\nOrders ship within two days. We ship to Canada and Mexico.\n";

async fn house_with_guide() -> House {
    let house = house().await;
    let request = IngestRequest::text("guide.md", GUIDE);
    house.knowledge.ingest_report(house.ground.project, request, None).await.unwrap();
    house
}

#[tokio::test]
async fn the_local_answer_quotes_and_cites_the_place_it_quotes() {
    let house = house_with_guide().await;
    let scope = house.ground.project;
    let request = AnswerRequest::new("How many days until a refund is paid?");
    let events: Vec<AnswerEvent> =
        house.knowledge.answer(scope, request).map(|event| event.unwrap()).collect().await;
    assert!(matches!(&events[0], AnswerEvent::Searched { citations } if !citations.is_empty()));
    let AnswerEvent::Finished { reply } = events.last().unwrap() else { panic!("{events:?}") };
    let told: String = events
        .iter()
        .filter_map(|event| match event {
            AnswerEvent::Text { delta } => Some(delta.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(told, reply.answer);
    assert!(reply.answer.contains("Refunds are paid within 30 days"), "{}", reply.answer);
    assert!(reply.cited);
    let citation = &reply.citations[0];
    assert!(reply.answer.contains(&format!("[{}]", citation.number)));
    assert_eq!(citation.path, "guide.md");
    let document = house.knowledge.get(&scope, citation.document_id).await.unwrap();
    let cut: String = document
        .text
        .chars()
        .skip(citation.start as usize)
        .take((citation.end - citation.start) as usize)
        .collect();
    assert_eq!(cut, citation.quote);
    assert_eq!((reply.provider.as_deref(), reply.cost), (Some("local"), Some(Usd::ZERO)));
    let report = house.ledger.report(&scope).await.unwrap();
    assert_eq!((report.calls, report.unpriced_calls), (1, 0));
}

#[tokio::test]
async fn where_nothing_is_relevant_no_one_is_asked_and_nothing_is_cited() {
    let house = house_with_guide().await;
    for (scope, question) in [
        (house.ground.project, "Wer gewann 1998 die Weltmeisterschaft?"),
        (house.ground.stranger, "How many days until a refund is paid?"),
    ] {
        let answer = house.knowledge.answer(scope, AnswerRequest::new(question));
        let reply = AnswerReply::from_stream(answer).await.unwrap();
        assert!(reply.citations.is_empty() && reply.provider.is_none() && !reply.cited);
        assert!(reply.answer.starts_with("Nothing in your documents"));
    }
    let empty = house.knowledge.answer(house.ground.project, AnswerRequest::new(" "));
    assert!(AnswerReply::from_stream(empty).await.is_err());
}

/// Says what it is told to.
struct Model(&'static str);

#[async_trait]
impl Provider for Model {
    fn name(&self) -> &str {
        "openai"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities { generates: true, ..Capabilities::default() }
    }

    async fn stream(&self, request: ChatRequest) -> crate::Result<ChatStream> {
        assert!(!request.passages.is_empty());
        let text = ChatEvent::Text { delta: self.0.to_owned() };
        let usage = Usage { input: 1_000_000, ..Usage::default() };
        let finished = ChatEvent::finished(FinishReason::Stop, usage, "gpt-4o-mini", None);
        Ok(Box::pin(stream::iter([Ok(text), Ok(finished)])))
    }

    async fn models(&self, _: ScopeKey) -> crate::Result<Vec<ModelInfo>> {
        Ok(Vec::new())
    }
}

/// The model with its chats charged.
fn paid(model: Model, house: &House) -> Arc<Metered> {
    let router = Arc::new(Router::new(Arc::new(model)));
    Arc::new(Metered::new(router, house.ledger.clone(), Prices::builtin()))
}

#[tokio::test]
async fn a_models_citations_are_those_it_names_and_its_cost_is_recorded() {
    let house = house_with_guide().await;
    let scope = house.ground.project;
    for (text, cited, number) in [
        ("Thirty days [1].", true, Some(1)),
        ("Thirty days.", false, Some(1)),
        ("So [99].", false, Some(1)),
    ] {
        let knowledge = Knowledge::new(
            Arc::new(house.store.clone()),
            Arc::new(HashedEmbedder),
            paid(Model(text), &house),
        );
        let answer = knowledge.answer(scope, AnswerRequest::new("When are refunds paid?"));
        let reply = AnswerReply::from_stream(answer).await.unwrap();
        assert_eq!(reply.cited, cited, "{text}");
        assert_eq!(reply.citations.first().map(|citation| citation.number), number);
        assert_eq!(reply.cost.unwrap().to_string(), "0.15");
    }
    assert_eq!(house.ledger.report(&scope).await.unwrap().total.to_string(), "0.45");
}

#[tokio::test]
async fn a_model_chosen_by_name_keeps_its_citations_though_the_default_only_quotes() {
    let house = house_with_guide().await;
    let router = Router::new(Arc::new(LocalProvider));
    router.add("openai", Arc::new(Model("Thirty days."))).unwrap();
    let store = Arc::new(house.store.clone());
    let knowledge = Knowledge::new(store, Arc::new(HashedEmbedder), Arc::new(router));
    let mut request = AnswerRequest::new("When are refunds paid?");
    request.model = Some("openai/any".to_owned());
    let answer = knowledge.answer(house.ground.project, request);
    let reply = AnswerReply::from_stream(answer).await.unwrap();
    // It names no source, so all that it was given stand below its answer.
    assert!(!reply.cited && !reply.citations.is_empty());
}
