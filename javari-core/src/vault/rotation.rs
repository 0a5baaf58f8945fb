//! One value after another: rotation with a time of grace, the way back, and what is accepted.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::credential::{CredentialView, Faults, read_secret, show};
use crate::{
    error::Result,
    secret::Secret,
    types::{PageRequest, Timestamp},
};

/// The longest time of grace: a year.
const LONGEST_GRACE: u64 = 366 * 24 * 60 * 60;

/// Why a value was replaced; the seed's three types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RotationType {
    /// A person or a program asked.
    #[default]
    Manual,
    /// Its time had come.
    Scheduled,
    /// It may have leaked: every earlier value stops at once.
    Emergency,
}

impl RotationType {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Manual => "manual",
            Self::Scheduled => "scheduled",
            Self::Emergency => "emergency",
        }
    }
}

/// A new value for a credential that is there, whose type, note and flags stay as they are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RotateCredential {
    /// The credential's name.
    pub name: String,
    /// The new value, at most 64 KiB.
    #[serde(deserialize_with = "read_secret")]
    #[schemars(with = "String")]
    pub value: Secret,
    /// For how many seconds the value before it is accepted too, at most 366 days. With 0 every
    /// earlier value stops at once.
    #[serde(default)]
    #[schemars(range(max = 31_622_400))]
    pub grace_seconds: u64,
    /// Why.
    #[serde(default)]
    pub rotation_type: RotationType,
    /// When the new value stops being given out; never, unless said.
    #[serde(default)]
    pub expires_at: Option<Timestamp>,
    /// Compare and set: the version that must be active now.
    #[serde(default)]
    pub expected_version: Option<u32>,
}

impl RotateCredential {
    /// A rotation without a time of grace.
    pub fn new(name: impl Into<String>, value: Secret) -> Self {
        Self {
            name: name.into(),
            value,
            grace_seconds: 0,
            rotation_type: RotationType::default(),
            expires_at: None,
            expected_version: None,
        }
    }

    pub(super) fn check(&self) -> Result<()> {
        let mut faults = Faults::of("vault.rotate");
        faults.name(&self.name);
        faults.value(&self.value);
        check_grace(&mut faults, self.grace_seconds);
        if self.rotation_type == RotationType::Emergency && self.grace_seconds > 0 {
            faults.add("/grace_seconds", "must be 0 in an emergency: the value may have leaked");
        }
        faults.into_result()
    }
}

/// The way back to an earlier value, which becomes a new version.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RollbackCredential {
    /// The credential's name.
    pub name: String,
    /// The version whose value is wanted again.
    #[schemars(range(min = 1))]
    pub version: u32,
    /// For how many seconds the value that it replaces is accepted too, at most 366 days.
    #[serde(default)]
    #[schemars(range(max = 31_622_400))]
    pub grace_seconds: u64,
    /// Whether the value may be one that was revoked.
    #[serde(default)]
    pub allow_revoked: bool,
    /// Compare and set: the version that must be active now.
    #[serde(default)]
    pub expected_version: Option<u32>,
}

impl RollbackCredential {
    pub(super) fn check(&self) -> Result<()> {
        let mut faults = Faults::of("vault.rollback");
        faults.name(&self.name);
        check_grace(&mut faults, self.grace_seconds);
        faults.into_result()
    }
}

/// What a rotation did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Rotation {
    /// The credential with its new version.
    pub credential: CredentialView,
    /// The version before it.
    pub previous_version: u32,
    /// Until when that one is accepted too; nothing when it stopped at once.
    pub grace_until: Option<Timestamp>,
}

/// Where a version stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum VersionState {
    /// Stored, not in use yet.
    Pending,
    /// The one that is given out.
    Active,
    /// Replaced, and accepted until its time of grace ends.
    Grace,
    /// No longer accepted.
    Revoked,
    /// Its value is gone.
    Destroyed,
}

impl VersionState {
    /// The state as it is now: a time of grace ends by the clock, not when somebody writes it down.
    pub(super) fn at(name: &str, grace_until: Option<Timestamp>, now: Timestamp) -> Self {
        match name {
            "pending" => Self::Pending,
            "active" => Self::Active,
            "grace" if grace_until.is_some_and(|until| now < until) => Self::Grace,
            "destroyed" => Self::Destroyed,
            _ => Self::Revoked,
        }
    }
}

/// One value a credential has had, without the value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VersionView {
    /// Its number, from 1.
    pub version: u32,
    /// Where it stands now.
    pub state: VersionState,
    /// Until when it is accepted beside the active one.
    pub grace_until: Option<Timestamp>,
    /// When it was stored.
    pub created_at: Timestamp,
}

/// Which part of a credential's versions is wanted.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListVersions {
    /// The credential's name.
    pub name: String,
    /// Which part of the list.
    #[serde(default)]
    pub page: PageRequest,
}

/// One version of a credential.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RevokeVersion {
    /// The credential's name.
    pub name: String,
    /// Its version.
    #[schemars(range(min = 1))]
    pub version: u32,
}

/// Every value that is accepted under a name now, the active one first.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Accepted {
    /// The credential.
    pub credential: CredentialView,
    /// The active value and those in their time of grace, newest first.
    pub values: Vec<AcceptedValue>,
}

/// A value that is accepted now.
#[derive(Debug, Serialize, JsonSchema)]
pub struct AcceptedValue {
    /// Its version.
    pub version: u32,
    /// Until when; nothing for the active one.
    pub grace_until: Option<Timestamp>,
    /// The value.
    #[serde(serialize_with = "show")]
    #[schemars(with = "String")]
    pub value: Secret,
}

pub(super) fn grace_of(seconds: u64) -> Option<Duration> {
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

pub(super) fn check_grace(faults: &mut Faults, seconds: u64) {
    if seconds > LONGEST_GRACE {
        faults.add("/grace_seconds", "must be at most 31622400, which is 366 days");
    }
}
