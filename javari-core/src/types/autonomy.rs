//! How much Javari may do by itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How much Javari may do by itself; the seed's three levels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Autonomy {
    /// Everything but what could harm production.
    FullAuto,
    /// Re-runs and work on a branch by itself; merging and anything on production asks.
    #[default]
    ApproveCritical,
    /// Nothing but looking and telling.
    Manual,
}

impl Autonomy {
    /// The level's name in JSON and SQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FullAuto => "full_auto",
            Self::ApproveCritical => "approve_critical",
            Self::Manual => "manual",
        }
    }

    /// The level of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::FullAuto, Self::ApproveCritical, Self::Manual]
            .into_iter()
            .find(|level| level.name() == name)
    }
}
