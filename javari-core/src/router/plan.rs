//! Which targets a request may go to, in which order, and why.

use std::{borrow::Cow, cell::OnceCell, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    BreakerState, Registry, Shared,
    config::{CHAT_ROUTE, DEFAULT_TASK, own_route},
    facts::Facts,
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

/// What was thought of for a request, in order. Why, and at what cost, is worked out where somebody
/// asks for it.
pub(super) struct Plan<'a> {
    request: &'a ChatRequest,
    shared: &'a Shared,
    /// About how many tokens the request has, once that was of interest.
    read: OnceCell<u64>,
    considered: Vec<Considered>,
}

struct Considered {
    /// The name alone of one that is passed over.
    target: Result<Target, String>,
    reason: Reason,
}

/// Why a target stands where it does.
enum Reason {
    Named,
    NamedAsFallback,
    Default,
    LastResort,
    /// The place in the route, counted from 0.
    Choice(usize),
    NotSetUp,
    Unfit(Cow<'static, str>),
}

impl<'a> Plan<'a> {
    /// What the request asks for, else what its task leads to, else the default provider.
    pub(super) fn of(request: &'a ChatRequest, registry: &Registry, shared: &'a Shared) -> Self {
        let plan = Self { request, shared, read: OnceCell::new(), considered: Vec::new() };
        let mut planning = Planning { plan, registry };
        planning.think();
        let mut plan = planning.plan;
        if let Some(preference) = request.prefer {
            plan.prefer(preference);
        }
        plan
    }

    /// The targets to ask, the first one first.
    pub(super) fn into_targets(self) -> impl Iterator<Item = Target> {
        self.considered.into_iter().filter_map(|considered| considered.target.ok())
    }

    /// Why, as data and in a sentence.
    pub(super) fn explain(&self) -> Route {
        let health = &self.shared.health;
        let candidates: Vec<RouteCandidate> = self
            .considered
            .iter()
            .map(|considered| RouteCandidate {
                target: considered.name().to_owned(),
                eligible: considered.target.is_ok(),
                reason: self.reason(considered),
                breaker: health.breaker(considered.name()),
                estimated_cost: self.estimated_cost(considered),
                first_token_ms: health
                    .first_token(considered.name())
                    .and_then(|time| u64::try_from(time.as_millis()).ok()),
            })
            .collect();
        let task = self.request.model.is_none().then(|| self.task().to_owned());
        Route { task, sentence: sentence(&candidates), candidates }
    }

    /// What the request is taken to be for where it names no model.
    fn task(&self) -> &'a str {
        self.request.task.as_deref().unwrap_or(DEFAULT_TASK)
    }

    fn read(&self) -> u64 {
        *self.read.get_or_init(|| Usage::estimate(self.request.text_bytes(), 0).input)
    }

    fn estimated_cost(&self, considered: &Considered) -> Option<Usd> {
        let target = considered.target.as_ref().ok()?;
        let (service, model) = (target.provider.name(), target.model()?);
        self.shared.facts.estimate(service, model, (self.request, self.read()))
    }

    fn reason(&self, considered: &Considered) -> String {
        let reason = match &considered.reason {
            Reason::Named => "the request names it".into(),
            Reason::NamedAsFallback => "the request names it as a fallback".into(),
            Reason::Default => "it is the default provider".into(),
            Reason::LastResort => "it is the default provider, and no other can answer".into(),
            Reason::Choice(0) => format!("it is the first choice for {}", self.task()).into(),
            Reason::Choice(place) => {
                format!("it is choice {} for {}", place + 1, self.task()).into()
            }
            Reason::NotSetUp => "its provider is not set up".into(),
            Reason::Unfit(why) => Cow::Borrowed(why.as_ref()),
        };
        match considered.target.as_ref().ok().and_then(|target| target.warning.as_ref()) {
            Some(warning) => format!("{reason} ({})", warning.message),
            None => reason.into_owned(),
        }
    }

    /// Puts the preferred targets first; those of which nothing is known keep their order behind.
    fn prefer(&mut self, preference: Preference) {
        let mut considered = std::mem::take(&mut self.considered);
        considered.sort_by_cached_key(|one| {
            let measure = match preference {
                Preference::Cheapest => self.estimated_cost(one).map(Usd::picos),
                Preference::Fastest => {
                    let first_token = self.shared.health.first_token(one.name());
                    first_token.and_then(|time| i128::try_from(time.as_micros()).ok())
                }
            };
            (one.target.is_err(), measure.is_none(), measure)
        });
        self.considered = considered;
    }
}

impl Considered {
    fn name(&self) -> &str {
        match &self.target {
            Ok(target) => &target.name,
            Err(name) => name,
        }
    }
}

/// A plan in the making.
struct Planning<'a, 'r> {
    plan: Plan<'a>,
    registry: &'r Registry,
}

impl Planning<'_, '_> {
    /// Thinks of every target.
    fn think(&mut self) {
        let request = self.plan.request;
        if let Some(model) = &request.model {
            // Whether the model that the caller names can do it is for its provider to say.
            let target = self.living(self.registry.target(model));
            self.push(Ok(target), Reason::Named);
            self.take_fallback();
            return;
        }
        if request.fallback.is_empty() {
            self.follow_route();
        } else {
            self.take_fallback();
        }
        if self.plan.considered.iter().all(|considered| considered.target.is_err()) {
            let target = self.registry.default_target();
            self.plan.considered.retain(|considered| considered.name() != target.name);
            self.push(Ok(target), Reason::LastResort);
        }
    }

    /// The host's route for the task, or Javari's own.
    ///
    /// Javari's own routes lead from one of the services that it knows to another, and never away from
    /// a provider of the host's own or a server of its choice. What is for no task that has a route goes
    /// to the default provider first, which knows which model its host wants.
    fn follow_route(&mut self) {
        let (registry, shared, task) = (self.registry, self.plan.shared, self.plan.task());
        if let Some(route) = shared.config.routes.get(task) {
            for (place, model) in route.iter().enumerate() {
                let target = registry.named_target(model).ok_or(model.as_str());
                self.consider(target, Reason::Choice(place));
            }
            return;
        }
        let default = registry.default.name();
        let (special, own) = match own_route(task) {
            Some(route) if registry.is_routed(default) => (true, route),
            Some(_) | None if !registry.is_routed(default) => (false, &[][..]),
            _ => (false, CHAT_ROUTE),
        };
        if !special {
            self.consider(Ok(registry.default_target()), Reason::Default);
        }
        for (place, model) in own.iter().enumerate() {
            // The default provider was thought of already, with the model that its host wants.
            if !special && model.split('/').next() == Some(default) {
                continue;
            }
            self.consider(registry.routed_target(model).ok_or(model), Reason::Choice(place));
        }
    }

    fn take_fallback(&mut self) {
        for model in &self.plan.request.fallback {
            let target = self.registry.named_target(model).ok_or(model.as_str());
            self.consider(target, Reason::NamedAsFallback);
        }
    }

    /// Takes a target in, or tells why it is passed over.
    fn consider(&mut self, target: Result<Target, &str>, reason: Reason) {
        let target = match target {
            Ok(target) => self.living(target),
            Err(model) => return self.push(Err(model.to_owned()), Reason::NotSetUp),
        };
        let Plan { request, shared, .. } = self.plan;
        let known = target.model().and_then(|model| shared.facts.of(target.provider.name(), model));
        let unfit = known.and_then(|model| Facts::unfit(model, (request, self.plan.read())));
        let able = target.provider.capabilities_for(target.model.as_deref());
        match unfit.map(Cow::Owned).or_else(|| lacking(request, &able).map(Cow::Borrowed)) {
            Some(why) => self.push(Err(target.name), Reason::Unfit(why)),
            None => self.push(Ok(target), reason),
        }
    }

    /// The target, or the model that takes its place.
    fn living(&self, mut target: Target) -> Target {
        let (facts, service) = (&self.plan.shared.facts, target.provider.name());
        let successor = target.model.as_deref().and_then(|model| facts.successor(service, model));
        if let Some((model, warning)) = successor {
            let provider = target.name.split('/').next().unwrap_or_default().to_owned();
            target.name = format!("{provider}/{model}");
            target.model = Some(model);
            target.warning = Some(warning);
        }
        target
    }

    /// Takes it in unless it was thought of before.
    fn push(&mut self, target: Result<Target, String>, reason: Reason) {
        let new = Considered { target, reason };
        if self.plan.considered.iter().all(|considered| considered.name() != new.name()) {
            self.plan.considered.push(new);
        }
    }
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
