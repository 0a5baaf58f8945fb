//! What is known of the models that a route leads to.

use std::sync::Arc;

use super::plan::Target;
use crate::{
    cost::Prices,
    models::{Ability, Model},
    provider::{ChatRequest, Warning},
    types::{Clock, ContentPart, SystemClock, Usage, Usd},
};

/// The catalogue of models with its prices, and the day on which it is asked.
#[derive(Clone)]
pub(super) struct Facts {
    prices: Prices,
    clock: Arc<dyn Clock>,
}

/// An answer is taken to have so many tokens where a request does not limit it.
const USUAL_ANSWER: u64 = 1_000;

impl Default for Facts {
    fn default() -> Self {
        Self::new(Prices::builtin(), Arc::new(SystemClock))
    }
}

impl Facts {
    pub(super) fn new(prices: Prices, clock: Arc<dyn Clock>) -> Self {
        Self { prices, clock }
    }

    pub(super) fn of(&self, service: &str, model: &str) -> Option<&Model> {
        self.prices.models().find(service, model)
    }

    /// The model to ask in the place of one that does not answer any more, and what to tell of it.
    pub(super) fn successor(&self, service: &str, model: &str) -> Option<(String, Warning)> {
        let successor = self.prices.models().successor(service, model, self.clock.now())?;
        let message =
            format!("`{model}` does not answer any more; `{}` is asked in its place", successor.id);
        Some((successor.id.clone(), Warning::new("model_retired", message)))
    }

    /// What the request would cost about, where the price is known.
    pub(super) fn estimate(
        &self,
        service: &str,
        model: &str,
        (request, read): (&ChatRequest, u64),
    ) -> Option<Usd> {
        let usage = Usage {
            input: read,
            output: request.max_tokens.unwrap_or(USUAL_ANSWER),
            tier: request.tier.unwrap_or_default(),
            ..Usage::default()
        };
        self.prices.cost_at(service, model, &usage)
    }

    /// The most tokens that a target writes, where that is known.
    pub(super) fn writes(&self, target: &Target) -> Option<u64> {
        self.of(target.provider.name(), target.model()?)?.output_tokens
    }

    /// What an answer of `written` tokens costs at most; nothing when the price is not known.
    pub(super) fn most(&self, target: &Target, request: &ChatRequest, written: u64) -> Option<Usd> {
        let (service, model) = (target.provider.name(), target.model().unwrap_or_default());
        let reads = self.of(service, model).and_then(|model| model.context_tokens);
        let input = most_read(request).min(reads.unwrap_or(u64::MAX)).min(Usage::MAX_TOKENS);
        let usage = Usage {
            input,
            output: written.min(Usage::MAX_TOKENS),
            tier: request.tier.unwrap_or_default(),
            ..Usage::default()
        };
        let cost = self.prices.cost_at(service, model, &usage)?;
        // Some services put into their cache what they read, at a higher price, without being asked.
        let cached = Usage { cache_written: input, ..usage };
        Some(self.prices.cost_at(service, model, &cached).map_or(cost, |other| cost.max(other)))
    }

    /// Why a model cannot answer the request, as far as it is known.
    pub(super) fn unfit(model: &Model, (request, read): (&ChatRequest, u64)) -> Option<String> {
        let wanted = read.saturating_add(request.max_tokens.unwrap_or(0));
        if let Some(most) = model.context_tokens.filter(|most| wanted > *most) {
            return Some(format!("it reads {most} tokens, and the request has about {wanted}"));
        }
        if let Some(most) = model.output_tokens.filter(|most| request.max_tokens > Some(*most)) {
            return Some(format!("it writes {most} tokens at most"));
        }
        // A host's own table may leave out what its models can do.
        let stated = !model.abilities.is_empty();
        let tools = stated && !request.tools.is_empty() && !model.can(Ability::Tools);
        tools.then(|| "it cannot ask for tools".to_owned())
    }
}

/// No request has more tokens: one has at least a byte, but for pictures and files, whose service
/// decides how it reads them.
fn most_read(request: &ChatRequest) -> u64 {
    const MESSAGE: usize = 16;
    const PICTURE: usize = 16_384;
    let sizes = request.messages.iter().map(|message| {
        let parts = message.content.parts();
        let media = parts.iter().map(|part| match part {
            ContentPart::Text { .. } => 0,
            ContentPart::Image { .. } | ContentPart::ImageUrl { .. } => PICTURE,
            ContentPart::File { data, .. } => data.len(),
            // As much as the model reads.
            _ => usize::MAX,
        });
        media.fold(MESSAGE, usize::saturating_add)
    });
    let media = sizes.fold(0_usize, usize::saturating_add);
    let schema = request.response_schema.as_ref().map_or(0, |schema| schema.to_string().len());
    u64::try_from(media.saturating_add(request.text_bytes()).saturating_add(schema))
        .unwrap_or(u64::MAX)
}
