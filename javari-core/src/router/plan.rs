//! Which targets a request may go to, in which order, and why.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    BreakerState, Registry, Shared,
    config::{CHAT_ROUTE, DEFAULT_TASK, own_route},
    facts::Facts,
    health::Health,
};
use crate::{
    provider::{Capabilities, ChatRequest, Preference, Provider, Warning},
    types::{ContentPart, Usage, Usd},
};

/// A provider and a model to ask.
#[derive(Clone)]
pub(super) struct Target {
    pub(super) provider: Arc<dyn Provider>,
    /// Nothing for the provider's own default.
    pub(super) model: Option<String>,
    /// `provider/model`, or `provider` alone.
    pub(super) name: String,
    /// What to tell of it.
    pub(super) warning: Option<Warning>,
}

impl Target {
    /// The model that is asked, as far as it is known.
    pub(super) fn model(&self) -> Option<&str> {
        self.model.as_deref().or_else(|| self.provider.default_model())
    }
}

/// Where a request would go, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct Route {
    /// What the request is taken to be for; nothing when it names its model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub task: Option<String>,
    /// Why, in a sentence.
    pub sentence: String,
    /// Every target that was thought of, in the order they are asked; those that are passed over stand
    /// behind.
    pub candidates: Vec<RouteCandidate>,
}

/// One target that was thought of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[non_exhaustive]
pub struct RouteCandidate {
    /// `provider/model`, or the provider alone for its default model.
    pub target: String,
    /// Whether it would be asked.
    pub eligible: bool,
    /// Why it stands here, or why it is passed over.
    pub reason: String,
    /// How its breaker stands.
    pub breaker: BreakerState,
    /// What the answer would cost about, where the price is known: for as many tokens as the request
    /// allows, or a thousand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_cost: Option<Usd>,
    /// The mean time to its first token so far, in milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_token_ms: Option<u64>,
}

/// What was thought of, in order.
pub(super) struct Plan {
    task: Option<String>,
    considered: Vec<Considered>,
}

struct Considered {
    name: String,
    /// Nothing when it is passed over.
    target: Option<Target>,
    reason: String,
    estimated_cost: Option<Usd>,
}

impl Plan {
    /// What the request asks for, else what its task leads to, else the default provider.
    pub(super) fn of(request: &ChatRequest, registry: &Registry, shared: &Shared) -> Self {
        let read = Usage::estimate(request.text_bytes(), 0).input;
        let mut planning = Planning { request, registry, shared, read, considered: Vec::new() };
        let task = planning.think();
        let Planning { mut considered, .. } = planning;
        if let Some(preference) = request.prefer {
            prefer(preference, &mut considered, &shared.health);
        }
        Self { task, considered }
    }

    /// The targets to ask, the first one first.
    pub(super) fn targets(&self) -> impl Iterator<Item = &Target> {
        self.considered.iter().filter_map(|considered| considered.target.as_ref())
    }

    /// Why, as data and in a sentence.
    pub(super) fn explain(self, health: &Health) -> Route {
        let candidates: Vec<RouteCandidate> = self
            .considered
            .into_iter()
            .map(|considered| RouteCandidate {
                eligible: considered.target.is_some(),
                breaker: health.breaker(&considered.name),
                first_token_ms: health
                    .first_token(&considered.name)
                    .and_then(|time| u64::try_from(time.as_millis()).ok()),
                target: considered.name,
                reason: considered.reason,
                estimated_cost: considered.estimated_cost,
            })
            .collect();
        Route { task: self.task, sentence: sentence(&candidates), candidates }
    }
}

/// A plan in the making.
struct Planning<'a> {
    request: &'a ChatRequest,
    registry: &'a Registry,
    shared: &'a Shared,
    /// About how many tokens the request has.
    read: u64,
    considered: Vec<Considered>,
}

impl Planning<'_> {
    /// Thinks of every target and tells the task.
    fn think(&mut self) -> Option<String> {
        if let Some(model) = &self.request.model {
            // Whether the model that the caller names can do it is for its provider to say.
            let target = self.living(self.registry.target(model));
            self.push(target.name.clone(), Some(target), "the request names it");
            self.take_fallback();
            return None;
        }
        if self.request.fallback.is_empty() {
            self.follow_route();
        } else {
            self.take_fallback();
        }
        if self.considered.iter().all(|considered| considered.target.is_none()) {
            let target = self.registry.default_target();
            self.considered.retain(|considered| considered.name != target.name);
            let reason = "it is the default provider, and no other can answer";
            self.push(target.name.clone(), Some(target), reason);
        }
        Some(self.request.task.clone().unwrap_or(DEFAULT_TASK.to_owned()))
    }

    /// The host's route for the task, or Javari's own.
    ///
    /// Javari's own routes lead from one of the services that it knows to another, and never away from
    /// a provider of the host's own or a server of its choice. What is for no task that has a route goes
    /// to the default provider first, which knows which model its host wants.
    fn follow_route(&mut self) {
        let (registry, task) = (self.registry, self.request.task.as_deref());
        let task_name = task.unwrap_or(DEFAULT_TASK);
        if let Some(route) = self.shared.config.routes.get(task_name) {
            for (place, model) in route.iter().enumerate() {
                let target = registry.named_target(model).ok_or(model.as_str());
                self.consider(target, &choice(place, task_name));
            }
            return;
        }
        let default = registry.default.name();
        let (special, own) = match own_route(task_name) {
            Some(route) if registry.is_routed(default) => (true, route),
            Some(_) | None if !registry.is_routed(default) => (false, &[][..]),
            _ => (false, CHAT_ROUTE),
        };
        if !special {
            self.consider(Ok(registry.default_target()), "it is the default provider");
        }
        for (place, model) in own.iter().enumerate() {
            // The default provider was thought of already, with the model that its host wants.
            if !special && model.split('/').next() == Some(default) {
                continue;
            }
            self.consider(registry.routed_target(model).ok_or(model), &choice(place, task_name));
        }
    }

    fn take_fallback(&mut self) {
        for model in &self.request.fallback {
            let target = self.registry.named_target(model).ok_or(model.as_str());
            self.consider(target, "the request names it as a fallback");
        }
    }

    /// Takes a target in, or tells why it is passed over.
    fn consider(&mut self, target: Result<Target, &str>, reason: &str) {
        let target = match target {
            Ok(target) => self.living(target),
            Err(model) => return self.push(model.to_owned(), None, "its provider is not set up"),
        };
        let known =
            target.model().and_then(|model| self.shared.facts.of(target.provider.name(), model));
        let unfit = known.and_then(|model| Facts::unfit(model, (self.request, self.read)));
        let able = target.provider.capabilities_for(target.model.as_deref());
        match unfit.or_else(|| lacking(self.request, &able).map(str::to_owned)) {
            Some(lacking) => self.push(target.name, None, &lacking),
            None => self.push(target.name.clone(), Some(target), reason),
        }
    }

    /// The target, or the model that takes its place.
    fn living(&self, mut target: Target) -> Target {
        let service = target.provider.name();
        let successor =
            target.model.as_deref().and_then(|model| self.shared.facts.successor(service, model));
        if let Some((model, warning)) = successor {
            let provider = target.name.split('/').next().unwrap_or_default().to_owned();
            target.name = format!("{provider}/{model}");
            target.model = Some(model);
            target.warning = Some(warning);
        }
        target
    }

    fn push(&mut self, name: String, target: Option<Target>, reason: &str) {
        if self.considered.iter().any(|considered| considered.name == name) {
            return;
        }
        let estimated_cost = target.as_ref().and_then(|target| {
            let (service, model) = (target.provider.name(), target.model()?);
            self.shared.facts.estimate(service, model, (self.request, self.read))
        });
        let reason = match target.as_ref().and_then(|target| target.warning.as_ref()) {
            Some(warning) => format!("{reason} ({})", warning.message),
            None => reason.to_owned(),
        };
        self.considered.push(Considered { name, target, reason, estimated_cost });
    }
}

fn choice(place: usize, task: &str) -> String {
    match place {
        0 => format!("it is the first choice for {task}"),
        place => format!("it is choice {} for {task}", place + 1),
    }
}

/// Puts the preferred targets first; those of which nothing is known keep their order behind.
fn prefer(preference: Preference, considered: &mut [Considered], health: &Health) {
    considered.sort_by_cached_key(|one| {
        let passed_over = one.target.is_none();
        let measure = match preference {
            Preference::Cheapest => one.estimated_cost.map(Usd::picos),
            Preference::Fastest => {
                health.first_token(&one.name).and_then(|time| i128::try_from(time.as_micros()).ok())
            }
        };
        (passed_over, measure.is_none(), measure)
    });
}

/// What a target has to be able to do for a request and cannot.
fn lacking(request: &ChatRequest, able: &Capabilities) -> Option<&'static str> {
    let mut parts = request.messages.iter().flat_map(|message| message.content.parts());
    let images =
        parts.any(|part| matches!(part, ContentPart::Image { .. } | ContentPart::ImageUrl { .. }));
    [
        (!request.tools.is_empty() && !able.tools, "it cannot ask for tools"),
        (images && !able.images, "it reads no images"),
        (
            request.response_schema.is_some() && !able.response_schema,
            "it cannot be held to a schema",
        ),
    ]
    .into_iter()
    .find_map(|(unmet, why)| unmet.then_some(why))
}

fn sentence(candidates: &[RouteCandidate]) -> String {
    let mut eligible = candidates.iter().filter(|candidate| candidate.eligible);
    let Some(first) = eligible.next() else { return "No provider can answer.".to_owned() };
    let mut sentence = format!("{} answers, because {}", first.target, first.reason);
    if first.breaker == BreakerState::Open {
        sentence.push_str(", although it failed often just now");
    }
    let others: Vec<&str> = eligible.map(|candidate| candidate.target.as_str()).collect();
    if !others.is_empty() {
        sentence.push_str("; if it fails, ");
        sentence.push_str(&others.join(", then "));
    }
    for candidate in candidates.iter().filter(|candidate| !candidate.eligible) {
        sentence.push_str("; ");
        sentence.push_str(&candidate.target);
        sentence.push_str(" is passed over: ");
        sentence.push_str(&candidate.reason);
    }
    sentence.push('.');
    sentence
}
