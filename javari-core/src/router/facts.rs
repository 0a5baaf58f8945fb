//! What is known of the models that a route leads to.

use std::sync::Arc;

use crate::{
    cost::Prices,
    models::{Ability, Model},
    provider::{ChatRequest, Warning},
    types::{Clock, SystemClock, Usage, Usd},
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
