//! Chooses who answers, goes on to the next when it fails, and says why; is itself a provider.
//!
//! A request's model may name the provider before a slash (`local/extractive`, `ollama/llama3`);
//! without a model the route of its task decides, and without a route the default provider answers.
//! One target after the other is asked until one speaks: each behind a breaker, with the key that rests
//! least, again after a wait where that can help. Once something was delivered nothing is done over,
//! unless the request allows it. Hosts add their own providers under a name, and they get all of this.
//!
//! [`Metered`] stands around it: it keeps budgets and writes down what chats cost; [`Limited`]
//! around that holds users to so much a minute, and [`Cached`] around all gives answers again.
//!
//! What it deliberately does not do: it knows no wire, and keeps nothing.

mod breaker;
mod cached;
mod config;
mod driver;
mod facts;
mod health;
mod limited;
mod metered;
mod plan;
mod retry;
mod stream;
#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, PoisonError, RwLock, RwLockReadGuard, atomic::AtomicUsize},
};

use async_trait::async_trait;

pub use self::{
    breaker::{BreakerConfig, BreakerState},
    cached::Cached,
    config::RouterConfig,
    limited::Limited,
    metered::Metered,
    plan::{Route, RouteCandidate},
    retry::RetryConfig,
};
use self::{
    driver::Driver,
    facts::Facts,
    health::Health,
    plan::{Plan, Target},
    retry::{Jitter, RetryBudget},
    stream::RoutedStream,
};
use crate::{
    cost::Prices,
    error::{Error, ErrorKind, Result},
    provider::{Capabilities, ChatRequest, ChatStream, ModelInfo, Provider},
    types::{Clock, ScopeKey, Usd},
};

/// Providers by name with one default.
pub struct Router(Arc<Shared>);

struct Shared {
    registry: RwLock<Registry>,
    default: String,
    config: RouterConfig,
    facts: Facts,
    health: Arc<Health>,
    retry_budget: RetryBudget,
    jitter: Jitter,
    /// Whose turn it is among the keys of a provider.
    turns: AtomicUsize,
}

/// The providers there are.
struct Registry {
    default: Arc<dyn Provider>,
    providers: BTreeMap<String, Arc<dyn Provider>>,
    /// Those that Javari's own routes lead to.
    routed: BTreeSet<String>,
}

impl Registry {
    /// The provider that a model names before a slash, with the model after it.
    fn named_target(&self, model: &str) -> Option<Target> {
        let (name, rest) = model.split_once('/').unwrap_or((model, ""));
        let provider = self.providers.get(name)?;
        Some(Target::new(provider.clone(), name, (!rest.is_empty()).then(|| rest.to_owned())))
    }

    /// The same, where routes may lead there.
    fn routed_target(&self, model: &str) -> Option<Target> {
        let (name, _) = model.split_once('/').unwrap_or((model, ""));
        if self.is_routed(name) { self.named_target(model) } else { None }
    }

    /// Whether Javari's own routes lead to a provider of this name, and on from it.
    fn is_routed(&self, name: &str) -> bool {
        self.routed.contains(name)
    }

    /// A named target, or else the default provider with the whole name, which it may know as its own.
    fn target(&self, model: &str) -> Target {
        self.named_target(model).unwrap_or_else(|| {
            Target::new(self.default.clone(), self.default.name(), Some(model.to_owned()))
        })
    }

    fn default_target(&self) -> Target {
        Target::new(self.default.clone(), self.default.name(), None)
    }
}

impl Target {
    fn new(provider: Arc<dyn Provider>, provider_name: &str, model: Option<String>) -> Self {
        let name = match &model {
            Some(model) => format!("{provider_name}/{model}"),
            None => provider_name.to_owned(),
        };
        Self { provider, model, name, warning: None }
    }
}

impl Router {
    /// A router whose default is `provider`.
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        Self::with_config(provider, RouterConfig::default())
    }

    /// A router whose default is `provider`, which routes as `config` says and knows the models of
    /// Javari's own catalogue.
    pub fn with_config(provider: Arc<dyn Provider>, config: RouterConfig) -> Self {
        Self::tied(provider, config, Facts::default(), Jitter::random())
    }

    /// The same, knowing the models and prices that the host knows, on the days of its clock.
    pub fn with_prices(
        provider: Arc<dyn Provider>,
        config: RouterConfig,
        prices: Prices,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self::tied(provider, config, Facts::new(prices, clock), Jitter::random())
    }

    fn tied(
        provider: Arc<dyn Provider>,
        config: RouterConfig,
        facts: Facts,
        jitter: Jitter,
    ) -> Self {
        let default = provider.name().to_owned();
        let providers = BTreeMap::from([(default.clone(), provider.clone())]);
        Self(Arc::new(Shared {
            registry: RwLock::new(Registry {
                default: provider,
                providers,
                routed: BTreeSet::new(),
            }),
            default,
            facts,
            health: Arc::new(Health::new(config.breaker)),
            retry_budget: RetryBudget::new(config.retry.share),
            jitter,
            turns: AtomicUsize::new(0),
            config,
        }))
    }

    /// Adds a provider under a name of its own, by which requests and the host's routes name it.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the name is empty, holds a slash or is taken.
    pub fn add(&self, name: &str, provider: Arc<dyn Provider>) -> Result<()> {
        let mut registry = self.0.registry.write().unwrap_or_else(PoisonError::into_inner);
        let fault = match name {
            name if name.is_empty() || name.contains('/') || name.len() > 64 => {
                "must have 1 to 64 characters and no slash"
            }
            name if registry.providers.contains_key(name) => "is taken by another provider",
            _ => {
                registry.providers.insert(name.to_owned(), provider);
                return Ok(());
            }
        };
        Err(Error::invalid("router.add", "the provider's name does not fit")
            .with_field("/name", fault))
    }

    /// Lets Javari's own routes lead to the provider of this name, and on from it to others: it is one
    /// of the services that they are made for.
    pub fn route_to(&self, name: &str) {
        let mut registry = self.0.registry.write().unwrap_or_else(PoisonError::into_inner);
        registry.routed.insert(name.to_owned());
    }

    /// The name of the default provider.
    pub fn default_name(&self) -> &str {
        &self.0.default
    }

    /// Where the request would go now, and why. Nothing is asked.
    pub fn explain(&self, request: &ChatRequest) -> Route {
        self.plan(request).explain()
    }

    /// What the request may cost at most, whoever of those answers it that it would go to; nothing when
    /// that is not known. A request that does not limit its answer is limited to
    /// [`LIMITED_ANSWER`](Self::LIMITED_ANSWER) tokens, or to what the models can write if that is less.
    pub fn limit(&self, request: &mut ChatRequest) -> Option<Usd> {
        let targets: Vec<Target> = self.plan(request).into_targets().collect();
        let facts = &self.0.facts;
        let limit = *request.max_tokens.get_or_insert_with(|| {
            let writes = targets.iter().filter_map(|target| facts.writes(target));
            writes.fold(Self::LIMITED_ANSWER, u64::min)
        });
        let mut costs = targets.iter().map(|target| facts.most(target, request, limit));
        costs.try_fold(Usd::ZERO, |dearest, cost| Some(dearest.max(cost?)))
    }

    /// The most tokens of an answer where a budget limits a request that does not do so itself.
    pub const LIMITED_ANSWER: u64 = 16_384;

    fn plan<'a>(&'a self, request: &'a ChatRequest) -> Plan<'a> {
        Plan::of(request, &self.registry(), &self.0)
    }

    fn registry(&self) -> RwLockReadGuard<'_, Registry> {
        self.0.registry.read().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Provider for Router {
    fn name(&self) -> &str {
        &self.0.default
    }

    fn capabilities(&self) -> Capabilities {
        self.capabilities_for(None)
    }

    /// Without a model, those of the provider that chats go to first.
    fn capabilities_for(&self, model: Option<&str>) -> Capabilities {
        let request = ChatRequest { model: model.map(str::to_owned), ..ChatRequest::default() };
        let plan = self.plan(&request);
        let first = plan.into_targets().next();
        first.map_or_else(Capabilities::default, |target| {
            target.provider.capabilities_for(target.model.as_deref())
        })
    }

    async fn stream(&self, request: ChatRequest) -> Result<ChatStream> {
        request.validate()?;
        let targets = self.plan(&request).into_targets().map(Arc::new).collect();
        self.0.retry_budget.deposit();
        let mut driver = Box::new(Driver::new(Arc::clone(&self.0), request, targets));
        let answering = driver.answer().await?;
        Ok(Box::pin(RoutedStream::new(driver, answering)))
    }

    /// The models of every provider that tells them; the error of the first when none does.
    async fn models(&self, scope: ScopeKey) -> Result<Vec<ModelInfo>> {
        let providers: Vec<_> = {
            let registry = self.registry();
            let named = registry.providers.iter();
            named.map(|(name, provider)| (name.clone(), provider.clone())).collect()
        };
        let (mut models, mut any, mut first_error) = (Vec::new(), false, None);
        for (name, provider) in providers {
            match provider.models(scope).await {
                Ok(own) => {
                    any = true;
                    models.extend(own.into_iter().map(|mut model| {
                        model.id = format!("{name}/{}", model.id);
                        model
                    }));
                }
                // Nobody has a key for every service that could be asked by name.
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    first_error.get_or_insert(error);
                }
                Err(error) => {
                    tracing::warn!(target: "javari", provider = name, %error, "a provider did not tell its models");
                    first_error.get_or_insert(error);
                }
            }
        }
        match first_error {
            Some(error) if !any => Err(error),
            _ => Ok(models),
        }
    }
}
