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
        self.capabilities_for(None)
    }

    fn capabilities_for(&self, model: Option<&str>) -> Capabilities {
        let chosen = self.choose(model);
        chosen.map_or_else(Capabilities::default, |(provider, model)| {
            provider.capabilities_for(model.as_deref())
        })
    }

    async fn stream(&self, mut request: ChatRequest) -> Result<ChatStream> {
        let (provider, model) = self.chosen(request.model.as_deref())?;
        request.model = model;
        provider.stream(request).await
    }

    /// The models of every provider that tells them; the error of the first when none does.
    async fn models(&self, scope: ScopeKey) -> Result<Vec<ModelInfo>> {
        let providers: Vec<_> = {
            let providers = self.providers.read().unwrap_or_else(PoisonError::into_inner);
            providers.iter().map(|(name, provider)| (name.clone(), provider.clone())).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        error::ErrorKind,
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

    /// Cannot be reached.
    struct Away;

    #[async_trait]
    impl Provider for Away {
        fn name(&self) -> &str {
            "away"
        }

        fn capabilities(&self) -> Capabilities {
            Capabilities { generates: true, ..Capabilities::default() }
        }

        async fn stream(&self, _: ChatRequest) -> Result<ChatStream> {
            Err(Error::new(ErrorKind::Network, "provider.chat", "away"))
        }

        async fn models(&self, _: ScopeKey) -> Result<Vec<ModelInfo>> {
            Err(Error::new(ErrorKind::Network, "provider.models", "away"))
        }
    }

    #[tokio::test]
    async fn one_provider_that_fails_hides_no_models_and_all_that_fail_are_an_error() {
        let router = Router::new(Arc::new(Away));
        let error = router.models(ScopeKey::HOST).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Network);
        router.add("local", Arc::new(LocalProvider)).unwrap();
        let models = router.models(ScopeKey::HOST).await.unwrap();
        assert!(!models.is_empty() && models.iter().all(|model| model.id.starts_with("local/")));
    }

    #[test]
    fn what_can_be_done_is_asked_of_the_provider_that_the_model_names() {
        let router = Router::new(Arc::new(LocalProvider));
        router.add("away", Arc::new(Away)).unwrap();
        assert!(!router.capabilities().generates);
        assert!(router.capabilities_for(Some("away/x")).generates);
        assert!(!router.capabilities_for(Some("local/x")).generates);
    }
}
