//! How requests are routed, repeated and timed.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{BreakerConfig, RetryConfig};

/// Where requests go and how long each is tried.
///
/// ```
/// use javari_core::router::RouterConfig;
/// let mut config = RouterConfig::default();
/// let models = ["openai/gpt-6-luna", "anthropic/claude-haiku-5-5"];
/// config.routes.insert("support".into(), models.map(String::from).to_vec());
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct RouterConfig {
    /// For each task the models to ask, `provider/model`, in this order. A task that is left out has
    /// Javari's own route, over those of the services it knows that the host set up; a default provider
    /// that is none of them answers alone.
    pub routes: BTreeMap<String, Vec<String>>,
    /// How failed attempts are repeated.
    pub retry: RetryConfig,
    /// When a target is given up for a while.
    pub breaker: BreakerConfig,
    /// Seconds from sending a request to the first thing the model says, where a request names none:
    /// models that think first are silent for long.
    pub first_token_seconds: u32,
}

/// The task of a request that names none.
pub(super) const DEFAULT_TASK: &str = "chat";

impl Default for RouterConfig {
    fn default() -> Self {
        Self {
            routes: BTreeMap::new(),
            retry: RetryConfig::default(),
            breaker: BreakerConfig::default(),
            first_token_seconds: 120,
        }
    }
}

/// Where chats go on to when the default provider cannot answer. Checked 2026-11-22.
pub(super) const CHAT_ROUTE: &[&str] =
    &["openai/gpt-6-luna", "anthropic/claude-haiku-5-5", "gemini/gemini-3.8-flash"];

/// Javari's own route for a task that wants another model than chats do: strong code, searching
/// research, long creative work, images and files. What the seed meant, on models that live. Checked
/// 2026-11-22.
pub(super) fn own_route(task: &str) -> Option<&'static [&'static str]> {
    Some(match task {
        "code" => &["openai/gpt-6.1-sol", "anthropic/claude-sonnet-5-5", "gemini/gemini-4-argon"],
        "research" => &["perplexity/perplexity/sonar", "anthropic/claude-sonnet-5-5"],
        "creative" => &["anthropic/claude-opus-5-5", "openai/gpt-6.1-sol"],
        "multimodal" => &["gemini/gemini-4-argon", "openai/gpt-6.1-terra"],
        _ => return None,
    })
}
