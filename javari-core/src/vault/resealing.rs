//! What a change of data keys and of formats takes and returns.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Asks for another data key at exactly the scope's level.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateDataKey {
    /// How many seconds it may take to seal what is there anew; a later call goes on.
    #[serde(default = "most_seconds")]
    #[schemars(range(min = 1, max = 600))]
    pub seconds: u32,
}

impl Default for RotateDataKey {
    fn default() -> Self {
        Self { seconds: most_seconds() }
    }
}

/// A data key that is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DataKeyRotation {
    /// Its version at this level, from 1. New values are sealed with it.
    pub version: u32,
    /// Whether this call made it. Where an earlier rotation had not ended, this one went on with that.
    pub rotated: bool,
    /// How many values and snapshots were sealed anew by this call.
    pub resealed: u64,
    /// How many data keys of before were deleted: what was sealed with them alone opens no more.
    pub shredded: u64,
    /// How many rows were altered by somebody and could not be sealed anew. They keep their data key.
    pub damaged: u64,
    /// Whether anything is left for a later call.
    pub more: bool,
}

/// Asks for every value in the seed's format to be sealed in the present one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reseal {
    /// How many seconds it may take; a later call goes on.
    #[serde(default = "most_seconds")]
    #[schemars(range(min = 1, max = 600))]
    pub seconds: u32,
    /// Whether the seed's format is refused from then on. It is once nothing is left in it.
    #[serde(default)]
    pub raise_minimum: bool,
}

impl Default for Reseal {
    fn default() -> Self {
        Self { seconds: most_seconds(), raise_minimum: false }
    }
}

/// What was sealed in the present format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ResealReport {
    /// How many values were sealed anew by this call.
    pub resealed: u64,
    /// How many rows do not open, and stay.
    pub damaged: u64,
    /// Whether anything is left for a later call.
    pub more: bool,
    /// The oldest format that is read now: 1 is the seed's.
    pub minimum_suite: u32,
}

fn most_seconds() -> u32 {
    600
}
