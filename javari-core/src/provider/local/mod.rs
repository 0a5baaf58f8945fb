//! A provider and an embedder that need no network, no key and no download.
//!
//! [`LocalProvider`] answers from the retrieved passages by quoting their best sentences and says
//! that it does so. [`HashedEmbedder`] makes vectors from the words of a text.
//!
//! What it deliberately does not do: it never writes a sentence of its own about the matter, so it
//! cannot be taken for a model, and it knows nothing that the passages do not say.

mod answer;
mod embedder;
mod sentence;
mod words;

use async_trait::async_trait;
use futures::stream;

pub use self::embedder::HashedEmbedder;
use super::{Capabilities, ChatEvent, ChatRequest, ChatStream, ModelInfo, Provider};
use crate::{
    error::{Error, ErrorKind, Result},
    types::{FinishReason, ScopeKey, Usage, Usd},
};

/// Answers by quoting: name `local`, model `extractive`.
#[derive(Debug, Clone, Copy, Default)]
pub struct LocalProvider;

/// The only model.
const MODEL: &str = "extractive";
/// How many words one event of the answer holds.
const WORDS_PER_EVENT: usize = 4;

#[async_trait]
impl Provider for LocalProvider {
    fn name(&self) -> &str {
        "local"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::default()
    }

    async fn stream(&self, request: ChatRequest) -> Result<ChatStream> {
        request.validate()?;
        if request.model.as_deref().is_some_and(|model| model != MODEL) {
            return Err(Error::new(
                ErrorKind::ProviderRefused,
                "provider.chat",
                "the local provider has one model, `extractive`",
            )
            .with("provider", "local"));
        }
        let text = answer::write(&request.last_question(), &request.passages);
        let started = ChatEvent::Started {
            provider: "local".to_owned(),
            model: MODEL.to_owned(),
            request_id: None,
        };
        let (reason, cost) = (FinishReason::Stop, Some(Usd::ZERO));
        let finished = ChatEvent::finished(reason, Usage::default(), MODEL, cost);
        let mut rest = Some(text);
        let mut at = 0;
        let deltas = std::iter::from_fn(move || {
            let text = rest.as_ref()?;
            let Some(delta) = text.get(at..).and_then(first_words).map(str::to_owned) else {
                rest = None;
                return None;
            };
            at += delta.len();
            Some(ChatEvent::Text { delta })
        });
        let events = std::iter::once(started).chain(deltas).chain(std::iter::once(finished));
        Ok(Box::pin(stream::iter(events.map(Ok))))
    }

    async fn models(&self, _: ScopeKey) -> Result<Vec<ModelInfo>> {
        Ok(vec![ModelInfo::new(MODEL)])
    }
}

/// The first few words with the spaces after them; nothing when the text is at its end.
fn first_words(text: &str) -> Option<&str> {
    let mut words = 0;
    let mut in_space = false;
    for (at, character) in text.char_indices() {
        let is_space = character.is_whitespace();
        if in_space && !is_space {
            words += 1;
            if words == WORDS_PER_EVENT {
                return text.get(..at);
            }
        }
        in_space = is_space;
    }
    if text.is_empty() { None } else { Some(text) }
}

#[cfg(test)]
mod tests {
    use futures::StreamExt;

    use super::*;
    use crate::provider::{Passage, ProviderExt};

    #[tokio::test]
    async fn the_answer_comes_in_word_groups_and_costs_nothing() {
        let request =
            ChatRequest::ask("When was the bridge opened?").with_passages(vec![Passage::new(
                3,
                "city.md",
                "The bridge was opened in 1931. It is made of steel.",
            )]);
        let events: Vec<_> = LocalProvider
            .stream(request.clone())
            .await
            .unwrap()
            .map(Result::unwrap)
            .collect()
            .await;
        assert!(matches!(&events[0], ChatEvent::Started { provider, .. } if provider == "local"));
        let deltas = events.iter().filter(|event| matches!(event, ChatEvent::Text { .. })).count();
        assert!(deltas > 3 && events.len() == deltas + 2);
        let reply = LocalProvider.complete(request).await.unwrap();
        assert_eq!(
            reply.text,
            "From your documents (quoted, no model was asked):\n\n\
             \"The bridge was opened in 1931.\" [3]\n\nSources:\n[3] city.md"
        );
        assert_eq!((reply.cost, reply.usage), (Some(Usd::ZERO), Usage::default()));
    }

    #[tokio::test]
    async fn another_model_is_refused_rather_than_played() {
        let request = ChatRequest::ask("Hello").with_model("gpt-4o");
        let error = LocalProvider.complete(request).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ProviderRefused);
    }
}
