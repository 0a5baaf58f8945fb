//! The model services that the settings name, as providers and an embedder.

use std::sync::Arc;

use crate::{
    config::{OpenAiSettings, ProviderSettings, ServiceName, Settings},
    cost::Prices,
    error::{Error, ErrorKind, Result},
    http::Http,
    provider::{
        Embedder, EmbedderConfig, HashedEmbedder, LocalProvider, Provider, ProviderConfig,
        RemoteEmbedder, RemoteProvider,
    },
    router::{Router, RouterConfig},
    secret::{FirstOf, FixedSecrets, Secret, SecretSource},
    types::Clock,
};

/// The router over the model services of the settings, with `own` as its default where the host has
/// one.
///
/// A key that the settings hold goes to the service it was given for and to no other; a user's own key
/// in the vault goes before it. Services that the settings open to users (`user_services`) are asked by
/// name alone and with a key of the user's alone.
pub(super) fn router(
    settings: &Settings,
    own: Option<Arc<dyn Provider>>,
    (http, vault): (&Http, &Arc<dyn SecretSource>),
    (prices, clock): (Prices, Arc<dyn Clock>),
) -> Result<Router> {
    let mut services = Vec::new();
    let configured: Vec<_> = configured(settings).collect();
    let at_home = at_home(&configured);
    for (config, key) in configured {
        services.push(remote(config, key, http, vault)?);
    }
    let mut services = services.into_iter();
    let default = own.or_else(|| services.next()).unwrap_or_else(|| Arc::new(LocalProvider));
    let mut config = RouterConfig::default();
    config.routes.extend(settings.routes.clone());
    let router = Router::with_prices(default, config, prices, clock);
    for provider in services {
        router.add(provider.name(), provider.clone()).map_err(|_| taken(provider.name()))?;
    }
    if router.default_name() != "local" {
        router.add("local", Arc::new(LocalProvider))?;
    }
    for name in at_home {
        router.route_to(&name);
    }
    for service in &settings.user_services {
        let config = service_config(*service);
        let provider = remote(config, None, http, vault)?;
        router.add(provider.name(), provider.clone()).map_err(|_| taken(provider.name()))?;
    }
    Ok(router)
}

/// What turns texts into vectors: the model that the settings name, or the one without a download.
pub(super) fn embedder(
    settings: &Settings,
    http: &Http,
    vault: &Arc<dyn SecretSource>,
) -> Result<Arc<dyn Embedder>> {
    let Some(openai) = &settings.openai else { return Ok(Arc::new(HashedEmbedder)) };
    let Some(model) = &openai.embedding_model else { return Ok(Arc::new(HashedEmbedder)) };
    let mut config = EmbedderConfig::openai();
    if let Some(base) = &openai.base_url {
        config.base_url.clone_from(base);
    }
    config.model.clone_from(model);
    config.dimensions = openai.dimensions.map(|dimensions| dimensions as usize);
    let secrets = with_key(vault, &config.secret_name, openai.api_key.clone());
    Ok(Arc::new(RemoteEmbedder::new(config, http.clone(), secrets)?))
}

/// Every service that the settings name, with the key that they hold for it.
fn configured(settings: &Settings) -> impl Iterator<Item = (ProviderConfig, Option<Secret>)> {
    let openai =
        settings.openai.iter().map(|openai| (openai_config(openai), openai.api_key.clone()));
    let others = settings.providers.iter();
    openai.chain(others.map(|provider| (provider_config(provider), provider.api_key.clone())))
}

/// The services of Javari's own routes that are set up, each asked at its own address and not at a server
/// of the host's.
fn at_home(configured: &[(ProviderConfig, Option<Secret>)]) -> Vec<String> {
    let known = [
        ProviderConfig::openai(),
        ProviderConfig::anthropic(),
        ProviderConfig::gemini(),
        ProviderConfig::perplexity(),
    ];
    let is_at_home = |own: &ProviderConfig| {
        let mut named = configured.iter().filter(|(config, _)| config.name == own.name).peekable();
        named.peek().is_some() && named.all(|(config, _)| config.base_url == own.base_url)
    };
    known.into_iter().filter(is_at_home).map(|own| own.name).collect()
}

fn remote(
    config: ProviderConfig,
    key: Option<Secret>,
    http: &Http,
    vault: &Arc<dyn SecretSource>,
) -> Result<Arc<dyn Provider>> {
    let secrets = with_key(vault, &config.secret_name, key);
    Ok(Arc::new(RemoteProvider::new(config, http.clone(), secrets)?))
}

/// The user's own key first, then the one that the host gave for this service.
fn with_key(
    vault: &Arc<dyn SecretSource>,
    name: &str,
    key: Option<Secret>,
) -> Arc<dyn SecretSource> {
    let Some(key) = key else { return Arc::clone(vault) };
    let given: Arc<dyn SecretSource> = Arc::new(FixedSecrets::default().with(name, key));
    Arc::new(FirstOf::new(vec![Arc::clone(vault), given]))
}

fn taken(name: &str) -> Error {
    let message = "two model services go by one name: give one of them another `name`";
    Error::new(ErrorKind::Configuration, "client.open", message).with("name", name)
}

fn openai_config(openai: &OpenAiSettings) -> ProviderConfig {
    let mut config = ProviderConfig::openai();
    if let Some(base) = &openai.base_url {
        config.base_url.clone_from(base);
    }
    if let Some(model) = &openai.chat_model {
        config.chat_model.clone_from(model);
    }
    config
}

fn provider_config(provider: &ProviderSettings) -> ProviderConfig {
    let mut config = service_config(provider.service);
    if let Some(name) = &provider.name
        && *name != config.name
    {
        config.name.clone_from(name);
        // A second account of a service has a key of its own.
        config.secret_name =
            format!("{}_API_KEY", name.to_uppercase().replace(['-', '.', ' '], "_"));
    }
    let given = [
        (&mut config.base_url, &provider.base_url),
        (&mut config.chat_model, &provider.chat_model),
    ];
    for (field, value) in given {
        if let Some(value) = value {
            field.clone_from(value);
        }
    }
    if provider.api_version.is_some() {
        config.api_version.clone_from(&provider.api_version);
    }
    if let Some((first, further)) = provider.secret_names.split_first() {
        config.secret_name.clone_from(first);
        config.further_secret_names = further.to_vec();
    }
    config
}

fn service_config(service: ServiceName) -> ProviderConfig {
    match service {
        ServiceName::Openai => ProviderConfig::openai(),
        ServiceName::OpenaiResponses => ProviderConfig::openai_responses(),
        ServiceName::Anthropic => ProviderConfig::anthropic(),
        ServiceName::Gemini => ProviderConfig::gemini(),
        ServiceName::Perplexity => ProviderConfig::perplexity(),
        ServiceName::Ollama => ProviderConfig::ollama(),
        // OpenAI's key is not for a server elsewhere.
        ServiceName::Compatible => ProviderConfig {
            secret_name: "COMPATIBLE_API_KEY".to_owned(),
            ..ProviderConfig::compatible("")
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_in_the_guide_are_settings() {
        let guide = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide/providers.md");
        let guide = std::fs::read_to_string(guide).unwrap();
        let blocks = guide.split("```json\n").skip(1).filter_map(|block| block.split("```").next());
        let shown: Vec<Settings> = blocks
            .filter(|block| block.contains("\"providers\"") || block.contains("\"routes\""))
            .map(|block| serde_json::from_str(block).unwrap())
            .collect();
        assert_eq!(shown.len(), 2);
        assert_eq!(shown[0].providers.len(), 2);
    }

    #[test]
    fn a_second_account_of_a_service_has_a_name_and_a_key_of_its_own() {
        let other = ProviderSettings {
            name: Some("openai-eu".to_owned()),
            ..ProviderSettings::of(ServiceName::Openai, None)
        };
        let config = provider_config(&other);
        assert_eq!(
            (config.name.as_str(), config.secret_name.as_str()),
            ("openai-eu", "OPENAI_EU_API_KEY")
        );
        let several = ProviderSettings {
            secret_names: vec!["A".to_owned(), "B".to_owned()],
            ..ProviderSettings::of(ServiceName::Openai, None)
        };
        let config = provider_config(&several);
        assert_eq!((config.secret_name.as_str(), config.further_secret_names.len()), ("A", 1));
    }
}
