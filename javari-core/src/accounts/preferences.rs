//! What a user prefers: the seed's fields with the seed's bounds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, Result},
    types::Autonomy,
};

/// The look that the host's pages should have; kept for the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// Light.
    Light,
    /// Dark.
    #[default]
    Dark,
    /// As the system says.
    System,
}

impl Theme {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
            Self::System => "system",
        }
    }

    pub(super) fn from_name(name: &str) -> Self {
        [Self::Light, Self::System]
            .into_iter()
            .find(|theme| theme.name() == name)
            .unwrap_or_default()
    }
}

/// What a user prefers. Every field left out has its default.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Preferences {
    /// The provider to ask when a request names none.
    pub default_ai_provider: Option<String>,
    /// How freely a model chooses its words, 0 to 2.
    #[schemars(range(min = 0.0, max = 2.0))]
    pub temperature: f64,
    /// The longest reply, in tokens.
    #[schemars(range(min = 1))]
    pub max_tokens: u32,
    /// Whether replies are streamed.
    pub stream_responses: bool,
    /// Whether the host may speak; kept for the host.
    pub voice_enabled: bool,
    /// The look of the host's pages; kept for the host.
    pub theme: Theme,
    /// Whether the user wants to be told of alerts.
    pub notifications_enabled: bool,
    /// How much Javari may do by itself.
    pub autonomy_level: Autonomy,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            default_ai_provider: None,
            temperature: 0.7,
            max_tokens: 2_000,
            stream_responses: true,
            voice_enabled: true,
            theme: Theme::default(),
            notifications_enabled: true,
            autonomy_level: Autonomy::default(),
        }
    }
}

impl Preferences {
    pub(super) fn check(&self, operation: &'static str) -> Result<()> {
        let mut faults = Vec::new();
        if !(0.0..=2.0).contains(&self.temperature) {
            faults.push(("/temperature", "must be 0 to 2"));
        }
        if self.max_tokens == 0 {
            faults.push(("/max_tokens", "must be at least 1"));
        }
        if faults.is_empty() {
            return Ok(());
        }
        let error = Error::invalid(operation, "the preferences are outside their bounds");
        Err(faults.into_iter().fold(error, |error, (path, fault)| error.with_field(path, fault)))
    }
}
