//! Chooses a provider by name and is itself a provider.
//!
//! A request's model may name the provider before a slash (`local/extractive`, `ollama/llama3`);
//! otherwise the default provider answers. Hosts add their own providers under a name.
//!
//! What it deliberately does not do yet: routing by task, price or health, fallback, breakers and
//! budgets come with the policy stack; until then a request goes to exactly one provider.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

use async_trait::async_trait;

use crate::{
    error::{Error, Result},
    provider::{Capabilities, ChatRequest, ChatStream, ModelInfo, Provider},
    types::ScopeKey,
};

/// Providers by name with one default. Cheap to share.
pub struct Router {
    default: String,
    providers: RwLock<BTreeMap<String, Arc<dyn Provider>>>,
}

impl Router {
    /// A router whose default is `provider`.
    pub fn new(provider: Arc<dyn Provider>) -> Self {
        let default = provider.name().to_owned();
        Self { providers: RwLock::new(BTreeMap::from([(default.clone(), provider)])), default }
    }

    /// Adds a provider under a name of its own.
    ///
    /// # Errors
    /// `INVALID_INPUT` when the name is empty, holds a slash or is taken.
    pub fn add(&self, name: &str, provider: Arc<dyn Provider>) -> Result<()> {
        let mut providers = self.providers.write().unwrap_or_else(PoisonError::into_inner);
        let fault = match name {
            name if name.is_empty() || name.contains('/') || name.len() > 64 => {
                "must have 1 to 64 characters and no slash"
            }
            name if providers.contains_key(name) => "is taken by another provider",
            _ => {
                providers.insert(name.to_owned(), provider);
                return Ok(());
            }
        };
        Err(Error::invalid("router.add", "the provider's name does not fit")
            .with_field("/name", fault))
    }

    /// The name of the default provider.
    pub fn default_name(&self) -> &str {
        &self.default
    }

    /// The provider for a model and the model without the provider's name.
    fn choose(&self, model: Option<&str>) -> Option<(Arc<dyn Provider>, Option<String>)> {
        let providers = self.providers.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = model {
            let (first, rest) = model.split_once('/').unwrap_or((model, ""));
            if let Some(provider) = providers.get(first) {
                let rest = (!rest.is_empty()).then(|| rest.to_owned());
                return Some((provider.clone(), rest));
            }
        }
        providers.get(&self.default).map(|provider| (provider.clone(), model.map(str::to_owned)))
    }

    fn chosen(&self, model: Option<&str>) -> Result<(Arc<dyn Provider>, Option<String>)> {
        self.choose(model).ok_or_else(|| Error::invalid("router.choose", "there is no provider"))
    }
}

#[async_trait]
impl Provider for Router {
    fn name(&self) -> &str {
        &self.default
    }

    fn capabilities(&self) -> Capabilities {
        self.choose(None)
            .map_or_else(Capabilities::default, |(provider, _)| provider.capabilities())
    }

    async fn stream(&self, mut request: ChatRequest) -> Result<ChatStream> {
        let (provider, model) = self.chosen(request.model.as_deref())?;
        request.model = model;
        provider.stream(request).await
    }

    async fn models(&self, scope: ScopeKey) -> Result<Vec<ModelInfo>> {
        let providers: Vec<_> = {
            let providers = self.providers.read().unwrap_or_else(PoisonError::into_inner);
            providers.iter().map(|(name, provider)| (name.clone(), provider.clone())).collect()
        };
        let mut models = Vec::new();
        for (name, provider) in providers {
            for mut model in provider.models(scope).await? {
                model.id = format!("{name}/{}", model.id);
                models.push(model);
            }
        }
        Ok(models)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        provider::{LocalProvider, ProviderExt},
        testkit::ScriptedProvider,
    };

    #[tokio::test]
    async fn a_model_may_name_its_provider_and_the_default_answers_otherwise() {
        let router = Router::new(Arc::new(LocalProvider));
        let scripted = ScriptedProvider::new("mine");
        scripted.push_text(&["from mine"]);
        router.add("mine", Arc::new(scripted)).unwrap();
        let reply = router.complete(ChatRequest::ask("x").with_model("mine/any")).await.unwrap();
        assert_eq!(reply.text, "from mine");
        let reply = router.complete(ChatRequest::ask("x")).await.unwrap();
        assert_eq!(reply.provider, "local");
    }

    #[test]
    fn a_taken_or_unfit_name_is_refused() {
        let router = Router::new(Arc::new(LocalProvider));
        for name in ["", "a/b", "local"] {
            assert!(router.add(name, Arc::new(LocalProvider)).is_err(), "{name}");
        }
    }
}
